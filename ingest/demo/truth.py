"""The known answers: what a correct pipeline must say about the generated data."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any

from ingest.demo.billed_truth import (
    fees_of,
    gap_causes,
    internal_price_differences,
    off_gateway_cells,
)
from ingest.demo.clock import ZONE_NAME, day_date, day_index, iso_z, local
from ingest.demo.company.incidents import INCIDENTS
from ingest.demo.company.planned_events import planned_events_as_truth
from ingest.demo.company.prices import TOKEN_CLASSES
from ingest.demo.company.task_types import TASK_TYPES
from ingest.demo.company.workloads import BUSY_FEATURE, BUSY_HOURS, BUSY_STEPS, COMPANY
from ingest.demo.effects import effects_of
from ingest.demo.ledger import Ledger, MonthTotals, TaskTotals
from ingest.demo.money import usd_text
from ingest.demo.sources.bills import Bills, pulls
from ingest.demo.sources.delivery import Delivery
from ingest.demo.sources.focus.files import Charge
from ingest.demo.sources.focus.inference_host import HostedDay, hosting_truth
from ingest.demo.sources.focus.vector_database import INDEX, correction
from ingest.demo.sources.invoices import invoices_truth
from ingest.demo.sources.payers import adjustments_truth, idle_by_team, shared_cost
from ingest.demo.traffic.outcomes import Decision, Evaluation, decide, meaning
from ingest.demo.traffic.scenarios.eaten_month import eaten_incident
from ingest.demo.traffic.scenarios.experiments import Trial, experiments_truth
from ingest.demo.traffic.scenarios.new_key import NEW_KEY
from ingest.demo.traffic.scenarios.waste import waste_by_month

PENDING_DAYS = 14
"""A task without an evaluation is pending while its last call is at most so many days old."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Truth:
    """The known answers, as written to truth.json (see the package docstring)."""

    document: Document

    def write(self, path: Path) -> None:
        """Write the document, keys sorted."""
        text = json.dumps(self.document, indent=1, sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")


def truth_of(
    run: Document,
    ledger: Ledger,
    bills: Bills,
    shared: Sequence[Charge],
    hosted: Sequence[HostedDay],
    evaluations: Sequence[Evaluation],
    delivery: Delivery,
) -> Truth:
    """Put the known answers together; `run` holds the run's seed, scale and days."""
    by_task: dict[str, list[Evaluation]] = defaultdict(list)
    for item in evaluations:
        by_task[item.task_id].append(item)
    decided = {
        task: decision
        for task in ledger.tasks
        if (decision := decide(by_task.get(task, []))) is not None
    }
    statuses, unit_cost = _cohorts(ledger, decided)
    document: Document = {
        **run,
        "company": COMPANY,
        "reporting_zone": ZONE_NAME,
        "first_day": str(day_date(0)),
        "as_of_day": str(day_date(ledger.days - 1)),
        "billed_through": str(day_date(len(bills.billed_days) - 1)),
        "months": _months(ledger, bills, shared),
        "unit_cost": unit_cost,
        "waste": waste_by_month(
            (ledger.tasks[task].feature or "", decision, ledger.tasks[task].calls)
            for task, decision in decided.items()
        ),
        **ledger.context.as_truth(
            (task, ledger.tasks[task].feature or "", decision) for task, decision in decided.items()
        ),
        "experiments": experiments_truth(
            (
                Trial(of.experiment, of.variant or "", of.started_us, of.cost_nano, decision)
                for task, decision in decided.items()
                if (of := ledger.tasks[task]).experiment
            ),
            ledger.days,
        ),
        "tasks": {"total": len(ledger.tasks), **statuses},
        "calls": _calls(ledger, delivery),
        "outcomes": _outcomes(evaluations, by_task, ledger),
        "quarantine": delivery.quarantine,
        "delivery": [*delivery.notes, *_restated_days(ledger.days)],
        "incidents": [
            item.as_truth()
            for item in (*INCIDENTS, NEW_KEY, *eaten_incident(ledger.days))
            if 0 <= day_index(item.start_us) < ledger.days
        ],
        **_limits(ledger, float(run["scale"])),
        **ledger.eaten.as_truth(),
        "plans": ledger.plans.as_truth(float(run["scale"])),
        "quotas": ledger.plans.quotas_as_truth(float(run["scale"])),
        **ledger.backlogs.as_truth(),
        "log_storage": [
            {"source": "litellm", "state": "too_long"},
            {"source": "outcomes", "state": "too_short"},
        ],
        "planned_events": planned_events_as_truth(ledger.days),
        "invoices": invoices_truth(shared, ledger.days),
        **hosting_truth(hosted),
        "internal_prices": internal_price_differences(ledger, shared),
        "busy_hours": _busy_hours(ledger, decided),
        "seen_twice": delivery.seen_twice.as_truth(),
        "idle_commitment": idle_by_team(shared),
        "adjustments": adjustments_truth(correction(ledger.days)),
        "off_gateway_cells": off_gateway_cells(bills),
        "fees": fees_of(bills),
        "gap_causes": gap_causes(ledger, bills, shared),
        "cache_sharing": list(ledger.context.premiums.as_truth(ledger.days)),
        "payback": _payback(unit_cost, float(run["scale"])),
    }
    return Truth({**document, "effects": effects_of(document, ledger)})


def _payback(unit_cost: Sequence[Document], scale: float) -> list[Document]:
    """When each type had saved what it cost once, by local closing day; null before."""
    found: list[Document] = []
    for name, of in TASK_TYPES.items():
        if of.baseline_usd is None or of.one_off_usd is None:
            continue
        by_day: dict[str, Decimal] = defaultdict(Decimal)
        for row in unit_cost:
            if row["task_type"] == name:
                work = row["tasks_closed"] * of.human_usd(date.fromisoformat(row["closed_day"]))
                worth = row["successes"] * of.baseline_usd
                by_day[row["closed_day"]] += worth - Decimal(row["cost_usd"]) - work
        one_off = round(of.one_off_usd * scale)
        days = sorted(by_day)
        earned = dict(zip(days, accumulate(by_day[day] for day in days), strict=True))
        paid_back = next((day for day, usd in earned.items() if usd >= one_off), None)
        found.append({
            "task_type": name, "one_off_usd": one_off, "paid_back_date": paid_back,
            "earned_usd": f"{sum(by_day.values()):.9f}",
        })  # fmt: skip
    return found


def _limits(ledger: Ledger, scale: float) -> dict[str, list[Document]]:
    """Limits of money, that of the feature that eats its month among them, and refusals."""
    stated = ledger.limits.as_truth(scale)
    return {**stated, "limits": [*stated["limits"], *ledger.eaten.as_limits()]}


def _cohorts(
    ledger: Ledger, decided: Mapping[str, Decision]
) -> tuple[dict[str, int], list[Document]]:
    """Tasks by status, and the closed ones by local closing day, type, feature and tenant."""
    statuses = Counter(success=0, failure=0, neutral=0, pending=0, unknown=0)
    cohorts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for task_id, task in ledger.tasks.items():
        decision = decided.get(task_id)
        if decision is None:
            age = ledger.days - 1 - day_index(task.last_call_us)
            statuses["pending" if age <= PENDING_DAYS else "unknown"] += 1
            continue
        statuses[decision.status] += 1
        whose = (task.task_type or "", task.feature or "", task.tenant or "")
        _close(cohorts[str(local(decision.closed_us).date()), *whose], task, decision)
        if decision.reversed_us is not None:
            cohorts[str(local(decision.reversed_us).date()), *whose]["reversals"] += 1
    return dict(statuses), [_cohort(key, totals) for key, totals in sorted(cohorts.items())]


def _close(totals: Counter[str], task: TaskTotals, decision: Decision) -> None:
    won = decision.status == "success"
    totals["tasks_closed"] += 1
    totals["successes"] += won
    totals["neutral"] += decision.status == "neutral"
    totals["first_pass"] += won and decision.taken_back_us is None
    totals["cost"] += task.cost_nano
    totals["cost_of_successful"] += task.cost_nano if won else 0
    totals["loop_depth_sum"] += task.loop_depth


def _cohort(key: tuple[str, ...], totals: Counter[str]) -> Document:
    day, task_type, feature, tenant = key
    return {
        "closed_day": day,
        "task_type": task_type,
        "feature": feature,
        "tenant_id": tenant,
        "tasks_closed": totals["tasks_closed"],
        "successes": totals["successes"],
        "neutral": totals["neutral"],
        "first_pass": totals["first_pass"],
        "reversals": totals["reversals"],
        "cost_usd": usd_text(totals["cost"]),
        "cost_of_successful_usd": usd_text(totals["cost_of_successful"]),
        "loop_depth_sum": totals["loop_depth_sum"],
    }


def _months(ledger: Ledger, bills: Bills, shared: Sequence[Charge]) -> Document:
    charged: dict[str, Counter[str]] = defaultdict(Counter)
    direct: dict[str, Counter[str]] = defaultdict(Counter)
    searches: dict[str, Counter[str]] = defaultdict(Counter)
    for (provider, day), lines in bills.lines().items():
        month = f"{day_date(day):%Y-%m}"
        for line in lines if day in bills.billed_days else ():
            charged[month][provider] += line.nano
            if line.direct:
                (direct if line.model else searches)[month][provider] += line.nano
    mine: dict[str, list[Charge]] = defaultdict(list)
    for charge in shared:
        mine[f"{charge.start:%Y-%m}"].append(charge)
        charged[f"{charge.start:%Y-%m}"][charge.provider] += charge.nano
    return {
        month: {
            "charge_usd": _money(charged[month]),
            "off_gateway_usd": _money(direct[month]),
            "non_token_usd": _money(searches[month]),
            "shared_usd": {
                dimension: _money({name: round(usd * 10**9) for name, usd in borne.items()})
                for dimension, borne in shared_cost(
                    totals.by_owner, totals.searches, mine[month]
                ).items()
            },
            "tool_invoice": _tool_invoice(totals, mine[month]),
            **_month(totals),
        }
        for month, totals in sorted(ledger.months.items())
    }


def _tool_invoice(totals: MonthTotals, charges: Sequence[Charge]) -> Document:
    """What is billed for the index of the help search, and the searches that it is for."""
    return {
        "usd": usd_text(sum(charge.nano for charge in charges if charge.description == INDEX)),
        "calls": totals.searches.total(),
    }


def _busy_hours(ledger: Ledger, decided: Mapping[str, Decision]) -> Document:
    """Closed reviews that took more steps than a success does in busy hours, then and else."""
    found: Counter[str] = Counter(busy_tasks=0, busy_successes=0, other_tasks=0, other_successes=0)
    for task_id, decision in decided.items():
        task = ledger.tasks[task_id]
        if task.feature == BUSY_FEATURE and task.loop_depth > BUSY_STEPS:
            when = "busy" if local(task.started_us).hour in BUSY_HOURS else "other"
            found[f"{when}_tasks"] += 1
            found[f"{when}_successes"] += decision.status == "success"
    return {"feature": BUSY_FEATURE, "cap": BUSY_STEPS, **found}


def _month(totals: MonthTotals) -> Document:
    counts = totals.counts
    return {
        "gateway_estimate_usd": usd_text(totals.estimate.total()),
        "gateway_estimate_by_provider_usd": _money(totals.estimate),
        "gateway_estimate_by_source_usd": _money(totals.estimate_by_source),
        "gateway_estimate_on_billed_days_usd": _money(totals.billed_estimate),
        "reported_usd": usd_text(totals.reported),
        "untagged_usd": _money(totals.untagged),
        "untagged_on_billed_days_usd": _money(totals.billed_untagged),
        "showback_usd": {
            "feature": _money(totals.by_feature),
            "tenant": _money(totals.by_tenant),
            "cost_centre": _money(totals.by_cost_centre),
        },
        "gateway_cache": {
            "hits": counts["gateway_hits"],
            "lookups": counts["gateway_lookups"],
            "avoided_usd": usd_text(totals.avoided),
        },
        "prefix_cache": {
            "cache_read_tokens": counts["cache_read_tokens"],
            "input_tokens": counts["input_tokens"],
            "chat_input_tokens": counts["chat_input_tokens"],
        },
        "calls": counts["distinct"],
        "unpriced_calls": counts["unpriced"],
    }


def _money(amounts: Mapping[str, int]) -> dict[str, str]:
    return {name: usd_text(nano) for name, nano in sorted(amounts.items())}


def _calls(ledger: Ledger, delivery: Delivery) -> Document:
    counts = ledger.counts
    return {
        "rows_written": sum(delivery.rows.values()),
        "rows_written_by_source": delivery.rows,
        "duplicate_rows": delivery.duplicates,
        "distinct_calls": counts["distinct"],
        "by_status": {status: counts[status] for status in ("ok", "error", "aborted")},
        "ok_chat_calls": counts["ok_chat"],
        "gateway_hits": counts["gateway_hits"],
        "gateway_lookups": counts["gateway_lookups"],
        "avoided_usd": usd_text(sum(month.avoided for month in ledger.months.values())),
        "unpriced_calls": counts["unpriced"],
        "tokens": {name: ledger.tokens[name] for name in (*TOKEN_CLASSES, "reasoning")},
    }


def _outcomes(
    evaluations: Sequence[Evaluation], by_task: Mapping[str, list[Evaluation]], ledger: Ledger
) -> Document:
    return {
        "evaluations": len(evaluations),
        "by_evaluator": dict(Counter(item.evaluator for item in evaluations)),
        "by_outcome": dict(Counter(meaning(item) for item in evaluations)),
        "judged_tasks": len(by_task),
        "judged_tasks_without_calls": sum(task not in ledger.tasks for task in by_task),
    }


def _restated_days(days: int) -> list[Document]:
    """Days that one pull of both providers' bills states too low and the next one corrects."""
    return [
        {
            "what": "restated_bill",
            "day": str(day_date(pull.partial_day)),
            "first_fetched_at": iso_z(pull.fetched_us),
        }
        for pull in pulls(days)
        if pull.partial_day is not None
    ]
