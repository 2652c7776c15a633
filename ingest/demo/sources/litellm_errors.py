"""The error half of a LiteLLM record: always an object, empty strings on success."""

from __future__ import annotations

from typing import Any

from ingest.demo.traffic.calls import Call

_NONE = {
    "error_code": "",
    "error_class": "",
    "llm_provider": "",
    "traceback": "",
    "error_message": "",
    "error_provider_request_id": None,
    "error_rate_limit_category": None,
    "error_rate_limit_type": None,
    "error_budget_entity_type": None,
    "error_budget_entity_id": None,
    "error_budget_limit": None,
    "error_budget_spend": None,
    "normalized_error": None,
}

_ERRORS: dict[str, tuple[str, dict[str, Any]]] = {
    "rate_limit": (
        "litellm.RateLimitError: rate limit reached, try again in 120ms.",
        {
            "error_code": "429",
            "error_class": "RateLimitError",
            "error_rate_limit_category": "vendor_rate_limit",
            "normalized_error": "429_RATE_LIMIT_EXCEEDED",
        },
    ),
    "unavailable": (
        "litellm.ServiceUnavailableError: the model is overloaded.",
        {
            "error_code": "503",
            "error_class": "ServiceUnavailableError",
            "normalized_error": "503_SERVICE_UNAVAILABLE",
        },
    ),
    "budget": (
        "Budget has been exceeded! Tenant castellan",
        {
            "error_code": "429",
            "error_class": "BudgetExceededError",
            "error_budget_entity_type": "end_user",
            "normalized_error": "429_BUDGET_EXCEEDED",
        },
    ),
    "gateway_error": (
        "litellm.InternalServerError: no deployment is left to try.",
        {
            "error_code": "500",
            "error_class": "InternalServerError",
            "normalized_error": "500_INTERNAL_SERVER_ERROR",
        },
    ),
    "timeout": (
        "litellm.Timeout: the request took longer than 60 seconds.",
        {"error_code": "408", "error_class": "Timeout", "normalized_error": "408_TIMEOUT"},
    ),
    "stream_broken": (
        "Response payload is not completed",
        {"error_class": "ReadError", "normalized_error": "500_PROVIDER_CONNECTION_ERROR"},
    ),
}

_CLIENT_LEFT = {
    "error_code": "499",
    "error_message": "Client disconnected the request",
    "error_class": "ClientDisconnected",
}


def error_fields(call: Call) -> tuple[str | None, dict[str, Any]]:
    """`error_str` and `error_information` of the call's record."""
    if call.error == "client_left":
        return "Client disconnected the request", _CLIENT_LEFT
    if not call.error:
        return None, _NONE
    text, fields = _ERRORS[call.error]
    about = {"llm_provider": call.provider, "error_message": text}
    return text, {**_NONE, **about, **fields}
