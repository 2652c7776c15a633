"""What an Azure OpenAI or Foundry meter says: model, token class, tier, scope and block of tokens.

Azure bills a model by the words of its meter and by nothing else, so `5.6 luna ShortCo Cd Inp Std
DZ 1M Tokens` is all there is. The words of the grammar were seen in the vendor's retail price list,
2026-09 (`opt` is output, `PP` is priority processing, never provisioned capacity, `Cd Wr` writes a
cache that `Cd Inp` reads). A model keeps the bill's own words: `5.4` does not become `gpt-5.4`
here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_WORDS: Mapping[str, str] = {
    "input": "inp|inpt|input|in|prompt",
    "output": "outp|outpt|output|out|opt|completion",
    "cached": "cached|cchd|cched|cach|cache|cd",
    "write": "wr|write",
    "read": "rd|read",
    "batch": "batch",
    "priority": "pp|priority",
    "flex": "flex|fl",
    "standard": "std|standard",
    "global": "glbl|gl|global",
    "data_zone": r"dz|dzn|dzone|datazone|data[\s-]+zone",
    "regional": "regnl|rgnl|regional",
    "short": "shortco|shco",
    "long": "longco|loco",
    "tokens": r"(?:1[mk][\s-]+)?tokens?",
    "hosting": "hstng|hosting",
    "unit": "unit|units",
}
"""What a word says -> how meters spell it. All of these are taken out of a model's name."""

_KEPT: Mapping[str, str] = {
    "audio": r"aud\d*|audio",
    "text": "txt|text",
    "image": "img|image",
    "training": "trn|trng|training",
    "provisioned": "provisioned|ptu",
}
"""Words that may be part of a model's name, so they stay in it."""

_START, _END = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"

_SAYS = {
    meaning: re.compile(f"{_START}(?:{words}){_END}", re.IGNORECASE)
    for meaning, words in {**_WORDS, **_KEPT}.items()
}
_REMOVED = re.compile(rf"[\s-]*{_START}(?:{'|'.join(_WORDS.values())}){_END}", re.IGNORECASE)
_GLUED = re.compile(r"\b(batch)(?=(?:inp|out|opt))", re.IGNORECASE)
_SERVICE = re.compile(r"\bopenai\b|\bfoundry models\b|\bazure (?!machine)[\w. ]+ models\b", re.I)
_BLOCK = re.compile(r"\s*(\d+)\s*([KM]?)(?:\s*tokens?)?\s*", re.IGNORECASE)
_BLOCK_IN_NAME = re.compile(rf"{_START}1([mk])[\s-]+tokens?{_END}", re.IGNORECASE)
_THOUSANDS = {"": 1, "K": 1_000, "M": 1_000_000}


@dataclass(frozen=True)
class Meter:
    """What the bill says about one meter; None where it says nothing.

    Attributes:
        is_model_service: a line of Azure OpenAI or of another model family in Foundry.
        model: the model in the bill's own words.
        token_class: as in the contract; None for tokens without a direction (embeddings).
        service_tier: price tier, when the meter names one.
        cost_type: `tokens`, `training`, `provisioned_throughput`, `hosting`.
        block: tokens in one pricing unit; None when the unit is none of tokens, or contradicts
            the meter's name.
        scope: where a deployment may be served: `global`, `data_zone`, `regional`.
        context: priced context band, `short` or `long`.
    """

    is_model_service: bool
    model: str | None = None
    token_class: str | None = None
    service_tier: str | None = None
    cost_type: str | None = None
    block: int | None = None
    scope: str | None = None
    context: str | None = None


def parse_meter(
    category: str | None, subcategory: str | None, name: str | None, unit: str | None
) -> Meter:
    """Read a meter's words.

    Args:
        category: MeterCategory, which Microsoft has renamed over the years (`Cognitive Services`,
            `Azure OpenAI`, `Foundry Models`); a token meter with a direction needs none of them.
        subcategory: MeterSubCategory, for example `Azure Grok Models`.
        name: MeterName.
        unit: UnitOfMeasure, for example `1K`.
    """
    text = _GLUED.sub(r"\1 ", name or "")
    said = frozenset(meaning for meaning, words in _SAYS.items() if words.search(text))
    if not _is_model_service(category, subcategory, said):
        return Meter(is_model_service=False)
    cost_type = _cost_type(said)
    return Meter(
        is_model_service=True,
        model=_model(text) if cost_type not in (None, "provisioned_throughput") else None,
        token_class=_token_class(said) if cost_type == "tokens" else None,
        service_tier=_only(said, "batch", "priority", "flex", "standard"),
        cost_type=cost_type,
        block=_block(text, unit) if cost_type in ("tokens", "training") else None,
        scope=_only(said, "global", "data_zone", "regional"),
        context=_only(said, "short", "long"),
    )


def _is_model_service(category: str | None, subcategory: str | None, said: frozenset[str]) -> bool:
    named = _SERVICE.search(category or "") or _SERVICE.search(subcategory or "")
    return bool(named) or ("tokens" in said and bool(said & {"input", "output"}))


def _cost_type(said: frozenset[str]) -> str | None:
    if "provisioned" in said:
        return "provisioned_throughput"
    if "tokens" in said:
        return "training" if "training" in said else "tokens"
    return "hosting" if "hosting" in said else None


def _model(text: str) -> str | None:
    return _REMOVED.sub("", text).strip(" -") or None


def _token_class(said: frozenset[str]) -> str | None:
    """Cached audio is a cache read, as in OpenAI's usage; images without text have no class."""
    if {"input", "output"} <= said or ("output" in said and "cached" in said):
        return None
    if "image" in said and "text" not in said:
        return None
    if "cached" in said:
        return "cache_write_other" if "write" in said else "cache_read"
    spoken = "audio" in said and "text" not in said
    if "output" in said:
        return "output_audio" if spoken else "output"
    if "input" in said:
        return "input_audio" if spoken else "input_uncached"
    return None


def _only(said: frozenset[str], *meanings: str) -> str | None:
    """Return the one meaning that was said; two that exclude each other say nothing."""
    found = [meaning for meaning in meanings if meaning in said]
    return found[0] if len(found) == 1 else None


def _block(text: str, unit: str | None) -> int | None:
    stated = _BLOCK.fullmatch(unit or "")
    if stated is None:
        return None
    block = int(stated[1]) * _THOUSANDS[stated[2].upper()]
    in_name = _BLOCK_IN_NAME.search(text)
    if in_name and _THOUSANDS[in_name[1].upper()] != block:
        return None
    return block
