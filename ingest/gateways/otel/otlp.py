"""OTLP/JSON: from lines of export requests to spans and evaluations, with wanted attributes only.

A line is one `ExportTraceServiceRequest` or `ExportLogsServiceRequest`: a batch that nests
resource, scope, span and attribute. Attributes hold whole prompts; those that nobody asked for are
left out while the line is read, and of a text whose size is wanted only its bytes are kept.
64-bit numbers are strings in this mapping, and a declared double may arrive as `intValue`: every
value is kept as its text.
"""

from __future__ import annotations

from collections.abc import Collection

from ingest.records.fields import Leaf
from ingest.sql import literal

EVALUATION = "gen_ai.evaluation.result"
"""Event name of the log records that judge a call."""

_SCALAR = '"stringValue" VARCHAR, "intValue" VARCHAR, "doubleValue" VARCHAR, "boolValue" VARCHAR'
_VALUE = f'STRUCT({_SCALAR}, "arrayValue" STRUCT("values" STRUCT({_SCALAR})[]))'
ATTRIBUTES = f'STRUCT("key" VARCHAR, "value" {_VALUE})[]'
"""DuckDB type of a list of attributes."""

_RESOURCE = f'"resource" STRUCT("attributes" {ATTRIBUTES})'
_EVENT = f'STRUCT("timeUnixNano" VARCHAR, "name" VARCHAR, "attributes" {ATTRIBUTES})'
_SPAN = (
    'STRUCT("traceId" VARCHAR, "spanId" VARCHAR, "parentSpanId" VARCHAR, "name" VARCHAR,'
    ' "startTimeUnixNano" VARCHAR, "endTimeUnixNano" VARCHAR, "status" STRUCT("code" VARCHAR),'
    f' "attributes" {ATTRIBUTES}, "events" {_EVENT}[])'
)
_RECORD = (
    'STRUCT("traceId" VARCHAR, "spanId" VARCHAR, "eventName" VARCHAR, "timeUnixNano" VARCHAR,'
    ' "observedTimeUnixNano" VARCHAR, "body" STRUCT("stringValue" VARCHAR),'
    f' "attributes" {ATTRIBUTES})'
)

FIELDS = (
    "trace_id",
    "span_id",
    "parent_id",
    "name",
    "started",
    "ended",
    "status_code",
    "exception",
    "first_token",
    "event",
)
"""Columns of a span beside its attributes; an evaluation has the same, most of them unknown."""


def span_leaf(wanted: Collection[str], measured: Collection[str]) -> Leaf:
    """The spans of a line, as a list of resources with their spans.

    Args:
        wanted: attributes whose text is kept.
        measured: attributes of which only the number of bytes is kept.
    """
    exception = _first("p.events", "e1", "exception")
    span = f"""struct_pack(
        trace_id := {_identifier('p."traceId"')}, span_id := {_identifier('p."spanId"')},
        parent_id := {_identifier('p."parentSpanId"')}, name := left(p."name", 200),
        started := p."startTimeUnixNano", ended := p."endTimeUnixNano",
        status_code := p."status"."code",
        exception := list_filter({exception}."attributes",
            lambda e2: e2."key" = 'exception.type')[1]."value"."stringValue",
        first_token := {_first("p.events", "e3", "First Token Stream Event")}."timeUnixNano",
        event := null::varchar,
        attributes := {wanted_attributes('p."attributes"', wanted, measured)})"""
    kept = f'list_transform(s."spans", lambda p: {span})'
    return _leaf("resourceSpans", f'"scopeSpans" STRUCT("spans" {_SPAN}[])[]', kept, wanted)


def record_leaf(events: Collection[str], wanted: Collection[str]) -> Leaf:
    """The log records of a line that are one of some events, shaped like spans.

    The others hold prompts and answers. Claude Code names an event in the record's body and,
    shorter, in an attribute; others name it in one place.

    Args:
        events: names of the events that are kept.
        wanted: attributes whose text is kept.
    """
    names = ", ".join(literal(name) for name in sorted(events))
    named = (
        f'list_filter([p."eventName", {_attribute("p", "event.name")}, p."body"."stringValue"],'
        f" lambda n: n in ({names}))[1]"
    )
    record = f"""struct_pack(
        trace_id := {_identifier('p."traceId"')}, span_id := {_identifier('p."spanId"')},
        parent_id := null::varchar, name := null::varchar,
        started := coalesce(nullif(p."timeUnixNano", '0'), p."observedTimeUnixNano"),
        ended := null::varchar, status_code := null::varchar, exception := null::varchar,
        first_token := null::varchar, event := {named},
        attributes := {wanted_attributes('p."attributes"', wanted, ())})"""
    kept = (
        f'list_filter(list_transform(s."logRecords", lambda p: {record}),'
        " lambda k: k.event is not null)"
    )
    return _leaf("resourceLogs", f'"scopeLogs" STRUCT("logRecords" {_RECORD}[])[]', kept, wanted)


def _leaf(key: str, scopes: str, kept: str, wanted: Collection[str]) -> Leaf:
    scope_list = scopes.partition(" ")[0]
    resource = wanted_attributes('r."resource"."attributes"', wanted, ())
    return Leaf(
        (key,),
        f"STRUCT({_RESOURCE}, {scopes})[]",
        lambda requests: (
            f"list_transform({requests}, lambda r: struct_pack(resource := {resource},"
            f" items := flatten(list_transform(r.{scope_list}, lambda s: {kept}))))"
        ),
    )


def wanted_attributes(attributes: str, wanted: Collection[str], measured: Collection[str]) -> str:
    """SQL of the wanted attributes as a list of (key, text)."""
    names = ", ".join(literal(name) for name in sorted({*wanted, *measured})) or "null"
    text = _text('b."value"')
    if measured:
        texts = ", ".join(literal(name) for name in sorted(measured))
        text = (
            f'case when b."key" in ({texts}) then strlen(b."value"."stringValue")::varchar'
            f" else {text} end"
        )
    return (
        f'list_transform(list_filter({attributes}, lambda a: a."key" in ({names})),'
        f' lambda b: struct_pack("key" := b."key", "text" := {text}))'
    )


def _text(value: str) -> str:
    """SQL of an attribute's value as text; a list of values as a JSON array."""
    return (
        f'coalesce({value}."stringValue", {value}."intValue", {value}."doubleValue",'
        f' {value}."boolValue", to_json(list_transform({value}."arrayValue"."values", lambda v:'
        ' coalesce(v."stringValue", v."intValue", v."doubleValue", v."boolValue")))::varchar)'
    )


def _first(events: str, variable: str, name: str) -> str:
    return f'list_filter({events}, lambda {variable}: {variable}."name" = {literal(name)})[1]'


def _attribute(record: str, key: str) -> str:
    found = f'list_filter({record}."attributes", lambda k: k."key" = {literal(key)})[1]'
    return f'{found}."value"."stringValue"'


def _identifier(text: str) -> str:
    """SQL of a trace's or span's id; none, empty and all zeros are the same: there is none."""
    return (
        f"case when regexp_full_match({text}, '[0-9A-Fa-f]*[1-9A-Fa-f][0-9A-Fa-f]*')"
        f" then lower({text}) when not regexp_full_match({text}, '0*') then {text} end"
    )


def items(leaf: str, relation: str) -> str:
    """Select of the spans or evaluations of a relation that `read_records` yields.

    Columns: `file_id`, `source_line`, `FIELDS`, and the maps `attributes` and `resource`.
    """
    columns = ", ".join(f"item.{name}" for name in FIELDS)
    return f"""
        with requests as (
            select file_id, source_line, unnest("{leaf}") as request
            from {relation} where reject_reason is null
        ),
        items as (
            select file_id, source_line, request.resource as resource,
                unnest(request.items) as item
            from requests
        )
        select file_id, source_line, {columns}, {as_map("item.attributes")} as attributes,
            {as_map("resource")} as resource
        from items
    """


def as_map(pairs: str) -> str:
    """SQL of a map; of a key that is given twice, the first counts."""
    first = (
        f"list_filter({pairs}, lambda a, i:"
        f' list_position(list_transform({pairs}, lambda b: b."key"), a."key") = i)'
    )
    return f"map_from_entries({first})"
