"""A batch job is each of its requests once, and a batch that a gateway sums up is one call."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.warehouse import Workspace

RESULTS = """
format = "mapped"
file_type = "jsonl"
[fields]
call_id = "custom_id"
provider_response_id = "response.body.id"
started_at = { path = "response.body.created", time = "epoch_s" }
ended_at = { path = "response.body.created", time = "epoch_s" }
operation = { constant = "chat" }
provider = { constant = "openai" }
response_model = "response.body.model"
service_tier = { constant = "batch" }
[tokens]
input = "response.body.usage.prompt_tokens"
input_includes_cache = true
output = "response.body.usage.completion_tokens"
"""
JOBS = RESULTS.replace('"custom_id"', '"job"').replace("response.body", "answer")
"""The company's own job log: the same answers under names of its own."""

CREATED = 1_790_856_000
"""2026-10-01, noon."""

PRICES = "openai,gpt-4.1,batch,{},{},,,,"
TOTAL = "select count(*), sum(input_tokens), sum(output_tokens), sum(estimate_usd) from marts."


def answer(number: int, tokens: int) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{number}", "created": CREATED + number, "model": "gpt-4.1",
        "usage": {"prompt_tokens": tokens, "completion_tokens": 1_000},
    }  # fmt: skip


def priced(root: Path) -> Workspace:
    workspace = Workspace(root)
    workspace.prices(PRICES.format("input_uncached", 1), PRICES.format("output", 4))
    return workspace


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def test_a_result_that_the_companys_own_log_has_too_is_one_call(tmp_path: Path) -> None:
    """Three requests of 100,000, 200,000 and 300,000 tokens in and 1,000 out, at 1.00 and 4.00;
    the company logged two of them, and the file of results came twice."""
    workspace = priced(tmp_path)
    workspace.configure("results", RESULTS)
    workspace.configure("jobs", JOBS)
    answers = [answer(n, n * 100_000) for n in (1, 2, 3)]
    results = lines(*({"custom_id": f"r{a['id']}", "response": {"body": a}} for a in answers))
    workspace.drop("results", "batch_1_output.jsonl", results)
    workspace.drop("results", "again.jsonl", results)
    workspace.drop("jobs", "jobs.jsonl", lines(*({"job": f"j{a['id']}", "answer": a}
                                                 for a in answers[:2])))  # fmt: skip
    workspace.build()
    assert workspace.query(TOTAL + "fct_calls") == [(3, 600_000, 3_000, Decimal("0.612"))]
    assert workspace.value("select sum(duplicates_dropped) from marts.fct_usage_daily") == 2


def test_a_finished_batch_is_one_call_however_often_somebody_looks(tmp_path: Path) -> None:
    """LiteLLM logs all of a batch each time: while it ran, and on two days after it had ended."""
    batch = {
        "id": "batch_1", "litellm_call_id": "look", "trace_id": "", "status": "success",
        "call_type": "aretrieve_batch", "custom_llm_provider": "openai", "model": "gpt-4.1",
        "startTime": CREATED + 60, "endTime": CREATED + 61, "response_cost": 0.612,
        "prompt_tokens": 600_000, "completion_tokens": 3_000,
        "response": {"id": "batch_1", "completed_at": CREATED + 30},
    }  # fmt: skip
    running = batch | {"prompt_tokens": 0, "completion_tokens": 0, "litellm_call_id": "early"}
    made = running | {"call_type": "acreate_batch", "id": "made", "litellm_call_id": "made"}
    later = batch | {"startTime": CREATED + 86_460, "endTime": CREATED + 86_461,
                     "litellm_call_id": "later"}  # fmt: skip
    workspace = priced(tmp_path)
    workspace.configure("gateway", 'format = "litellm"\n')
    workspace.drop("gateway", "day1.jsonl", lines(made, running, batch))
    workspace.drop("gateway", "day2.jsonl", lines(later))
    workspace.build()
    billed = TOTAL + "fct_calls where service_tier = 'batch'"
    assert workspace.query(billed) == [(1, 600_000, 3_000, Decimal("0.612"))]
    assert workspace.value("select sum(estimate_usd) from marts.fct_usage_daily") == Decimal(
        "0.612"
    )


@pytest.mark.slow
def test_the_sum_of_a_batch_is_no_call_beside_its_own_results(tmp_path: Path) -> None:
    """The results name the batch; one request failed and has no tokens. Of a second batch a result
    is missing: then its sum counts beside what is known, and nothing is lost."""
    workspace = priced(tmp_path)
    workspace.configure("gateway", 'format = "litellm"\n')
    workspace.configure(
        "results", RESULTS.replace("[fields]", '[fields]\nparent_call_id = "batch"', 1)
    )
    whole = {
        "id": "batch_1", "litellm_call_id": "look", "trace_id": "", "status": "success",
        "call_type": "aretrieve_batch", "custom_llm_provider": "openai", "model": "gpt-4.1",
        "startTime": CREATED + 60, "endTime": CREATED + 61, "response_cost": 0.308,
        "prompt_tokens": 300_000, "completion_tokens": 2_000,
        "response": {"id": "batch_1", "completed_at": CREATED + 30},
    }  # fmt: skip
    other = whole | {"id": "batch_2", "litellm_call_id": "other",
                     "response": {"id": "batch_2", "completed_at": CREATED + 40}}  # fmt: skip
    failed: dict[str, Any] = answer(3, 0) | {"usage": {}}
    results = lines(
        *({"custom_id": f"r{a['id']}", "batch": "batch_1", "response": {"body": a}}
          for a in (answer(1, 100_000), answer(2, 200_000), failed)),
        {"custom_id": "r4", "batch": "batch_2", "response": {"body": answer(4, 100_000)}},
    )  # fmt: skip
    workspace.drop("gateway", "looks.jsonl", lines(whole))
    workspace.build()
    workspace.drop("gateway", "more.jsonl", lines(other))
    workspace.drop("results", "output.jsonl", results)
    workspace.build()
    found = "select source_name, count(*), sum(estimate_usd) from marts.fct_calls group by all"
    assert workspace.query(found + " order by 1") == [
        ("gateway", 1, Decimal("0.308")), ("results", 4, Decimal("0.412")),
    ]  # fmt: skip
    assert workspace.query("select call_id, rule, kept_call_id from marts.fct_duplicate_calls") == [
        ("batch_1", "restated usage", "rchatcmpl-1")
    ]
