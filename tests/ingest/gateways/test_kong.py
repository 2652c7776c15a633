"""Kong's log line with AI usage: records made from the audit log reference of both generations."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.gateways.landed import VECTOR, call, calls, land, lines, refusal
from tests.support.lake import Lake
from tests.support.texts import files_holding

OLD_BLOCK: dict[str, Any] = {
    "payload": {"response": "secret"},
    "usage": {"prompt_token": 28, "completion_token": 20, "total_tokens": 48, "cost": 0.0038,
              "time_per_token": 133},
    "meta": {"request_model": "command", "response_model": "command-r", "provider_name": "Cohere",
             "plugin_id": "p1", "llm_latency": 2670},
}  # fmt: skip
NEW_BLOCK: dict[str, Any] = {
    "payload": {"request": "secret"},
    "usage": {
        "prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150, "cost": 0.0007,
        "prompt_tokens_details": {"cached_tokens": 100, "audio_tokens": 5},
        "completion_tokens_details": {"reasoning_tokens": 12, "audio_tokens": 4},
        "time_to_first_token": 200,
    },
    "meta": {"request_model": "gpt-4o", "response_model": "gpt-4o-2024-08-06",
             "provider_name": "openai", "llm_latency": 900, "request_mode": "stream"},
}  # fmt: skip
LINE: dict[str, Any] = {
    "started_at": 1790856000500, "request": {"id": "r1", "headers": {"x-tenant": "acme"}},
    "response": {"status": 200}, "latencies": {"request": 3000, "kong": 5},
    "consumer": {"id": "c1", "username": "search", "custom_id": "ann"}, "route": {"name": "chat"},
}  # fmt: skip


def line(**blocks: Any) -> dict[str, Any]:
    return LINE | {"ai": {name.replace("_", "-"): block for name, block in blocks.items()}}


def test_the_older_names_are_read(tmp_path: Path) -> None:
    found = call(tmp_path, "kong", line(ai_proxy=OLD_BLOCK))
    assert (found["input_uncached_tokens"], found["output_tokens"]) == (28, 20)
    assert (found["cache_read_tokens"], found["reasoning_tokens"]) == (None, None)
    assert found["reported_cost_usd"] == Decimal("0.0038")
    assert (found["request_model"], found["response_model"], found["provider"]) == (
        "command", "command-r", "cohere",
    )  # fmt: skip
    assert found["started_at"] == datetime(2026, 10, 1, 12, 0, 0, 500000)
    assert found["ended_at"] == datetime(2026, 10, 1, 12, 0, 3, 170000)  # 2670 ms later
    assert (found["team"], len(found["user_id"]), len(found["api_key_id"])) == ("search", 16, 16)


def test_the_newer_names_bring_disjoint_classes(tmp_path: Path) -> None:
    found = call(tmp_path, "kong", line(proxy=NEW_BLOCK))
    # 120 = 15 + 100 cached + 5 audio; 30 = 26 + 4 audio
    assert [found[name] for name in VECTOR] == [15, 100, None, None, None, 5, 26, 12, 4]
    assert found["is_stream"] is True
    assert found["first_token_at"] == datetime(2026, 10, 1, 12, 0, 0, 700000)


def test_every_plugin_of_a_line_that_used_tokens_is_a_call(tmp_path: Path) -> None:
    record = line(ai_request_transformer=OLD_BLOCK, proxy=NEW_BLOCK, sanitizer={"duration": 4})
    record["ai"]["payload"] = {"request": "secret"}
    lake = land(tmp_path, "kong", record)
    assert [(r["call_id"], r["request_id"], r["output_tokens"]) for r in calls(lake)] == [
        ("r1/ai-request-transformer", "r1", 20), ("r1/proxy", "r1", 26),
    ]  # fmt: skip
    assert files_holding(lake.paths.lake, "secret") == set()


def test_lines_of_other_traffic_hold_no_call(tmp_path: Path) -> None:
    lake = land(tmp_path, "kong", LINE, line(), line(proxy=NEW_BLOCK))
    assert len(calls(lake)) == 1
    assert lake.catalog("select count(*) from quarantine") == [(0,)]


@pytest.mark.parametrize(
    ("cache", "hit", "layer", "cost", "avoided"),
    [
        ({"cache_status": "Hit"}, True, "exact", Decimal(0), Decimal("0.0007")),
        ({"cache_status": "Hit", "embeddings_model": "m"}, True, "semantic", Decimal(0),
         Decimal("0.0007")),
        ({"cache_status": "Miss", "embeddings_model": "m"}, False, None, Decimal("0.0007"), None),
        (None, None, None, Decimal("0.0007"), None),
    ],
)  # fmt: skip
def test_a_hit_repeats_usage_and_cost_that_nobody_pays(
    tmp_path: Path, cache: object, hit: bool | None, layer: str | None, cost: Decimal,
    avoided: Decimal | None,
) -> None:  # fmt: skip
    found = call(tmp_path, "kong", line(proxy=NEW_BLOCK | {"cache": cache}))
    assert (found["cached_hit"], found["cache_layer"]) == (hit, layer)
    assert (found["reported_cost_usd"], found["reported_avoided_usd"]) == (cost, avoided)


def test_a_cost_of_zero_means_that_no_price_was_configured(tmp_path: Path) -> None:
    free = NEW_BLOCK | {"usage": NEW_BLOCK["usage"] | {"cost": 0}}
    assert call(tmp_path, "kong", line(proxy=free))["reported_cost_usd"] is None


@pytest.mark.parametrize(("code", "status"), [(200, "ok"), (499, "aborted"), (503, "error")])
def test_the_status_is_that_of_the_response(tmp_path: Path, code: int, status: str) -> None:
    record = line(proxy=NEW_BLOCK) | {"response": {"status": code}}
    assert call(tmp_path, "kong", record)["status"] == status


def test_settings_name_other_places_and_labels(tmp_path: Path) -> None:
    options = {
        "attribution": {"tenant_id": "request.headers.x-tenant"},
        "labels": {"route": "route.name"},
    }
    found = call(tmp_path, "kong", line(proxy=NEW_BLOCK), options)
    assert (found["tenant_id"], found["labels"], found["team"]) == (
        "acme", '{"route":"chat"}', None,
    )  # fmt: skip


def test_a_fault_is_named_by_kongs_own_field(tmp_path: Path) -> None:
    bad = NEW_BLOCK | {"usage": {"prompt_tokens": "many", "completion_tokens": 1}}
    assert refusal(tmp_path / "a", "kong", line(proxy=bad)).startswith("ai.*.usage.prompt_tokens: ")
    less = NEW_BLOCK | {"usage": {"prompt_tokens": -5}}
    assert refusal(tmp_path / "b", "kong", line(proxy=less)) == (
        "ai.*.usage.prompt_tokens: makes input_uncached_tokens negative"
    )
    half = NEW_BLOCK | {"usage": {"prompt_tokens": 5, "completion_tokens": 2.5}}
    assert refusal(tmp_path / "d", "kong", line(proxy=half)).startswith(
        "ai.*.usage.completion_tokens: "
    )
    assert refusal(tmp_path / "c", "kong", line(proxy=NEW_BLOCK) | {"request": {}}) == (
        "request.id: is required for call_id and missing"
    )


def test_a_broken_line_costs_itself_alone(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "kong", "kong")
    good = lines(line(proxy=NEW_BLOCK), LINE)
    lake.drop("kong.log", good.encode() + b'{"ai": {"proxy"\n' + b"\xff\n")
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined) == (1, 2)


@settings(max_examples=15, deadline=None)
@given(
    counts=st.lists(st.tuples(*(st.integers(0, 10**6) for _ in range(4))), min_size=1, max_size=6)
)
def test_classes_are_disjoint_and_add_up_to_what_kong_counted(
    tmp_path_factory: pytest.TempPathFactory, counts: list[tuple[int, int, int, int]]
) -> None:
    records = []
    for number, (plain, cached, audio, out) in enumerate(counts):
        usage = {
            "prompt_tokens": plain + cached + audio, "completion_tokens": out,
            "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": audio},
        }  # fmt: skip
        records.append(line(proxy=NEW_BLOCK | {"usage": usage}) | {"request": {"id": f"r{number}"}})
    found = calls(land(tmp_path_factory.mktemp("kong"), "kong", *records))
    names = ("input_uncached_tokens", "cache_read_tokens", "input_audio_tokens", "output_tokens")
    assert [tuple(row[name] for name in names) for row in found] == counts
