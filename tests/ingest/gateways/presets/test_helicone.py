"""Helicone requests, made from the schema of its own source."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.gateways.landed import VECTOR, call, calls, land, refusal

REQUEST: dict[str, Any] = {
    "request_id": "q1", "response_id": "resp1", "request_created_at": "2026-10-01T12:00:00.000Z",
    "response_created_at": "2026-10-01T12:00:02.000Z", "response_status": 200,
    "provider": "ANTHROPIC", "request_model": "claude-sonnet-4-5",
    "response_model": "claude-sonnet-4-5-20250929", "request_user_id": "ann@example.org",
    "properties": {"Helicone-Session-Id": "s1", "tenant_id": "acme", "tier": "gold"},
    "prompt_tokens": 19, "completion_tokens": 100, "reasoning_tokens": 40, "total_tokens": 159,
    "prompt_cache_write_tokens": 300, "prompt_cache_read_tokens": 1718, "delay_ms": 2000,
    "time_to_first_token": 350, "costUSD": 0.0042731,
    "cache_reference_id": "00000000-0000-0000-0000-000000000000", "cache_enabled": False,
    "prompt_id": "greet", "prompt_version": "3", "scores": None, "feedback_rating": None,
    "request_body": {"messages": [{"content": "secret"}]},
}  # fmt: skip


def test_token_classes_are_disjoint_as_helicone_counts_them(tmp_path: Path) -> None:
    found = call(tmp_path, "helicone", REQUEST)
    assert [found[name] for name in VECTOR] == [19, 1718, None, None, 300, None, 140, 40, None]
    assert found["reported_cost_usd"] == Decimal("0.0042731")
    assert found["first_token_at"] == datetime(2026, 10, 1, 12, 0, 0, 350000)
    assert found["ended_at"] == datetime(2026, 10, 1, 12, 0, 2)


def test_properties_are_sessions_and_attribution(tmp_path: Path) -> None:
    options = {"labels": {"tier": "properties.tier"}}
    found = call(tmp_path, "helicone", REQUEST, options)
    assert (found["task_id"], found["session_id"], found["tenant_id"]) == ("s1", "s1", "acme")
    assert (found["labels"], found["prompt_version"]) == ('{"tier":"gold"}', "greet/3")
    assert (found["provider"], len(found["user_id"])) == ("anthropic", 16)


@pytest.mark.parametrize(
    ("reference", "hit", "cost", "avoided"),
    [
        ("00000000-0000-0000-0000-000000000000", False, Decimal("0.0042731"), None),
        ("6f2d9f0e-8a51-4d6c-9a54-0d6a5a1fb4a2", True, Decimal(0), Decimal("0.0042731")),
        (None, None, Decimal("0.0042731"), None),
    ],
)
def test_the_uuid_of_zeros_is_no_cached_copy(
    tmp_path: Path, reference: str | None, hit: bool | None, cost: Decimal, avoided: Decimal | None
) -> None:
    found = call(tmp_path, "helicone", REQUEST | {"cache_reference_id": reference})
    assert found["cached_hit"] is hit
    assert (found["reported_cost_usd"], found["reported_avoided_usd"]) == (cost, avoided)


@pytest.mark.parametrize(
    ("code", "status"),
    [(200, "ok"), (429, "error"), (-1, "error"), (-3, "error"), (0, "error")],
)
def test_helicones_own_status_words_are_no_answer(tmp_path: Path, code: int, status: str) -> None:
    assert call(tmp_path, "helicone", REQUEST | {"response_status": code})["status"] == status


def test_scores_and_feedback_are_outcomes_only_when_named(tmp_path: Path) -> None:
    record = REQUEST | {
        "scores": {"resolved": 1, "tone": {"value": 3, "valueType": "number"}, "other": 9},
        "feedback_rating": False, "feedback_created_at": "2026-10-03T00:00:00Z",
    }  # fmt: skip
    rules = {
        "resolved": {"success": "= 1"}, "tone": {"success": ">= 4", "evaluator_type": "human"},
        "feedback": {"success": "true"},
    }  # fmt: skip
    lake = land(tmp_path, "helicone", record, options={"outcomes": rules})
    assert len(calls(lake)) == 1
    # a score that nobody names is no outcome, and nothing wrong either
    assert lake.catalog("select count(*) from quarantine") == [(0,)]
    found = calls(lake, "task_outcomes")
    assert [
        (r["task_id"], r["evaluator_name"], r["outcome"], r["evaluator_type"], r["judged_at"])
        for r in found
    ] == [
        ("s1", "feedback", "failure", "human", datetime(2026, 10, 3)),
        ("s1", "resolved", "success", "model", datetime(2026, 10, 1, 12, 0, 2)),
        ("s1", "tone", "failure", "human", datetime(2026, 10, 1, 12, 0, 2)),
    ]
    assert found[0]["tenant_id"] == "acme"


def test_a_request_without_scores_brings_no_outcome(tmp_path: Path) -> None:
    rules = {"outcomes": {"*": {"success": "true"}}}
    lake = land(tmp_path, "helicone", REQUEST, options=rules)
    assert lake.catalog("select count(*) from quarantine") == [(0,)]
    assert len(calls(lake)) == 1


def test_a_fault_is_named_by_helicones_own_field(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a", "helicone", REQUEST | {"request_id": None}) == (
        "request_id: is required for call_id and missing"
    )
    assert refusal(tmp_path / "b", "helicone", REQUEST | {"prompt_cache_read_tokens": -1}) == (
        "prompt_cache_read_tokens: a count of tokens is negative"
    )
