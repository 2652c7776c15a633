"""Kong AI Gateway: the `ai` part of Kong's own log line, one usage block per plugin.

Source of the facts: Kong's AI audit log reference, versions 3.6 to 3.13. Until about 3.9 the names
are `usage.prompt_token`, `usage.completion_token`, later `usage.prompt_tokens` with details. A line
can hold several blocks (a transformer plugin calls a model of its own): each is a call. A block of
a cache hit carries the usage and cost of the answer that it repeats. Kong prices by what the
operator configured, and writes 0 where that is nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import duckdb

from ingest.contracts.calls import GATEWAY_CALLS
from ingest.mapping.expression import Expression
from ingest.mapping.projection import canonical_select, in_source_words, leaves_of
from ingest.mapping.sections import (
    ENTRY_OPTIONS,
    compile_columns,
    compile_labels,
    read_section,
    refuse_nested_paths,
)
from ingest.mapping.timestamps import from_epoch
from ingest.mapping.usage_readings import INCLUSIVE, VECTOR, is_whole, with_reading
from ingest.records.fields import Leaf, parse_path
from ingest.records.format import Format, InputFile, SourceConfig, Staged
from ingest.records.pseudonyms import pseudonym
from ingest.records.reader import read_records
from ingest.sql import literal

DEFAULT_ATTRIBUTION: Mapping[str, object] = {
    "team": "consumer.username",
    "user_id": "consumer.custom_id",
}
"""Where attribution is looked for when the workspace does not say: Kong's consumer."""

_BLOCK = {
    "usage": {
        **dict.fromkeys(
            (
                "prompt_tokens",
                "prompt_token",
                "input_tokens",
                "completion_tokens",
                "completion_token",
                "output_tokens",
                "total_tokens",
                "cost",
                "time_to_first_token",
            ),
            "VARCHAR",
        ),
        "prompt_tokens_details": {"cached_tokens": "VARCHAR", "audio_tokens": "VARCHAR"},
        "input_tokens_details": {"audio_tokens_count": "VARCHAR"},
        "completion_tokens_details": {"reasoning_tokens": "VARCHAR", "audio_tokens": "VARCHAR"},
        "output_tokens_details": {"audio_tokens": "VARCHAR"},
    },
    "meta": dict.fromkeys(
        ("request_model", "response_model", "provider_name", "request_mode", "llm_latency"),
        "VARCHAR",
    ),
    "cache": dict.fromkeys(("cache_status", "embeddings_model", "embeddings_provider"), "VARCHAR"),
}
"""What is taken of a block, as text: nothing of its payload, and no money by way of a DOUBLE."""

_VALUES = {
    "prompt": "usage.prompt_tokens, usage.prompt_token, usage.input_tokens",
    "cached": "usage.prompt_tokens_details.cached_tokens",
    "audio_in": "usage.prompt_tokens_details.audio_tokens,"
    " usage.input_tokens_details.audio_tokens_count",
    "completion": "usage.completion_tokens, usage.completion_token, usage.output_tokens",
    "total": "usage.total_tokens",
    "reasoning": "usage.completion_tokens_details.reasoning_tokens",
    "audio_out": "usage.completion_tokens_details.audio_tokens,"
    " usage.output_tokens_details.audio_tokens",
    "cost": "usage.cost",
    "first": "usage.time_to_first_token",
    "asked": "meta.request_model",
    "served": "meta.response_model",
    "provider": "meta.provider_name",
    "mode": "meta.request_mode",
    "latency": "meta.llm_latency",
    "cache": "cache.cache_status",
    "semantic": "cache.embeddings_model, cache.embeddings_provider",
}
"""Values of a block, each under the names that versions give it."""


def _blocks(text: str) -> str:
    """SQL of the usage blocks of an `ai` object: the values of each, and its plugin's name."""
    doc = f"try_cast({text} as json)"
    names = f"list_filter(json_keys({doc}), lambda k: regexp_full_match(k, '[A-Za-z0-9_.-]+'))"
    typed = (
        f"json_transform(json_extract({doc}, '$.\"' || k || '\"'), {literal(json.dumps(_BLOCK))})"
    )
    blocks = f"list_transform({names}, lambda k: {{name: k, b: {typed}}})"
    fields = ", ".join(
        f"{name}: coalesce({', '.join(f'x.b.{path.strip()}' for path in paths.split(','))})"
        for name, paths in _VALUES.items()
    )
    used = f"list_filter({blocks}, lambda x: x.b.usage is not null)"
    return f"list_transform({used}, lambda x: {{block: x.name, {fields}}})"


_LEAVES = [
    Leaf(("ai",), keep=_blocks),
    *(
        Leaf(parse_path(name), leaf_type)
        for name, leaf_type in {
            "started_at": "DOUBLE",
            "request.id": "VARCHAR",
            "response.status": "BIGINT",
            "latencies.request": "DOUBLE",
            "consumer.id": "VARCHAR",
        }.items()
    ),
]

_STARTED = from_epoch('"started_at"', "epoch_ms")
_HIT = "lower(block.cache) = 'hit'"


COUNTS = {
    name: f"try_cast(block.{value} as double)"
    for name, value in {
        "input": "prompt",
        "input_audio": "audio_in",
        "cache_read": "cached",
        "output": "completion",
        "output_audio": "audio_out",
        "reasoning": "reasoning",
        "total": "total",
    }.items()
}
"""SQL of what `usage_readings` counts, over a block."""


def _after(duration: str) -> str:
    micros = f"try_cast({duration} as double) * 1000"
    return (
        f"{_STARTED} + case when {micros} between 0 and 1e14"
        f" then to_microseconds(cast({micros} as bigint)) end"
    )


_COST = "nullif(try_cast(block.cost as decimal(18,9)), 0)"
_COLUMNS = {
    "call_id": "\"request.id\" || '/' || block.block",
    "request_id": '"request.id"',
    "operation": "case when block.completion is null and lower(block.asked) like '%embed%'"
    " then 'embeddings' else 'chat' end",
    "started_at": _STARTED,
    "ended_at": _after('coalesce(block.latency, "latencies.request"::varchar)'),
    "first_token_at": _after("block.first"),
    "provider": "lower(block.provider)",
    "request_model": "block.asked",
    "response_model": "coalesce(nullif(block.served, ''), block.asked)",
    "is_stream": "case block.mode when 'stream' then true when 'oneshot' then false end",
    "service_tier": "'standard'",
    **VECTOR,
    # what a version of the plugin has no name for is unknown
    "cache_read_tokens": "stated_cache_read",
    "cache_write_5m_tokens": "null::bigint",
    "cache_write_1h_tokens": "null::bigint",
    "cache_write_other_tokens": "null::bigint",
    "reasoning_tokens": "stated_reasoning",
    "reported_cost_usd": f"case when {_HIT} then 0 else {_COST} end",
    "reported_avoided_usd": f"case when {_HIT} then {_COST} end",
    "cached_hit": f"case when block.cache is not null then {_HIT} end",
    "cache_layer": f"case when {_HIT} and block.semantic is not null then 'semantic'"
    f" when {_HIT} then 'exact' end",
    "status": "case when \"response.status\" = 499 then 'aborted'"
    " when \"response.status\" >= 400 then 'error' else 'ok' end",
    "http_status": '"response.status"',
}
_FIELDS = {
    "call_id": "request.id",
    "started_at": "started_at",
    "input_uncached_tokens": "ai.*.usage.prompt_tokens",
    "cache_read_tokens": "ai.*.usage.prompt_tokens_details.cached_tokens",
    "output_tokens": "ai.*.usage.completion_tokens",
    "reported_cost_usd": "ai.*.usage.cost",
}
"""The log's own name of the value behind a column, where something can be wrong with it."""

_TYPED = {
    "input_uncached_tokens": ("prompt", "double"),
    "cache_read_tokens": ("cached", "double"),
    "output_tokens": ("completion", "double"),
    "reported_cost_usd": ("cost", "decimal(18,9)"),
}
"""Values of a block that must fit a type when they are there."""


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged]:
    """Read Kong's log lines into `gateway_calls`; a line without a usage block holds no call.

    Raises:
        ConfigError: `[attribution]` or `[labels]` is wrong; names its key.
        SourceFileError: a file cannot be read at all.
    """
    expressions = _expressions(config)
    for relation in read_records(con, files, leaves_of(expressions, _LEAVES), "jsonl"):
        # a rejected line has no blocks and must still be seen
        blocks = "case when reject_reason is not null then [null] else ai end"
        opened = f"(select *, unnest({blocks}) as block from {relation})"
        counted = with_reading(opened, COUNTS, INCLUSIVE)
        yield Staged(GATEWAY_CALLS.name, f"({canonical_select(expressions, counted)})")


def _expressions(config: SourceConfig) -> dict[str, Expression]:
    plain = {name: Expression(sql, name, fault=_unfit(name)) for name, sql in _COLUMNS.items()}
    expressions = in_source_words(GATEWAY_CALLS, plain, _FIELDS)
    expressions["api_key_id"] = Expression(
        pseudonym("nullif(\"consumer.id\", '')", config.salt), "api_key_id"
    )
    entries = read_section(config, "attribution", DEFAULT_ATTRIBUTION)
    own = compile_columns(config, "attribution", entries, GATEWAY_CALLS) | compile_labels(config)
    refuse_nested_paths(config, own, _LEAVES)
    return expressions | own


def _unfit(column: str) -> str | None:
    """Predicate of a value that is there and is not what it must be."""
    if column not in _TYPED:
        return None
    value, type_name = _TYPED[column]
    typed = f"try_cast(block.{value} as {type_name})"
    fits = is_whole(typed) if type_name == "double" else f"{typed} is not null"
    return f"block.{value} is not null and not coalesce({fits}, false)"


FORMAT = Format(
    "kong",
    "Kong AI Gateway, lines of Kong's log (JSON lines)",
    (".jsonl", ".ndjson", ".json", ".log", ".gz"),
    read,
    options=ENTRY_OPTIONS,
)
