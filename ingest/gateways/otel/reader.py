"""OpenTelemetry traces and logs of GenAI as OTLP/JSON, in the dialects of `otel_names`.

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

from ingest.contracts.calls import GATEWAY_CALLS, TRACE_SPANS
from ingest.contracts.outcomes import TASK_OUTCOMES
from ingest.errors import ConfigError
from ingest.gateways.otel import traces
from ingest.gateways.otel.names import (
    AGENT_LEAVES,
    AGENT_NAME,
    BYTES,
    COUNTS,
    DEFAULT_ATTRIBUTION,
    MONEY,
)
from ingest.gateways.otel.otlp import evaluation_leaf, span_leaf
from ingest.mapping.expression import Expression
from ingest.mapping.outcomes import PLACES, Evaluation, Outcomes, compile_outcomes
from ingest.mapping.projection import canonical_select
from ingest.mapping.sections import ENTRY_OPTIONS, compile_columns, compile_labels, read_section
from ingest.records.fields import Leaf, parse_path
from ingest.records.format import Format, InputFile, SourceConfig, Staged
from ingest.records.reader import read_records
from ingest.sql import literal, quote

_log = logging.getLogger(__name__)

_STRANGE = "the line holds neither resourceSpans nor resourceLogs"
_UNFIT = "the value does not fit what the conventions or the settings say of it"


def _presence_flag(key: str) -> Leaf:
    """Whether a line has a key whose value nobody needs: it is no mistake to send metrics."""
    return Leaf((key,), keep=lambda text: f"nullif({text} is not null, false)")


_time = traces.nanoseconds
_IS_MODEL = "operation in ('chat', 'text_completion', 'generate_content')"
_CACHED = "(coalesce(read_count, 0) + coalesce(write_count, 0))"
_EXCLUDED = (
    f"coalesce({_CACHED} > input_count or ({_CACHED} > 0"
    f" and total_count = input_count + {_CACHED} + output_count), false)"
)
_TEXT_AND_AUDIO = f"(input_count - case when {_EXCLUDED} then 0 else {_CACHED} end)"
# cached audio is counted as cached, and more audio than input is not audio alone
_AUDIO_IN = (
    "case when audio_in_count is not null then least(greatest("
    f"audio_in_count - coalesce(audio_read_count, 0), 0), {_TEXT_AND_AUDIO}) end"
)
_AUDIO_OUT = "case when audio_out_count is not null then least(audio_out_count, output_count) end"
_REASONING_EXCLUDED = "coalesce(reasoning_count > output_count, false)"
_ANSWERED = "(coalesce(output_count, 0) > 0)"
_STATUS = f"""
    case
        when status_code in ('2', 'STATUS_CODE_ERROR') then 'error'
        when error is not null and {_ANSWERED} then 'aborted'
        when error is not null then 'error'
        when {_IS_MODEL} and coalesce(input_count, output_count) is null and finish is null
            then 'aborted'
        else 'ok'
    end"""
_HIT = "(response_id like '%\\_cache\\_hit%' escape '\\')"
_TIER = "lower(tier)"
_PROVIDER = "lower(provider)"


def _or_zero(count: str, whole: str) -> str:
    """SQL of a part of a count: missing is 0 where emitters leave out zeros, else unknown."""
    return (
        f"coalesce({count}, case when provider_name is not null and {whole} is not null then 0 end)"
    )


_COLUMNS = {
    "call_id": "trace_id || '/' || span_id",
    "request_id": "coalesce(litellm_call_id, trace_id || '/' || span_id)",
    # LiteLLM's failures state its own call id
    "provider_response_id": "case when response_id is distinct from litellm_call_id"
    " then regexp_replace(response_id, '_cache_hit.*$', '') end",
    "trace_id": "trace_id",
    "operation": "operation",
    "tool_name": "tool_name",
    "started_at": _time("started"),
    "ended_at": _time("ended"),
    "first_token_at": f"coalesce({_time('first_token')}, {_time('started')}"
    " + to_microseconds(cast(try_cast(first_chunk_seconds as decimal(18,6)) * 1000000 as bigint)))",
    "provider": _PROVIDER,
    "request_model": "request_model",
    "response_model": f"case when starts_with(response_model, {_PROVIDER} || '/')"
    f" then substr(response_model, length({_PROVIDER}) + 2) else response_model end",
    "is_stream": "coalesce(try_cast(is_stream as boolean),"
    " case when coalesce(first_chunk_seconds, first_token) is not null then true end)",
    "service_tier": f"case when {_TIER} in ('batch', 'flex', 'priority') then {_TIER}"
    f" when {_TIER} = 'fast' then 'priority' else 'standard' end",
    "input_uncached_tokens": f"{_TEXT_AND_AUDIO} - coalesce({_AUDIO_IN}, 0)",
    "cache_read_tokens": _or_zero("read_count", "input_count"),
    "cache_write_other_tokens": _or_zero("write_count", "input_count"),
    "input_audio_tokens": _AUDIO_IN,
    "output_tokens": f"output_count + case when {_REASONING_EXCLUDED} then reasoning_count else 0"
    f" end - coalesce({_AUDIO_OUT}, 0)",
    "reasoning_tokens": _or_zero("reasoning_count", "output_count"),
    "output_audio_tokens": _AUDIO_OUT,
    "input_bytes": "try_cast(input_bytes as bigint)",
    "output_bytes": "try_cast(output_bytes as bigint)",
    # 0.0 for tokens that no cache answered means that nobody priced them; a hit states what it
    # avoided
    "reported_cost_usd": f"case when cost > 0 and {_HIT} then 0 when cost = 0"
    f" and not coalesce({_HIT}, false) and coalesce(input_count, 0) + coalesce(output_count, 0) > 0"
    " then null else cost end",
    "reported_avoided_usd": f"case when {_HIT} then nullif(cost, 0) end",
    # a span without the suffix may be a hit too: LiteLLM's are written before it is added
    "cached_hit": f"case when {_HIT} then true end",
    "cache_layer": f"case when {_HIT} then 'exact' end",
    "status": _STATUS,
    "error_type": f"case when {_STATUS} <> 'ok' then coalesce(error, exception) end",
    "http_status": "try_cast(http_status as integer)",
    # LiteLLM counts by itself what an unfinished stream delivered; of others nobody knows
    "is_usage_estimated": f"case when litellm_call_id is not null then {_STATUS} <> 'ok'"
    " and coalesce(input_count, 0) + coalesce(output_count, 0) > 0 end",
}


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged]:
    """Read OTLP/JSON files into `gateway_calls` and, where `[outcomes]` says so, `task_outcomes`.

    Raises:
        ConfigError: `[attribution]`, `[labels]` or `[outcomes]` is wrong; names its key.
        SourceFileError: a file cannot be read at all.
    """
    attribution = _attribution_columns(config)
    outcomes = compile_outcomes(config, _evaluation(attribution))
    scored = _scored(outcomes) if outcomes else {}
    try:
        _stage_files(con, files, attribution, scored)
        _note_ignored(con, config, bool(scored))
        con.execute(f"create or replace temp view otel_calls as {_calls(attribution)}")
        yield Staged(GATEWAY_CALLS.name, "otel_calls")
        con.execute(f"create or replace temp view otel_spans as {traces.spans(attribution)}")
        yield Staged(TRACE_SPANS.name, "otel_spans")
        if scored:
            con.execute(f"create or replace temp view otel_outcomes as {_judged(scored)}")
            yield Staged(TASK_OUTCOMES.name, "otel_outcomes")
    finally:
        for view in ("otel_calls", "otel_spans", "otel_outcomes"):
            con.execute(f"drop view if exists {view}")
        for table in ("resourceSpans", "resourceLogs", "rejects"):
            con.execute(f'drop table if exists "otel_{table}"')


def _attribution_columns(config: SourceConfig) -> dict[str, Expression]:
    """Columns that the settings, or the usual places, give: over attributes."""
    entries = {**DEFAULT_ATTRIBUTION, **read_section(config, "attribution")}
    attribution = compile_columns(config, "attribution", entries, GATEWAY_CALLS)
    if "agent_name" not in attribution:
        agent = tuple(Leaf(parse_path(name)) for name in AGENT_LEAVES)
        attribution["agent_name"] = Expression(AGENT_NAME, "agent_name", agent)
    attribution |= compile_labels(config)
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
) -> None:
    """Read all files of a batch into tables: a trace may lie in several."""
    named = traces.named_attributes(attribution) | traces.concept_attributes()
    measured = {name for names in BYTES.values() for name in names}
    logs = _presence_flag("resourceLogs")
    if scored:
        logs = evaluation_leaf(traces.named_attributes(scored))
    leaves = [span_leaf(named, measured), logs, _presence_flag("resourceMetrics")]
    nothing = " and ".join(f"{quote(leaf.name)} is null" for leaf in leaves)
    con.execute(
        "create or replace temp table otel_rejects"
        " (file_id bigint, source_line bigint, reject_field varchar, reject_reason varchar)"
    )
    for relation in read_records(con, files, leaves, "jsonl"):
        traces.stage(con, "resourceSpans", relation, attribution)
        if scored:
            traces.stage(con, "resourceLogs", relation, scored)
        con.execute(
            "insert into otel_rejects select file_id, source_line,"
            f" coalesce(reject_field, 'record'), coalesce(reject_reason, {literal(_STRANGE)})"
            f" from {relation} where reject_reason is not null or ({nothing})"
        )


def _note_ignored(con: duckdb.DuckDBPyConnection, config: SourceConfig, scored: bool) -> None:
    """Say how much of the files is no call and no evaluation: it is neither an error nor a row."""
    ((spans,),) = con.execute(
        'select count(*) from "otel_resourceSpans" where operation is null'
    ).fetchall()
    _log.info("%s: %d spans are no calls (agents, chains, HTTP)", config.name, spans)
    if scored:
        ((scores,),) = con.execute(
            'select count(*) from "otel_resourceLogs" where not own_counts'
        ).fetchall()
        _log.info("%s: %d evaluations are named by no entry of [outcomes]", config.name, scores)


def _calls(attribution: Mapping[str, Expression]) -> str:
    """Select of the spans that are calls, and of the lines that could not be read."""
    numbers = dict.fromkeys(COUNTS, "bigint") | dict.fromkeys(MONEY, "decimal(18,9)")
    typed = ", ".join(
        f"try_cast(span.{name} as {number}) as {name}" for name, number in numbers.items()
    )
    faults = " ".join(
        f"when span.{name} is not null and coalesce(try_cast(span.{name} as {number}), -1) < 0"
        f" then {literal({**COUNTS, **MONEY}[name][0])}"
        for name, number in numbers.items()
    )
    fault = f"coalesce(case {faults} end, span.own_fault, span.resource_fault)"
    relation = f"""(
        select span.* exclude ({", ".join(numbers)}), {typed},
            {", ".join(traces.stated(attribution, "span"))},
            {fault} as reject_field, case when {fault} is not null then {literal(_UNFIT)} end
            as reject_reason
        from "otel_resourceSpans" as span where span.operation is not null
    )"""
    columns = {name: Expression(sql, name) for name, sql in _COLUMNS.items()}
    columns |= {name: Expression(f"placed_{name}", name) for name in attribution}
    return f"{canonical_select(columns, relation)} union all by name from otel_rejects"


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
            {_time("started")} as judged_at, {places},
            {", ".join(f"own_{name} as {name}" for name in own)}
        from "otel_resourceLogs"
        where own_counts
    """


FORMAT = Format(
    "otel",
    "OpenTelemetry GenAI traces and logs (OTLP/JSON, one request a line or a file; gzip allowed)",
    (".jsonl", ".ndjson", ".json", ".log", ".gz"),
    read,
    precedence=40,
    options=(*ENTRY_OPTIONS, "outcomes"),
)
