"""A made-up company's months of LLM traffic, bills and outcomes, in the sources' own formats.

The demo is the oracle of the whole pipeline: it knows what it planted and shares no code with any
reader. The same seed gives the same bytes. It writes below a workspace folder

    inbox/litellm, inbox/batch-jobs      calls: gateway log and the batch workload's job log
    inbox/agents, inbox/help-search      calls: spans of research agents; a search service's log
    inbox/edge-gateway                   some of the gateway's calls again, as another one saw them
    inbox/openai, inbox/anthropic        pages of the cost and usage APIs, pulled weekly
    inbox/cloud-focus                    FOCUS 1.2 bills of a vector database
    inbox/inference-focus                the same of who hosts the own model, in euros
    inbox/outcomes, inbox/reviews        evaluations of the business system; of people and a model
    inbox/changes                        releases, prompt versions, a price
    inbox/queues                         samples of the pools of workers
    config/sources/*.toml, config/prices.csv, config/tools.csv, config/org.csv,
        config/allocation.csv, config/revenue.csv, config/commitments.csv, config/budgets.csv,
        config/limits.csv, config/keys.csv,
        config/owners.csv, config/log_storage.csv, config/task_types.csv,
        config/experiments.csv, config/calendar.csv, config/fx_rates.csv, config/invoices.csv
    commentary/2026-09.md                what the company says of the month, as Markdown
    truth.json

truth.json (money is text with nine decimals, in US dollars; days are UTC unless they say local):

- `seed`, `scale`, `days`, `company`, `reporting_zone`, `first_day`, `as_of_day`,
  `billed_through` (last day that any bill covers).
- `months.<YYYY-MM>`, by UTC day of the charge or of the call's start: `charge_usd` by provider;
  `off_gateway_usd` (model usage that only the bill sees) and `non_token_usd` (fees), both by
  provider and part of the charge; `gateway_estimate_usd` (tokens x price of all calls), also
  `_by_provider`, `_by_source` and `_on_billed_days` by provider; `reported_usd` (the sources' own
  figure); `showback_usd.feature|tenant` (estimate of the calls on billed days under their tag) and
  `untagged_on_billed_days_usd.no_feature|no_tenant` (the rest of it), `untagged_usd` (the same
  for all days); `showback_usd.cost_centre` (the same estimate by the org tree of each day);
  `shared_usd.feature|tenant|team` (what each bears of the vector database, its VAT and its credit,
  and of the hosted model with what lies idle of it, to nine decimals, where bills say what calls
  cost: to 2026-08-17);
  `tool_invoice.usd|calls` (billed for the index of the help search, and its calls that no cache
  answered);
  `gateway_cache.hits|lookups|avoided_usd` (a lookup is a chat request to the gateway that was
  answered); `prefix_cache` tokens, gateway cache hits excluded (`input_tokens`
  with embeddings, `chat_input_tokens` without); `calls`, `unpriced_calls`.
- `unit_cost[]`: closed tasks by `closed_day` (local), `task_type`, `feature`, `tenant_id`:
  `tasks_closed`, `successes`, `neutral`, `first_pass` (successes never judged otherwise before),
  `reversals` (of that day, of successes that had held), `cost_usd`, `cost_of_successful_usd`,
  `loop_depth_sum`.
- `waste[]`: `usd` and `tasks` by local closing `month`, `feature` and `part`.
- `experiments[]`: by `experiment` and `variant`, of tasks that began within it and closed before
  its deadline: `tasks` (without neutral ones), `successes`, `cost_usd`.
- `beside_product[]`: `calls` and `usd` of what serves no customer, by local `month`, `cost_scope`
  (`shadow`, `non_production`) and `feature`.
- `offload[]`: `calls`, `standard_usd` and `batch_usd` of calls at the standard tier that state that
  nobody waits, by local `month` and `feature`.
- `routing[]`: `calls` that the router routed, `saving_usd` against its baseline model and
  `overridden_calls` (a dearer model answered next on that UTC day) by local `month` and tier.
- `fallbacks[]`: closed `tasks` that the large model answered for the mid one (`calls`, `usd`) and
  their `successes` by local closing `month` and `feature`.
- `cache_audit[]`: `hits` of the gateway's cache by local `month`, `feature` and `finding` (`hits`:
  all of them), `longest_lag_minutes` of stale ones; `missed_caches[]`: `calls` and `usd` of support
  prompts that a model was given again on a UTC day; `semantic_hits[]`: closed tasks by the least
  similarity of their semantic hits; `wrong_answers[]`: `tasks` and `failures` of the calls whose
  cached answers went to two or more that failed, by the `call` that wrote it and `feature`.
- `stated_payers[]`: `calls` and `usd` by UTC `month`, `dimension` (feature, tenant) and who stated
  it: the `call`, an `agent` above it, or null; `retrieval_cache[]`: `lookups`, `hits`,
  `stale_hits`, `saved_usd` and `stale_usd` of the search service's cache by local `month`.
- `changed_prefixes[]`: `usd` of the tokens that sup-12 did not read from the provider's cache, by
  `model`, with its `calls` and those of the seven days before (`calls_before`).
- `prompt_releases[]`: `tokens` and `usd` that a version's calls have less, by UTC `month`, for how
  their prompts begin (below 0: more), of closed tasks; `compression[]`: `usd` that compressed
  prompts saved by local `month`; `cache_sharing[]`: what a tenant owes for prefixes that others
  wrote (below 0: is owed), where bills say what calls cost, by UTC `month`.
- `price_modifiers[]`: `calls`, `usd` and `modifier_usd` (beyond the price without it) of each
  tier, region and long context by local `month`, `dimension` and `member`.
- `payback[]`: local day on which a `task_type` had saved what it cost once, null before.
- `effects[]`: of every planted effect that has a size: `name`, first `date`, `size`, `unit`.
- `strategies[]`: closed `tasks` of the two features that answer theirs in several ways, with
  `judged_tasks`, `successes` and `usd`, by `feature`, `strategy`, `samples` and `models`.
- `tasks`: `total`, `success`, `failure`, `neutral`, `pending` (unjudged, last call at most 14
  days before `as_of_day`), `unknown` (unjudged and older).
- `calls`: `rows_written` (readable rows of all files), `duplicate_rows`, `distinct_calls`,
  `by_status`, `ok_chat_calls`, `gateway_hits`, `gateway_lookups`, `avoided_usd`,
  `unpriced_calls`, `tokens` by class without gateway cache hits.
- `outcomes`: evaluations by evaluator and outcome; `judged_tasks_without_calls`.
- `quarantine[]`: `source`, `file`, `line`, `reason` of each line that is no call.
- `delivery[]`: duplicate, split, late and overlapping files, restated bill days.
- `planned_events[]`: event, feature, uplift, start, end (exclusive) of `config/calendar.csv`.
- `incidents[]`: name, start, end (exclusive), scope, what, expected_effect, driver, owner.
- `limits[]`: of each limit and local period (`period_start`) with spend: `spent_usd`, and
  `passed_usd` beyond `limit_usd`; `refusals[]`: `calls` that were refused below a limit, for how
  many `minutes`, the `usd` that were left of it at the first, and of the `requests` those that
  were answered after all and those that ended in a server error.
- `plans[]`: of each limit of tokens or requests, `used_quantity` at the end of the newest hour.
- `month_in_a_day`: the day on which a feature spends more (`spent_on_day_usd`) than its limit of
  the month.
- `quotas[]`: of each quota of a model, its busiest hour of the last four weeks and the requests
  of that hour's busiest minute.
- `backlogs[]`: by UTC `hour` of afternoons on which a queue was long, of the feature's calls that
  no cache answered: `answers` (timed-out attempts among them), their `p95_us` by nearest rank,
  `timed_out_calls` and their estimate `timed_out_usd`.
- `log_storage[]`: `source` and `state` of what is kept longer or shorter than policy says.
- `reserved_capacity[]`: of the hosted model's capacity by `month`: tokens and dollars used, dollars
  of what lay idle, and what the used would cost on demand; `idle_commitment[]`: who bears the idle
  rest, by `team`; `other_currencies[]`: a month's bill in euros, the lowest and highest rate of its
  days, and in dollars what was billed, and the same at list and at contracted prices.
- `seen_twice[]`: `records` of the second gateway by UTC `month` and by the `rule` that finds their
  call, with what they would cost if they counted (`usd`).
- `adjustments[]`: what the bill of the closed month is less, once it is corrected after the close
  (`deliver_correction`), by `line`, and by `feature` where the agreed shares say it.
- `internal_prices[]`: what the `month`s of a `member` of a `kind` are charged beyond their cost,
  where bills say what calls cost.
- `busy_hours`: closed reviews of more steps than `cap`, and their successes, by whether they began
  while reviewers are at work.
- `off_gateway_cells[]`: billed provider x day x model cells with direct usage; `shared` when the
  gateway used the model on that day too.
- `fees[]`: `quantity` and `usd` of what is billed by the piece (searches, images, seconds of
  audio) by UTC `month`, `provider` and `fee`.
- `gap_causes[]`: billed minus estimated by cause, provider, day and model: `off_gateway`, `lag`,
  `token_class`, `day_shift`, `price`, `rounding`, `unpriced`, `discount`, `other_charges`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingest.demo.company.planned_events import write_planned_events
from ingest.demo.ledger import Ledger
from ingest.demo.sources.anthropic_pages import write_anthropic
from ingest.demo.sources.batch import BatchJobs
from ingest.demo.sources.bills import Bills
from ingest.demo.sources.changes import write_changes
from ingest.demo.sources.commentary import write_commentary
from ingest.demo.sources.delivery import Delivery
from ingest.demo.sources.evaluation_files import write_evaluations
from ingest.demo.sources.focus.inference_host import hosted_days, write_inference_host
from ingest.demo.sources.focus.vector_database import (
    CLOSED_MONTH,
    correction,
    deliver_correction,
    write_vector_database,
)
from ingest.demo.sources.invoices import write_invoices
from ingest.demo.sources.openai_pages import write_openai
from ingest.demo.sources.queues import write_queues
from ingest.demo.sources.settings import write_settings
from ingest.demo.traffic.agents import Agents
from ingest.demo.traffic.calls import dice
from ingest.demo.traffic.days import Traffic
from ingest.demo.traffic.outcomes import Evaluation, unassisted
from ingest.demo.traffic.plans import append_plans
from ingest.demo.traffic.prompts.searches import searches
from ingest.demo.traffic.scenarios.limits import write_limits
from ingest.demo.truth import Truth, truth_of

__all__ = [
    "CLOSED_MONTH",
    "Truth",
    "correct_closed_month",
    "has_closed_month",
    "write_workspace_data",
]

Progress = Callable[[int, int], None] | None
"""Called with (days done, days) after every day."""

SMALLEST = 4
"""Fewest days that leave at least two billed days."""


def write_workspace_data(
    workspace: Path,
    *,
    days: int = 120,
    seed: int = 7,
    scale: float = 1.0,
    progress: Progress = None,
) -> Truth:
    """Write `days` days from 2026-06-29 on below `workspace` and return the known answers.

    Args:
        workspace: folder to write to; files of the same names are replaced, others are kept.
        days: at least 4.
        seed: same seed, days and scale: same bytes.
        scale: multiplies the number of tasks and calls; 1.0 is about 1,700 calls a day.
        progress: told after every day.

    Raises:
        ValueError: `days` is too small for a history with bills.
    """
    if days < SMALLEST:
        raise ValueError(f"days is {days}: ask for at least {SMALLEST} days of demo data")
    write_settings(workspace, scale)
    write_limits(workspace / "config", scale)
    append_plans(workspace / "config", scale)
    write_planned_events(workspace / "config", days)
    write_commentary(workspace / "commentary", days)
    inbox = workspace / "inbox"
    ledger, bills, delivery = Ledger(days), Bills(seed, days), Delivery(inbox, days)
    evaluations = _write_calls(seed, scale, ledger, bills, delivery, progress)
    ledger.eaten.append_limit(workspace / "config")
    bills.add_direct_usage()
    write_openai(inbox / "openai", bills)
    write_anthropic(inbox / "anthropic", bills)
    hosted = hosted_days(bills.hosted_tokens, scale, days)
    shared = [
        *write_vector_database(inbox / "cloud-focus", seed, days, scale),
        *write_inference_host(inbox / "inference-focus", workspace / "config", hosted, days),
    ]
    write_invoices(workspace / "config" / "invoices.csv", shared, days)
    write_evaluations(inbox, evaluations)
    write_changes(inbox, seed, days)
    write_queues(inbox, seed, days)
    run = {"seed": seed, "scale": str(scale), "days": days}
    truth = truth_of(run, ledger, bills, shared, hosted, evaluations, delivery)
    truth.write(workspace / "truth.json")
    return truth


def has_closed_month(days: int) -> bool:
    """Whether so many days hold `CLOSED_MONTH` and what must be known before it is closed."""
    return bool(correction(days))


def correct_closed_month(
    workspace: Path, *, days: int = 120, seed: int = 7, scale: float = 1.0
) -> Path:
    """Deliver the bill of `CLOSED_MONTH` once more, with what its issuer takes back.

    Returns:
        The file.
    """
    return deliver_correction(workspace / "inbox" / "cloud-focus", seed, days, scale)


def _write_calls(
    seed: int, scale: float, ledger: Ledger, bills: Bills, delivery: Delivery, progress: Progress
) -> list[Evaluation]:
    """Generate, count and write every day's calls; return what was judged about them."""
    days = ledger.days
    traffic, jobs = Traffic(seed, scale, days), BatchJobs(seed, scale, days)
    agents = Agents(seed, scale, days)
    manual: list[Evaluation] = []
    for day in range(days):
        gateway, batch = traffic.day(day), jobs.day(day)
        traces, found = agents.day(day), searches(seed, scale, day)
        traced = [call for trace in traces for call in trace.calls]
        for source, calls in (
            ("litellm", gateway), ("batch-jobs", batch), ("agents", traced), ("help-search", found),
        ):  # fmt: skip
            for call in calls:
                ledger.add(call, source)
                bills.add(call)
        delivery.gateway_day(day, gateway)
        delivery.edge_day(day, gateway)
        delivery.batch_day(day, batch)
        delivery.traced_day(day, traces, found)
        manual.extend(unassisted(dice(seed, "unassisted", day), day))
        if progress is not None:
            progress(day + 1, days)
    return manual + traffic.evaluations + jobs.evaluations + agents.evaluations
