"""LiteLLM's table `LiteLLM_SpendLogs`: rows as JSON lines, arrays, CSV or Parquet.

Facts were read off LiteLLM 1.104.5's schema and rows that its own code built. A row says what the
payload says (`litellm.py`), at other places: so the payload's columns are taken with their names
exchanged. A row differs in what it knows: attempts and the model group that was asked for are there
for streams too, `session_id` is the payload's `trace_id`, a failure is there once per client
request, and spend that the proxy caused by itself names its origin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import duckdb

from ingest.gateways.litellm import reader as litellm
from ingest.gateways.staged_calls import staged_calls
from ingest.gateways.traffic_classes import COLUMN
from ingest.gateways.usage_objects import usage_leaves
from ingest.mapping.expression import Expression
from ingest.mapping.projection import leaves_of
from ingest.mapping.sections import ENTRY_OPTIONS, compile_labels, refuse_nested_paths
from ingest.mapping.timestamps import from_iso
from ingest.mapping.usage_readings import INCLUSIVE, UNFIT, with_reading
from ingest.records.fields import Leaf, parse_path
from ingest.records.format import Format, InputFile, SourceConfig, Staged
from ingest.records.pseudonyms import pseudonym
from ingest.records.reader import read_by_name

DOCUMENTS = ("metadata", "request_tags")
"""Columns of JSON: text in a dump, an object or list in what the proxy's API answers."""

REQUIRED = ("request_id", "startTime", "spend", "prompt_tokens", "completion_tokens", "metadata")
"""Columns of a dump. Without `metadata` cached tokens would pass for full-priced ones."""

_LABELS = {"internal_call_origin": "metadata.internal_call_origin"}
"""Kept always: without it nobody can tell a caller's spend from the proxy's own."""

_LEAVES = {
    name: Leaf(parse_path(name), leaf_type)
    for name, leaf_type in {
        "request_id": "VARCHAR",
        "litellm_call_id": "VARCHAR",
        "metadata.litellm_call_id": "VARCHAR",
        "session_id": "VARCHAR",
        "call_type": "VARCHAR",
        "status": "VARCHAR",
        "metadata.status": "VARCHAR",
        "custom_llm_provider": "VARCHAR",
        "model": "VARCHAR",
        "model_group": "VARCHAR",
        "metadata.original_model_group": "VARCHAR",
        "model_id": "VARCHAR",
        "agent_id": "VARCHAR",
        "mcp_namespaced_tool_name": "VARCHAR",
        "api_key": "VARCHAR",
        "cache_hit": "VARCHAR",
        "startTime": "VARCHAR",
        "endTime": "VARCHAR",
        "completionStartTime": "VARCHAR",
        "updated_at": "VARCHAR",
        "prompt_tokens": "DOUBLE",
        "completion_tokens": "DOUBLE",
        "total_tokens": "DOUBLE",
        "spend": "DECIMAL(18,9)",
        "metadata.internal_call_origin": "VARCHAR",
        "metadata.cost_breakdown.total_cost": "DECIMAL(18,9)",
        "metadata.cost_breakdown.service_tier": "VARCHAR",
        "metadata.model_map_information.model_map_value.input_cost_per_token": "DOUBLE",
        "metadata.error_information.error_code": "VARCHAR",
        "metadata.error_information.error_class": "VARCHAR",
        "metadata.attempted_retries": "BIGINT",
        "metadata.attempted_fallbacks": "BIGINT",
        "metadata.usage_object.service_tier": "VARCHAR",
    }.items()
}
_WANTED = [*_LEAVES.values(), *usage_leaves(litellm.USAGE)]

_TIME = {
    name: from_iso(f"nullif(\"{name}\", '')", None)
    for name in ("startTime", "endTime", "completionStartTime", "updated_at")
}

_PAYLOAD = {
    # rows of before the column existed have neither
    "litellm_call_id": 'coalesce(nullif("litellm_call_id", \'\'), "metadata.litellm_call_id",'
    " regexp_replace(\"request_id\", '_cache_hit.*$', ''))",
    "trace_id": '"session_id"',
    "status": "coalesce(nullif(\"status\", ''), nullif(\"metadata.status\", ''), 'success')",
    # the only trace of a stream: an answer that is not one begins when it ends
    "stream": f"({_TIME['completionStartTime']} < {_TIME['endTime']})",
    "cache_hit": "(lower(\"cache_hit\") = 'true')",
    "model_group": 'coalesce(nullif("metadata.original_model_group", \'\'), "model_group")',
    "model_id": "nullif(\"model_id\", '')",
    "custom_llm_provider": "nullif(\"custom_llm_provider\", '')",
    "response_cost": '"spend"',
    "saved_cache_cost": "null::decimal(18,9)",
    "response": "(struct_pack(tier := null::varchar, ended_at := null::double))",
    "id": '"request_id"',
    "cost_breakdown.total_cost": '"metadata.cost_breakdown.total_cost"',
    "cost_breakdown.service_tier": '"metadata.cost_breakdown.service_tier"',
    "model_parameters.service_tier": "null::varchar",
    "model_map_information.model_map_value.input_cost_per_token": (
        '"metadata.model_map_information.model_map_value.input_cost_per_token"'
    ),
    "error_information.error_code": '"metadata.error_information.error_code"',
    "error_information.error_class": '"metadata.error_information.error_class"',
    "hidden_params.additional_headers.x-litellm-attempted-retries": '"metadata.attempted_retries"',
    "hidden_params.additional_headers.x-litellm-attempted-fallbacks": (
        '"metadata.attempted_fallbacks"'
    ),
}
"""What the payload calls otherwise, in a row's own names."""


def _in_row_names(sql: str) -> str:
    """SQL over a payload's names as SQL over a row's."""
    return re.sub(r'"[^"]+"', lambda found: _PAYLOAD.get(found[0][1:-1], found[0]), sql)


def _time(name: str) -> Expression:
    fault = f"nullif(\"{name}\", '') is not null and {_TIME[name]} is null"
    return Expression(_TIME[name], name, fault=fault)


_COUNTS = {name: _in_row_names(sql) for name, sql in litellm.COUNTS.items()}
_COLUMNS: Mapping[str, Expression] = {
    **{name: Expression(_in_row_names(sql), name) for name, sql in litellm.COLUMNS.items()},
    "call_id": Expression(
        _in_row_names(litellm.call_id("@")).replace("@", _TIME["startTime"]), "call_id"
    ),
    "started_at": _time("startTime"),
    "ended_at": _time("endTime"),
    "first_token_at": Expression(
        f"case when {_PAYLOAD['stream']} then {_TIME['completionStartTime']} end", "first_token_at"
    ),
    "recorded_at": _time("updated_at"),
    "agent_name": Expression("nullif(\"agent_id\", '')", "agent_id"),
    "tool_name": Expression("nullif(\"mcp_namespaced_tool_name\", '')", "tool_name"),
    # what the proxy runs beside the caller's request
    COLUMN: Expression(
        "case when starts_with(\"metadata.internal_call_origin\", 'shadow_') then 'shadow'"
        " when regexp_matches(\"metadata.internal_call_origin\", 'guardrail|judge|eval')"
        " then 'evaluation' end",
        COLUMN,
    ),
}

_OUTPUT = replace(_COLUMNS["output_tokens"], origin="usage", checks=(UNFIT,))


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged]:
    """Read dumps of the table into `gateway_calls`.

    Raises:
        ConfigError: `[attribution]` or `[labels]` is wrong; names its key.
        SourceFileError: a file cannot be read at all, or lacks a column.
    """
    expressions = _expressions(config)
    leaves = leaves_of(expressions, _WANTED)
    for relation in read_by_name(con, files, leaves, DOCUMENTS, REQUIRED):
        counted = with_reading(relation, _COUNTS, INCLUSIVE)
        reads = {litellm.READ_AGAIN: _in_row_names(litellm.READS)}
        yield from staged_calls(con, expressions, counted, reads)


def _expressions(config: SourceConfig) -> dict[str, Expression]:
    key = Expression(pseudonym("nullif(\"api_key\", '')", config.salt), "api_key_id")
    attribution = litellm.compile_attribution(config) | compile_labels(config, _LABELS)
    if "attribution" not in config.options:
        own, stated = _COLUMNS[COLUMN], attribution[COLUMN]
        attribution[COLUMN] = replace(stated, sql=f"coalesce({own.sql}, {stated.sql})")
    refuse_nested_paths(config, attribution, _WANTED)
    context = litellm.compile_context(config, attribution)
    return {**_COLUMNS, "output_tokens": _OUTPUT, "api_key_id": key, **context, **attribution}


FORMAT = Format(
    "litellm_spendlogs",
    "LiteLLM's table LiteLLM_SpendLogs (JSON lines, arrays, CSV, Parquet; gzip allowed)",
    (".jsonl", ".ndjson", ".json", ".csv", ".parquet", ".gz"),
    read,
    precedence=15,
    options=ENTRY_OPTIONS,
)
