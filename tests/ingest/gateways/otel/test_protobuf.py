"""OTLP as protobuf, as senders and the collector write it: the rows are those of the same JSON."""

from __future__ import annotations

import base64
import gzip
import json
import struct
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ingest.gateways.otel import framing
from ingest.gateways.otel.protobuf import NOT_OTLP, request_json
from ingest.records.file_bytes import DAMAGED
from ingest.records.limits import LONGEST_RECORD, TOO_LONG
from tests.ingest.gateways.otel.otlp_lines import CHAT, evaluation, line, log_line, span
from tests.support.lake import Lake

RECORDED = Path(__file__).parent / "recorded"
KINDS: dict[str, type[Message]] = {
    "resourceSpans": ExportTraceServiceRequest,
    "resourceLogs": ExportLogsServiceRequest,
    "resourceMetrics": ExportMetricsServiceRequest,
}
OUTCOMES = {"outcomes": {"*": {"success": "pass"}}}


def encoded(request: str | bytes) -> bytes:
    """One export request in OTLP/JSON as protobuf, by the published definitions."""

    def in_base64(node: Any) -> Any:
        """Protobuf's own JSON has bytes in base64, OTLP's has identifiers in hexadecimal."""
        if isinstance(node, list):
            return [in_base64(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {
            key: base64.b64encode(bytes.fromhex(value)).decode()
            if key in ("traceId", "spanId", "parentSpanId") else in_base64(value)
            for key, value in node.items()
        }  # fmt: skip

    content = json.loads(request)
    (kind,) = content
    return ParseDict(in_base64(content), KINDS[kind](), True).SerializeToString()


def framed(*messages: bytes) -> bytes:
    """Messages as the collector's file exporter writes them."""
    return b"".join(struct.pack(">I", len(message)) + message for message in messages)


def zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, "zstd", asbytes=True))


def rows_of(root: Path, **files: bytes | str) -> list[list[tuple[Any, ...]]]:
    """Everything that files bring, but where it stood."""
    lake = Lake(root, "traces", "otel", OUTCOMES)
    for name, content in files.items():
        lake.drop(name.replace("__", "."), content)
    report = lake.land()
    assert (report.rows_quarantined, report.failed) == (0, [])
    found = []
    for table in ("gateway_calls", "trace_spans", "task_outcomes"):
        if any((root / "lake" / table).rglob("*.parquet")):
            columns = "* exclude (file_id, source_file, source_line)"
            found.append(sorted(lake.rows(f"select {columns} from rows", table), key=repr))
    return found


SAMPLES = (
    "otlp_spans_v2.jsonl", "otlp_spans_openinference.jsonl.gz",
    "litellm_proxy_otlp_spans.jsonl.gz", "otlp_logs_v2.jsonl.gz",
)  # fmt: skip


def sample_lines(shared: Path, sample: str) -> list[bytes]:
    text = (shared / "samples/gateway" / sample).read_bytes()
    return (gzip.decompress(text) if sample.endswith(".gz") else text).splitlines()


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_written_as_protobuf_gives_the_rows_of_its_json(
    shared: Path, tmp_path: Path, sample: str
) -> None:
    lines = sample_lines(shared, sample)
    expected = rows_of(tmp_path / "json", a__jsonl=b"\n".join(lines))
    assert rows_of(tmp_path / "proto", a__pb=framed(*map(encoded, lines))) == expected


def test_every_way_to_write_the_same_spans_gives_the_same_rows(
    shared: Path, tmp_path: Path
) -> None:
    lines = sample_lines(shared, "otlp_spans_genai.jsonl")
    messages = [encoded(request) for request in lines]
    expected = rows_of(tmp_path / "json", a__jsonl=b"\n".join(lines))
    written: dict[str, dict[str, bytes | str]] = {
        "packed by message": {"a__pb": framed(*map(zstd, messages))},
        "gzip": {"a__pb__gz": gzip.compress(framed(*messages))},
        "a body each": {f"{n}__bin": message for n, message in enumerate(messages)},
        "bodies in a row": {"a__proto__zst": zstd(b"".join(messages))},
        "json in frames": {"a__json": framed(*map(zstd, lines))},
        "json in zstd": {"a__jsonl__zst": zstd(b"\n".join(lines))},
    }
    for name, files in written.items():
        assert rows_of(tmp_path / name, **files) == expected, name


def test_what_a_real_sender_sent_is_read(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "traces", "otel", OUTCOMES)
    for path in RECORDED.glob("*.pb*"):
        lake.drop(path.name, path.read_bytes())
    report = lake.land()  # samples of queues are no rows without a section `[queues]`
    assert (report.files_new, report.rows_quarantined, report.failed) == (4, 0, [])
    assert lake.rows(
        "select provider_response_id, input_uncached_tokens, cache_read_tokens, output_tokens,"
        " reported_cost_usd::varchar, is_stream, input_bytes, started_at::varchar,"
        " length(call_id), environment from rows order by started_at"
    ) == [
        ("resp-1", 200, 1000, 80, "0.000123000", False, 41, "2026-10-01 12:00:01.123456", 49,
         "prod"),
        ("resp-2", 300, 0, 9, "0.000246000", True, 41, "2026-10-01 12:00:02.123456", 49, "prod"),
    ]  # fmt: skip
    assert lake.rows("select count(*), max(tenant_id) from rows", "trace_spans") == [(3, "acme")]
    assert lake.rows("select outcome, trace_id is null from rows", "task_outcomes") == [
        ("success", False)
    ]
    assert lake.rows(
        "select session_id, records, input_uncached_tokens, cache_read_tokens, output_tokens,"
        " reported_cost_usd::varchar from rows",
        "omitted_records",
    ) == [("s-1", 4, 500, 1000, 89, "0.012500000")]


GOOD = encoded(line(span(1, a=CHAT)))
LATER = encoded(line(span(2, a=CHAT)))


def aside(root: Path, content: bytes) -> list[tuple[Any, ...]]:
    """What is quarantined of a file that has two good calls."""
    lake = Lake(root, "traces", "otel")
    lake.drop("a.pb", content)
    report = lake.land()
    assert (report.rows_loaded, report.failed) == (2, [])
    return lake.catalog("select source_line, field, reason from quarantine order by all")


def test_a_damaged_message_costs_itself_alone(tmp_path: Path) -> None:
    long = struct.pack(">I", LONGEST_RECORD + 1) + bytes(LONGEST_RECORD + 1)
    content = (
        framed(GOOD, b"\x0a\x03abc", zstd(GOOD)[:-9], b'{"resourceSpans": [\xff]}', b'{"x": 1}')
        + long
        + framed(LATER, b"", GOOD)[: -len(GOOD) // 2]
    )
    assert aside(tmp_path, content) == [
        (2, "record", NOT_OTLP),
        (3, "record", framing.DAMAGED_ZSTD),
        (4, "record", "the line is not UTF-8 text"),
        (5, "record", "the record holds no spans, logs or metrics of OTLP"),
        (6, "record", TOO_LONG),
        (8, "record", NOT_OTLP),
        (9, "record", framing.CUT_OFF),
    ]


def test_a_resource_of_a_body_costs_itself_alone(tmp_path: Path) -> None:
    spoilt = GOOD.replace(b"gen_ai.request.model", b"\xff" * 20)
    assert aside(tmp_path, GOOD + spoilt + LATER + GOOD[:-1]) == [
        (2, "record", NOT_OTLP),
        (4, "record", framing.CUT_OFF),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (framed(GOOD) + b"\x7f\xff\xff\xff" + GOOD, framing.NO_LENGTH.format(2)),
        (framed(GOOD) + b"\0\0", framing.NO_LENGTH.format(2)),
        (GOOD + b"\x12" + GOOD, framing.NO_LENGTH.format(2)),
        (GOOD + b"\x0a\xff\xff\xff\xff\xff\x01", framing.NO_LENGTH.format(2)),
        (gzip.compress(GOOD)[:-5], DAMAGED),
        (zstd(GOOD)[:-5], DAMAGED),
        (b"", "the file is empty: no data returned"),
    ],
)
def test_a_file_whose_messages_cannot_be_told_apart_fails_alone(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    lake = Lake(tmp_path, "traces", "otel")
    lake.drop("a.pb", content)
    lake.drop("b.pb", LATER)
    report = lake.land()
    assert (report.rows_loaded, report.failed) == (1, [("a.pb", reason)])


def test_a_message_that_packs_too_much_costs_itself_alone(tmp_path: Path) -> None:
    bomb = zstd(bytes(LONGEST_RECORD + 1))
    assert aside(tmp_path, framed(GOOD, bomb, LATER)) == [(2, "record", TOO_LONG)]


def test_json_that_begins_with_an_empty_line_is_json(tmp_path: Path) -> None:
    assert aside(tmp_path, ("\n" + line(span(1, a=CHAT), span(2, a=CHAT))).encode()) == []


METRICS = json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [
    {"name": "x" * 16, "description": "y" * 8,
     "gauge": {"dataPoints": [{"asInt": "1", "timeUnixNano": "1"}]}},
]}]}]})  # fmt: skip


@pytest.mark.parametrize(
    ("request_text", "kind"),
    [
        (line(span(1)), "resourceSpans"),
        (line(span(1, startTimeUnixNano="0")), "resourceSpans"),
        (line(span(1, spanId="")), "resourceSpans"),
        (log_line(evaluation("a")), "resourceLogs"),
        (log_line(evaluation("a", traceId="", spanId="")), "resourceLogs"),
        (METRICS, "resourceMetrics"),
    ],
)
def test_traces_logs_and_metrics_are_told_apart(request_text: str, kind: str) -> None:
    assert list(json.loads(request_json(encoded(request_text)) or "{}")) == [kind]


def test_numbers_that_json_does_not_know_are_words() -> None:
    attribute = {"key": "a", "value": {"doubleValue": "NaN"}}
    text = request_json(encoded(line(span(1, attributes=[attribute])))) or ""
    (found,) = json.loads(text)["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert found["attributes"] == [{"key": "a", "value": {"doubleValue": "nan"}}]
