"""OpenTelemetry traces and logs of GenAI, in the dialects of `names`.

A span is a call when one provider, tool or index answered it. Facts that decide here, seen in files
of the real instrumentations or stated by the conventions:

* `input_tokens` includes cached tokens. Where more are cached than there is input, or the stated
  total is input + cached + output, the emitter left them out (Anthropic's own way of counting).
* A gateway's cache hit repeats the response id and the usage of an earlier span, in LiteLLM's own
  spans its cost too; nothing else tells it, so whether a span is a hit is unknown here.
* A client that left a stream: no status, no usage, no finish reason (behind LiteLLM: an error type
  on a span that is not in error).
* Emitters since 1.37 leave out a count of cached or reasoning tokens that is 0; before, they knew
  none, so a missing one is unknown.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence

import duckdb

from ingest.contracts.calls import GATEWAY_CALLS, OMITTED_RECORDS, TRACE_SPANS
from ingest.contracts.outcomes import TASK_OUTCOMES
from ingest.contracts.queues import QUEUE_SAMPLES
from ingest.errors import ConfigError
from ingest.gateways.call_context import usual_context
from ingest.gateways.otel import metrics, otlp, queues, traces
from ingest.gateways.otel.attribution import (
    AGENT_LEAVES,
    AGENT_NAME,
    CLASS_PLACES,
    DEFAULT_ATTRIBUTION,
    DEFAULT_LABELS,
    JUDGE_LEAVES,
    JUDGES,
    KNOWN_CONTEXT,
    context_places,
)
from ingest.gateways.otel.columns import COLUMNS, CONVENTION
from ingest.gateways.otel.framing import is_binary
from ingest.gateways.otel.names import (
    BYTES,
    CALL_EVENTS,
    COUNTS,
    MONEY,
    TOOL_EVENTS,
)
from ingest.gateways.otel.protobuf import json_records
from ingest.gateways.traffic_classes import COLUMN, usual_class
from ingest.mapping.expression import Expression
from ingest.mapping.outcomes import PLACES, Evaluation, Outcomes, compile_outcomes
from ingest.mapping.projection import canonical_select
from ingest.mapping.sections import ENTRY_OPTIONS, compile_columns, compile_labels, read_section
from ingest.mapping.usage_readings import is_whole, with_reading
from ingest.records.fields import Leaf, parse_path
from ingest.records.file_bytes import text_shape
from ingest.records.format import Format, InputFile, SourceConfig, Staged, append_rows
from ingest.records.line_reader import read_one_by_one
from ingest.records.reader import read_records
from ingest.sql import literal, quote

_log = logging.getLogger(__name__)

_STRANGE = "the record holds no spans, logs or metrics of OTLP"
_UNFIT = "the value does not fit what the conventions or the settings say of it"


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged]:
    """Read OTLP files into `gateway_calls` and, where `[outcomes]` says so, `task_outcomes`.

    With `[queues]`, metrics of queues become `queue_samples`.

    Raises:
        ConfigError: `[attribution]`, `[labels]`, `[outcomes]` or `[queues]` is wrong: its key.
        SourceFileError: a file cannot be read at all.
    """
    attribution = _attribution_columns(config)
    outcomes = compile_outcomes(config, _evaluation(attribution))
    scored = _scored(outcomes) if outcomes else {}
    queue_metrics = queues.compile_queues(config)
    try:
        _stage_files(con, files, attribution, scored, queue_metrics)
        _note_ignored(con, config, bool(scored))
        yield Staged(GATEWAY_CALLS.name, f"({_calls(attribution)})")
        spans = traces.spans(attribution, _counted(_typed(attribution)))
        yield Staged(TRACE_SPANS.name, f"({spans})")
        yield Staged(OMITTED_RECORDS.name, "otel_points")
        if scored:
            yield Staged(TASK_OUTCOMES.name, f"({_judged(scored)})")
        if queue_metrics.metrics:
            yield Staged(QUEUE_SAMPLES.name, "otel_samples")
    finally:
        for table in ("records", "evaluations", "points", "samples", "rejects"):
            con.execute(f"drop table if exists otel_{table}")


def _attribution_columns(config: SourceConfig) -> dict[str, Expression]:
    """Columns that the settings, or the usual places, give: over attributes."""
    entries = {**DEFAULT_ATTRIBUTION, **read_section(config, "attribution")}
    attribution = compile_columns(config, "attribution", entries, GATEWAY_CALLS)
    if "agent_name" not in attribution:
        agent = tuple(Leaf(parse_path(name)) for name in AGENT_LEAVES)
        attribution["agent_name"] = Expression(AGENT_NAME, "agent_name", agent)
    if COLUMN not in attribution:
        judge = tuple(Leaf(parse_path(name)) for name in JUDGE_LEAVES)
        attribution[COLUMN] = usual_class(config, CLASS_PLACES, JUDGES, judge)
    attribution |= compile_labels(config, DEFAULT_LABELS)
    attribution |= usual_context(config, context_places, KNOWN_CONTEXT, attribution)
    texts = {name for names in BYTES.values() for name in names}
    for expression in attribution.values():
        if any(".".join(leaf.path) in texts for leaf in expression.leaves):
            raise ConfigError(
                str(config.path), expression.origin, "names text that must not be kept"
            )
    return attribution


def _evaluation(attribution: Mapping[str, Expression]) -> Evaluation:
    """What an evaluation says; the conventions do not tell who judged, mostly it is a model."""
    name, score, label = (
        Expression(f"nullif({quote(path)}, '')", path, (Leaf(parse_path(path)),))
        for path in (
            "gen_ai.evaluation.name",
            "gen_ai.evaluation.score.value",
            "gen_ai.evaluation.score.label",
        )
    )
    columns = {column: attribution[column] for column in PLACES}
    columns["evaluator_type"] = Expression("'model'", "evaluator_type")
    return Evaluation(name, score, label, columns)


def _scored(outcomes: Outcomes) -> dict[str, Expression]:
    """Columns of an outcome over an evaluation's attributes; `counts` says whether it is one."""
    answer = "gen_ai.response.id"
    return {
        **outcomes.expressions,
        "counts": Expression(outcomes.counts, "outcomes"),
        "answer": Expression(quote(answer), answer, (Leaf(parse_path(answer)),)),
    }


def _stage_files(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    attribution: Mapping[str, Expression],
    scored: Mapping[str, Expression],
    queue_metrics: queues.QueueMetrics,
) -> None:
    """Read all files of a batch into tables: a trace may lie in several."""
    named = traces.named_attributes(attribution) | traces.concept_attributes()
    measured = {name for names in BYTES.values() for name in names}
    events = {*CALL_EVENTS, *TOOL_EVENTS} | ({otlp.EVALUATION} if scored else set())
    leaves = [
        otlp.span_leaf(named, measured),
        otlp.record_leaf(events, named | traces.named_attributes(scored)),
        metrics.point_leaf(queue_metrics),
    ]
    nothing = " and ".join(f"{quote(leaf.name)} is null" for leaf in leaves)
    con.execute(
        "create or replace temp table otel_rejects"
        " (file_id bigint, source_line bigint, reject_field varchar, reject_reason varchar)"
    )
    for relation in _records(con, files, leaves):
        spans = otlp.items("resourceSpans", relation)
        logs = f"(from ({otlp.items('resourceLogs', relation)}) where event"
        calls = f"(from ({spans}) union all {logs} <> {literal(otlp.EVALUATION)}))"
        traces.stage(con, "otel_records", calls, attribution)
        if scored:
            judged = f"{logs} = {literal(otlp.EVALUATION)})"
            traces.stage(con, "otel_evaluations", judged, scored)
        points = metrics.points(relation)
        append_rows(con, "otel_points", metrics.omitted_points(points))
        if queue_metrics.metrics:
            append_rows(con, "otel_samples", queues.samples(points, queue_metrics))
        con.execute(
            "insert into otel_rejects select file_id, source_line,"
            f" coalesce(reject_field, 'record'), coalesce(reject_reason, {literal(_STRANGE)})"
            f" from {relation} where reject_reason is not null or ({nothing})"
        )


def _records(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], leaves: Sequence[Leaf]
) -> Iterator[str]:
    """Relations of the export requests of all files, text or binary."""
    binary = [file for file in files if is_binary(file.path)]
    if text := [file for file in files if file not in binary]:
        yield from read_records(con, text, leaves, "jsonl")
    for file in binary:
        text_shape(file.path, file.relative, file.shape)  # a compressed one is whole, and no bomb
        yield from read_one_by_one(con, file, leaves, json_records(file))


def _note_ignored(con: duckdb.DuckDBPyConnection, config: SourceConfig, scored: bool) -> None:
    """Say how much of the files is no call and no evaluation: it is neither an error nor a row."""
    ((spans,),) = con.execute(
        "select count(*) from otel_records where operation is null"
    ).fetchall()
    _log.info("%s: %d spans are no calls (agents, chains, HTTP)", config.name, spans)
    if scored:
        ((scores,),) = con.execute(
            "select count(*) from otel_evaluations where not own_counts"
        ).fetchall()
        _log.info("%s: %d evaluations are named by no entry of [outcomes]", config.name, scores)


def _typed(attribution: Mapping[str, Expression]) -> str:
    """Relation of the staged records, typed, with what cannot be typed."""
    counts = {f"{name}_count": names[0] for name, names in COUNTS.items()}
    money = {name: names[0] for name, names in MONEY.items()}
    typed = ", ".join(
        [
            *(f"try_cast(span.{name} as double) as {name}" for name in counts),
            *(f"try_cast(span.{name} as decimal(18,9)) as {name}" for name in money),
        ]
    )
    whole = is_whole("try_cast(# as double)")
    fits = dict.fromkeys(counts, f"try_cast(# as double) >= 0 and {whole}")
    fits |= dict.fromkeys(money, "try_cast(# as decimal(18,9)) >= 0")
    faults = " ".join(
        f"when span.{name} is not null and not coalesce("
        f"{fit.replace('#', f'span.{name}')}, false) then"
        f" {literal({**counts, **money}[name])}"
        for name, fit in fits.items()
    )
    fault = f"coalesce(case {faults} end, span.own_fault, span.resource_fault)"
    return f"""(
        select span.* exclude ({", ".join([*counts, *money])}), {typed},
            {", ".join(traces.stated(attribution, "span"))},
            {fault} as reject_field, case when {fault} is not null then {literal(_UNFIT)} end
            as reject_reason
        from otel_records as span
        where event is distinct from 'codex.sse_event' or event_kind = 'response.completed'
    )"""


def _counted(records: str) -> str:
    return with_reading(records, {name: f"{name}_count" for name in COUNTS}, CONVENTION)


def _calls(attribution: Mapping[str, Expression]) -> str:
    """Select of the spans that are calls, and of the lines that could not be read."""
    counted = _counted(f"(from {_typed(attribution)} where operation is not null)")
    columns = {name: Expression(sql, name) for name, sql in COLUMNS.items()}
    columns |= {name: Expression(f"placed_{name}", name) for name in attribution}
    return f"{canonical_select(columns, counted)} union all by name from otel_rejects"


def _judged(scored: Mapping[str, Expression]) -> str:
    """Select of the evaluations that count; one that names no task says where to look for it."""
    own = [name for name in scored if name not in (*PLACES, "counts", "answer")]
    places = ", ".join(
        f"coalesce(own_{name}, resource_{name}) as {name}" for name in PLACES if name != "task_id"
    )
    return f"""
        select file_id, source_line, own_fault as reject_field,
            case when own_fault is not null then {literal(_UNFIT)} end as reject_reason,
            coalesce(own_task_id, resource_task_id, trace_id, own_answer) as task_id,
            case when own_task_id is null then trace_id end as trace_id,
            case when own_task_id is null then trace_id || '/' || span_id end as span_id,
            case when own_task_id is null and trace_id is null then own_answer end
                as provider_response_id,
            {traces.nanoseconds("started")} as judged_at, {places},
            {", ".join(f"own_{name} as {name}" for name in own)}
        from otel_evaluations
        where own_counts
    """


FORMAT = Format(
    "otel",
    "OpenTelemetry GenAI traces and logs (OTLP as JSON or protobuf, as sent or as the collector"
    " writes it; gzip and zstd allowed)",
    (".jsonl", ".ndjson", ".json", ".log", ".pb", ".binpb", ".proto", ".bin", ".gz", ".zst"),
    read,
    precedence=40,
    options=(*ENTRY_OPTIONS, "outcomes", queues.SECTION),
)
