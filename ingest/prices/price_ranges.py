"""Cut one rate card into ranges of time, hours of the day and input size that do not overlap.

genai-prices answers "what does this cost at this moment"; SQL needs ranges to join on. Within a
range the library's answer cannot change, because it is cut at every date, hour and threshold that
the card mentions; so asking the library once per range, at its lower corner, is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import pairwise

from genai_prices.types import (
    ModelInfo,
    PriceContext,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

from ingest.prices.lookup import BOOK_SOURCE, conditional_prices
from ingest.prices.overrides import Override
from ingest.prices.vocabulary import CLASS_PRICES, FEES, OWN_PRICES, PART_PRICES
from ingest.reference.columns import ALWAYS, OPEN

MIDNIGHT = time(0)
_SIX_PLACES = Decimal("0.000001")

ClassPrice = tuple[Decimal, str]
"""A price in USD per million tokens, and its source."""


@dataclass(frozen=True)
class PriceRange:
    """A range in which every token class of a card has one price.

    Attributes:
        daily_to: exclusive; None means midnight, for no `time` says 24:00.
        max_input_tokens: exclusive; None means no bound.
    """

    valid_from: datetime
    valid_to: datetime
    daily_from: time
    daily_to: time | None
    min_input_tokens: int
    max_input_tokens: int | None


@dataclass(frozen=True)
class RangePrice:
    """The price of one token class in one range; `inherited_from`: the class that states it."""

    price_range: PriceRange
    token_class: str
    usd_per_mtok: Decimal
    inherited_from: str | None
    source: str


def card_prices(
    model: ModelInfo | None,
    context: PriceContext,
    overrides: Sequence[Override],
    factor: Decimal = Decimal(1),
) -> Iterator[RangePrice]:
    """Prices of one model in one service tier.

    Args:
        model: the book's model; None when only overrides price it.
        context: request context of the tier (`TIER_CONTEXT`); it selects price variants.
        overrides: rows of this card in this tier, of one region and of none.
        factor: what multiplies the book's prices in this region.
    """
    for valid_from, valid_to in pairwise(_moments(model, context, overrides)):
        for daily_from, daily_to in _hours(model, context):
            # Dates decide by the period, hours by the window: any pair inside both will do.
            at = datetime.combine(valid_from.date(), daily_from)
            stated = _book_prices(model, context, at)
            for low, high in _bands(stated.values(), overrides):
                price_range = PriceRange(valid_from, valid_to, daily_from, daily_to, low, high)
                yield from _class_prices(price_range, stated, overrides, factor)


def has_variant(model: ModelInfo, context: PriceContext) -> bool:
    """Tell whether the book ever prices a request context of the model apart from standard."""
    return any(v.when.items() <= context.items() for v in model.price_variants or ())


def _constraints(
    model: ModelInfo | None, context: PriceContext
) -> Iterator[StartDateConstraint | TimeOfDateConstraint]:
    if model is None:
        return
    variants = [v for v in model.price_variants or () if v.when.items() <= context.items()]
    stated = [c.constraint for c in conditional_prices(model)] + [v.constraint for v in variants]
    yield from (constraint for constraint in stated if constraint is not None)


def _moments(
    model: ModelInfo | None, context: PriceContext, overrides: Iterable[Override]
) -> list[datetime]:
    starts = {
        datetime.combine(constraint.start_date, MIDNIGHT)
        for constraint in _constraints(model, context)
        if isinstance(constraint, StartDateConstraint)
    }
    windows = {moment for row in overrides for moment in (row.valid_from, row.valid_to)}
    return sorted({ALWAYS, OPEN, *starts, *windows})


def _hours(model: ModelInfo | None, context: PriceContext) -> list[tuple[time, time | None]]:
    """Windows of the day; one that the book wraps over midnight comes out as two."""
    cuts = {
        _utc(edge)
        for constraint in _constraints(model, context)
        if isinstance(constraint, TimeOfDateConstraint)
        for edge in (constraint.start_time, constraint.end_time)
    }
    starts = sorted({MIDNIGHT, *cuts})
    return list(zip(starts, [*starts[1:], None], strict=True))


def _utc(edge: time) -> time:
    if edge.tzinfo is None:
        return edge
    return datetime.combine(date(1970, 1, 1), edge).astimezone(UTC).time()


def _book_prices(
    model: ModelInfo | None, context: PriceContext, at: datetime
) -> dict[str, Decimal | TieredPrices]:
    """Own prices at a moment, as the book states them; fees per million as everything else.

    A tier's price that begins at a date began when the library took it in, not when the provider
    did: it is carried back as long as the standard price was the same. Before that it is unknown;
    the library itself would give the standard price.
    """
    if model is None:
        return {}
    start = _first_listed(model, context)
    if start and at < start:
        if _stated(model, {}, at) != _stated(model, {}, start):
            return {}
        at = start
    return _stated(model, context, at)


def _first_listed(model: ModelInfo, context: PriceContext) -> datetime | None:
    """When the book first lists a tier's price; None when it always does, and for `standard`."""
    variants = [
        v for v in model.price_variants or () if v.when and v.when.items() <= context.items()
    ]
    dates = [
        v.constraint.start_date if isinstance(v.constraint, StartDateConstraint) else None
        for v in variants
    ]
    if not dates or None in dates:
        return None
    return datetime.combine(min(d for d in dates if d), MIDNIGHT)


def _stated(
    model: ModelInfo, context: PriceContext, at: datetime
) -> dict[str, Decimal | TieredPrices]:
    prices = model.get_prices(at, context)
    own = {name: getattr(prices, key) for name, key in OWN_PRICES.items()}
    return {
        name: price * 1000 if name in FEES and isinstance(price, Decimal) else price
        for name, price in own.items()
        if price is not None
    }


def _bands(
    prices: Iterable[Decimal | TieredPrices], overrides: Iterable[Override]
) -> list[tuple[int, int | None]]:
    """Ranges of total input: the library charges the whole request at a tier once input > start."""
    lows = {0, *(row.min_input_tokens for row in overrides)}
    for price in prices:
        if isinstance(price, TieredPrices):
            lows |= {tier.start + 1 for tier in price.tiers}
    starts = sorted(lows)
    return list(zip(starts, [*starts[1:], None], strict=True))


def _class_prices(
    price_range: PriceRange,
    stated: Mapping[str, Decimal | TieredPrices],
    overrides: Iterable[Override],
    factor: Decimal,
) -> Iterator[RangePrice]:
    own: dict[str, ClassPrice] = {
        name: (
            _at_size(price, price_range.min_input_tokens) * (1 if name in FEES else factor),
            BOOK_SOURCE,
        )
        for name, price in stated.items()
    }
    # the last one counts: a row of the region goes before one that names none, whatever the size
    for row in sorted(overrides, key=lambda row: (row.region is not None, row.min_input_tokens)):
        if row.applies(price_range.valid_from, price_range.min_input_tokens):
            own[row.token_class] = (row.usd_per_mtok, row.source)
    for token_class, chain in CLASS_PRICES.items():
        for ancestor, _ in chain:
            if ancestor in own:
                price, source = own[ancestor]
                inherited = None if ancestor == token_class else ancestor
                yield RangePrice(
                    price_range, token_class, price.quantize(_SIX_PLACES), inherited, source
                )
                break
    for name in (*PART_PRICES, *FEES):
        if name in own:
            price, source = own[name]
            yield RangePrice(price_range, name, price.quantize(_SIX_PLACES), None, source)


def _at_size(price: Decimal | TieredPrices, input_tokens: int) -> Decimal:
    if not isinstance(price, TieredPrices):
        return price
    reached = [tier.price for tier in price.tiers if input_tokens > tier.start]
    return reached[-1] if reached else price.base
