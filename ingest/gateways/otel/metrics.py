"""Metrics of coding agents: sums of calls, shown beside the calls and never counted as any.

A data point adds up the tokens or the cost of calls of one session, model and token class; which
calls, nobody can tell, and the agent's logs and spans state the same calls one by one. So points
become `omitted_records`. A delta says what was used since the point before; a running total
(`cumulative`) repeats what earlier files said, so it is counted without tokens and money.

Facts: Claude Code sends deltas unless told otherwise and counts cached tokens beside input; Gemini
CLI sends running totals unless told otherwise, with cached tokens inside input, thoughts and tool
prompts beside; Codex sends histograms, cached tokens inside input and reasoning inside output.
"""

from __future__ import annotations

from ingest.gateways.otel.otlp import ATTRIBUTES, as_map, wanted_attributes
from ingest.gateways.otel.queues import QueueMetrics
from ingest.gateways.otel.traces import nanoseconds
from ingest.gateways.staged_calls import omitted_records
from ingest.records.fields import Leaf
from ingest.sql import literal

SUMS = "metrics: sums of calls"
RUNNING = "metrics: running totals, export them as delta"

_TOKENS = ("claude_code.token.usage", "gemini_cli.token.usage", "codex.turn.token_usage")
_COST = "claude_code.cost.usage"
_WANTED = ("session.id", "conversation.id", "model", "type", "token_type")

_CLASSES = {
    "input_uncached_tokens": {"input": 1, "tool": 1, "cache": -1, "cached_input": -1},
    "cache_read_tokens": {"cacheRead": 1, "cache": 1, "cached_input": 1},
    "cache_write_other_tokens": {"cacheCreation": 1},
    "output_tokens": {"output": 1, "thought": 1},
}
"""What a point of a type adds to a token class, or takes from it; others are parts of these."""

_POINT = (
    'STRUCT("timeUnixNano" VARCHAR, "asInt" VARCHAR, "asDouble" VARCHAR, "sum" VARCHAR,'
    f' "attributes" {ATTRIBUTES})[]'
)
_DATA = f'STRUCT("dataPoints" {_POINT}, "aggregationTemporality" VARCHAR)'


def point_leaf(queues: QueueMetrics) -> Leaf:
    """The data points of a line that are wanted; an empty list where there are others alone.

    Args:
        queues: metrics of queues that are wanted beside those of coding agents.
    """
    names = ", ".join(literal(name) for name in sorted({*_TOKENS, _COST, *queues.metrics}))
    wanted = {*_WANTED, *queues.attributes}
    data = 'coalesce(m."sum", m."histogram", m."gauge")'
    temporality = f'{data}."aggregationTemporality"'
    # a delta, a running total, or a gauge, which is neither
    point = f"""struct_pack(
        metric := m."name", ended := p."timeUnixNano",
        is_delta := case when {temporality} in ('1', 'AGGREGATION_TEMPORALITY_DELTA') then true
            when m."gauge" is null then false end,
        amount := coalesce(p."asInt", p."asDouble", p."sum"),
        attributes := {wanted_attributes('p."attributes"', wanted, ())},
        resource := {wanted_attributes('r."resource"."attributes"', queues.attributes, ())})"""
    points = f'list_transform({data}."dataPoints", lambda p: {point})'
    metrics = f'list_filter(s."metrics", lambda n: n."name" in ({names}))'
    scopes = f"flatten(list_transform({metrics}, lambda m: {points}))"
    kept = f'flatten(list_transform(r."scopeMetrics", lambda s: {scopes}))'
    kinds = ", ".join(f'"{kind}" {_DATA}' for kind in ("sum", "histogram", "gauge"))
    scope = f'STRUCT("metrics" STRUCT("name" VARCHAR, {kinds})[])'
    resource = f'"resource" STRUCT("attributes" {ATTRIBUTES})'
    return Leaf(
        ("resourceMetrics",),
        f'STRUCT({resource}, "scopeMetrics" {scope}[])[]',
        lambda requests: f"flatten(list_transform({requests}, lambda r: {kept}))",
    )


def points(relation: str) -> str:
    """Select of the data points of a relation that `read_records` yields, their attributes maps."""
    return f"""
        select file_id, source_line, point.* exclude (attributes, resource),
            {as_map("point.attributes")} as attributes, {as_map("point.resource")} as resource
        from (
            select file_id, source_line, unnest("resourceMetrics") as point
            from {relation} where reject_reason is null
        )
    """


def omitted_points(found: str) -> str:
    """Select of `omitted_records`, given a select of data points."""
    kind = "coalesce(attributes['type'], attributes['token_type'])"
    is_tokens = f"is_delta and metric in ({', '.join(map(literal, _TOKENS))})"
    classes = ", ".join(
        f"case when {is_tokens} then (case {kind} "
        + " ".join(f"when {literal(of)} then {sign}" for of, sign in types.items())
        + f" end) * try_cast(amount as bigint) end as {name}"
        for name, types in _CLASSES.items()
    )
    own = ", ".join(literal(name) for name in (*_TOKENS, _COST))
    sums = f"""
        select file_id, source_line, {nanoseconds("ended")} as started_at,
            case when is_delta then {literal(SUMS)} else {literal(RUNNING)} end as reason,
            case split_part(metric, '.', 1) when 'codex' then 'openai'
                when 'gemini_cli' then 'gcp.gemini' when 'claude_code' then 'anthropic' end
                as provider,
            attributes['model'] as request_model,
            coalesce(attributes['session.id'], attributes['conversation.id']) as session_id,
            {classes},
            case when is_delta and metric = {literal(_COST)}
                then try_cast(amount as decimal(18,9)) end as reported_cost_usd
        from ({found}) where metric in ({own}) and is_delta is not null
    """
    columns = (*_CLASSES, "provider", "request_model", "session_id", "reported_cost_usd")
    return omitted_records(sums, dict.fromkeys(columns))
