"""What a Google Cloud SKU's text says: model, direction, cache, tier and kind of cost.

The text is the only place where the export names a model. Two families are known (strings seen in
live exports, 2026-09):

    Gemini 2.5 Flash GA Thinking Text Output - Predictions
    Generate content input token count gemini 2.5 flash short input text

A model is spelt as its words in lower case, joined by `-`, so that both families agree:
`gemini-2.5-flash`. The words of release (`GA`), endpoint (`Global`, `Regional`) and context length
are left out; all others that stand before the direction are kept (`gemini-2.5-flash-live`).
Text that fits no family names no model: it is never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MODALITY = "text|audio|image|video|document"
_TIER = "batch|flex|priority"

_PREDICTIONS = re.compile(
    rf"""
    (?P<model>gemini\ \d\S*(?:\ \S+)*?)
    (?:\ ga)? (?:\ (?:global|regional))? (?:\ (?P<early_tier>{_TIER}))? (?:\ thinking)?
    (?:\ (?P<modality>{_MODALITY}))? (?:\ \(\w+\))?
    \ (?P<direction>input|output)
    (?P<tail>(?:\ .*)?)
    """,
    re.VERBOSE,
)

_TOKEN_COUNT = re.compile(
    r"generate content (?P<cached>cached )?(?P<direction>input|output) token count "
    r"(?P<model>gemini \d\S*(?: \S+)*?) (?:short|long)(?P<tail>(?: .*)?)"
)

_TAIL = re.compile(
    rf"(?:\ (?:{_MODALITY}|{_TIER}|input|output|cached|caching|storage|long|short|predictions|-"
    r"|thinking|non-thinking|\(long\)|\(short\)|\(thinking\ on\)))*"
)
"""Words after the direction that are understood; with any other, only the model is believed."""

_GROUNDING = re.compile(r"\bgrounding with google (?:web )?search\b")


@dataclass(frozen=True)
class Sku:
    """What one SKU text says.

    Attributes:
        model: for example `gemini-2.5-flash`; None when the text names none.
        token_class: the contract's token class; None for anything but tokens, or when unclear.
        tier: `batch`, `flex` or `priority`; None when not stated.
        cost_type: `tokens`, `cache_storage`, `web_search`, `provisioned_throughput` or None.
    """

    model: str | None = None
    token_class: str | None = None
    tier: str | None = None
    cost_type: str | None = None


def read_sku(description: str) -> Sku:
    """Return what a SKU description says; spaces at its ends (two SKUs start with one) are cut."""
    words = " ".join(description.lower().split())
    if _GROUNDING.search(words):
        return Sku(cost_type="web_search")
    if "provisioned throughput" in words:
        return Sku(cost_type="provisioned_throughput")
    found = _TOKEN_COUNT.fullmatch(words) or _PREDICTIONS.fullmatch(words)
    if found is None or re.search(r"\b(tuning|training)\b", words):
        return Sku()
    return _tokens(found.groupdict())


def _tokens(said: dict[str, str | None]) -> Sku:
    model, tail = (said["model"] or "").replace(" ", "-"), said["tail"] or ""
    late_tier = re.search(rf"\b({_TIER})\b", tail)
    tier = said.get("early_tier") or (late_tier[1] if late_tier else None)
    if not _TAIL.fullmatch(tail):
        return Sku(model, tier=tier)
    if "storage" in tail.split():
        return Sku(model, tier=tier, cost_type="cache_storage")
    modality = said.get("modality") or _first_modality(tail)
    is_cached = bool(said.get("cached")) or bool(re.search(r"\b(caching|cached)\b", tail))
    return Sku(model, _token_class(said["direction"], modality, is_cached), tier, "tokens")


def _first_modality(tail: str) -> str | None:
    found = re.search(rf"\b({_MODALITY})\b", tail)
    return found[1] if found else None


def _token_class(direction: str | None, modality: str | None, is_cached: bool) -> str:
    """Return the token class; images and video have none of their own and count as text.

    Google bills thinking as output, and cached input apart from other input.
    """
    if direction == "output":
        return "output_audio" if modality == "audio" else "output"
    if is_cached:
        return "cache_read"
    return "input_audio" if modality == "audio" else "input_uncached"
