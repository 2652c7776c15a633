"""OTLP/JSON for tests: spans and evaluations of a few attributes, as the protocol spells them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.lake import Lake

TRACE = "5b8efff798038103d269b633813fc60c"
START = 1790856000_123456789  # 2026-10-01 12:00:00 UTC, and some nanoseconds


def value(of: Any) -> dict[str, Any]:
    """An attribute's value: int64 is a string in this mapping of the protocol."""
    if isinstance(of, bool):
        return {"boolValue": of}
    if isinstance(of, int):
        return {"intValue": str(of)}
    if isinstance(of, float):
        return {"doubleValue": of}
    if isinstance(of, list):
        return {"arrayValue": {"values": [value(item) for item in of]}}
    return of if isinstance(of, dict) else {"stringValue": of}


def attributes(of: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value(item)} for key, item in of.items()]


def span(number: int, parent: int | None = None, **fields: Any) -> dict[str, Any]:
    """Span `number` of the one trace: a millisecond long, `a` its attributes."""
    made = {
        "traceId": TRACE, "spanId": f"{number:016x}", "name": "span", "kind": 3, "flags": 256,
        "startTimeUnixNano": str(START + number * 1_000_000),
        "endTimeUnixNano": str(START + (number + 1) * 1_000_000), "status": {},
        "attributes": attributes(fields.pop("a", {})),
    }  # fmt: skip
    if parent is not None:
        made["parentSpanId"] = f"{parent:016x}"
    return made | fields


def line(*spans: dict[str, Any], resource: dict[str, Any] | None = None) -> str:
    """One export request with its newline."""
    return json.dumps({"resourceSpans": [{
        "resource": {"attributes": attributes(resource or {})},
        "scopeSpans": [{"scope": {"name": "test"}, "spans": list(spans)}],
        "schemaUrl": "https://opentelemetry.io/schemas/1.37.0",
    }]}) + "\n"  # fmt: skip


def log_line(*records: dict[str, Any]) -> str:
    return json.dumps({"resourceLogs": [{
        "resource": {"attributes": []},
        "scopeLogs": [{"scope": {"name": "test"}, "logRecords": list(records)}],
    }]}) + "\n"  # fmt: skip


def metric_line(name: str, *points: dict[str, Any], kind: str = "sum", delta: bool = True) -> str:
    """One export request of one metric; a point is its `amount`, `at` and its attributes."""
    made = [
        {"attributes": attributes({k: v for k, v in point.items() if k not in ("amount", "at")}),
         "startTimeUnixNano": str(START), "timeUnixNano": str(point.get("at", START)),
         **amount(point["amount"], kind)}
        for point in points
    ]  # fmt: skip
    data = {"dataPoints": made, "aggregationTemporality": 1 if delta else 2}
    return json.dumps({"resourceMetrics": [{"scopeMetrics": [
        {"metrics": [{"name": name, kind: data}, {"name": "other", "sum": data}]},
    ]}]}) + "\n"  # fmt: skip


def amount(of: float, kind: str) -> dict[str, Any]:
    if kind == "histogram":
        return {"count": "1", "sum": float(of)}
    return {"asInt": str(of)} if isinstance(of, int) else {"asDouble": of}


def evaluation(name: str | None, *, at: int = START, **fields: Any) -> dict[str, Any]:
    """An evaluation of span 1, with the score's `value` or `label` and other attributes `a`."""
    parts = {"name": name, "score.value": fields.pop("value", None),
             "score.label": fields.pop("label", None)}  # fmt: skip
    said = {f"gen_ai.evaluation.{key}": part for key, part in parts.items() if part is not None}
    return {
        "timeUnixNano": str(at), "eventName": "gen_ai.evaluation.result", "traceId": TRACE,
        "spanId": f"{1:016x}", "body": {},
        "attributes": attributes(said | fields.pop("a", {})),
    } | fields  # fmt: skip


CHAT = {
    "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4.1", "gen_ai.response.model": "gpt-4.1-2025-04-14",
    "gen_ai.response.id": "resp-1", "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 10,
}  # fmt: skip
"""A call as the current conventions state it."""


def landed(root: Path, *contents: str, **options: Any) -> Lake:
    """A lake with one file for each content; nothing may be quarantined."""
    lake = Lake(root, "traces", "otel", options)
    for number, content in enumerate(contents):
        lake.drop(f"{number}.jsonl", content)
    report = lake.land()
    assert (report.rows_quarantined, report.failed) == (0, [])
    return lake


def read(root: Path, what: str, *spans: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    """Columns of the calls among the spans of one file, in order of their start."""
    lake = landed(root, line(*spans), **options)
    return lake.rows(f"select {what} from rows order by started_at")
