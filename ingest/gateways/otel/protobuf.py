"""OTLP as protobuf: each export request of a binary file as OTLP/JSON, which the reader reads.

After the published definitions (`opentelemetry-proto`) and the mapping that OTLP states: names in
lower camel case, identifiers in hexadecimal, 64-bit numbers as strings, enumerations as numbers.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ingest.gateways.otel.framing import messages
from ingest.records.csv_records import NOT_UTF8
from ingest.records.format import InputFile
from ingest.records.line_reader import Line

NOT_OTLP = "the message is neither traces nor logs nor metrics of OTLP"

_WIDE = frozenset(
    getattr(FieldDescriptor, f"TYPE_{kind}")
    for kind in ("INT64", "UINT64", "SINT64", "FIXED64", "SFIXED64")
)
_IDENTIFIERS = ("trace_id", "span_id", "parent_span_id")
_TRACE_ID_BYTES, _SPAN_ID_BYTES = 16, 8


def json_records(file: InputFile) -> Iterator[Line]:
    """Yield the messages of a binary file: number, OTLP/JSON, and what is wrong with it.

    Raises:
        SourceFileError: the file is damaged so that messages cannot be told apart.
    """
    for number, message, reason in messages(file):
        if message is None:
            yield number, None, reason
        elif message.lstrip()[:1] == b"{":
            yield number, *_json_text(message)
        else:
            text = request_json(message)
            yield number, text, None if text else NOT_OTLP


def _json_text(message: bytes) -> tuple[str | None, str | None]:
    try:
        return message.decode(), None
    except UnicodeDecodeError:
        return None, NOT_UTF8


def request_json(message: bytes) -> str | None:
    """Return an export request as OTLP/JSON; None when it is none.

    Nothing in the bytes says which of the three they are. Read as another, no item of them has what
    every item of its own kind has.
    """
    empty = None
    for kind, has_own_items in _KINDS:
        try:
            request = kind.FromString(message)
        except DecodeError:
            continue
        items = [
            item
            for _, resources in request.ListFields()
            for resource in resources
            for field, scopes in resource.ListFields()
            if field.name.startswith("scope_")
            for scope in scopes
            for field, found in scope.ListFields()
            if field.name in _ITEMS
            for item in found
        ]
        if any(map(has_own_items, items)):
            return json.dumps(_as_json(request))
        empty = empty or (_as_json(request) if not items else None)
    return json.dumps(empty) if empty else None


def _is_span(span: Any) -> bool:
    has_ids = (len(span.trace_id), len(span.span_id)) == (_TRACE_ID_BYTES, _SPAN_ID_BYTES)
    return bool(has_ids or span.start_time_unix_nano)


def _is_log_record(record: Any) -> bool:
    return bool(record.time_unix_nano or record.observed_time_unix_nano)


def _is_metric(metric: Any) -> bool:
    data = metric.WhichOneof("data")
    return bool(data) and any(point.time_unix_nano for point in getattr(metric, data).data_points)


_ITEMS = ("spans", "log_records", "metrics")
_KINDS: tuple[tuple[type[Message], Callable[[Any], bool]], ...] = (
    # first: a name and a description may be as long as the identifiers of a span
    (ExportMetricsServiceRequest, _is_metric),
    (ExportTraceServiceRequest, _is_span),
    (ExportLogsServiceRequest, _is_log_record),
)


def _as_json(message: Message) -> dict[str, Any]:
    """Every field that is set, in OTLP's mapping."""
    found: dict[str, Any] = {}
    for field, value in message.ListFields():
        name, convert = _field(field)
        found[name] = [convert(item) for item in value] if field.is_repeated else convert(value)
    return found


@cache
def _field(field: FieldDescriptor) -> tuple[str, Callable[[Any], Any]]:
    """A field's name in JSON, and what makes its values JSON."""
    convert: Callable[[Any], Any] = lambda value: value  # noqa: E731
    if field.message_type:
        convert = _as_json
    elif field.type == FieldDescriptor.TYPE_BYTES:
        convert = bytes.hex if field.name in _IDENTIFIERS else _base64
    elif field.type in _WIDE:
        convert = str
    elif field.type == FieldDescriptor.TYPE_DOUBLE:
        convert = _number
    return field.json_name, convert


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _number(value: float) -> float | str:
    """A number; JSON has no word for those that are none."""
    return value if math.isfinite(value) else str(value)
