"""Calls as LiteLLM logs them: StandardLoggingPayload lines, all 45 top-level keys.

The field set and its oddities follow records of LiteLLM 1.104.5: prompt_tokens includes cached and
cache-write tokens, input_cost includes cache_read_cost, a cache hit costs 0 but keeps its tokens,
`stream` is true or null, streamed rows carry no retry headers, a disconnected client is `success`.
Prompts and answers are redacted at the source.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from ingest.demo.clock import SECOND
from ingest.demo.company.prices import IN_HOUSE, Tokens, rates_at, reported_at
from ingest.demo.money import usd_number
from ingest.demo.sources.litellm_errors import error_fields
from ingest.demo.traffic.calls import Call
from ingest.demo.traffic.context import routing_decision, stated

_ENCODE = json.JSONEncoder(separators=(",", ":")).encode

_REDACTED = "redacted-by-litellm"
_MESSAGES = [{"role": "user", "content": _REDACTED}]
_NO_MARGIN = {
    "discount_percent": 0.0,
    "discount_amount": 0.0,
    "margin_percent": 0.0,
    "margin_fixed_amount": 0.0,
    "margin_total_amount": 0.0,
}
_TAIL: dict[str, Any] = {
    "autorouter_savings": None,
    "autorouter_savings_estimate": None,
    "autorouter_baseline_observation": None,
    "request_model_access_groups": [],
    "requester_ip_address": "10.4.0.17",
    "user_agent": "OpenAI/Python 3.54.0",
    "response_cost_failure_debug_info": None,
    "zero_cost_diagnostic": None,
    "guardrail_information": None,
    "standard_built_in_tools_params": {"web_search_options": None, "file_search": None},
}
_TIER_WORDS = {"standard": "default"}

_BATCH_FIELDS = {
    "batch_models": None,
    "batch_successful_requests": None,
    "batch_failed_requests": None,
}


def line(call: Call) -> str:
    """One log line of `call`, without the newline."""
    return _ENCODE(payload(call))


def payload(call: Call) -> dict[str, Any]:
    """The record of `call`, keys as in StandardLoggingPayload."""
    group, deployment = _deployment(call)
    usage = _usage(call)
    started, ended = call.started_us / SECOND, call.ended_us / SECOND
    failed = call.status == "error"
    error_str, error = error_fields(call)
    embeds = call.operation == "embeddings"
    return {
        "id": call.response_id,
        "litellm_call_id": call.request_id,
        "trace_id": call.owner.task_id or call.request_id.replace("-", ""),
        "session_id": "",
        "call_type": "aembedding" if embeds else "acompletion",
        "cache_hit": True if call.gateway_hit else (False if call.stream or failed else None),
        "stream": True if call.stream and not failed else None,
        "status": "failure" if failed else "success",
        "status_fields": {
            "llm_api_status": "failure" if failed else "success",
            "guardrail_status": "not_run",
        },
        "custom_llm_provider": call.provider,
        "saved_cache_cost": usd_number(call.reported_nano) if call.gateway_hit else 0.0,
        "startTime": started,
        "endTime": ended,
        "completionStartTime": call.first_token_us / SECOND,
        "response_time": (call.ended_us - call.started_us) / SECOND,
        "model": f"{call.provider}/{call.model}",
        "metadata": _metadata(call, usage),
        "cache_key": None if call.stream or not call.gateway_hit else call.request_id[:8] * 8,
        "response_cost": 0.0 if call.gateway_hit else usd_number(call.reported_nano),
        "cost_breakdown": _cost_breakdown(call),
        "total_tokens": usage["total_tokens"],
        "prompt_tokens": usage["prompt_tokens"],
        "completion_tokens": usage["completion_tokens"],
        "request_tags": _tags(call),
        "end_user": call.owner.user,
        "api_base": f"https://{call.provider}.gateway.larkspur.example/v1",
        "model_group": group,
        "model_id": deployment,
        "messages": _MESSAGES,
        "response": {} if failed else _response(call, group, usage),
        "model_parameters": {} if embeds else _parameters(call),
        "hidden_params": _hidden(call, group, deployment),
        "model_map_information": _model_map(call),
        "error_str": error_str,
        "error_information": error,
        **_TAIL,
    }


def _deployment(call: Call) -> tuple[str, str]:
    """Public alias and deployment id of the model that served the call."""
    return call.model, f"dep-{call.model.replace('.', '-')}-a"


def _usage(call: Call) -> dict[str, Any]:
    uncached, read, write_5m, write_1h, output = call.tokens
    prompt = uncached + read + write_5m + write_1h
    usage: dict[str, Any] = {
        "completion_tokens": output,
        "prompt_tokens": prompt,
        "total_tokens": prompt + output,
    }
    if not any(call.tokens):
        return usage
    if call.operation == "embeddings":
        return usage | {"completion_tokens_details": None, "prompt_tokens_details": None}
    usage["completion_tokens_details"] = {
        "accepted_prediction_tokens": 0,
        "audio_tokens": 0,
        "reasoning_tokens": call.reasoning,
        "rejected_prediction_tokens": 0,
    }
    details: dict[str, Any] = {"audio_tokens": None, "cached_tokens": read}
    usage["prompt_tokens_details"] = details
    if call.provider == "anthropic":
        details |= {
            "cache_write_tokens": write_5m + write_1h,
            "text_tokens": uncached,
            "cache_creation_tokens": write_5m + write_1h,
            "cache_creation_token_details": {
                "ephemeral_5m_input_tokens": write_5m,
                "ephemeral_1h_input_tokens": write_1h,
            },
        }
        if call.region:
            usage["inference_geo"] = call.region
        usage["cache_creation_input_tokens"] = write_5m + write_1h
        usage["cache_read_input_tokens"] = read
    if call.stream:
        usage["cost"] = usd_number(call.reported_nano)
    return usage


def _cost_breakdown(call: Call) -> dict[str, Any] | None:
    """What the attempt cost, or for a cache hit what it would have cost; None without tokens."""
    if not any(call.tokens):
        return None
    rates = _rates(call)
    parts = [count * rate for count, rate in zip(call.tokens, rates, strict=True)]
    total = usd_number(sum(parts))
    return {
        "input_cost": usd_number(sum(parts[:4])),
        "output_cost": usd_number(parts[4]),
        "total_cost": total,
        "tool_usage_cost": 0.0,
        "service_tier": None if call.stream else _TIER_WORDS.get(call.tier, call.tier),
        "data_residency": None,
        "vertex_location": None,
        "cache_read_cost": usd_number(parts[1]),
        "original_cost": total,
        **_NO_MARGIN,
    }


def _rates(call: Call) -> Tokens:
    """Nano-dollars per token by the gateway's own, late price map; 0 where it has no price."""
    size, at_us = sum(call.tokens[:4]), reported_at(call.started_us)
    return rates_at(call.model, call.tier, at_us, call.region, size) or (0, 0, 0, 0, 0)


def _parameters(call: Call) -> dict[str, Any]:
    """What was asked for: the only place where a stream's tier stands."""
    asked = {"stream": call.stream, "user": call.owner.user}
    return asked if call.tier == "standard" else {**asked, "service_tier": call.tier}


def _tags(call: Call) -> list[str]:
    owner = call.owner
    tags = [f"feature:{owner.feature}"] if owner.feature else []
    if owner.prompt_version:
        tags.append(f"prompt_version:{owner.prompt_version}")
    return [*tags, "User-Agent: OpenAI", "User-Agent: OpenAI/Python 3.54.0"]


def _metadata(call: Call, usage: dict[str, Any]) -> dict[str, Any]:
    owner = call.owner
    team = owner.team.lower().replace(" ", "-") if owner.team else None
    logged = {
        "tenant_id": owner.tenant,
        "feature": owner.feature,
        "task_id": owner.task_id,
        "task_type": owner.task_type,
        "experiment": owner.experiment,
        "variant": owner.variant,
    }
    given: dict[str, Any] = {name: value for name, value in logged.items() if value is not None}
    given |= stated(call)
    embeds = call.operation == "embeddings"
    return {
        "user_api_key_hash": key_hash(owner.key or team, owner.environment),
        "user_api_key_alias": f"{team}-{owner.environment}" if team else None,
        "user_api_key_spend": 0.0,
        "user_api_key_max_budget": None,
        "user_api_key_team_id": f"team-{team}" if team else None,
        "user_api_key_team_alias": owner.team,
        "user_api_key_org_id": "org-larkspur",
        "user_api_key_org_alias": "Larkspur",
        "user_api_key_user_id": f"svc-{team}" if team else None,
        "user_api_key_end_user_id": owner.user,
        "user_api_key_request_route": "/v1/embeddings" if embeds else "/v1/chat/completions",
        "user_api_key_auth_metadata": {"environment": owner.environment},
        "spend_logs_metadata": given or None,
        "requester_ip_address": "10.4.0.17",
        "user_agent": "OpenAI/Python 3.54.0",
        "requester_metadata": {},
        "routing_decision": routing_decision(call),
        "applied_guardrails": [],
        "usage_object": usage,
    }


@cache
def key_hash(team: str | None, environment: str) -> str:
    """Hash of the key that a team uses in an environment, as the gateway logs it."""
    return hashlib.sha256(f"{team}/{environment}".encode()).hexdigest()


def _response(call: Call, group: str, usage: dict[str, Any]) -> dict[str, Any]:
    if call.operation == "embeddings":
        return {"model": group, "data": [], "object": "list", "usage": usage}
    message = {"role": "assistant", "content": _REDACTED}
    return {
        "id": call.response_id.partition("_cache_hit")[0],
        "created": call.started_us // SECOND,
        "model": group,
        "object": "chat.completion",
        "choices": [{"finish_reason": "stop", "index": 0, "message": message}],
        "usage": usage,
    }


def _hidden(call: Call, group: str, deployment: str) -> dict[str, Any]:
    failed = call.status == "error"
    headers: dict[str, Any] | None = None if failed else {}
    if not call.stream and not failed:
        headers = {
            "x-litellm-model-group": group,
            "x-litellm-attempted-retries": call.retries,
            "x-litellm-attempted-fallbacks": call.fallbacks,
        }
    return {
        "model_id": None if failed else deployment,
        "cache_key": None,
        "api_base": None,
        "response_cost": usd_number(call.reported_nano),
        "additional_headers": headers,
        "litellm_overhead_time_ms": None if call.stream or failed else 14.2,
        **_BATCH_FIELDS,
        "litellm_model_name": None if failed else f"{call.provider}/{call.model}",
        "usage_object": None,
    }


def _model_map(call: Call) -> dict[str, Any]:
    """The gateway's own price row: 0 for the in-house model, the only sign that it has none."""
    rates = _rates(call)
    return {
        "model_map_key": f"{call.provider}/{call.model}",
        "model_map_value": {
            "key": call.model,
            "input_cost_per_token": usd_number(rates[0]),
            "cache_read_input_token_cost": usd_number(rates[1]) or None,
            "output_cost_per_token": usd_number(rates[4]),
            "litellm_provider": call.provider,
            "mode": None
            if call.model == IN_HOUSE
            else ("embedding" if call.operation == "embeddings" else "chat"),
        },
    }
