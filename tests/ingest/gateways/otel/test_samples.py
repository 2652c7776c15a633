"""Files that real instrumentations wrote: their calls, tokens and money, counted by hand too."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.lake import Lake

SAMPLES = {
    "genai": "otlp_spans_genai.jsonl",
    "v2": "otlp_spans_v2.jsonl",
    "openinference": "otlp_spans_openinference.jsonl.gz",
    "litellm": "litellm_proxy_otlp_spans.jsonl.gz",
}

# calls by operation and status | input uncached, cache read, output, reasoning
COUNTED = {
    "genai": (
        {("chat", "ok"): 32, ("chat", "error"): 3, ("chat", "aborted"): 1,
         ("execute_tool", "ok"): 22},
        (27_207, 34_944, 2_213, 1_280),
    ),
    "v2": (
        {("chat", "ok"): 34, ("chat", "error"): 3, ("chat", "aborted"): 1,
         ("execute_tool", "ok"): 27},
        (67_530, None, 858, None),
    ),
    "openinference": (
        {("chat", "ok"): 16, ("chat", "error"): 3, ("chat", "aborted"): 1,
         ("execute_tool", "ok"): 6},
        (8_916, 18_304, 1_048, 512),
    ),
    # its callback lost most of 325 successes; what it wrote down is read
    "litellm": (
        {("chat", "ok"): 22, ("chat", "error"): 64, ("chat", "aborted"): 9},
        (37_791, None, 2_068, None),
    ),
}  # fmt: skip
"""Read off the raw spans with `json`, attribute by attribute, agents and HTTP left out."""


@pytest.fixture(scope="module")
def lakes(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lake]:
    found = {}
    for name, sample in SAMPLES.items():
        lake = found[name] = Lake(tmp_path_factory.mktemp(name), "traces", "otel")
        lake.drop(sample, (shared / "samples/gateway" / sample).read_bytes())
        report = lake.land()
        assert (report.rows_quarantined, report.failed) == (0, [])
    return found


def raw_spans(shared: Path, name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every span of a sample with its attributes, read without DuckDB."""
    path = shared / "samples/gateway" / SAMPLES[name]
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for request in text.splitlines():
        for resource in json.loads(request, parse_float=Decimal)["resourceSpans"]:
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    yield (
                        span,
                        {
                            item["key"]: next(iter(item["value"].values()), None)
                            for item in span.get("attributes", [])
                        },
                    )


@pytest.mark.parametrize("name", SAMPLES)
def test_calls_and_tokens_of_a_sample(lakes: dict[str, Lake], name: str) -> None:
    calls, tokens = COUNTED[name]
    lake = lakes[name]
    assert {
        (operation, status): count
        for operation, status, count in lake.rows("select operation, status, count(*) from rows"
                                                  " group by all")
    } == calls  # fmt: skip
    assert lake.rows(
        "select sum(input_uncached_tokens), sum(cache_read_tokens), sum(output_tokens),"
        " sum(reasoning_tokens), count(distinct call_id) from rows"
    ) == [(*tokens, sum(calls.values()))]


@pytest.mark.parametrize("name", ["genai", "v2", "litellm"])
def test_every_call_has_the_tokens_and_the_money_of_its_span(
    shared: Path, lakes: dict[str, Lake], name: str
) -> None:
    expected = {}
    for span, of in raw_spans(shared, name):
        if of.get("gen_ai.operation.name") in ("chat", "acompletion", "aresponses"):
            total = of.get("gen_ai.usage.input_tokens")
            output = of.get("gen_ai.usage.output_tokens")
            cached = int(of.get("gen_ai.usage.cache_read.input_tokens", 0))
            cost = of.get("gen_ai.cost.total_cost")
            expected[f"{span['traceId']}/{span['spanId']}"] = (
                int(total) - cached if total else None,
                int(output) if output else None,
                None if cost is None else round(Decimal(cost), 9),
            )
    found = lakes[name].rows(
        "select call_id, input_uncached_tokens, output_tokens, reported_cost_usd from rows"
        " where operation = 'chat'"
    )
    assert {call: tuple(values) for call, *values in found} == expected


def test_litellms_own_spans_name_its_request_and_the_money(lakes: dict[str, Lake]) -> None:
    """95 spans of 93 requests: two were tried again; a refused key belongs to no team."""
    assert lakes["litellm"].rows(
        "select count(distinct request_id), sum(reported_cost_usd), count(provider_response_id),"
        " count(distinct provider_response_id), count(team), count(api_key_id),"
        " count(*) filter (where is_usage_estimated) from rows"
    ) == [(93, Decimal("0.037553200"), 31, 30, 94, 95, 9)]


@pytest.mark.parametrize(
    ("name", "answers", "distinct"),
    [("genai", 33, 32), ("v2", 35, 34), ("openinference", 0, 0), ("litellm", 31, 30)],
)
def test_a_gateways_hit_is_a_second_span_of_one_answer(
    lakes: dict[str, Lake], name: str, answers: int, distinct: int
) -> None:
    assert lakes[name].rows(
        "select count(provider_response_id), count(distinct provider_response_id),"
        " count(cached_hit) from rows"
    ) == [(answers, distinct, 0)]


def test_streams_know_their_first_token(lakes: dict[str, Lake]) -> None:
    sql = "select count(first_token_at), count(*) filter (where is_stream) from rows"
    assert [lakes[name].rows(sql)[0] for name in ("genai", "openinference")] == [(7, 7), (4, 4)]


def test_content_events_of_a_log_are_no_rows(shared: Path, tmp_path: Path) -> None:
    lake = Lake(tmp_path, "logs", "otel", {"outcomes": {"*": {"success": "pass"}}})
    sample = "otlp_logs_v2.jsonl.gz"
    lake.drop(sample, (shared / "samples/gateway" / sample).read_bytes())
    report = lake.land()
    assert (report.files_new, report.rows_loaded, report.rows_quarantined, report.failed) == (
        1, 0, 0, [],
    )  # fmt: skip
