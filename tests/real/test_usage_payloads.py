"""1,577 usage objects of real answers, with the token classes and prices that others published."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot

from ingest.gateways.usage_objects import struct_convention, struct_counts, usage_struct
from ingest.mapping.usage_readings import VECTOR, with_reading
from tests.ingest.prices.test_library_agreement import token_vector as expected_vector
from tests.ingest.prices.test_library_agreement import tolerance, uncarried
from tests.ingest.prices.warehouse import price

AT = datetime(2026, 9, 15, 12, 0)

READ = {
    "cache_creation_input_tokens": (("anthropic", "default"), 226),
    "inputTokens": (("aws", "default"), 220),
    "input_tokens_details": (("openai", "responses"), 254),
    "completion_tokens": (("openai", "chat"), 406),
    "prompt_tokens": (("openai", "embeddings"), 3),
    "promptTokenCount": (("google", "default"), 451),
}
"""Telling key of an object, tried in this order; the extraction that is right for it; how many."""

NOT_READ = {
    "billed_units": ("Cohere bills units that are not the tokens it counts; no log that we read"
                     " carries its answers", 17),
}  # fmt: skip
"""Telling key of the objects that have no vector of ours; the reason; how many."""

OTHER_READINGS = {
    ("x-ai", "chat"): "x.ai counts reasoning beside completion under OpenAI's own names: nothing in"
    " the object tells the two apart, and we read it as OpenAI's",
}
"""Right extractions of an object that we read in another way."""

READ_CLASSES = (
    "input_uncached_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens",
    "cache_write_other_tokens", "input_audio_tokens", "output_tokens", "output_audio_tokens",
)  # fmt: skip

Payload = tuple[Mapping[str, Any], str, dict[str, int | None]]


def usage_of(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    body = payload["body"]
    found = body.get("usage") or body.get("usageMetadata") or body["meta"]
    assert isinstance(found, dict)
    return found


def flavour(payload: Mapping[str, Any]) -> str:
    usage = usage_of(payload)
    return next(key for key in (*READ, *NOT_READ) if key in usage)


def extraction(payload: Mapping[str, Any], pair: tuple[str, str]) -> dict[str, Any]:
    """Usage, and prices where some are stated, that one extractor finds in the payload."""
    for found in payload["extracted"]:
        for extractor in found["extractors"]:
            if (extractor["provider_id"], extractor["api_flavor"]) == pair:
                return {**extractor, "usage": found["usage"]}
    raise AssertionError(pair)


@pytest.fixture(scope="module")
def payloads(shared: Path) -> list[Payload]:
    """Each payload with its flavour and our vector."""
    path = shared / "real/usage_payloads_with_expected_prices.json.gz"
    stated = json.loads(gzip.decompress(path.read_bytes()))
    con = duckdb.connect()
    con.execute("create table payloads (n bigint, usage json)")
    con.executemany(
        "insert into payloads values (?, ?)",
        [(n, json.dumps(usage_of(payload))) for n, payload in enumerate(stated)],
    )
    columns = {name: VECTOR[name] for name in (*READ_CLASSES, "reasoning_tokens")}
    typed = f"(select n, {usage_struct('usage')} as usage from payloads)"
    counted = with_reading(typed, struct_counts("usage"), struct_convention("usage"))
    rows = con.execute(f"select {', '.join(columns.values())} from {counted} order by n").fetchall()
    return [
        (payload, flavour(payload), dict(zip(columns, row, strict=True)))
        for payload, row in zip(stated, rows, strict=True)
    ]


def test_every_payload_is_of_a_flavour_that_is_read_or_listed(payloads: list[Payload]) -> None:
    counted = Counter(name for _, name, _ in payloads)
    expected = {name: number for name, (_, number) in (READ | NOT_READ).items()}
    assert (counted, sum(expected.values())) == (expected, 1577)


def test_token_classes_equal_the_published_extraction(payloads: list[Payload]) -> None:
    for payload, name, ours in payloads:
        if name in READ:
            usage = extraction(payload, READ[name][0])["usage"]
            vector = {column: count or 0 for column, count in ours.items()}
            assert vector.pop("reasoning_tokens") == usage.get("output_reasoning_tokens", 0)
            expected = expected_vector(usage)
            if not {"cache_write_5m_tokens", "cache_write_1h_tokens"} & set(usage):
                vector = without_lifetimes(vector)  # Bedrock says more than is expected of it
            assert vector == expected, payload["body"]


def without_lifetimes(vector: Mapping[str, int]) -> dict[str, int]:
    timed = vector["cache_write_5m_tokens"] + vector["cache_write_1h_tokens"]
    return {
        **vector, "cache_write_5m_tokens": 0, "cache_write_1h_tokens": 0,
        "cache_write_other_tokens": vector["cache_write_other_tokens"] + timed,
    }  # fmt: skip


def test_classes_are_disjoint_and_never_negative(payloads: list[Payload]) -> None:
    for payload, name, ours in payloads:
        if name in READ:
            assert all(count is None or count >= 0 for count in ours.values()), payload["body"]


def test_what_is_not_read_gives_no_vector(payloads: list[Payload]) -> None:
    unread = [vector for _, name, vector in payloads if name in NOT_READ]
    assert len(unread) == 17
    assert all(count is None for vector in unread for count in vector.values())


def test_the_price_of_our_classes_equals_the_published_price(payloads: list[Payload]) -> None:
    left_out: Counter[str] = Counter()
    calls, stated = [], []
    for payload, name, ours in payloads:
        if name not in READ:
            continue
        found = extraction(payload, READ[name][0])
        if "input_price" not in found:
            left_out["no price is published"] += 1
            continue
        provider, model = found["provider_id"], payload["model"]
        at = AT.replace(tzinfo=UTC)
        known = get_snapshot().calc(Usage(**found["usage"]), model, provider, None, at)
        money = Decimal(found["input_price"]) + Decimal(found["output_price"])
        if known.total_price != money:
            left_out["the price has changed since, or is not one of tokens"] += 1
        elif uncarried(known.model_price, found["usage"]):
            left_out["a modality is priced apart"] += 1
        else:
            calls.append({"provider": provider, "request_model": model, "started_at": AT, **ours})
            stated.append((money, known.model_price, payload["body"]))
    for row, (money, prices, body) in zip(price(calls), stated, strict=True):
        counts = {c: row[c] for c in READ_CLASSES if row[c]}
        assert abs(row["estimate_usd"] - money) <= tolerance(counts, prices), body
    assert len(calls) > 900, left_out


def test_the_other_reading_differs_only_by_the_reasoning_that_it_adds(
    payloads: list[Payload],
) -> None:
    for pair in OTHER_READINGS:
        for payload, name, ours in payloads:
            if READ.get(name, ((), 0))[0] == ("openai", "chat"):
                theirs = extraction(payload, pair)["usage"]
                added = theirs.get("output_reasoning_tokens", 0)
                outputs = (ours["output_tokens"] or 0) + (ours["output_audio_tokens"] or 0)
                assert theirs["output_tokens"] == outputs + added
