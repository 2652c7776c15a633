"""OpenRouter generation records as calls, from the published API description."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.gateways.landed import call, calls, land

RECORD: dict[str, Any] = {
    "id": "gen-1", "upstream_id": "chatcmpl-9", "created_at": "2026-10-01T12:00:00.5+00:00",
    "model": "anthropic/claude-sonnet-4.5", "provider_name": "Anthropic", "streamed": True,
    "cancelled": False, "finish_reason": "stop", "total_cost": 0.0015, "usage": 0.0015,
    "is_byok": False, "upstream_inference_cost": None, "cache_discount": None,
    "tokens_prompt": 90, "tokens_completion": 22, "native_tokens_prompt": 120,
    "native_tokens_completion": 25, "native_tokens_reasoning": 10, "native_tokens_cached": 100,
    "session_id": "s1", "external_user": "ann@example.org", "service_tier": None,
    "provider_responses": [{"status": 503, "provider_name": "Google"}, {"status": 200}],
}  # fmt: skip


@pytest.mark.parametrize("wrapped", [True, False])
def test_native_tokens_count_whether_the_answer_is_unwrapped_or_not(
    tmp_path: Path, wrapped: bool
) -> None:
    found = call(tmp_path, "openrouter_calls", {"data": RECORD} if wrapped else RECORD)
    assert (found["input_uncached_tokens"], found["cache_read_tokens"]) == (20, 100)
    assert (found["output_tokens"], found["reasoning_tokens"]) == (25, 10)
    assert (found["call_id"], found["provider_response_id"]) == ("gen-1", "chatcmpl-9")
    assert (found["provider"], found["attempted_fallbacks"]) == ("openrouter", 1)
    assert (found["reported_cost_usd"], found["status"]) == (Decimal("0.0015"), "ok")
    assert (found["task_id"], len(found["user_id"])) == ("s1", 16)


def test_a_cancelled_generation_is_aborted(tmp_path: Path) -> None:
    assert call(tmp_path, "openrouter_calls", RECORD | {"cancelled": True})["status"] == "aborted"


def test_with_an_own_key_the_fee_and_the_inference_are_both_paid(tmp_path: Path) -> None:
    own = RECORD | {"is_byok": True, "total_cost": 0.0001, "upstream_inference_cost": 0.002}
    found = call(tmp_path, "openrouter_calls", own)
    assert found["reported_cost_usd"] == Decimal("0.0021")


def test_with_an_own_key_and_no_stated_inference_the_cost_is_unknown(tmp_path: Path) -> None:
    own = RECORD | {"is_byok": True, "total_cost": 0.0001, "upstream_inference_cost": None}
    assert call(tmp_path, "openrouter_calls", own)["reported_cost_usd"] is None


def test_the_cache_of_openrouter_names_the_answer_it_gave_again(tmp_path: Path) -> None:
    lake = land(
        tmp_path, "openrouter_calls", RECORD | {"response_cache_source_id": "gen-0"},
        RECORD | {"id": "gen-2"},
    )  # fmt: skip
    assert [row["cached_hit"] for row in calls(lake)] == [True, None]


def test_more_cached_tokens_than_prompt_stand_beside_it(tmp_path: Path) -> None:
    found = call(tmp_path, "openrouter_calls", RECORD | {"native_tokens_cached": 121})
    assert (found["input_uncached_tokens"], found["cache_read_tokens"]) == (120, 121)
