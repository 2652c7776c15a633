"""Columns of Langfuse's observations as columns of calls; where attribution usually is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ingest.gateways.langfuse import tokens
from ingest.gateways.traffic_classes import LANGFUSE_JUDGES, LANGFUSE_OWN
from ingest.mapping.expression import Expression
from ingest.mapping.timestamps import from_iso
from ingest.mapping.usage_readings import ALL_INPUT, ALL_OUTPUT, IS_USED, VECTOR
from ingest.records.fields import Leaf
from ingest.sql import literal, quote

DOCUMENTS = ("metadata", "tags", "usage_details", "cost_details", "model_parameters")
"""Columns of JSON: maps and lists in Parquet, text in CSV."""


def _tagged(name: str) -> dict[str, object]:
    return {"coalesce": [f"metadata.{name}", {"path": "tags", "tag": name}]}


DEFAULT_ATTRIBUTION: Mapping[str, object] = {
    "session_id": "session_id",
    "task_id": "metadata.task_id",
    "task_type": {"coalesce": ["metadata.task_type", "trace_name"]},
    "tenant_id": _tagged("tenant_id"),
    "feature": _tagged("feature"),
    "team": _tagged("team"),
    "experiment": _tagged("experiment"),
    "variant": _tagged("variant"),
    "prompt_version": ["prompt_name", "prompt_version"],
    "user_id": "user_id",
    "environment": "environment",
}
"""Where attribution is looked for when the workspace does not say; a trace is a task."""

KNOWN_CONTEXT: Mapping[str, object] = {"prompt_name": "prompt_name"}
"""What Langfuse itself states of a call's context."""

CLASS_PLACES = _tagged("traffic_class")
"""Where a record may state its traffic class."""

JUDGES = (
    f'(lower("type") in ({", ".join(map(literal, LANGFUSE_JUDGES))})'
    f' or "environment" like {literal(LANGFUSE_OWN)})'
)
"""SQL: the observation judges, and so do the calls below it."""

OF_TRACES = ("metadata", "tags", "user_id", "session_id", "release", "version", "environment")
"""Columns that traces have, too; `trace_name` is their `name`."""


def _bytes(text: str) -> str:
    return f"nullif(strlen({text}), 0)"


def _facts(attributes: str) -> str:
    """Of a span's attributes only what tells the provider and its response."""
    names = ("gen_ai.provider.name", "gen_ai.system", "gen_ai.response.id")
    paths = ", ".join(literal(f'$."{name}"') for name in names)
    return (
        f"case when json_valid({attributes}) then json_extract_string({attributes}, [{paths}]) end"
    )


_SPAN = "metadata.attributes"
LEAVES = [
    Leaf(("id",)),
    Leaf(("trace_id",)),
    Leaf(("parent_observation_id",)),
    Leaf(("type",)),
    Leaf(("name",)),
    Leaf(("level",)),
    Leaf(("start_time",)),
    Leaf(("end_time",)),
    Leaf(("completion_start_time",)),
    Leaf(("updated_at",)),
    Leaf(("provided_model_name",)),
    Leaf(("model_parameters", "service_tier")),
    Leaf(("metadata", "ls_provider")),
    Leaf(("metadata", "attributes"), keep=_facts),
    Leaf(("input",), keep=_bytes),
    Leaf(("output",), keep=_bytes),
    Leaf(("total_cost",), "DECIMAL(18,9)"),
    Leaf(("cost_details", "total")),
    *tokens.LEAVES,
]


def text(name: str) -> str:
    """SQL of a text; an empty one is none."""
    return f"nullif({quote(name)}, '')"


def time(name: str) -> Expression:
    """A time in UTC."""
    sql = from_iso(text(name), None)
    return Expression(sql, name, fault=f"{text(name)} is not null and {sql} is null")


OPERATION = """
    case upper("type")
        when 'GENERATION' then 'chat'
        when 'EMBEDDING' then 'embeddings'
        when 'TOOL' then 'execute_tool'
        when 'RETRIEVER' then 'retrieval'
        when 'GUARDRAIL' then 'guardrail'
    end"""
_LITELLM = "^time-[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]+_(.+?)(_cache_hit.*)?$"
"""The id that LiteLLM's callback gives a generation."""

_MODEL = text("provided_model_name")
_TIER = 'lower("model_parameters.service_tier")'

COLUMNS: dict[str, Expression] = {
    "started_at": time("start_time"),
    "ended_at": time("end_time"),
    "first_token_at": time("completion_start_time"),
    "recorded_at": time("updated_at"),
    **{
        name: Expression(sql, name)
        for name, sql in {
            "span_id": text("id"),
            "parent_id": text("parent_observation_id"),
            "call_id": f"coalesce({text('trace_id')} || '/', '') || {text('id')}",
            "provider_response_id": f'coalesce({quote(_SPAN)}[3], nullif(regexp_extract("id",'
            f" {literal(_LITELLM)}, 1), ''))",
            "trace_id": text("trace_id"),
            "operation": OPERATION,
            "tool_name": f"case when {OPERATION} = 'execute_tool' then left({text('name')}, 200)"
            " end",
            "provider": f"lower(coalesce({quote(_SPAN)}[1], {quote(_SPAN)}[2],"
            f" {text('metadata.ls_provider')}))",
            "request_model": _MODEL,
            "response_model": _MODEL,
            "is_stream": f"case when {text('completion_start_time')} is not null then true end",
            "service_tier": f"case when {_TIER} in ('batch', 'flex', 'priority') then {_TIER}"
            f" when {_TIER} = 'fast' then 'priority' else 'standard' end",
            **{name: sql for name, sql in VECTOR.items() if name != "web_searches"},
            "all_input_tokens": ALL_INPUT,
            "all_output_tokens": ALL_OUTPUT,
            # an embedding has no output to count
            "output_tokens": f"coalesce({VECTOR['output_tokens']},"
            f" case when upper(\"type\") = 'EMBEDDING' and {IS_USED} then 0 end)",
            "input_bytes": '"input"',
            "output_bytes": '"output"',
            # 0 for tokens whose cost was not worked out means that nobody priced them
            "reported_cost_usd": 'case when "total_cost" = 0 and "cost_details.total" is null'
            f' and {IS_USED} then null else "total_cost" end',
            # what never ended and counted nothing was left
            "status": "case when \"level\" = 'ERROR' then 'error'"
            f" when {text('end_time')} is null and not {IS_USED} then 'aborted' else 'ok' end",
        }.items()
    },
}
_OUTPUT = COLUMNS["output_tokens"]
COLUMNS["output_tokens"] = replace(
    _OUTPUT, origin=tokens.KEY, checks=((tokens.UNFIT, "a count of tokens is no whole number"),)
)
"""Columns of calls and, of spans alone, identifiers and all tokens; over leaves `with_reading`."""
