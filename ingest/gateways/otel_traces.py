"""Traces: what a call takes from the spans around it.

An agent's span names the conversation, the customer and the feature; the model and tool calls below
it often name nothing. So attribution goes down the tree: a span has its own, else that of its
nearest ancestor, else that of the resource that sent it. All spans of a batch of files are looked
at together; what is not in the batch cannot be inherited.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb

from ingest.columns import ATTRIBUTION
from ingest.entries import Expression
from ingest.gateways import otlp
from ingest.gateways.otel_names import BYTES, COUNTS, MONEY, NAMES, OPERATION, TOOL_NAME
from ingest.leaves import Leaf
from ingest.projection import leaves_of
from ingest.sqltext import literal, quote

INHERITED = ("session_id", "task_id", "agent_name", "labels", *(c.name for c in ATTRIBUTION))
"""Columns that go down the tree, when the settings or the usual places give them."""

DEEPEST = 64
"""Levels below a root that are followed; real agents nest less than twenty."""

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
    con: duckdb.DuckDBPyConnection, leaf: str, relation: str, expressions: Mapping[str, Expression]
) -> None:
    """Append the spans (or evaluations) of a relation to the table `otel_<leaf>`.

    Its columns: what `otlp.items` gives, every concept of the names, `operation`, and each
    expression twice: `own_<column>` over the item's attributes, `resource_<column>` over those of
    its resource.
    """
    own = _evaluated(otlp.items(leaf, relation), "attributes", "own", expressions)
    both = _evaluated(own, "resource", "resource", expressions)
    concepts = ", ".join(
        f"{first_of(names)} as {concept}"
        for concept, names in {**NAMES, **COUNTS, **MONEY, **BYTES}.items()
    )
    select = (
        f"select * exclude (attributes, resource), {TOOL_NAME} as tool_name,"
        f" {OPERATION} as operation from (select *, {concepts} from ({both}))"
    )
    table = f"otel_{leaf}"
    con.execute(f"create temp table if not exists {table} as {select} limit 0")
    con.execute(f"insert into {table} {select}")


def first_of(names: Sequence[str]) -> str:
    """SQL of the first attribute that is present; LiteLLM writes None as empty text."""
    return "coalesce(" + ", ".join(_attribute("attributes", name) for name in names) + ")"


def _attribute(source: str, name: str) -> str:
    return f"nullif({source}[{literal(name)}], '')"


def _evaluated(
    relation: str, source: str, prefix: str, expressions: Mapping[str, Expression]
) -> str:
    """A relation with each expression over one of its maps, and the first that does not fit."""
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


def inherit(
    con: duckdb.DuckDBPyConnection,
    expressions: Mapping[str, Expression],
    spans: str = '"otel_resourceSpans"',
) -> None:
    """Make `otel_contexts`: what each span of a relation has, itself or from above.

    Columns: `trace_id`, `span_id`, the inherited ones, `caller` (span of the nearest call above)
    and `repeats` (a tool call that its parent states too: the client's and the server's side).
    From the roots down, so a ring of parents is never entered.
    """
    columns = [name for name in INHERITED if name in expressions]
    own = ", ".join(f"own_{name} as {name}" for name in columns)
    down = ", ".join(f"{_nearest(name)} as {name}" for name in columns)
    con.execute(f"""
        create or replace temp table otel_nodes as
        select trace_id, span_id, parent_id, operation, tool_name, {own}
        from {spans}
        where trace_id is not null and span_id is not null
        -- a span that is exported twice is one node; an id that is reused is the earlier span's
        qualify row_number() over (
            partition by trace_id, span_id
            order by started, ended, operation nulls last, source_line, file_id
        ) = 1
    """)
    con.execute(f"""
        create or replace temp table otel_contexts as
        with recursive down as (
            select child.*, null::varchar as caller, false as repeats, 1 as depth
            from otel_nodes as child
            anti join otel_nodes as parent
                on parent.trace_id = child.trace_id and parent.span_id = child.parent_id
            union all
            select child.trace_id, child.span_id, child.parent_id, child.operation,
                child.tool_name, {down},
                case
                    when parent.operation is null or parent.repeats then parent.caller
                    else parent.span_id
                end as caller,
                coalesce(
                    child.operation = 'execute_tool' and parent.operation = 'execute_tool'
                    and child.tool_name = parent.tool_name, false
                ) as repeats,
                parent.depth + 1 as depth
            from down as parent
            inner join otel_nodes as child
                on child.trace_id = parent.trace_id and child.parent_id = parent.span_id
            where parent.depth < {DEEPEST}
        )
        select trace_id, span_id, caller, repeats, {', '.join(columns)} from down
    """)
    con.execute("drop table otel_nodes")


def _nearest(name: str) -> str:
    """SQL of a column going down one level; labels are joined, the nearer one counts."""
    if name == "labels":
        return joined("parent.labels", "child.labels")
    return f"coalesce(child.{name}, parent.{name})"


def joined(outer: str, inner: str) -> str:
    """SQL of two sets of labels as one; of a name in both the inner one counts."""
    return (
        f"case when {outer} is null or {inner} is null then coalesce({inner}, {outer})"
        f" else json_merge_patch({outer}::json, {inner}::json)::varchar end"
    )


def resolved(names: Sequence[str], item: str, context: str) -> Iterator[str]:
    """Yield `value as placed_<column>`: the item's own, inherited, then of its resource."""
    for name in names:
        own, resource = f"{item}.own_{name}", f"{item}.resource_{name}"
        above = f"{context}.{name}" if name in INHERITED else "null"
        if name == "labels":
            yield f"{joined(resource, joined(above, own))} as placed_{name}"
        else:
            yield f"coalesce({own}, {above}, {resource}) as placed_{name}"
