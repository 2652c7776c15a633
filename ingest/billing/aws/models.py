"""What an AWS usage type says about a Bedrock charge: model, token class, tier, block of units.

Source: usage types that AWS documents and that published bills show, 2026-09. Four grammars bill
tokens (`<R>` is a region such as `USE1`, or `EU`):

- A `<R>-Claude4.6Sonnet-input-tokens-batch`, per 1,000 tokens
- B `<R>-openai.gpt-oss-120b-mantle-input-tokens-standard`, per 1,000 tokens
- C `<R>-MP:<R>_CacheReadInputTokenCount_Global-Units`, per 1,000,000 tokens
- D `<R>-MP:<R>_input_tokens_global_standard-Units`, per 1,000,000 tokens

C and D are Marketplace products: their model stands in the product's name only. All else (E:
guardrails, search units, reserved and provisioned capacity) bills something other than tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_REGION = r"(?:(?:AF|AP|CA|CN|EU|IL|ME|MX|SA|UG|US)[A-Z]{0,2}\d{0,2}-)?"

# Longer kinds first: "InputTokenCount" ends three of them.
_WORDED = re.compile(
    _REGION + r"(?P<model>[^:]+?)(?P<mantle>-mantle)?"
    r"(?:-(?P<modality>text|image|video|audio|speech))?"
    r"-(?P<kind>cache-read-input-token-count|cache-write(?:-5m|-1h)?-input-token-count"
    r"|input-tokens|output-tokens)(?P<rest>(?:-.*)?)"
)
_COUNTED = re.compile(
    _REGION + r"MP:[A-Z0-9]+_"
    r"(?P<kind>CacheReadInputTokenCount|CacheWrite(?:5m|1h)?InputTokenCount|InputTokenCount"
    r"|OutputTokenCount|cache_read_tokens|cache_write_tokens(?:_5m|_1h)?"
    r"|input_tokens|output_tokens)(?P<rest>(?:_.*)?)-Units"
)
_SUFFIX = re.compile(
    r"[-_](long-context|LCtx|long_ctx|latency-optimized|cross-region-global|Global|global"
    r"|standard|Batch|batch|Flex|flex|Priority|priority)(?=[-_]|$)"
)
_MEANS = {
    "long-context": ("context", "long"),
    "lctx": ("context", "long"),
    "long_ctx": ("context", "long"),
    "latency-optimized": ("latency", "optimized"),
    "cross-region-global": ("routing", "global"),
    "global": ("routing", "global"),
}
_TIERS = ("standard", "batch", "flex", "priority")
_EDITION = re.compile(r"(?P<model>.+?)\s*\(Amazon Bedrock Edition\)", re.IGNORECASE)
_NO_TOKENS = (
    (re.compile(r"guardrail", re.IGNORECASE), "guardrail"),
    (re.compile(r"-search-units$"), "search_units"),
    (re.compile(r"_Reserved_"), "reserved_capacity"),
    (re.compile(r"provisioned|model-?units?\b", re.IGNORECASE), "provisioned_throughput"),
)
_UNIT = re.compile(
    r"(?P<block>1k|1,?000|thousand|1m|1,?000,?000|million)?"
    r"[ -]?((input|output)[ -])?tokens?"
)
_BLOCKS = {"1k": 1_000, "1000": 1_000, "thousand": 1_000}
_MARKETPLACE_TOKENS = re.compile(r"MP:[A-Z0-9]+_.*(TokenCount|_tokens)")
_SEARCHED = re.compile(_REGION + r"(?P<model>.+)-search-units")


@dataclass(frozen=True)
class UsageType:
    """What one usage type and product name state; None is "not stated".

    Attributes:
        model: the bill's own word for it, such as `Claude4.6Sonnet` or `Claude Sonnet 4.6`;
            neither is a model id, nor can one be derived from it.
        token_class: an `x_token_class` of the contract.
        block: tokens in one billed unit, where the pricing unit does not say (`Units`).
        tier: an `x_service_tier`; None for what is priced apart from all of them.
        cost_type: `tokens`, or what else is billed.
        details: what else the text says: `context`, `routing`, `latency`, `endpoint`, `modality`.
    """

    model: str | None = None
    token_class: str | None = None
    block: int | None = None
    tier: str | None = None
    cost_type: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


def parse(usage_type: str, product_name: str | None) -> UsageType:
    """Return what a Bedrock line's usage type and product name state.

    Args:
        usage_type: `lineItem/UsageType`.
        product_name: `product/ProductName`; names the model of Marketplace products only, as
            `Claude Sonnet 4.6 (Amazon Bedrock Edition)`.
    """
    edition = _EDITION.fullmatch((product_name or "").strip())
    sold_as = edition["model"] if edition else None
    if match := _COUNTED.fullmatch(usage_type):
        return _tokens(match, sold_as, 1_000_000, {})
    if match := _WORDED.fullmatch(usage_type):
        said = {"endpoint": "mantle"} if match["mantle"] else {}
        if match["modality"]:
            said["modality"] = match["modality"]
        return _tokens(match, match["model"], 1_000, said)
    cost_type = next((name for word, name in _NO_TOKENS if word.search(usage_type)), None)
    searched = _SEARCHED.fullmatch(usage_type)
    return UsageType(model=searched["model"] if searched else sold_as, cost_type=cost_type)


def is_bedrock(
    codes: Iterable[str | None], product_name: str | None, usage_type: str | None
) -> bool:
    """Whether a line is Bedrock's.

    A Marketplace model has another product code: only the product's name, or a usage type that
    counts tokens, tells.

    Args:
        codes: product and service codes, or the service's name.
    """
    return (
        any(re.match("Amazon ?Bedrock", code) for code in codes if code)
        or "(amazon bedrock edition)" in (product_name or "").lower()
        or bool(_MARKETPLACE_TOKENS.search(usage_type or ""))
    )


def tokens_in_unit(unit: str | None, otherwise: int | None) -> int | None:
    """Return how many tokens a pricing unit holds; None for a unit of something else.

    Args:
        unit: such as `1K tokens`; `Units` and nothing say nothing.
        otherwise: tokens in a unit that says nothing.
    """
    text = (unit or "").strip().lower()
    if text in ("", "unit", "units"):
        return otherwise
    match = _UNIT.fullmatch(text)
    if match is None:
        return None
    block = match["block"]
    return _BLOCKS.get(block.replace(",", ""), 1_000_000) if block else 1


def _tokens(
    match: re.Match[str], model: str | None, block: int, said: Mapping[str, str]
) -> UsageType:
    details, tier = dict(said), "standard"
    rest = match["rest"]
    for word in (found[1].lower() for found in _SUFFIX.finditer(rest)):
        if word in _TIERS:
            tier = word
        else:
            details.update([_MEANS[word]])
    unknown = bool(_SUFFIX.sub("", rest))
    is_apart = unknown or details.get("latency") is not None
    return UsageType(
        model,
        _token_class(match["kind"].lower(), said.get("modality")),
        block,
        None if is_apart and tier == "standard" else tier,
        "tokens",
        details,
    )


def _token_class(kind: str, modality: str | None) -> str:
    """Return the class of a kind; Bedrock's input excludes what a cache read or wrote."""
    if "cache" in kind:
        if "read" in kind:
            return "cache_read"
        return "cache_write_" + next((ttl for ttl in ("1h", "5m") if ttl in kind), "other")
    direction = "output" if "output" in kind else "input"
    if modality in ("audio", "speech"):
        return f"{direction}_audio"
    return direction if direction == "output" else "input_uncached"
