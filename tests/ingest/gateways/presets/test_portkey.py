"""Portkey's logs export and its feedback, as their documentation describes them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.gateways.landed import call, calls, land, refusal
from tests.support.texts import files_holding

LOG: dict[str, Any] = {
    "created_at": "2026-10-01T12:00:00Z", "trace_id": "t1", "is_success": 1, "ai_org": "OpenAI",
    "ai_model": "gpt-4o-mini", "req_units": 1200, "res_units": 30, "total_units": 1230,
    "cost": 0.0198, "cost_currency": "USD", "response_status_code": 200, "response_time": 900,
    "cache_status": "MISS", "stream_mode": "FALSE", "retry_success_count": 2, "mode": "FALLBACK",
    "virtual_key": "team-key", "prompt_slug": "greet", "prompt_version_id": "7",
    "metadata.key": ["_user", "_organisation", "_environment", "step"],
    "metadata.value": ["ann@example.org", "acme", "prod", 4],
    "request.body": {"messages": [{"content": "secret"}]}, "response.body": {"id": "x"},
}  # fmt: skip


def test_cost_is_in_cents_and_exact(tmp_path: Path) -> None:
    found = call(tmp_path, "portkey", LOG)
    assert found["reported_cost_usd"] == Decimal("0.000198")
    assert (found["input_uncached_tokens"], found["output_tokens"]) == (1200, 30)
    assert (found["attempted_retries"], found["status"]) == (2, "ok")
    assert found["ended_at"] == datetime(2026, 10, 1, 12, 0, 0, 900000)
    assert (found["provider"], found["prompt_version"]) == ("openai", "greet/7")


@pytest.mark.parametrize(
    ("currency", "hit", "stated"),
    [("EUR", "MISS", Decimal("0.000198")), ("EUR", "HIT", None), (None, "MISS", None)],
)
def test_a_cost_in_another_currency_keeps_it_and_is_no_dollars(
    tmp_path: Path, currency: str | None, hit: str, stated: Decimal | None
) -> None:
    found = call(tmp_path, "portkey", LOG | {"cost_currency": currency, "cache_status": hit})
    assert (found["reported_currency"], found["reported_cost"]) == (currency, stated)
    dollars = Decimal(0) if hit == "HIT" else None if currency else Decimal("0.000198")
    assert found["reported_cost_usd"] == dollars


@pytest.mark.parametrize("nested", [False, True])
def test_metadata_are_two_lists_side_by_side(tmp_path: Path, nested: bool) -> None:
    record = dict(LOG)
    if nested:
        pair = record.pop("metadata.key"), record.pop("metadata.value")
        record["metadata"] = dict(zip(("key", "value"), pair, strict=True))
    options = {"attribution": {"feature": {
        "path": "metadata.value" if nested else '"metadata.value"',
        "keys": "metadata.key" if nested else '"metadata.key"', "key": "step",
    }}}  # fmt: skip
    found = call(tmp_path, "portkey", record, options)
    assert (found["tenant_id"], found["environment"], found["feature"]) == ("acme", "prod", "4")
    assert len(found["user_id"]) == len(found["api_key_id"]) == 16


@pytest.mark.parametrize(
    ("word", "hit", "layer", "cost", "avoided"),
    [
        ("HIT", True, "exact", Decimal(0), Decimal("0.000198")),
        ("SEMANTIC HIT", True, "semantic", Decimal(0), Decimal("0.000198")),
        ("MISS", False, None, Decimal("0.000198"), None),
        ("DISABLED", None, None, Decimal("0.000198"), None),
        (None, None, None, Decimal("0.000198"), None),
    ],
)
def test_a_hit_costs_nothing_and_says_what_it_avoided(
    tmp_path: Path, word: str | None, hit: bool | None, layer: str | None, cost: Decimal,
    avoided: Decimal | None,
) -> None:  # fmt: skip
    found = call(tmp_path, "portkey", LOG | {"cache_status": word})
    assert (found["cached_hit"], found["cache_layer"]) == (hit, layer)
    assert (found["reported_cost_usd"], found["reported_avoided_usd"]) == (cost, avoided)


def test_calls_of_one_trace_are_not_taken_for_attempts_of_one_request(tmp_path: Path) -> None:
    lake = land(
        tmp_path, "portkey",
        LOG | {"is_success": 0, "response_status_code": 429, "res_units": 0},
        LOG | {"created_at": "2026-10-01T12:00:01Z", "ai_model": "claude-haiku-4-5"},
    )  # fmt: skip
    found = calls(lake)
    # a trace is a request or a whole conversation: the export does not say which
    assert {(row["request_id"], row["task_id"]) for row in found} == {(None, "t1")}
    assert sorted(row["status"] for row in found) == ["error", "ok"]
    assert len({row["call_id"] for row in found}) == 2


def test_no_text_of_a_body_is_kept(tmp_path: Path) -> None:
    lake = land(tmp_path, "portkey", LOG)
    assert files_holding(lake.paths.lake, "secret") == set()


def test_a_fault_is_named_by_the_exports_own_column(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a", "portkey", LOG | {"is_success": "maybe"}).startswith(
        "is_success: "
    )
    assert refusal(tmp_path / "b", "portkey", LOG | {"trace_id": None}) == (
        "id, trace_id, created_at, ai_model: is required for call_id and missing"
    )


FEEDBACK = {"trace_id": "t1", "value": 5, "weight": 0.5, "created_at": "2026-10-02T08:00:00Z"}


def test_feedback_becomes_an_outcome_of_the_trace(tmp_path: Path) -> None:
    rule = {"outcomes": {"feedback": {"success": "> 0", "failure": "< 0"}}}
    lake = land(
        tmp_path, "portkey_feedback", FEEDBACK,
        FEEDBACK | {"trace_id": "t2", "value": -10}, FEEDBACK | {"trace_id": "t3", "value": 0},
        options=rule,
    )  # fmt: skip
    found = calls(lake, "task_outcomes")
    assert [(r["task_id"], r["outcome"], r["score"], r["evaluator_type"]) for r in found] == [
        ("t1", "success", 5, "human"),
        ("t2", "failure", -10, "human"),
        ("t3", "pending", 0, "human"),
    ]


def test_feedback_without_a_time_is_set_aside(tmp_path: Path) -> None:
    rule = {"outcomes": {"feedback": {"success": "> 0"}}}
    late = {name: value for name, value in FEEDBACK.items() if name != "created_at"}
    lake = land(tmp_path, "portkey_feedback", late, options=rule)
    assert lake.catalog("select field, reason from quarantine") == [
        ("created_at", "is required for judged_at and missing")
    ]
