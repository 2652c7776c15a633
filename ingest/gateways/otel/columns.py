"""Columns of calls over the concepts of `names`, typed and `with_reading`.

What a span, or a log record of a coding agent, says of one call.
"""

from __future__ import annotations

from ingest.gateways.otel import traces
from ingest.gateways.otel.names import CALL_DETAILS
from ingest.mapping.usage_readings import VECTOR, Convention

CONVENTION = Convention(cache="agent_cached is not null")
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
_CURRENCY = "upper(trim(cost_currency))"
_COST = f"case when coalesce({_CURRENCY}, 'USD') = 'USD' then cost end"
_IS_FOREIGN = f"{_CURRENCY} <> 'USD' and not coalesce({_HIT}, false)"
# a log record is written when the call ends
_STARTED = f"""
    case when event is null then {_time("started")}
        else {_time("started")} - to_milliseconds(
            coalesce(try_cast(try_cast(duration_millis as double) as bigint), 0))
    end"""
_REQUEST = "case when event is not null or agent_span = 'llm_request' then request_name end"
_CALL = f"""
    case when event is null or event = '{CALL_DETAILS}' then trace_id || '/' || span_id
        when operation = 'execute_tool' and tool_use is not null then tool_use
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


COLUMNS = {
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
    "reported_cost": f"case when {_IS_FOREIGN} and not (cost = 0 and {_USED}) then cost end",
    "reported_currency": f"case when {_IS_FOREIGN} and cost is not null then {_CURRENCY} end",
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
"""SQL of a call's columns; attribution is added to them."""
