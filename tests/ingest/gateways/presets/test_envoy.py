"""Envoy AI Gateway: the documented example, and what an operator's own keys need."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.ingest.gateways.landed import call, calls, land, refusal
from tests.support.lake import Lake

EXAMPLE = {
    "start_time": "2026-10-01T12:00:00.250Z", "duration": 1500, "x-request-id": "r1",
    "x-envoy-origin-path": "/v1/chat/completions", "response_code": 200, "response_flags": "-",
    "genai_model_name": "fast", "genai_model_name_override": "gpt-4o-mini",
    "genai_tokens_input": 15, "genai_tokens_output": 7, "genai_tokens_total": 22,
    "x-envoy-upstream-service-time": "451",
}  # fmt: skip


def test_the_documented_lines_load_as_they_are_printed(tmp_path: Path, shared: Path) -> None:
    lake = Lake(tmp_path, "edge", "envoy")
    sample = shared / "samples" / "gateway" / "envoy_ai_gateway_access_log_examples.jsonl"
    lake.drop("access.log", sample.read_bytes())
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined) == (2, 0)
    chat, tool = calls(lake)
    assert (chat["operation"], chat["status"], chat["response_model"]) == (
        "chat", "ok", "gpt-4o-mini",
    )  # fmt: skip
    assert (chat["input_uncached_tokens"], chat["output_tokens"]) == (15, 7)
    assert chat["started_at"] == datetime(2025, 8, 30, 16, 51, 37, 894000)
    assert chat["ended_at"] == datetime(2025, 8, 30, 16, 51, 39, 420000)  # 1526 ms later
    # an MCP call stands in the same file, without a model and without tokens
    assert (tool["operation"], tool["tool_name"]) == ("execute_tool", "context7")
    assert (tool["input_uncached_tokens"], tool["request_model"]) == (None, None)


def test_a_dash_means_that_there_is_nothing(tmp_path: Path) -> None:
    found = call(tmp_path, "envoy", EXAMPLE | {
        "genai_tokens_input": "-", "genai_tokens_output": "-", "genai_model_name_override": "-",
        "duration": "-",
    })  # fmt: skip
    assert found["input_uncached_tokens"] is None
    assert found["output_tokens"] is None
    assert found["ended_at"] is None
    assert found["response_model"] == "fast"


def test_numbers_may_arrive_as_texts(tmp_path: Path) -> None:
    found = call(tmp_path, "envoy", EXAMPLE | {"genai_tokens_input": "15", "response_code": "200"})
    assert (found["input_uncached_tokens"], found["http_status"]) == (15, 200)


@pytest.mark.parametrize(
    ("flags", "code", "status"),
    [("-", 200, "ok"), ("DC", 0, "aborted"), ("UC,DC", 200, "aborted"), ("UF", 503, "error"),
     ("-", 429, "error"), (None, 0, "error"), ("-", None, "ok")],
)  # fmt: skip
def test_a_client_that_left_is_told_from_an_error(
    tmp_path: Path, flags: str | None, code: int | None, status: str
) -> None:
    record = EXAMPLE | {"response_flags": flags, "response_code": code}
    assert call(tmp_path, "envoy", record)["status"] == status


def test_an_operators_own_keys_are_said_one_by_one(tmp_path: Path) -> None:
    record = {
        "ts": 1790856000.5, "id": "r9", "model": "claude", "in": 100, "cached": 60, "out": 5,
        "who": "ann@example.org", "customer": "acme", "cost": "0.25",
    }  # fmt: skip
    options = {
        "fields": {"call_id": "id", "started_at": {"path": "ts", "time": "epoch_s"},
                   "request_model": "model", "response_model": "model",
                   "provider": {"constant": "Anthropic"}, "reported_cost_usd": "cost"},
        "tokens": {"input": "in", "input_includes_cache": True, "cache_read": "cached",
                   "output": "out"},
        "attribution": {"tenant_id": "customer", "user_id": "who"},
    }  # fmt: skip
    found = call(tmp_path, "envoy", record, options)
    assert found["started_at"] == datetime(2026, 10, 1, 12, 0, 0, 500000)
    assert (found["input_uncached_tokens"], found["cache_read_tokens"]) == (40, 60)
    assert (found["provider"], found["tenant_id"]) == ("anthropic", "acme")
    assert len(found["user_id"]) == 16
    assert "ann" not in found["user_id"]


def test_a_fault_is_named_by_the_logs_own_key(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a", "envoy", EXAMPLE | {"x-request-id": "-"}) == (
        "x-request-id: is required for call_id and missing"
    )
    assert refusal(tmp_path / "b", "envoy", EXAMPLE | {"genai_tokens_input": -4}) == (
        'genai_tokens_input, "gen_ai.usage.input_tokens": a count of tokens is negative'
    )
    assert refusal(tmp_path / "c", "envoy", EXAMPLE | {"start_time": "noon"}).startswith(
        "start_time"
    )


def test_a_broken_line_costs_itself_alone(tmp_path: Path) -> None:
    lake = land(tmp_path, "envoy", EXAMPLE)
    whole = Lake(tmp_path / "b", "edge", "envoy")
    good = (lake.paths.inbox / "gateway" / "a.jsonl").read_bytes()
    whole.drop("access.log", good + b'{"start_time": "2026-\n' + b"\xff\xfe\n" + good)
    report = whole.land()
    assert (report.rows_loaded, report.rows_quarantined) == (2, 2)
