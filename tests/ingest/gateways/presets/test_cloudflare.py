"""Cloudflare AI Gateway's log API, as its reference describes an entry."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.gateways.landed import call, land, refusal

ENTRY: dict[str, Any] = {
    "id": "01J9Z", "created_at": "2026-10-01T12:00:00.000Z", "provider": "openai",
    "model": "gpt-4o-mini", "model_type": "chat", "request_type": "universal", "status_code": 200,
    "success": True, "cached": False, "cost": 0.00123, "custom_cost": False, "tokens_in": 100,
    "tokens_out": 20, "duration": 750, "step": 1, "path": "v1/chat/completions",
    "metadata": {"tenant_id": "acme", "task_id": "t-1", "user_id": "ann@example.org"},
}  # fmt: skip


def test_an_entry_is_one_call(tmp_path: Path) -> None:
    found = call(tmp_path, "cloudflare", ENTRY)
    assert found["reported_cost_usd"] == Decimal("0.00123")
    assert (found["input_uncached_tokens"], found["output_tokens"]) == (100, 20)
    assert (found["attempted_fallbacks"], found["status"], found["http_status"]) == (1, "ok", 200)
    assert found["ended_at"] == datetime(2026, 10, 1, 12, 0, 0, 750000)


@pytest.mark.parametrize(
    "metadata",
    [
        {"tenant_id": "acme", "task_id": "t-1", "user_id": "ann@example.org"},
        '{"tenant_id": "acme", "task_id": "t-1", "user_id": "ann@example.org"}',
    ],
)
def test_metadata_are_an_object_or_its_text(tmp_path: Path, metadata: object) -> None:
    found = call(tmp_path, "cloudflare", ENTRY | {"metadata": metadata})
    assert (found["tenant_id"], found["task_id"], len(found["user_id"])) == ("acme", "t-1", 16)


def test_encrypted_metadata_attribute_nothing(tmp_path: Path) -> None:
    sealed = {"key": "bm90IGEga2V5", "iv": "AAAA", "data": "c2VhbGVk"}
    found = call(tmp_path, "cloudflare", ENTRY | {"metadata": sealed})
    assert (found["tenant_id"], found["task_id"], found["user_id"]) == (None, None, None)
    assert found["output_tokens"] == 20


@pytest.mark.parametrize(
    ("cost", "custom", "reported"),
    [(0, False, None), (0, True, Decimal(0)), (0.5, True, Decimal("0.5")), (None, False, None)],
)
def test_a_cost_of_zero_is_unknown_unless_the_customer_set_it(
    tmp_path: Path, cost: float | None, custom: bool, reported: Decimal | None
) -> None:
    record = ENTRY | {"cost": cost, "custom_cost": custom}
    assert call(tmp_path, "cloudflare", record)["reported_cost_usd"] == reported


def test_a_cached_answer_costs_nothing(tmp_path: Path) -> None:
    found = call(tmp_path, "cloudflare", ENTRY | {"cached": True})
    assert (found["reported_cost_usd"], found["cached_hit"]) == (Decimal(0), True)
    assert found["reported_avoided_usd"] == Decimal("0.00123")


def test_an_error_is_an_attempt_too(tmp_path: Path) -> None:
    lake = land(
        tmp_path, "cloudflare", ENTRY | {"id": "b"},
        ENTRY | {"id": "a", "success": False, "status_code": 503, "step": 0},
    )  # fmt: skip
    assert lake.rows("select call_id, status, attempted_fallbacks from rows order by 1") == [
        ("a", "error", 0), ("b", "ok", 1),
    ]  # fmt: skip


def test_a_fault_is_named_by_the_entrys_own_field(tmp_path: Path) -> None:
    assert refusal(tmp_path, "cloudflare", ENTRY | {"tokens_in": -1}) == (
        "tokens_in: a count of tokens is negative"
    )
