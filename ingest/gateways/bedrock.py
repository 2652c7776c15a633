"""Amazon Bedrock's model invocation log, as it lies in S3: one JSON object per invocation.

Source: AWS' documentation of model invocation logging and published records, 2026-09.
`inputTokenCount` is without tokens of the prompt cache. `outputTokenCount` can be absent; the first
event of a streamed answer then says 1, which is no count. Only the answer's body splits cache
writes by lifetime. Bodies are reduced to their usage while they are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import duckdb

from ingest.contracts.calls import GATEWAY_CALLS
from ingest.gateways.call_context import usual_context
from ingest.gateways.usage_objects import (
    has_unfit_counts,
    struct_convention,
    struct_counts,
    usage_struct,
)
from ingest.mapping.expression import Expression
from ingest.mapping.projection import canonical_select, in_source_words, leaves_of
from ingest.mapping.sections import (
    ENTRY_OPTIONS,
    compile_columns,
    compile_labels,
    read_section,
    refuse_nested_paths,
)
from ingest.mapping.timestamps import from_iso
from ingest.mapping.usage_readings import UNFIT, VECTOR, with_reading
from ingest.records.fields import Leaf, parse_path
from ingest.records.format import Format, InputFile, SourceConfig, Staged
from ingest.records.reader import read_records
from ingest.sql import literal, quote

DEFAULT_ATTRIBUTION: Mapping[str, object] = {
    "user_id": "identity.arn",
    **{
        name: f"requestMetadata.{name}"
        for name in (
            "task_id",
            "task_type",
            "tenant_id",
            "feature",
            "prompt_version",
            "team",
            "environment",
        )
    },
}
"""Where attribution is looked for when the workspace does not say: the caller and its metadata."""


_METRICS = "amazon-bedrock-invocationMetrics"
_EVENT = {
    "id": "VARCHAR",
    "model": "VARCHAR",
    "usage": "JSON",
    "metrics": {"latencyMs": "DOUBLE"},
    "message": {"id": "VARCHAR", "model": "VARCHAR", "usage": "JSON"},
    "metadata": {"usage": "JSON", "metrics": {"latencyMs": "DOUBLE"}},
    _METRICS: {
        "invocationLatency": "DOUBLE",
        "firstByteLatency": "DOUBLE",
        "outputTokenCount": "DOUBLE",
    },
}
"""What is taken of an answer's body, or of an event of a streamed one: no text."""


def _answer(text: str) -> str:
    """SQL of what is kept of an answer's body: its usage, metrics and identifiers.

    The body is an object, or of a stream the list of its events, whose later counts replace the
    earlier ones. What the first one says of the output is the beginning of an answer: left out.
    """
    doc = f"try_cast({text} as json)"
    bodies = f"case json_type({doc}) when 'ARRAY' then cast({doc} as json[]) else [{doc}] end"
    event = f"json_transform(e, {literal(json.dumps(_EVENT))})"
    events = f"list_transform({bodies}, lambda e: {event})"
    usage = (
        "coalesce(e.usage, e.metadata.usage, case when e.message.usage is not null"
        " then json_merge_patch(e.message.usage, '{\"output_tokens\": null}') end)"
    )
    usages = (
        f"list_filter(list_transform(events, lambda e: {usage}), lambda u: json_type(u) = 'OBJECT')"
    )
    merged = f"list_reduce({usages}, lambda a, b: json_merge_patch(a, b), '{{}}'::json)"
    found = {
        "id": "coalesce(e.id, e.message.id)",
        "model": "coalesce(e.model, e.message.model)",
        "latency": f"coalesce(e.metrics.latencyMs, e.metadata.metrics.latencyMs,"
        f" e.{quote(_METRICS)}.invocationLatency)",
        "first": f"e.{quote(_METRICS)}.firstByteLatency",
        "output": f"e.{quote(_METRICS)}.outputTokenCount",
    }
    parts = ", ".join(
        f"{name}: list_filter(list_transform(events, lambda e: {sql}), lambda v: v is not null)[1]"
        for name, sql in found.items()
    )
    kept = f"{{usage: {usage_struct('u')}, unfit: {has_unfit_counts('u')}, {parts}}}"
    # one-element lists name the events and the usage, so that each is made once
    kept = f"list_transform([{merged}], lambda u: {kept})[1]"
    return f"list_transform([{events}], lambda events: {kept})[1]"


_BODY = "output.outputBodyJson"
_LEAVES = [
    Leaf(parse_path(_BODY), keep=_answer),
    *(
        Leaf(parse_path(name), leaf_type)
        for name, leaf_type in {
            "timestamp": "VARCHAR",
            "region": "VARCHAR",
            "inferenceRegion": "VARCHAR",
            "requestId": "VARCHAR",
            "operation": "VARCHAR",
            "modelId": "VARCHAR",
            "errorCode": "VARCHAR",
            "input.inputTokenCount": "DOUBLE",
            "input.cacheReadInputTokenCount": "DOUBLE",
            "input.cacheWriteInputTokenCount": "DOUBLE",
            "output.outputTokenCount": "DOUBLE",
        }.items()
    ),
]

_USAGE = f"{quote(_BODY)}.usage"
_OF_ANSWER = struct_counts(_USAGE)
# the answer's own usage is the provider's word, the log's count a copy of it
COUNTS = {
    **_OF_ANSWER,
    "input": f'coalesce({_OF_ANSWER["input"]}, "input.inputTokenCount")',
    "cache_read": f'coalesce("input.cacheReadInputTokenCount", {_OF_ANSWER["cache_read"]})',
    "cache_write": f'coalesce("input.cacheWriteInputTokenCount", {_OF_ANSWER["cache_write"]})',
    "output": f'coalesce("output.outputTokenCount", {_OF_ANSWER["output"]}, {quote(_BODY)}.output)',
}
"""SQL of what `usage_readings` counts, over the log's leaves."""

_STARTED = from_iso('"timestamp"', None)


def _of_body(name: str) -> str:
    return f"{quote(_BODY)}.{name}"


def _after(name: str) -> str:
    millis = _of_body(name)
    return (
        f"{_STARTED} + case when {millis} between 0 and 1e11"
        f" then to_microseconds(cast({millis} * 1000 as bigint)) end"
    )


_COLUMNS = {
    "call_id": '"requestId"',
    "request_id": '"requestId"',
    "provider_response_id": _of_body("id"),
    "operation": "case when \"modelId\" like '%embed%' then 'embeddings'"
    " when \"modelId\" like '%rerank%' then 'rerank' else 'chat' end",
    "started_at": _STARTED,
    "ended_at": _after("latency"),
    "first_token_at": f"case when \"operation\" like '%Stream' then {_after('first')} end",
    "provider": "'aws.bedrock'",
    "request_model": '"modelId"',
    # an application's profile has a name of its own; only the answer then names the model
    "response_model": "case when \"modelId\" like '%application-inference-profile/%'"
    f' then coalesce({_of_body("model")}, "modelId") else "modelId" end',
    "is_stream": "\"operation\" like '%Stream'",
    "service_tier": "'standard'",
    **VECTOR,
    # only the answer splits what was written by lifetime
    **{
        name: f"case when {_OF_ANSWER['input']} is not null then {VECTOR[name]} end"
        for name in ("cache_write_5m_tokens", "cache_write_1h_tokens")
    },
    "status": "case when nullif(\"errorCode\", '') is null then 'ok' else 'error' end",
    "error_type": "nullif(\"errorCode\", '')",
    "region": 'coalesce(nullif("inferenceRegion", \'\'), "region")',
}
_FIELDS = {
    "call_id": "requestId",
    "started_at": "timestamp",
    "input_uncached_tokens": "input.inputTokenCount",
    "cache_read_tokens": "input.cacheReadInputTokenCount",
    "cache_write_other_tokens": "input.cacheWriteInputTokenCount",
    "output_tokens": "output.outputTokenCount",
}
"""The log's own name of the value behind a column, where something can be wrong with it."""


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged]:
    """Read invocation logs into `gateway_calls`.

    Large bodies lie in a folder `data` beside the logs: files of texts, which are not opened.

    Raises:
        ConfigError: `[attribution]` or `[labels]` is wrong; names its key.
        SourceFileError: a file cannot be read at all.
    """
    expressions = _expressions(config)
    logs = [file for file in files if "data" not in file.relative.split("/")[:-1]]
    for relation in read_records(con, logs, leaves_of(expressions, _LEAVES), "jsonl"):
        counted = with_reading(relation, COUNTS, struct_convention(_USAGE))
        yield Staged(GATEWAY_CALLS.name, f"({canonical_select(expressions, counted)})")


def _expressions(config: SourceConfig) -> dict[str, Expression]:
    plain = {name: Expression(sql, name) for name, sql in _COLUMNS.items()}
    expressions = in_source_words(GATEWAY_CALLS, plain, _FIELDS)
    counted = expressions["output_tokens"]
    unfit = (
        f"coalesce({_of_body('unfit')}, false) or {UNFIT[0]}",
        "has a count in its usage that is not a whole number",
    )
    expressions["output_tokens"] = replace(counted, checks=(*counted.checks, unfit))
    entries = read_section(config, "attribution", DEFAULT_ATTRIBUTION)
    own = compile_columns(config, "attribution", entries, GATEWAY_CALLS) | compile_labels(config)
    refuse_nested_paths(config, own, _LEAVES)
    context = usual_context(config, "requestMetadata.{}".format, own=own)
    return expressions | context | own


FORMAT = Format(
    "bedrock",
    "Amazon Bedrock model invocation log (S3 objects, JSON lines)",
    (".jsonl", ".ndjson", ".json", ".log", ".gz"),
    read,
    options=ENTRY_OPTIONS,
)
