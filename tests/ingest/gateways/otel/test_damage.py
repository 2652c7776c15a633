"""Trace files that cannot be right: whole records load, the rest is quarantined with a reason."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.gateways.otel.otlp_lines import CHAT, START, TRACE, line, log_line, span
from tests.support.lake import Lake
from tests.support.texts import files_holding

GOOD = line(span(1, a=CHAT))
SECRET = "TOPSECRET"  # noqa: S105 - what must not leak
UNFIT = "the value does not fit what the conventions or the settings say of it"


def tokens(**counts: Any) -> str:
    return line(span(2, a=CHAT | {f"gen_ai.usage.{name}": n for name, n in counts.items()}))


def aside(root: Path, content: str | bytes) -> list[tuple[Any, ...]]:
    """Lines, fields and reasons of what is quarantined beside one good call on the first line."""
    lake = Lake(root, "traces", "otel")
    raw = content.encode() if isinstance(content, str) else content
    lake.drop("a.jsonl", GOOD.encode() + raw)
    report = lake.land()
    assert (report.rows_loaded, report.failed) == (1, [])
    assert lake.rows("select call_id from rows") == [(f"{TRACE}/{1:016x}",)]
    return lake.catalog("select source_line, field, reason from quarantine order by all")


@pytest.mark.parametrize(
    ("bad", "field", "reason"),
    [
        (tokens(input_tokens="many"), "gen_ai.usage.input_tokens", UNFIT),
        (tokens(input_tokens={"doubleValue": "NaN"}), "gen_ai.usage.input_tokens", UNFIT),
        (tokens(output_tokens=-1), "gen_ai.usage.output_tokens", UNFIT),
        (tokens(input_tokens=2**70), "gen_ai.usage.input_tokens", UNFIT),
        (tokens(input_tokens=10**12), "input_uncached_tokens",
         "is more tokens than one row can have"),
        (line(span(2, a=CHAT | {"gen_ai.cost.total_cost": -0.5})), "gen_ai.cost.total_cost", UNFIT),
        (line(span(2, a=CHAT | {"llm.cost.total": float("inf")})), "gen_ai.cost.total_cost", UNFIT),
        (line(span(2, a=CHAT, startTimeUnixNano=None)), "started_at", "is required and missing"),
        (line(span(2, a=CHAT, startTimeUnixNano="0")), "started_at", "is required and missing"),
        (line(span(2, a=CHAT, startTimeUnixNano=SECRET)), "started_at", "is required and missing"),
        (line(span(2, a=CHAT, startTimeUnixNano=str(START // 1000))), "started_at",
         "lies outside 2015 to 2100: a clock or unit is wrong"),
        (line(span(2, a=CHAT, endTimeUnixNano=str(2**63 - 1))), "ended_at",
         "lies outside 2015 to 2100: a clock or unit is wrong"),
        (line(span(2, a=CHAT, spanId=None)), "call_id", "is required and missing"),
        (line(span(2, a=CHAT, traceId="0" * 32)), "call_id", "is required and missing"),
        ('{"resourceSpans": [{"scopeSpans": [{"spans": [{"na', "record",
         "the line is not valid JSON"),
        ('[1, 2]\n', "record", "the record is not a JSON object"),
        ('{"resourceSpans": "TOPSECRET"}\n', "resourceSpans",
         "the value is not a list of the expected objects"),
        ('{"messages": ["TOPSECRET"]}\n', "record",
         "the record holds no spans, logs or metrics of OTLP"),
        (b'{"resourceSpans": "\xff\xfe"}\n', "record", "the line is not UTF-8 text"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_set_aside_by_line_and_field(
    tmp_path: Path, bad: str | bytes, field: str, reason: str
) -> None:
    assert aside(tmp_path, bad) == [(2, field, reason)]
    assert files_holding(tmp_path / "lake", SECRET) == set()


def test_what_is_merely_strange_is_no_fault(tmp_path: Path) -> None:
    strange = [
        {"resourceSpans": []}, {"resourceSpans": [{}]}, {"resourceSpans": [{"scopeSpans": []}]},
        {"resourceSpans": [None, {"resource": None, "scopeSpans": [{"spans": [None, {}]}]}]},
        {"resourceMetrics": [{"resource": {}}]}, {"resourceLogs": []},
    ]  # fmt: skip
    assert aside(tmp_path, "".join(json.dumps(request) + "\n" for request in strange)) == []


def test_an_attribute_that_is_given_twice_is_the_first(tmp_path: Path) -> None:
    twice = span(2, a=CHAT)
    twice["attributes"] += span(3, a={"gen_ai.request.model": "other"})["attributes"]
    lake = Lake(tmp_path, "traces", "otel")
    lake.drop("a.jsonl", line(twice))
    lake.land()
    assert lake.rows("select request_model from rows") == [("gpt-4.1",)]


def test_a_request_of_twenty_megabytes_loads(tmp_path: Path) -> None:
    prompt = "x" * 20_000_000
    lake = Lake(tmp_path, "traces", "otel")
    huge = line(span(2, a=CHAT | {"gen_ai.input.messages": prompt}), span(3, a=CHAT))
    lake.drop("a.jsonl.gz", gzip.compress((GOOD + huge + GOOD).encode()))
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined) == (4, 0)
    assert lake.rows("select max(input_bytes) from rows") == [(20_000_000,)]


def test_one_bad_file_of_a_batch_takes_no_span_of_the_others(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "traces", "otel")
    agent = {"gen_ai.operation.name": "invoke_agent", "app.tenant_id": "acme"}
    lake.drop("1.jsonl", line(span(2, 9, a=CHAT)))
    lake.drop("2.jsonl", GOOD + "broken\n")
    lake.drop("3.jsonl", line(span(9, a=agent)))
    lake.drop("4.jsonl", log_line())
    assert lake.land().rows_quarantined == 1
    assert lake.rows(
        "select span_id, tenant_id from rows where source_file <> '2.jsonl' order by 1",
        "trace_spans",
    ) == [(f"{TRACE}/{2:016x}", None), (f"{TRACE}/{9:016x}", "acme")]


def test_a_truncated_archive_fails_alone(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "traces", "otel")
    lake.drop("a.jsonl.gz", gzip.compress(GOOD.encode() * 50)[:-20])
    lake.drop("b.jsonl", GOOD)
    lake.drop("c.jsonl", "")
    report = lake.land()
    assert report.rows_loaded == 1
    assert [name for name, _ in report.failed] == ["a.jsonl.gz", "c.jsonl"]


def test_a_file_that_is_read_again_has_the_same_rows(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "traces", "otel")
    lake.drop("a.jsonl", GOOD + line(span(2, 1, a=CHAT)))
    lake.land()
    first = lake.rows("select * exclude (file_id) from rows order by call_id")
    lake.fingerprint = "v2"
    lake.land()
    assert lake.rows("select * exclude (file_id) from rows order by call_id") == first
    assert first[0][0] is not None
    assert lake.rows("select min(started_at) from rows") == [
        (datetime(2026, 10, 1, 12, 0, 0, 124456),)
    ]
