"""Prices that depend on where a call is served, where the price book has one price for all places.

Anthropic multiplies every token price of Claude Opus 4.6 and of later models by 1.1 for inference
that must stay in the United States (`inference_geo: us`). Source: Anthropic's pricing page, "Data
residency pricing", read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

_OF_NO_REGION = frozenset(
    {
        "claude-v1",
        "claude-2",
        "claude-3-haiku",
        "claude-3-sonnet",
        "claude-3-opus-latest",
        "claude-3-5-haiku-latest",
        "claude-3-5-sonnet",
        "claude-3-7-sonnet-latest",
        "claude-opus-4-0",
        "claude-sonnet-4-0",
        "claude-opus-4-1",
        "claude-sonnet-4-5",
        "claude-haiku-4-5",
        "claude-opus-4-5",
    }
)
"""Anthropic's models of before Opus 4.6 in the price book; the list can only become shorter."""


def regional_factors(provider: str, model: str) -> Mapping[str, Decimal]:
    """Return the factor on list prices by region, lower case; none where prices do not differ.

    Args:
        provider: genai-prices id of the seller.
        model: id of the model in the price book.
    """
    if provider == "anthropic" and model not in _OF_NO_REGION:
        return {"us": Decimal("1.1")}
    return {}
