"""The demo's own dated rate table, in US dollars per million tokens.

It is hard-coded, not read from a price library, because the demo is the oracle that the price book
is checked against; a test proves each rate equal to the public price on those dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ingest.demo.clock import day_start, utc

TOKEN_CLASSES = ("input_uncached", "cache_read", "cache_write_5m", "cache_write_1h", "output")
"""Order of every token tuple of the demo."""

Tokens = tuple[int, int, int, int, int]
NO_TOKENS: Tokens = (0, 0, 0, 0, 0)

SMALL = "gpt-5.6-luna"
MID = "gpt-5.5"
LARGE = "gpt-5-pro"
PRO = "gpt-5.5-pro"
"""For what must be right the first time."""

EMBEDDER = "text-embedding-3-small"
BATCH_MODEL = "gpt-4.1-mini"
HAIKU = "claude-haiku-4-5"
SONNET = "claude-sonnet-5"
OPUS = "claude-opus-4-8"
FABLE = "claude-fable-5"
IN_HOUSE = "larkspur-triage-7b"
"""The company's own; its hoster bills capacity, used or not, so that no token has a price."""

PREVIEW = "gpt-6-nova-preview"
"""Tried for a day: billed, and on no price list."""

MARKET_DATA, HELP_SEARCH = "market-data", "help-search"
TOOL_NANO = {MARKET_DATA: 600_000_000, HELP_SEARCH: 450_000_000}
"""Nano-dollars of one call of an outside API, paid by card: no bill is delivered."""

TOOLS_CSV = "tool,usd_per_call,valid_from,valid_to,note\n" + "".join(
    f"{tool},{Decimal(nano).scaleb(-9):.2f},,,\n" for tool, nano in TOOL_NANO.items()
)

UNBILLED_PROVIDER = "findable"
"""Who sells both."""

NO_PROMPT_CACHE = frozenset({IN_HOUSE, LARGE, PRO})
"""Models whose prompts are read anew by every request."""

OFF_GATEWAY_ONLY = {"openai": "gpt-4.1", "anthropic": "claude-sonnet-4-6"}
"""Models that data scientists call directly, so that only the bill ever sees them."""

PROVIDER_OF = {
    SMALL: "openai",
    MID: "openai",
    LARGE: "openai",
    PRO: "openai",
    EMBEDDER: "openai",
    BATCH_MODEL: "openai",
    PREVIEW: "openai",
    HAIKU: "anthropic",
    SONNET: "anthropic",
    OPUS: "anthropic",
    FABLE: "anthropic",
    IN_HOUSE: "hosted_vllm",
    **dict.fromkeys(TOOL_NANO, UNBILLED_PROVIDER),
    **{model: provider for provider, model in OFF_GATEWAY_ONLY.items()},
}

LUNA_CUT_AT = utc("2026-07-30")
"""First moment of the lower luna price; the day is a UTC day."""

GATEWAY_MAP_UPDATED_AT = utc("2026-08-03")
"""Until then the gateway's own price map still holds the old luna price."""

WEB_SEARCH = "web_search"
FEE_NANO = {
    WEB_SEARCH: 10_000_000,
    "image_models": 40_000_000,
    "audio_models": 100_000,
    "file_search": 2_500_000,
}
"""What is billed by the piece: a web search (10 USD per thousand, at both providers), and at OpenAI
an image, a second of audio, a request to search files."""


@dataclass(frozen=True)
class Rates:
    """Prices of one model and tier from `valid_from` on, USD per million tokens.

    Attributes:
        from_tokens: tokens in from which they hold for the whole request.
    """

    model: str
    tier: str
    valid_from: int
    usd_per_mtok: tuple[str, str, str, str, str]
    from_tokens: int = 0

    @property
    def nano_per_token(self) -> Tokens:
        """Nano-dollars of one token of each class, a whole number."""
        a, b, c, d, e = (int(Decimal(text) * 1000) for text in self.usd_per_mtok)
        return (a, b, c, d, e)


LONG_FROM = 272_001
"""Tokens in from which a request to the mid model pays its prices of long contexts."""

RATES = (
    Rates(SMALL, "standard", 0, ("1", "0.1", "0", "0", "6")),
    Rates(SMALL, "standard", LUNA_CUT_AT, ("0.2", "0.02", "0", "0", "1.2")),
    Rates(MID, "standard", 0, ("5", "0.5", "0", "0", "30")),
    Rates(MID, "standard", 0, ("10", "1", "0", "0", "45"), LONG_FROM),
    Rates(MID, "flex", 0, ("2.5", "0.25", "0", "0", "15")),
    Rates(MID, "priority", 0, ("12.5", "1.25", "0", "0", "75")),
    Rates(LARGE, "standard", 0, ("15", "0", "0", "0", "120")),
    Rates(PRO, "standard", 0, ("30", "0", "0", "0", "180")),
    Rates(EMBEDDER, "standard", 0, ("0.02", "0", "0", "0", "0")),
    Rates("gpt-4.1", "standard", 0, ("2", "0.5", "0", "0", "8")),
    Rates(HAIKU, "standard", 0, ("1", "0.1", "1.25", "2", "5")),
    Rates(SONNET, "standard", 0, ("2", "0.2", "2.5", "4", "10")),
    Rates(OPUS, "standard", 0, ("5", "0.5", "6.25", "10", "25")),
    Rates(FABLE, "standard", 0, ("10", "1", "12.5", "20", "50")),
    Rates("claude-sonnet-4-6", "standard", 0, ("3", "0.3", "3.75", "6", "15")),
    Rates(BATCH_MODEL, "standard", 0, ("0.4", "0.1", "0", "0", "1.6")),
    Rates(BATCH_MODEL, "batch", 0, ("0.2", "0.1", "0", "0", "0.8")),
)
"""A `0` marks a class that the demo never uses with that model."""

OVERRIDES_CSV = """\
provider,model,service_tier,token_class,usd_per_mtok,valid_from,valid_to,min_input_tokens,note
openai,gpt-4.1-mini,batch,input_uncached,0.2,2026-01-01,2026-10-14,,batch is half of standard
openai,gpt-4.1-mini,batch,cache_read,0.1,2026-01-01,2026-10-14,,no batch discount on cached input
openai,gpt-4.1-mini,batch,output,0.8,2026-01-01,2026-10-14,,batch is half of standard
"""
"""Batch prices for the days before the public price book knows them (from 2026-10-14)."""

_PREVIEW_RATES: Tokens = (7500, 750, 0, 0, 45000)
"""What the preview is billed at: 7.50, 0.75 and 45 USD per million tokens."""

IN_REGION = {"us": Fraction(11, 10)}
"""What multiplies Claude's prices where inference must stay in a region."""

_BY_MODEL: dict[tuple[str, str, str | None], list[tuple[int, int, Tokens]]] = {}
for _rates in RATES:
    for _region, _factor in ((None, Fraction(1)), *IN_REGION.items()):
        _nano = [int(nano * _factor) for nano in _rates.nano_per_token]
        _BY_MODEL.setdefault((_rates.model, _rates.tier, _region), []).append(
            (
                _rates.valid_from,
                _rates.from_tokens,
                (_nano[0], _nano[1], _nano[2], _nano[3], _nano[4]),
            )
        )


def rates_at(
    model: str, tier: str, at_us: int, region: str | None = None, size: int = 0
) -> Tokens | None:
    """Nano-dollars per token of each class at `at_us`; None when nobody prices the model.

    Args:
        region: where inference must stay; None: anywhere.
        size: tokens in of the whole request.
    """
    found = None
    for valid_from, from_tokens, rates in _BY_MODEL.get((model, tier, region), ()):
        if valid_from <= at_us and from_tokens <= size:
            found = rates
    return found


def billed_rates_at(
    model: str, tier: str, day: int, region: str | None = None, size: int = 0
) -> Tokens:
    """Nano-dollars per token of each class that the provider charges on a UTC day.

    Raises:
        ValueError: nobody bills the model.
    """
    at_us = day_start(day)
    rates = _PREVIEW_RATES if model == PREVIEW else rates_at(model, tier, at_us, region, size)
    if rates is None:
        raise ValueError(f"{model} is on a bill: add its price to RATES")
    return rates


def cost_nano(
    model: str,
    tier: str,
    at_us: int,
    tokens: Tokens,
    region: str | None = None,
    size: int | None = None,
) -> int | None:
    """Cost of `tokens` in nano-dollars; 0 for no tokens, None when tokens have no price.

    `size` is what they are priced as if they were, in tokens in; None: as many as they are.
    """
    if model in TOOL_NANO:
        return TOOL_NANO[model]
    if not any(tokens):
        return 0
    rates = rates_at(model, tier, at_us, region, sum(tokens[:4]) if size is None else size)
    if rates is None:
        return None
    return sum(count * rate for count, rate in zip(tokens, rates, strict=True))


def reported_at(at_us: int) -> int:
    """The time whose prices the gateway's own, late price map uses at `at_us`."""
    if LUNA_CUT_AT <= at_us < GATEWAY_MAP_UPDATED_AT:
        return LUNA_CUT_AT - 1
    return at_us
