"""Langfuse's blob export: observations, traces and scores, as Parquet, JSON, JSON lines or CSV.

Read off Langfuse's published field reference and source (4.16); no real export is public. Facts
that decide here:

* An observation is a call when one model, index, tool or guard answered it; the other types
  (spans, agents, chains, events, evaluators) only hold calls. Langfuse tracks cost on generations
  and embeddings alone.
* An id is OpenTelemetry's span id where the spans came that way. LiteLLM's callback names a
  generation `time-<time>_<id of the provider's response>`.
* Attribution is a matter of the trace. The enriched export repeats a trace's user, session, tags
  and name on each observation; the older one has them in the files of traces only. So both are kept
  as spans, from which they flow down to the observations in the warehouse.
* Windows overlap and changed rows come again: the one with the newest `updated_at` counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb

from ingest.contracts.calls import GATEWAY_CALLS, INHERITED, TRACE_SPANS
from ingest.contracts.outcomes import TASK_OUTCOMES
from ingest.contracts.validation import in_bounds
from ingest.gateways.call_context import usual_context
from ingest.gateways.langfuse import scores, tokens
from ingest.gateways.langfuse.columns import (
    CLASS_PLACES,
    COLUMNS,
    DEFAULT_ATTRIBUTION,
    DOCUMENTS,
    JUDGES,
    KNOWN_CONTEXT,
    LEAVES,
    OF_TRACES,
    text,
    time,
)
from ingest.gateways.langfuse.files import by_table
from ingest.gateways.traffic_classes import COLUMN, usual_class
from ingest.mapping.expression import Expression
from ingest.mapping.projection import canonical_select, leaves_of
from ingest.mapping.sections import (
    ENTRY_OPTIONS,
    compile_columns,
    compile_labels,
    read_section,
    refuse_nested_paths,
)
from ingest.mapping.usage_readings import BUCKETS, with_reading
from ingest.records.fields import Leaf
from ingest.records.format import Format, InputFile, SourceConfig, Staged, append_rows
from ingest.records.reader import read_by_name
from ingest.sql import quote


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged]:
    """Read exports into `gateway_calls` and, where `[outcomes]` says so, `task_outcomes`.

    Raises:
        ConfigError: `[attribution]`, `[labels]` or `[outcomes]` is wrong; names its key.
        SourceFileError: a file cannot be read at all, or its table cannot be told.
    """
    attribution = _attribution_columns(config)
    compiled = scores.compile_scores(config)
    found = by_table(files)
    try:
        _stage(con, "spans", [*found["observations_v2"], *found["observations"]], attribution)
        _stage(con, "traces", found["traces"], attribution)
        yield Staged(GATEWAY_CALLS.name, f"({_calls(attribution)})")
        yield Staged(TRACE_SPANS.name, f"({_tree(attribution)})")
        if compiled:
            for relation in scores.judged(con, found["scores"], compiled):
                yield Staged(TASK_OUTCOMES.name, relation)
    finally:
        for table in ("langfuse_spans", "langfuse_traces"):
            con.execute(f"drop table if exists {table}")


def _attribution_columns(config: SourceConfig) -> dict[str, Expression]:
    """Columns that the settings, or the usual places, give."""
    entries = {**DEFAULT_ATTRIBUTION, **read_section(config, "attribution")}
    attribution = compile_columns(config, "attribution", entries, GATEWAY_CALLS)
    if "agent_name" not in attribution:
        leaves = (Leaf(("type",)), Leaf(("name",)))
        sql = "case when upper(\"type\") = 'AGENT' then left(nullif(\"name\", ''), 200) end"
        attribution["agent_name"] = Expression(sql, "agent_name", leaves)
    if COLUMN not in attribution:
        leaves = (Leaf(("type",)), Leaf(("environment",)))
        attribution[COLUMN] = usual_class(config, CLASS_PLACES, JUDGES, leaves)
    attribution |= compile_labels(config)
    attribution |= usual_context(config, "metadata.{}".format, KNOWN_CONTEXT, attribution)
    refuse_nested_paths(config, attribution, LEAVES)
    return attribution


def _stage(
    con: duckdb.DuckDBPyConnection,
    table: str,
    files: Sequence[InputFile],
    attribution: Mapping[str, Expression],
) -> None:
    """Read files of one table into `langfuse_<table>`."""
    select = _spans if table == "spans" else _traces
    leaves = leaves_of(attribution, LEAVES) if table == "spans" else _leaves_of_traces(attribution)
    if not files:
        nothing = ", ".join(
            f"{leaf.kept(f'null::{leaf.type}')} as {quote(leaf.name)}" for leaf in leaves
        )
        shape = (
            "(select null::bigint as file_id, null::bigint as source_line, null::varchar as"
            f" reject_field, null::varchar as reject_reason, {nothing} limit 0)"
        )
        append_rows(con, f"langfuse_{table}", select(attribution, shape))
    for relation in read_by_name(con, files, leaves, DOCUMENTS):
        append_rows(con, f"langfuse_{table}", select(attribution, relation))


def _own(attribution: Mapping[str, Expression]) -> dict[str, Expression]:
    return {f"own_{name}": expression for name, expression in attribution.items()}


def _spans(attribution: Mapping[str, Expression], relation: str) -> str:
    """Select of observations of every type, typed."""
    return canonical_select(
        {**COLUMNS, **_own(attribution)}, with_reading(relation, tokens.COUNTS, BUCKETS)
    )


def _leaves_of_traces(attribution: Mapping[str, Expression]) -> list[Leaf]:
    found = [leaf for leaf in leaves_of(attribution) if leaf.path[0] in OF_TRACES]
    own = ("id", "name", "timestamp", "updated_at")
    return [*(Leaf((name,)) for name in own), *found]


def _traces(attribution: Mapping[str, Expression], relation: str) -> str:
    """Select of traces, with what the observations of a trace take from it."""
    values = ", ".join(
        f"{quote(leaf.name)}"
        if leaf.path[0] in OF_TRACES
        else f"{text('name')} as {quote(leaf.name)}"
        if leaf.path == ("trace_name",)
        else f"null::{leaf.type} as {quote(leaf.name)}"
        for leaf in leaves_of(attribution)
        if leaf.path not in (("id",), ("timestamp",), ("updated_at",))
    )
    keys = {
        "trace_id": Expression(text("id"), "id"),
        "started_at": time("timestamp"),
        "recorded_at": time("updated_at"),
    }
    return canonical_select(
        {**keys, **_own(attribution)},
        '(select file_id, source_line, reject_field, reject_reason, id, "timestamp", updated_at,'
        f" {values} from {relation})",
    )


def _calls(attribution: Mapping[str, Expression]) -> str:
    """Select of the observations that are calls, and of what could not be read."""
    values = ", ".join(
        f"coalesce(own_{name}, {name}) as {name}" if name in COLUMNS else f"own_{name} as {name}"
        for name in attribution
    )
    dropped = ", ".join(
        [
            *_own(attribution),
            "span_id",
            "parent_id",
            "all_input_tokens",
            "all_output_tokens",
            *(name for name in attribution if name in COLUMNS),
        ]
    )
    return f"""
        select * exclude ({dropped}), {values}
        from langfuse_spans where operation is not null or reject_reason is not null
    """


def _tree(attribution: Mapping[str, Expression]) -> str:
    """Select of traces and observations of every type for `trace_spans`: what each states itself.

    A call that landing quarantines for its time is left out: it is counted as a call.
    """
    own = ", ".join(f"own_{name} as {name}" for name in INHERITED if name in attribution)
    return f"""
        select file_id, source_line, reject_field, reject_reason, trace_id, call_id as span_id,
            trace_id || '/' || parent_id as parent_span_id, started_at, ended_at, recorded_at,
            operation, all_input_tokens as input_tokens, all_output_tokens as output_tokens,
            tool_name, {own}
        from langfuse_spans
        where reject_reason is null and trace_id is not null and span_id is not null
            and (operation is null or {in_bounds("started_at")})
        union all by name
        select file_id, source_line, reject_field, reject_reason, trace_id, started_at,
            recorded_at, {own}
        from langfuse_traces
    """


FORMAT = Format(
    "langfuse",
    "Langfuse's blob export (Parquet, JSON, JSON lines, CSV; gzip allowed)",
    (".parquet", ".json", ".jsonl", ".csv", ".gz"),
    read,
    precedence=30,
    options=(*ENTRY_OPTIONS, "outcomes"),
)
