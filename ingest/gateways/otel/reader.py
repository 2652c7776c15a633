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
from ingest.gateways.otel import otlp, traces
from ingest.gateways.otel.names import (
    AGENT_LEAVES,
    AGENT_NAME,
    BYTES,
    CALL_DETAILS,
    CALL_EVENTS,
    COUNTS,
    DEFAULT_ATTRIBUTION,
    DEFAULT_LABELS,
    MONEY,
    TOOL_EVENTS,
)
from ingest.mapping.expression import Expression
from ingest.mapping.outcomes import PLACES, Evaluation, Outcomes, compile_outcomes
from ingest.mapping.projection import canonical_select
from ingest.mapping.sections import ENTRY_OPTIONS, compile_columns, compile_labels, read_section
from ingest.mapping.usage_readings import VECTOR, Convention, is_whole, with_reading
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


_CONVENTION = Convention(cache="agent_cached is not null")
_time = traces.nanoseconds
_IS_MODEL = "operation in ('chat', 'text_completion', 'generate_content')"
_ANSWERED = "(coalesce(stated_output, 0) > 0)"
_STATUS = f"""
    case
        when status_code in ('2', 'STATUS_CODE_ERROR') or event like '%.api\\_error' escape '\\'
            then 'error'
        when error is not null and {_ANSWERED} then 'aborted'
        when error is not null or lower(succeeded) = 'false' then 'error'
        when {_IS_MODEL} and coalesce(stated_input, stated_output) is null
            and contains(lower(finish), 'error') then 'error'
        when {_IS_MODEL} and coalesce(stated_input, stated_output) is null and finish is null
            then 'aborted'
        else 'ok'
    end"""
_HIT = "(response_id like '%\\_cache\\_hit%' escape '\\')"
_TIER = "lower(tier)"
_AGENT = "split_part(event, '.', 1)"
# an agent's own endpoint, unless the model's name is one of a cloud's
_PROVIDER = f"""
    coalesce(lower(provider), case
        when {_AGENT} = 'claude_code' and not contains(request_model, 'anthropic.')
            and not contains(request_model, '@') then 'anthropic'
        when {_AGENT} = 'codex' then 'openai'
        when {_AGENT} = 'gemini_cli' then 'gcp.gemini'
    end)"""
_USED = "coalesce(stated_input, 0) + coalesce(stated_output, 0) > 0"
_COST = "case when upper(coalesce(cost_currency, 'USD')) = 'USD' then cost end"
# a log record is written when the call ends
_STARTED = f"""
    case when event is null then {_time("started")}
        else {_time("started")} - to_milliseconds(
            coalesce(try_cast(try_cast(duration_millis as double) as bigint), 0))
    end"""
_REQUEST = "case when event is not null or agent_span = 'llm_request' then request_name end"
_CALL = f"""
    case when event is null or event = '{CALL_DETAILS}' then trace_id || '/' || span_id
        else concat_ws('/', event, coalesce(request_name, placed_session_id, trace_id), started)
    end"""
_FIRST_CHUNK = (
    "coalesce(try_cast(first_chunk_seconds as decimal(18,6)) * 1000000,"
    " try_cast(first_chunk_millis as decimal(18,3)) * 1000)"
)


def _or_zero(count: str, whole: str) -> str:
    """SQL of a part of a count: missing is 0 where emitters leave out zeros, else unknown."""
    return (
        f"coalesce(stated_{count}, case when provider_name is not null"
        f" and stated_{whole} is not null then 0 end)"
    )


def _if_stated(name: str) -> str:
    """SQL of a class of which emitters say nothing where there is none."""
    return f"case when stated_{name} is not null then {VECTOR[f'{name}_tokens']} end"


_COLUMNS = {
    **{name: sql for name, sql in VECTOR.items() if name != "web_searches"},
    "call_id": _CALL,
    "request_id": f"coalesce(litellm_call_id, {_REQUEST}, {_CALL})",
    # LiteLLM's failures state its own call id
    "provider_response_id": "case when response_id is distinct from litellm_call_id"
    " then regexp_replace(response_id, '_cache_hit.*$', '') end",
    "trace_id": "trace_id",
    "operation": "operation",
    "tool_name": "tool_name",
    "started_at": _STARTED,
    "ended_at": f"coalesce({_time('ended')}, case when event is not null"
    f" then {_time('started')} end)",
    "first_token_at": f"coalesce({_time('first_token')}, {_STARTED}"
    f" + to_microseconds(cast({_FIRST_CHUNK} as bigint)))",
    "provider": _PROVIDER,
    "request_model": "request_model",
    "response_model": f"case when starts_with(response_model, {_PROVIDER} || '/')"
    f" then substr(response_model, length({_PROVIDER}) + 2) else response_model end",
    "is_stream": "coalesce(try_cast(is_stream as boolean),"
    " case when coalesce(first_chunk_seconds, first_chunk_millis, first_token) is not null"
    " then true end)",
    "service_tier": f"case when {_TIER} in ('batch', 'flex', 'priority') then {_TIER}"
    f" when {_TIER} = 'fast' then 'priority' else 'standard' end",
    "cache_read_tokens": _or_zero("cache_read", "input"),
    "cache_write_5m_tokens": "null::bigint",
    "cache_write_1h_tokens": "null::bigint",
    "cache_write_other_tokens": _or_zero("cache_write", "input"),
    "input_audio_tokens": _if_stated("input_audio"),
    "reasoning_tokens": _or_zero("reasoning", "output"),
    "output_audio_tokens": _if_stated("output_audio"),
    "input_bytes": "try_cast(input_bytes as bigint)",
    "output_bytes": "try_cast(output_bytes as bigint)",
    # 0.0 for tokens that no cache answered means that nobody priced them; a hit states what it
    # avoided
    "reported_cost_usd": f"case when cost > 0 and {_HIT} then 0 when cost = 0"
    f" and not coalesce({_HIT}, false) and {_USED} then null else {_COST} end",
    "reported_avoided_usd": f"case when {_HIT} then nullif({_COST}, 0) end",
    # a span without the suffix may be a hit too: LiteLLM's are written before it is added
    "cached_hit": f"case when {_HIT} then true end",
    "cache_layer": f"case when {_HIT} then 'exact' end",
    "status": _STATUS,
    "error_type": f"case when {_STATUS} <> 'ok' then coalesce(error, exception) end",
    "http_status": "try_cast(http_status as integer)",
    # LiteLLM counts by itself what an unfinished stream delivered; of others nobody knows
    "is_usage_estimated": "case when litellm_call_id is not null then"
    f" {_STATUS} <> 'ok' and {_USED} end",
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
        spans = traces.spans(attribution, _counted(_typed(attribution)))
        con.execute(f"create or replace temp view otel_spans as {spans}")
        yield Staged(TRACE_SPANS.name, "otel_spans")
        if scored:
            con.execute(f"create or replace temp view otel_outcomes as {_judged(scored)}")
            yield Staged(TASK_OUTCOMES.name, "otel_outcomes")
    finally:
        for view in ("otel_calls", "otel_spans", "otel_outcomes"):
            con.execute(f"drop view if exists {view}")
        for table in ("records", "evaluations", "rejects"):
            con.execute(f"drop table if exists otel_{table}")


def _attribution_columns(config: SourceConfig) -> dict[str, Expression]:
    """Columns that the settings, or the usual places, give: over attributes."""
    entries = {**DEFAULT_ATTRIBUTION, **read_section(config, "attribution")}
    attribution = compile_columns(config, "attribution", entries, GATEWAY_CALLS)
    if "agent_name" not in attribution:
        agent = tuple(Leaf(parse_path(name)) for name in AGENT_LEAVES)
        attribution["agent_name"] = Expression(AGENT_NAME, "agent_name", agent)
    attribution |= compile_labels(config, DEFAULT_LABELS)
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
    events = {*CALL_EVENTS, *TOOL_EVENTS} | ({otlp.EVALUATION} if scored else set())
    leaves = [
        otlp.span_leaf(named, measured),
        otlp.record_leaf(events, named | traces.named_attributes(scored)),
        _presence_flag("resourceMetrics"),
    ]
    nothing = " and ".join(f"{quote(leaf.name)} is null" for leaf in leaves)
    con.execute(
        "create or replace temp table otel_rejects"
        " (file_id bigint, source_line bigint, reject_field varchar, reject_reason varchar)"
    )
    for relation in read_records(con, files, leaves, "jsonl"):
        spans = otlp.items("resourceSpans", relation)
        logs = f"(from ({otlp.items('resourceLogs', relation)}) where event"
        calls = f"(from ({spans}) union all {logs} <> {literal(otlp.EVALUATION)}))"
        traces.stage(con, "otel_records", calls, attribution)
        if scored:
            judged = f"{logs} = {literal(otlp.EVALUATION)})"
            traces.stage(con, "otel_evaluations", judged, scored)
        con.execute(
            "insert into otel_rejects select file_id, source_line,"
            f" coalesce(reject_field, 'record'), coalesce(reject_reason, {literal(_STRANGE)})"
            f" from {relation} where reject_reason is not null or ({nothing})"
        )


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
    return with_reading(records, {name: f"{name}_count" for name in COUNTS}, _CONVENTION)


def _calls(attribution: Mapping[str, Expression]) -> str:
    """Select of the spans that are calls, and of the lines that could not be read."""
    counted = _counted(f"(from {_typed(attribution)} where operation is not null)")
    columns = {name: Expression(sql, name) for name, sql in _COLUMNS.items()}
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
            {_time("started")} as judged_at, {places},
            {", ".join(f"own_{name} as {name}" for name in own)}
        from otel_evaluations
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
