"""Worked cases from other projects' bug reports, from the record to the mart.

What only a price can get wrong is in `tests/ingest/prices/test_golden_cases.py`.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.golden.records import OUTCOMES, PLAIN, TRACES, litellm, plain, trace
from tests.story.month import openai_page
from tests.support.warehouse import Workspace


@pytest.fixture(scope="module")
def cases(shared: Path) -> dict[str, Any]:
    text = (shared / "golden/token_accounting_cases.json").read_text()
    return {case["id"]: case for case in json.loads(text, parse_float=Decimal)}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, cases: dict[str, Any]) -> Workspace:
    workspace = Workspace(
        tmp_path_factory.mktemp("golden"), models=("fct_allocations", "rpt_unit_cost")
    )
    for source, settings in {
        "gateway": 'format = "litellm"', "traces": TRACES, "cohort": PLAIN,
        "shared": PLAIN, "outcomes": OUTCOMES, "bill": 'format = "openai"',
    }.items():  # fmt: skip
        workspace.configure(source, settings)
    # one dollar for a million tokens: what matters here is which tokens there are
    workspace.prices("openai,golden,standard,input_uncached,1,2026-01-01,,,",
                     "openai,golden,standard,output,1,2026-01-01,,,")  # fmt: skip
    workspace.drop("gateway", "calls.jsonl", "".join(gateway_lines(cases)))
    workspace.drop("traces", "calls.jsonl", "".join(trace_lines(cases)))
    _drop_cohort(workspace, cases["closed_cohort"])
    _drop_shared(workspace, cases["opencost_1124"])
    workspace.build()
    return workspace


def gateway_lines(cases: dict[str, Any]) -> list[str]:
    """LiteLLM states cached and written tokens inside the prompt, whatever the provider."""
    found = []
    for case_id in ("bedrock_cache_29145", "phoenix_10036"):
        tokens = {line["cls"]: line["tokens"] for line in cases[case_id]["lines"]}
        prompt = tokens["uncached_input"] + tokens["cache_write"] + tokens["cache_read"]
        found.append(litellm(case_id, "bedrock", prompt, tokens["output"],
                             cached_tokens=tokens["cache_read"],
                             cache_creation_tokens=tokens["cache_write"]))  # fmt: skip
    one_hour = cases["litellm_36762"]["write_1h_tokens"]
    found.append(litellm("litellm_36762", "bedrock", one_hour, cache_creation_tokens=one_hour,
                         cache_creation_token_details=lifetimes(0, one_hour)))  # fmt: skip
    split = cases["litellm_42663"]["tokens"]
    found.append(litellm("litellm_42663", "anthropic", split["prompt"],
                         cached_tokens=split["cache_read"],
                         cache_creation_tokens=split["cache_creation"],
                         cache_creation_token_details=lifetimes(
                             split["breakdown_5m"], split["breakdown_1h"])))  # fmt: skip
    for case_id, provider in (("agenta_5711", "openai"), ("langfuse_10592", "openai")):
        tokens = cases[case_id]["tokens"]
        found.append(litellm(case_id, provider, tokens["prompt"], cached_tokens=tokens["cached"]))
    tokens = cases["anyllm_664"]["tokens"]
    found.append(litellm("anyllm_664", "vertex_ai", tokens["prompt"], tokens["output"],
                         reasoning=400, cached_tokens=tokens["cached"]))  # fmt: skip
    return found


def lifetimes(five_minutes: int, one_hour: int) -> dict[str, int]:
    return {"ephemeral_5m_input_tokens": five_minutes, "ephemeral_1h_input_tokens": one_hour}


def trace_lines(cases: dict[str, Any]) -> list[str]:
    found = []
    for case_id in ("phoenix_10783", "phoenix_13379"):
        tokens = cases[case_id]["tokens"]
        output = tokens.get("completion", tokens.get("output"))
        found.append(trace(case_id, tokens["uncached"], tokens["cache_read"],
                           tokens["cache_write"], output))  # fmt: skip
    return found


def _drop_cohort(workspace: Workspace, case: dict[str, Any]) -> None:
    """Closed tasks share the case's closed cost evenly; one more is pending."""
    each = int(Decimal(case["closed_cost"]) / case["closed_tasks"] * 1_000_000)
    tokens = [each] * case["closed_tasks"] + [int(Decimal(case["pending_cost"]) * 1_000_000)]
    workspace.drop("cohort", "calls.csv", plain([
        (f"k{number}", "2026-10-20T10:00:00Z", f"task-{number}", "cohort", count)
        for number, count in enumerate(tokens)
    ]))  # fmt: skip
    verdicts = ["success" if number < case["accepted"] else "failure"
                for number in range(case["closed_tasks"])]  # fmt: skip
    lines = [f"task-{number},2026-10-21T10:00:00Z,{says}"
             for number, says in enumerate([*verdicts, "pending"])]  # fmt: skip
    workspace.drop("outcomes", "evaluations.csv", "\n".join(["task,at,says", *lines]) + "\n")


def _drop_shared(workspace: Workspace, case: dict[str, Any]) -> None:
    """One day's bill is the case's total; three features explain their own part of it."""
    inputs = case["inputs"]
    workspace.drop("shared", "calls.csv", plain([
        (name, "2026-10-10T10:00:00Z", "", name, inputs[name] * 1_000_000)
        for name in ("ns1", "ns2", "ns3")
    ]))  # fmt: skip
    workspace.drop("bill", "page.json", openai_page(
        {10: {"golden, input": case["total"]}}, "2026-10-28T00:00:00Z"))  # fmt: skip


def classes(workspace: Workspace, case_id: str) -> dict[str, int]:
    """The token vector of a case's call; classes without tokens left out."""
    names = ("input_uncached", "cache_read", "cache_write_5m", "cache_write_1h",
             "cache_write_other", "output")  # fmt: skip
    (row,) = workspace.query(
        f"select {', '.join(f'{name}_tokens' for name in names)} from marts.fct_calls"
        f" where '{case_id}' in (call_id, request_id)"
    )
    return {name: count for name, count in zip(names, row, strict=True) if count}


@pytest.mark.parametrize("case_id", ["bedrock_cache_29145", "phoenix_10036"])
def test_every_token_of_a_cached_call_stands_in_the_class_it_is_billed_in(
    workspace: Workspace, cases: dict[str, Any], case_id: str
) -> None:
    names = {"uncached_input": "input_uncached", "cache_write": "cache_write_other"}
    assert classes(workspace, case_id) == {
        names.get(line["cls"], line["cls"]): line["tokens"] for line in cases[case_id]["lines"]
    }


def test_one_hour_writes_are_not_taken_for_five_minute_writes(
    workspace: Workspace, cases: dict[str, Any]
) -> None:
    assert classes(workspace, "litellm_36762") == {
        "cache_write_1h": cases["litellm_36762"]["write_1h_tokens"]
    }


def test_written_tokens_outside_the_lifetime_breakdown_are_kept_in_their_own_class(
    workspace: Workspace, cases: dict[str, Any]
) -> None:
    case = cases["litellm_42663"]
    found = classes(workspace, "litellm_42663")
    assert found == {
        "input_uncached": case["uncached"],
        "cache_read": case["tokens"]["cache_read"],
        "cache_write_5m": case["tokens"]["breakdown_5m"],
        "cache_write_other": case["unpriced_write_tokens"],
    }
    assert sum(found.values()) == case["tokens"]["prompt"]


@pytest.mark.parametrize("case_id", ["agenta_5711", "langfuse_10592", "anyllm_664"])
def test_cached_tokens_are_taken_out_of_the_prompt_that_includes_them(
    workspace: Workspace, cases: dict[str, Any], case_id: str
) -> None:
    tokens = cases[case_id]["tokens"]
    found = classes(workspace, case_id)
    assert found["input_uncached"] == tokens["uncached"]
    assert found["cache_read"] == tokens["cached"]
    assert (
        workspace.value(f"select input_tokens from marts.fct_calls where request_id = '{case_id}'")
        == tokens["prompt"]
        != tokens.get("wrong_total")
    )


def test_reasoning_is_a_part_of_the_output_and_not_added_to_it(
    workspace: Workspace, cases: dict[str, Any]
) -> None:
    assert workspace.query(
        "select output_tokens, reasoning_tokens from marts.fct_calls"
        " where request_id = 'anyllm_664'"
    ) == [(cases["anyllm_664"]["tokens"]["output"], 400)]


@pytest.mark.parametrize("case_id", ["phoenix_10783", "phoenix_13379"])
def test_a_total_includes_cache_tokens_that_the_input_leaves_out(
    workspace: Workspace, cases: dict[str, Any], case_id: str
) -> None:
    tokens = cases[case_id]["tokens"]
    found = classes(workspace, case_id)
    assert found["input_uncached"] == tokens["uncached"]
    assert sum(found.values()) == tokens["total"]


def test_a_pending_task_does_not_move_the_cost_per_success_of_the_closed_ones(
    workspace: Workspace, cases: dict[str, Any]
) -> None:
    case = cases["closed_cohort"]
    assert workspace.query(
        "select tasks_closed, successes, cost_usd, cost_per_success_usd"
        " from reports.rpt_unit_cost where feature = 'cohort' and cost_basis = 'estimate'"
    ) == [(case["closed_tasks"], case["accepted"], Decimal(case["closed_cost"]),
           Decimal(case["expected"]))]  # fmt: skip
    assert Decimal(case["expected"]) != Decimal(case["wrong_snapshot"])
    assert workspace.query(
        "select count(*), sum(estimate_usd) from marts.fct_tasks where status = 'pending'"
    ) == [(case["pending"], Decimal(case["pending_cost"]))]


def test_what_nobody_caused_is_kept_beside_the_parts_and_the_whole_is_conserved(
    workspace: Workspace, cases: dict[str, Any]
) -> None:
    """Three features cause 28 + 36 + 18; the idle 20 + 10 is nobody's and stays in the total."""
    case = cases["opencost_1124"]
    inputs = case["inputs"]
    found = dict(workspace.query(
        "select coalesce(feature, line), sum(charge_usd) from marts.fct_allocations"
        " where utc_day = date '2026-10-10' group by all"
    ))  # fmt: skip
    assert found == {
        "ns1": inputs["ns1"], "ns2": inputs["ns2"], "ns3": inputs["ns3"],
        "not seen by the gateway": inputs["idle1"] + inputs["idle2"],
    }  # fmt: skip
    assert sum(found.values()) == case["total"]
