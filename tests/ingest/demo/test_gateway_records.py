"""The gateway's records keep the traps that real LiteLLM records have."""

from __future__ import annotations

import gzip
import json
import os
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.demo.plain import Demo

SHARED = Path(os.environ.get("OUTLAY_SHARED", Path(__file__).parents[4] / "shared"))
SAMPLE = SHARED / "samples" / "gateway" / "litellm_slp_cases.jsonl.gz"

Record = dict[str, Any]


@pytest.fixture(scope="module")
def records(demo: Demo) -> list[Record]:
    with gzip.open(demo.inbox / "litellm" / "litellm-2026-07-01.jsonl.gz", "rt") as lines:
        return [json.loads(line, parse_float=Decimal) for line in lines]


def retries(record: Record) -> int:
    headers = record["hidden_params"]["additional_headers"] or {}
    return int(headers.get("x-litellm-attempted-retries", 0))


def test_every_record_has_the_top_level_keys_of_a_real_one(records: list[Record]) -> None:
    if not SAMPLE.exists():
        pytest.skip(f"no sample of real records at {SAMPLE}: set OUTLAY_SHARED")
    with gzip.open(SAMPLE, "rt") as lines:
        real = set(json.loads(next(iter(lines))))
    assert len(real) == 45
    assert all(set(record) == real for record in records)


def test_a_cache_hit_costs_nothing_but_names_the_original_and_what_it_saved(
    records: list[Record],
) -> None:
    hits = [record for record in records if record["cache_hit"] is True]
    originals = {record["id"]: record for record in records if record["cache_hit"] is not True}
    for hit in hits:
        first_id, suffix, when = hit["id"].partition("_cache_hit")
        assert suffix
        assert Decimal(when) == hit["endTime"]
        assert hit["response_cost"] == 0
        assert hit["saved_cache_cost"] == hit["cost_breakdown"]["total_cost"] > 0
        assert hit["prompt_tokens"] == originals[first_id]["prompt_tokens"]
        assert originals[first_id]["endTime"] < hit["startTime"]
    assert len(hits) > 20


def test_streams_say_no_miss_and_no_retries(records: list[Record]) -> None:
    streams = [r for r in records if r["stream"] and r["cache_hit"] is not True]
    assert len(streams) > 100
    for record in streams:
        assert record["cache_hit"] is False
        assert record["hidden_params"]["additional_headers"] == {}
    assert all(record["stream"] in (True, None) for record in records)


def test_a_failure_has_its_request_as_id_and_a_retry_follows_it(records: list[Record]) -> None:
    by_request: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_request[record["litellm_call_id"]].append(record)
    retried = [group for group in by_request.values() if any(map(retries, group))]
    assert retried
    for group in retried:
        failure, success, *_ = sorted(group, key=lambda record: record["startTime"])
        assert failure["id"] == failure["litellm_call_id"]
        assert failure["total_tokens"] == 0
        assert failure["error_information"]["error_code"] == "429"
        assert success["status"] == "success"
        assert failure["endTime"] < success["startTime"]


def test_a_fallback_leaves_a_failure_on_one_model_and_a_success_on_another(demo: Demo) -> None:
    by_request: dict[str, list[Record]] = defaultdict(list)
    for _, _, text in demo.gateway_lines():
        if "503" in text or '"x-litellm-attempted-fallbacks":1' in text:
            try:
                record = json.loads(text)
            except ValueError:
                continue
            by_request[record["litellm_call_id"]].append(record)
    pairs = [
        {(r["model"], r["status"]) for r in group}
        for group in by_request.values()
        if any(
            (r["hidden_params"]["additional_headers"] or {}).get("x-litellm-attempted-fallbacks")
            for r in group
        )
    ]
    assert pairs
    expected = {("openai/gpt-5.5", "failure"), ("openai/gpt-5-pro", "success")}
    assert all(pair == expected for pair in pairs)


def test_a_broken_stream_is_a_failure_that_cost_money(records: list[Record]) -> None:
    broken = [r for r in records if r["error_information"]["error_class"] == "ReadError"]
    assert broken
    for record in broken:
        assert record["status"] == "failure"
        assert record["stream"] is None
        assert record["total_tokens"] > 0
        assert record["response_cost"] == record["cost_breakdown"]["total_cost"]


def test_a_client_that_left_is_logged_as_success(records: list[Record]) -> None:
    gone = [r for r in records if r["error_information"]["error_class"] == "ClientDisconnected"]
    assert gone
    assert all(
        r["status"] == "success" and r["error_information"]["error_code"] == "499" for r in gone
    )


def test_the_in_house_model_is_silently_free(records: list[Record]) -> None:
    own = [r for r in records if r["model"] == "hosted_vllm/larkspur-triage-7b"]
    assert own
    for record in own:
        assert record["response_cost"] == 0
        assert record["total_tokens"] > 0
        assert record["zero_cost_diagnostic"] is None
        assert record["model_map_information"]["model_map_value"]["input_cost_per_token"] == 0


def test_anthropic_prompt_tokens_include_reads_and_both_kinds_of_writes(
    records: list[Record],
) -> None:
    rows = [r for r in records if r["model"].startswith("anthropic/") and r["total_tokens"]]
    one_hour = 0
    for record in rows:
        usage = record["metadata"]["usage_object"]
        details = usage["prompt_tokens_details"]
        ttl = details["cache_creation_token_details"]
        written = ttl["ephemeral_5m_input_tokens"] + ttl["ephemeral_1h_input_tokens"]
        assert usage["cache_creation_input_tokens"] == written
        assert record["prompt_tokens"] == (
            details["text_tokens"] + usage["cache_read_input_tokens"] + written
        )
        one_hour += ttl["ephemeral_1h_input_tokens"]
    assert one_hour > 0


def test_input_cost_includes_the_cost_of_cached_tokens(records: list[Record]) -> None:
    rows = [r for r in records if r["cost_breakdown"] and r["cost_breakdown"]["cache_read_cost"]]
    assert rows
    for record in rows:
        parts = record["cost_breakdown"]
        assert parts["input_cost"] + parts["output_cost"] == parts["total_cost"]
        assert parts["cache_read_cost"] < parts["input_cost"]
