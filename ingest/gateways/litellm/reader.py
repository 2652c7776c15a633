"""LiteLLM StandardLoggingPayload: one JSON object per attempt (JSONL, JSON array, S3 objects).

Facts about the payload were read off LiteLLM 1.104.5, the real software, run against a loopback
provider: `prompt_tokens` includes cached and written tokens for every provider; a cache hit states
the *avoided* cost in `cost_breakdown`; a failure's `id` is not unique; a client that leaves is
logged as a success with error 499; an unpriced model costs 0.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import duckdb

from ingest.contracts.calls import GATEWAY_CALLS
from ingest.errors import ConfigError
from ingest.gateways.call_context import any_nested, usual_context
from ingest.gateways.litellm import texts
from ingest.gateways.staged_calls import staged_calls
from ingest.gateways.traffic_classes import COLUMN, usual_class
from ingest.gateways.usage_objects import leaf_counts, usage_leaves
from ingest.mapping.expression import Expression
from ingest.mapping.projection import leaves_of
from ingest.mapping.sections import (
    ENTRY_OPTIONS,
    compile_columns,
    compile_labels,
    read_section,
    refuse_nested_paths,
)
from ingest.mapping.timestamps import from_epoch
from ingest.mapping.usage_readings import INCLUSIVE, UNFIT, VECTOR, with_reading
from ingest.records.fields import Leaf, parse_path
from ingest.records.format import Format, InputFile, SourceConfig, Staged
from ingest.records.pseudonyms import pseudonym
from ingest.records.reader import read_records

DEFAULT_ATTRIBUTION: Mapping[str, object] = {
    "task_id": {
        "coalesce": ["metadata.spend_logs_metadata.task_id", "metadata.requester_metadata.task_id"]
    },
    "tenant_id": "metadata.spend_logs_metadata.tenant_id",
    "task_type": "metadata.spend_logs_metadata.task_type",
    "feature": {
        "coalesce": [
            "metadata.spend_logs_metadata.feature",
            {"path": "request_tags", "tag": "feature"},
        ]
    },
    "prompt_version": {"path": "request_tags", "tag": "prompt_version"},
    "region": "metadata.usage_object.inference_geo",
    "team": "metadata.user_api_key_team_alias",
    "user_id": {"coalesce": ["end_user", "metadata.user_api_key_user_id"]},
}
"""Where attribution is looked for when the workspace does not say: LiteLLM's usual places."""

CLASS_PLACES: Mapping[str, object] = {
    "coalesce": [
        "metadata.spend_logs_metadata.traffic_class",
        "metadata.requester_metadata.traffic_class",
        {"path": "request_tags", "tag": "traffic_class"},
    ]
}
"""Where callers may state the traffic class."""

KNOWN_CONTEXT: Mapping[str, object] = {
    "route_decision": {
        "coalesce": ["metadata.routing_decision.tier", "metadata.routing_decision.cause"]
    },
    "baseline_model": "metadata.routing_decision.savings_baseline_model",
    "prompt_name": "metadata.prompt_management_metadata.prompt_id",
}
"""What the proxy itself states of a call's context."""


def _context_places(name: str) -> object:
    places = ("spend_logs_metadata", "requester_metadata")
    return {"coalesce": [f"metadata.{place}.{name}" for place in places]}


USAGE = ("metadata", "usage_object")
_OWN_LEAVES = {
    name: Leaf(parse_path(name), leaf_type)
    for name, leaf_type in {
        "id": "VARCHAR",
        "litellm_call_id": "VARCHAR",
        "trace_id": "VARCHAR",
        "session_id": "VARCHAR",
        "call_type": "VARCHAR",
        "stream": "BOOLEAN",
        "status": "VARCHAR",
        "custom_llm_provider": "VARCHAR",
        "model": "VARCHAR",
        "model_group": "VARCHAR",
        "model_id": "VARCHAR",
        "cache_hit": "BOOLEAN",
        "startTime": "DOUBLE",
        "endTime": "DOUBLE",
        "completionStartTime": "DOUBLE",
        "prompt_tokens": "DOUBLE",
        "completion_tokens": "DOUBLE",
        "total_tokens": "DOUBLE",
        "response_cost": "DECIMAL(18,9)",
        "saved_cache_cost": "DECIMAL(18,9)",
        "cost_breakdown.total_cost": "DECIMAL(18,9)",
        "cost_breakdown.service_tier": "VARCHAR",
        "model_parameters.service_tier": "VARCHAR",
        "model_map_information.model_map_value.input_cost_per_token": "DOUBLE",
        "error_information.error_code": "VARCHAR",
        "error_information.error_class": "VARCHAR",
        "hidden_params.additional_headers.x-litellm-attempted-retries": "BIGINT",
        "hidden_params.additional_headers.x-litellm-attempted-fallbacks": "BIGINT",
        "metadata.user_api_key_hash": "VARCHAR",
        "metadata.usage_object.service_tier": "VARCHAR",
    }.items()
}

_STATED_LEAVES = [*_OWN_LEAVES.values(), *usage_leaves(USAGE)]

COUNTS = leaf_counts(
    USAGE,
    {
        "input": '"prompt_tokens"',
        "output": '"completion_tokens"',
        # adding up what it knows, the payload writes 0 for a total that nobody states
        "total": 'nullif("total_tokens", 0)',
    },
)
_HIT = 'coalesce("cache_hit", false)'
_TOKENS = "(coalesce(stated_input, 0) + coalesce(stated_output, 0))"
_OUT = "coalesce(stated_output, 0)"
_LEFT = (
    "(coalesce(\"error_information.error_code\", '') = '499'"
    " or coalesce(\"error_information.error_class\", '') = 'ClientDisconnected')"
)
_STATUS = f"case when \"status\" = 'failure' then 'error' when {_LEFT} then 'aborted' else 'ok' end"
# every look at a finished batch logs all of it again
_BATCH = "\"call_type\" in ('aretrieve_batch', 'retrieve_batch')"
READS = (
    "regexp_full_match(\"call_type\", '_?a?(get|list|retrieve|delete|cancel)_.*')"
    f" and not ({_BATCH} and {_TOKENS} > 0)"
)
"""Predicate: the request reads or ends something that a call before it made: no call itself."""

READ_AGAIN = "reads or ends what another call made"

# the answer says which tier served; what was asked for, only that it was asked for
_TIER = (
    'lower(coalesce("response".tier, "metadata.usage_object.service_tier",'
    ' "cost_breakdown.service_tier", "model_parameters.service_tier"))'
)
_PROVIDER = 'lower("custom_llm_provider")'


def call_type_operation(word: str, is_answered: str) -> str:
    """SQL of the operation that LiteLLM's word for a call stands for.

    Args:
        word: SQL of the word.
        is_answered: predicate: a model wrote an answer, whatever the call is named.
    """
    return f"""
    case
        when {word} in ('completion', 'acompletion', 'responses', 'aresponses',
            'anthropic_messages', 'generate_content', 'agenerate_content') then 'chat'
        when {word} in ('text_completion', 'atext_completion') then 'text_completion'
        when {word} in ('embedding', 'aembedding') then 'embeddings'
        when {word} in ('rerank', 'arerank') then 'rerank'
        when {word} in ('moderation', 'amoderation') then 'guardrail'
        when {word} in ('image_generation', 'aimage_generation', 'image_edit', 'aimage_edit')
            then 'image_generation'
        when {word} in ('speech', 'aspeech', 'transcription', 'atranscription') then 'audio'
        when {word} in ('vector_store_search', 'avector_store_search', 'search', 'asearch')
            then 'retrieval'
        when {word} = 'call_mcp_tool' then 'execute_tool'
        when {word} not like '%batch%' and {is_answered} then 'chat'
        else 'other'
    end"""


def _micros(name: str) -> str:
    """SQL of a UTC timestamp from epoch seconds."""
    return from_epoch(f'"{name}"', "epoch_s")


def call_id(started_at: str) -> str:
    """SQL of an attempt's id, the same in every sink: one deployment begins one at a time.

    A finished batch is one call, however often somebody looks at it.
    """
    return (
        f'case when {_BATCH} then "id" else "litellm_call_id" || \'/\' || epoch_us({started_at})'
        " || coalesce('/' || \"model_id\", '') end"
    )


_BATCH_ENDED = from_epoch('"response".ended_at', "epoch_s")

COLUMNS = {
    "call_id": call_id(_micros("startTime")),
    "request_id": '"litellm_call_id"',
    "provider_response_id": "case when \"status\" = 'success'"
    " then regexp_replace(\"id\", '_cache_hit.*$', '') end",
    "trace_id": "nullif(\"trace_id\", '')",
    "session_id": "coalesce(nullif(\"session_id\", ''), nullif(\"trace_id\", ''))",
    "operation": call_type_operation('"call_type"', f"{_PROVIDER} is not null and {_OUT} > 0"),
    # of a batch that was looked at on several days the end is the same each time
    "started_at": f"case when {_BATCH} then coalesce({_BATCH_ENDED}, {_micros('startTime')})"
    f" else {_micros('startTime')} end",
    "ended_at": _micros("endTime"),
    "first_token_at": f'case when "stream" then {_micros("completionStartTime")} end',
    "provider": _PROVIDER,
    "request_model": 'coalesce(nullif("model_group", \'\'), "model")',
    "response_model": f"case when starts_with(\"model\", {_PROVIDER} || '/')"
    f' then substr("model", length({_PROVIDER}) + 2) else "model" end',
    "is_stream": 'case when "stream" then true when "status" = \'success\' then false end',
    "service_tier": f"case when {_BATCH} then 'batch'"
    f" when {_TIER} in ('batch', 'flex', 'priority') then {_TIER}"
    f" when {_TIER} = 'fast' then 'priority' else 'standard' end",
    **VECTOR,
    # 0.0 for tokens of a model without a price means that nobody priced it
    "reported_cost_usd": f'case when {_HIT} then 0 when "response_cost" = 0 and {_TOKENS} > 0'
    ' and coalesce("model_map_information.model_map_value.input_cost_per_token", 0) = 0'
    ' and coalesce("cost_breakdown.total_cost", 0) = 0 then null else "response_cost" end',
    "reported_avoided_usd": f"case when {_HIT} then"
    ' coalesce(nullif("saved_cache_cost", 0), "cost_breakdown.total_cost") end',
    "cached_hit": _HIT,
    "cache_layer": f"case when {_HIT} then 'exact' end",
    "status": _STATUS,
    "error_type": "nullif(\"error_information.error_class\", '')",
    # '' is what a success states, and a cast that fails takes long
    "http_status": "try_cast(nullif(\"error_information.error_code\", '') as integer)",
    "is_usage_estimated": f"{_STATUS} <> 'ok' and {_TOKENS} > 0",
    "attempted_retries": '"hidden_params.additional_headers.x-litellm-attempted-retries"',
    "attempted_fallbacks": '"hidden_params.additional_headers.x-litellm-attempted-fallbacks"',
}


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged]:
    """Read payload files into `gateway_calls`.

    Raises:
        ConfigError: `[attribution]` is wrong; names its key.
        SourceFileError: a file cannot be read at all.
    """
    expressions = _expressions(config)
    for relation in read_records(con, files, leaves(config), "jsonl"):
        counted = with_reading(relation, COUNTS, INCLUSIVE)
        yield from staged_calls(con, expressions, counted, {READ_AGAIN: READS})


def leaves(config: SourceConfig) -> list[Leaf]:
    """The values that are read from a payload; everything else stays unread."""
    return leaves_of(_expressions(config), _wanted(config))


def _wanted(config: SourceConfig) -> list[Leaf]:
    return [*_STATED_LEAVES, *texts.leaves(is_hashed=_hashes_prompts(config))]


def _hashes_prompts(config: SourceConfig) -> bool:
    """Whether the source's settings ask for hashes of prompts.

    Raises:
        ConfigError: `hash_prompts` is neither true nor false.
    """
    asked = config.options.get(texts.HASH_PROMPTS, False)
    if not isinstance(asked, bool):
        raise ConfigError(str(config.path), texts.HASH_PROMPTS, "write true or false")
    return asked


def _expressions(config: SourceConfig) -> dict[str, Expression]:
    columns = COLUMNS | texts.COLUMNS
    expressions = {name: Expression(sql, name) for name, sql in columns.items()}
    counted = expressions["output_tokens"]
    expressions["output_tokens"] = replace(counted, origin="usage", checks=(UNFIT,))
    expressions["api_key_id"] = Expression(
        pseudonym("nullif(\"metadata.user_api_key_hash\", '')", config.salt), "api_key_id"
    )
    attribution = compile_attribution(config) | compile_labels(config)
    refuse_nested_paths(config, attribution, _wanted(config))
    prompt = texts.prompt_hashes(config.salt) if _hashes_prompts(config) else None
    return expressions | compile_context(config, attribution, prompt) | attribution


def compile_context(
    config: SourceConfig,
    own: Mapping[str, Expression],
    prompt: Mapping[str, str] | None = None,
) -> dict[str, Expression]:
    """Context of a call, as callers or the proxy state it.

    Args:
        own: columns of the settings.
        prompt: SQL of hashes, where the record holds the prompt and nobody states them.
    """
    context = usual_context(config, _context_places, KNOWN_CONTEXT, own)
    for name, sql in (prompt or {}).items():
        if name in context:
            context[name] = replace(context[name], sql=f"coalesce({context[name].sql}, {sql})")
    return context


def compile_attribution(config: SourceConfig) -> dict[str, Expression]:
    """Where the settings, or else LiteLLM's habits, say that attribution is.

    Raises:
        ConfigError: `[attribution]` is wrong; names its key.
    """
    entries = read_section(config, "attribution", DEFAULT_ATTRIBUTION)
    compiled = compile_columns(config, "attribution", entries, GATEWAY_CALLS)
    stated = usual_class(config, CLASS_PLACES, "false")
    if COLUMN not in entries and not any_nested(stated.leaves, compiled.values()):
        compiled[COLUMN] = stated
    return compiled


FORMAT = Format(
    "litellm",
    "LiteLLM StandardLoggingPayload (JSON lines, arrays, S3 objects; gzip allowed)",
    (".jsonl", ".ndjson", ".json", ".log", ".gz"),
    read,
    precedence=10,
    options=(*ENTRY_OPTIONS, texts.HASH_PROMPTS),
)
