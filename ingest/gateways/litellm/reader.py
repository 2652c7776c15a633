"""LiteLLM StandardLoggingPayload: one JSON object per attempt (JSONL, JSON array, S3 objects).

Facts about the payload were read off LiteLLM 1.104.5, the real software, run against a loopback
provider: `prompt_tokens` includes cached and written tokens for every provider; a cache hit states
the *avoided* cost in `cost_breakdown`; a failure's `id` is not unique; a client that leaves is
logged as a success with error 499; an unpriced model costs 0.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb

from ingest.contracts.calls import GATEWAY_CALLS
from ingest.gateways.litellm import texts
from ingest.mapping.expression import Expression
from ingest.mapping.projection import canonical_select, leaves_of
from ingest.mapping.sections import (
    ENTRY_OPTIONS,
    compile_columns,
    compile_labels,
    read_section,
    refuse_nested_paths,
)
from ingest.mapping.timestamps import from_epoch
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
    "team": "metadata.user_api_key_team_alias",
    "user_id": {"coalesce": ["end_user", "metadata.user_api_key_user_id"]},
}
"""Where attribution is looked for when the workspace does not say: LiteLLM's usual places."""

_USAGE = "metadata.usage_object."
_LEAVES = {
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
        "prompt_tokens": "BIGINT",
        "completion_tokens": "BIGINT",
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
        _USAGE + "prompt_tokens_details.cached_tokens": "BIGINT",
        _USAGE + "prompt_tokens_details.audio_tokens": "BIGINT",
        _USAGE + "prompt_tokens_details.cache_write_tokens": "BIGINT",
        _USAGE + "prompt_tokens_details.cache_creation_tokens": "BIGINT",
        _USAGE + "prompt_tokens_details.cache_creation_token_details"
        ".ephemeral_5m_input_tokens": "BIGINT",
        _USAGE + "prompt_tokens_details.cache_creation_token_details"
        ".ephemeral_1h_input_tokens": "BIGINT",
        _USAGE + "cache_read_input_tokens": "BIGINT",
        _USAGE + "cache_creation_input_tokens": "BIGINT",
        _USAGE + "completion_tokens_details.reasoning_tokens": "BIGINT",
        _USAGE + "completion_tokens_details.audio_tokens": "BIGINT",
    }.items()
}

_WANTED = [*_LEAVES.values(), *texts.LEAVES]

_DETAILS = _USAGE + "prompt_tokens_details."
_READ = f'coalesce("{_DETAILS}cached_tokens", "{_USAGE}cache_read_input_tokens", 0)'
_WRITE = (
    f'coalesce(nullif("{_DETAILS}cache_write_tokens", 0),'
    f' nullif("{_DETAILS}cache_creation_tokens", 0), "{_USAGE}cache_creation_input_tokens", 0)'
)
_TTL = _DETAILS + "cache_creation_token_details.ephemeral_"
_WRITE_5M = f'coalesce("{_TTL}5m_input_tokens", 0)'
_WRITE_1H = f'coalesce("{_TTL}1h_input_tokens", 0)'
_AUDIO_IN = f'coalesce("{_DETAILS}audio_tokens", 0)'
_AUDIO_OUT = f'coalesce("{_USAGE}completion_tokens_details.audio_tokens", 0)'
_HIT = 'coalesce("cache_hit", false)'
_TOKENS = '(coalesce("prompt_tokens", 0) + coalesce("completion_tokens", 0))'
_LEFT = (
    "(coalesce(\"error_information.error_code\", '') = '499'"
    " or coalesce(\"error_information.error_class\", '') = 'ClientDisconnected')"
)
_STATUS = f"case when \"status\" = 'failure' then 'error' when {_LEFT} then 'aborted' else 'ok' end"
_TIER = 'lower(coalesce("cost_breakdown.service_tier", "model_parameters.service_tier"))'
_PROVIDER = 'lower("custom_llm_provider")'


def call_type_operation(word: str) -> str:
    """SQL of the operation that LiteLLM's word for a call, an SQL expression, stands for."""
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
        else 'other'
    end"""


def _known(count: str, part: str) -> str:
    """SQL of a part of a count: unmentioned is 0 only where the count is known."""
    return f'case when "{count}" is not null then {part} end'


def _micros(name: str) -> str:
    """SQL of a UTC timestamp from epoch seconds."""
    return from_epoch(f'"{name}"', "epoch_s")


def call_id(started_at: str) -> str:
    """SQL of an attempt's id, the same in every sink: one deployment begins one at a time."""
    return (
        f"\"litellm_call_id\" || '/' || epoch_us({started_at}) || coalesce('/' || \"model_id\", '')"
    )


COLUMNS = {
    "call_id": call_id(_micros("startTime")),
    "request_id": '"litellm_call_id"',
    "provider_response_id": "case when \"status\" = 'success'"
    " then regexp_replace(\"id\", '_cache_hit.*$', '') end",
    "trace_id": "nullif(\"trace_id\", '')",
    "session_id": "coalesce(nullif(\"session_id\", ''), nullif(\"trace_id\", ''))",
    "operation": call_type_operation('"call_type"'),
    "started_at": _micros("startTime"),
    "ended_at": _micros("endTime"),
    "first_token_at": f'case when "stream" then {_micros("completionStartTime")} end',
    "provider": _PROVIDER,
    "request_model": 'coalesce(nullif("model_group", \'\'), "model")',
    "response_model": f"case when starts_with(\"model\", {_PROVIDER} || '/')"
    f' then substr("model", length({_PROVIDER}) + 2) else "model" end',
    "is_stream": 'case when "stream" then true when "status" = \'success\' then false end',
    "service_tier": f"case when {_TIER} in ('batch', 'flex', 'priority') then {_TIER}"
    f" when {_TIER} = 'fast' then 'priority' else 'standard' end",
    "input_uncached_tokens": f'"prompt_tokens" - {_READ}'
    f" - greatest({_WRITE}, {_WRITE_5M} + {_WRITE_1H}) - {_AUDIO_IN}",
    "cache_read_tokens": _known("prompt_tokens", _READ),
    "cache_write_5m_tokens": _known("prompt_tokens", _WRITE_5M),
    "cache_write_1h_tokens": _known("prompt_tokens", _WRITE_1H),
    # the lifetime split can cover less than the total (litellm#42663)
    "cache_write_other_tokens": _known(
        "prompt_tokens", f"greatest({_WRITE} - {_WRITE_5M} - {_WRITE_1H}, 0)"
    ),
    "input_audio_tokens": _known("prompt_tokens", _AUDIO_IN),
    "output_tokens": f'"completion_tokens" - {_AUDIO_OUT}',
    "reasoning_tokens": _known(
        "completion_tokens",
        f'coalesce("{_USAGE}completion_tokens_details.reasoning_tokens", 0)',
    ),
    "output_audio_tokens": _known("completion_tokens", _AUDIO_OUT),
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
        con.execute(
            f"create or replace temp view litellm_rows as {canonical_select(expressions, relation)}"
        )
        yield Staged(GATEWAY_CALLS.name, "litellm_rows")
        con.execute("drop view if exists litellm_rows")


def leaves(config: SourceConfig) -> list[Leaf]:
    """The values that are read from a payload; everything else stays unread."""
    return leaves_of(_expressions(config), _WANTED)


def _expressions(config: SourceConfig) -> dict[str, Expression]:
    columns = COLUMNS | texts.COLUMNS
    expressions = {name: Expression(sql, name) for name, sql in columns.items()}
    expressions["api_key_id"] = Expression(
        pseudonym("nullif(\"metadata.user_api_key_hash\", '')", config.salt), "api_key_id"
    )
    attribution = compile_attribution(config) | compile_labels(config)
    refuse_nested_paths(config, attribution, _WANTED)
    return expressions | attribution


def compile_attribution(config: SourceConfig) -> dict[str, Expression]:
    """Where the settings, or else LiteLLM's habits, say that attribution is.

    Raises:
        ConfigError: `[attribution]` is wrong; names its key.
    """
    entries = read_section(config, "attribution", DEFAULT_ATTRIBUTION)
    return compile_columns(config, "attribution", entries, GATEWAY_CALLS)


FORMAT = Format(
    "litellm",
    "LiteLLM StandardLoggingPayload (JSON lines, arrays, S3 objects; gzip allowed)",
    (".jsonl", ".ndjson", ".json", ".log", ".gz"),
    read,
    precedence=10,
    options=ENTRY_OPTIONS,
)
