"""Traces: from export requests to spans with what each states itself, and its resource.

An agent's span names the conversation, the customer and the feature; the model and tool calls below
it often name nothing. So attribution goes down the tree: a span has its own, else that of its
nearest ancestor, else that of the resource that sent it. A tree may come in many files, on many
days: the warehouse walks it. Here every span is kept as it is, what is no call, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import duckdb

from ingest.contracts.calls import INHERITED
from ingest.contracts.validation import in_bounds
from ingest.gateways.otel.names import BYTES, COUNTS, MONEY, NAMES, OPERATION, TOOL_NAME
from ingest.mapping.expression import Expression
from ingest.mapping.projection import leaves_of
from ingest.mapping.timestamps import from_epoch
from ingest.mapping.usage_readings import ALL_INPUT, ALL_OUTPUT
from ingest.records.fields import Leaf
from ingest.records.format import append_rows
from ingest.sql import literal, quote

OWN_FIELDS = ("traceId", "spanId", "name")
"""Paths of a mapping that mean the span's own field, not an attribute."""

METADATA = "metadata"
"""OpenInference's attribute that holds a JSON object: `metadata.x` is looked for inside it too."""


def named_attributes(expressions: Mapping[str, Expression]) -> set[str]:
    """Names of the attributes that expressions read."""
    return {METADATA, *(".".join(leaf.path) for leaf in leaves_of(expressions))}


def concept_attributes() -> set[str]:
    """Names of the attributes that concepts read as text."""
    groups = (*NAMES.values(), *COUNTS.values(), *MONEY.values())
    return {name for group in groups for name in group}


def stage(
    con: duckdb.DuckDBPyConnection,
    table: str,
    items: str,
    expressions: Mapping[str, Expression],
) -> None:
    """Append spans or log records to a table.

    Args:
        table: is made when it is not there.
        items: SQL of them, as `otlp.items` gives them.

    Its columns: what `otlp.items` gives, every concept of the names, `operation`, and each
    expression twice: `own_<column>` over the item's attributes, `resource_<column>` over those of
    its resource.
    """
    own = evaluated(items, "attributes", "own", expressions)
    both = evaluated(own, "resource", "resource", expressions)
    concepts = ", ".join(
        [
            *(f"{first_of(n)} as {concept}" for concept, n in {**NAMES, **MONEY, **BYTES}.items()),
            *(f"{_first_count(n)} as {concept}_count" for concept, n in COUNTS.items()),
        ]
    )
    select = (
        f"select * exclude (attributes, resource), {TOOL_NAME} as tool_name,"
        f" {OPERATION} as operation from (select *, {concepts} from ({both}))"
    )
    append_rows(con, table, select)


def first_of(names: Sequence[str]) -> str:
    """SQL of the first attribute that is present; LiteLLM writes None as empty text."""
    return "coalesce(" + ", ".join(_attribute("attributes", name) for name in names) + ")"


def _first_count(names: Sequence[str]) -> str:
    """SQL of the first count that is no 0, for a 0 may be stale; 0 when only zeros are present."""
    found = [_attribute("attributes", name) for name in names]
    no_zeros = [f"nullif({sql}, '0')" for sql in found]
    return f"coalesce({', '.join([*no_zeros, *found])})"


def _attribute(source: str, name: str) -> str:
    return f"nullif({source}[{literal(name)}], '')"


def evaluated(
    relation: str, source: str, prefix: str, expressions: Mapping[str, Expression]
) -> str:
    """SQL of a relation with each expression over one of its maps, and the first that is unfit."""
    columns = "".join(
        f", {_column(leaf, f'otel_item.{source}')} as {quote(leaf.name)}"
        for leaf in leaves_of(expressions)
    )
    values = "".join(f", {e.sql} as {prefix}_{name}" for name, e in expressions.items())
    faults = " ".join(
        f"when {e.fault} then {literal(e.origin)}" for e in expressions.values() if e.fault
    )
    fault = f"case {faults} end" if faults else "null::varchar"
    # the item is packed, so that an attribute may have the name of a column
    return (
        f"select otel_item.*{values}, {fault} as {prefix}_fault from"
        f" (select otel_item{columns} from ({relation}) as otel_item)"
    )


def _column(leaf: Leaf, source: str) -> str:
    """SQL of a mapping's path: an attribute, a value inside `metadata`, or the span's own field."""
    own = {"traceId": "trace_id", "spanId": "span_id", "name": "name"}
    name = ".".join(leaf.path)
    if name in OWN_FIELDS:
        return f"otel_item.{own[name]}"
    value = _attribute(source, name)
    if leaf.path[0] == METADATA and len(leaf.path) > 1:
        inside = literal("$" + "".join(f'."{key}"' for key in leaf.path[1:]))
        document = f"try_cast({_attribute(source, METADATA)} as json)"
        value = f"coalesce({value}, nullif(json_extract_string({document}, {inside}), ''))"
    if leaf.is_nested:
        value = f"try_cast(try_cast({value} as json) as {leaf.type})"
    return value


def spans(names: Collection[str], records: str) -> str:
    """Select of all spans for `trace_spans`: what each states itself.

    A call that landing quarantines for its time is left out: it is counted as a call.

    Args:
        names: columns that the settings or the usual places give.
        records: SQL of the staged records, `with_reading`.
    """
    own = ", ".join(f"own_{name} as {name}" for name in INHERITED if name in names)
    started, ended = nanoseconds("started"), nanoseconds("ended")
    return f"""
        select file_id, source_line, null::varchar as reject_field, null::varchar as reject_reason,
            trace_id, trace_id || '/' || span_id as span_id,
            trace_id || '/' || parent_id as parent_span_id, {started} as started_at,
            case when {in_bounds(ended)} then {ended} end as ended_at, operation,
            case when reject_reason is null then {ALL_INPUT} end as input_tokens,
            case when reject_reason is null then {ALL_OUTPUT} end as output_tokens, tool_name, {own}
        from {records}
        where trace_id is not null and span_id is not null
            and (operation is null or {in_bounds(started)})
    """


def nanoseconds(text: str) -> str:
    """SQL of a UTC timestamp; whole numbers, for a DOUBLE has not enough digits."""
    return from_epoch(f"(try_cast(nullif({text}, '0') as bigint) // 1000)", "epoch_us")


def joined(outer: str, inner: str) -> str:
    """SQL of two sets of labels as one; of a name in both the inner one counts."""
    return (
        f"case when {outer} is null or {inner} is null then coalesce({inner}, {outer})"
        f" else json_merge_patch({outer}::json, {inner}::json)::varchar end"
    )


def stated(names: Collection[str], item: str) -> Iterator[str]:
    """Yield `value as placed_<column>`: the item's own, else that of its resource."""
    for name in names:
        own, resource = f"{item}.own_{name}", f"{item}.resource_{name}"
        if name == "labels":
            yield f"{joined(resource, own)} as placed_{name}"
        else:
            yield f"coalesce({own}, {resource}) as placed_{name}"
