"""The price book of a workspace: the list prices of genai-prices, with its own prices on top."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from genai_prices.types import ModelInfo, PriceContext

from ingest.prices.lookup import Entry, book_entries, entry_by_id, find_entry
from ingest.prices.overrides import Override
from ingest.prices.price_ranges import card_prices, has_variant
from ingest.prices.regional import regional_factors
from ingest.prices.tables import MODEL_PRICES, arrow_schema
from ingest.prices.vocabulary import SERVICE_TIERS, TIER_CONTEXT


@dataclass
class Card:
    """A rate card: the book's model, if it has one, and the workspace's own prices for it."""

    provider: str
    name: str
    model: ModelInfo | None
    is_borrowed: bool
    overrides: list[Override] = field(default_factory=list)

    @property
    def price_key(self) -> str:
        """Name of the rate card."""
        return f"{self.provider}/{self.name}"

    @property
    def regions(self) -> tuple[str | None, ...]:
        """Regions with a price of their own, after the card of all others, None."""
        own = {row.region for row in self.overrides if row.region}
        return (None, *sorted(own | self.factors.keys()))

    @property
    def factors(self) -> Mapping[str, Decimal]:
        """What multiplies the book's prices in a region."""
        return regional_factors(self.provider, self.model.id) if self.model else {}

    def tiers(self, region: str | None) -> Iterator[tuple[str, PriceContext, list[Override]]]:
        """Service tiers with a price of their own, with their context and a region's overrides.

        A region's card is whole: what its rows leave open, and when they hold no more, is as
        elsewhere.
        """
        for tier in SERVICE_TIERS:
            rows = [
                row
                for row in self.overrides
                if row.service_tier == tier and row.region in (None, region)
            ]
            context = self.context(tier)
            listed = self.model is not None and (
                tier == "standard" or has_variant(self.model, context)
            )
            if rows or listed:
                yield tier, context, rows

    def context(self, tier: str) -> PriceContext:
        """Request context of a tier; none for a reseller without a list of its own.

        The owner's batch or priority terms are the owner's: `ModelInfo.calc_price` drops them too.
        """
        return {} if self.is_borrowed else TIER_CONTEXT[tier]


def override_key(override: Override) -> str:
    """Rate card that an override prices: the book's when it names a book model, else its own."""
    entry = _entry_named(override)
    return entry.price_key if entry else own_key(override.provider, override.model)


def own_key(provider: str | None, model: str) -> str:
    """Rate card of a model that only `config/prices.csv` knows under this name."""
    return f"{provider or 'unstated'}/{model}"


def model_prices(
    overrides: Sequence[Override] = (), *, known_from: datetime | None = None
) -> pa.Table:
    """Build the price book.

    Args:
        overrides: rows of `config/prices.csv`.
        known_from: when the workspace took this book in (UTC, naive). The library states no date
            of its own and reading a clock here would make two equal runs differ.

    Returns:
        The columns of `MODEL_PRICES`. For one price key, region and service tier the ranges are
        disjoint and the same for all token classes. Prices are rounded to six decimals (USD per
        million tokens): of the library's prices only those with repeating decimals lose anything,
        less than one cent in ten billion tokens.
    """
    own = [card for card in _cards(overrides) if card.overrides]
    listed = _listed_prices()
    is_own = pc.is_in(listed["price_key"], pa.array([card.price_key for card in own], pa.string()))
    table = pa.concat_tables([listed.filter(pc.invert(is_own)), _priced(own)])
    at = table.schema.get_field_index("known_from")
    column = table.schema.field(at)
    return table.set_column(at, column, pa.repeat(pa.scalar(known_from, column.type), len(table)))


@cache
def _listed_prices() -> pa.Table:
    """The library's prices of every model: a third of a second, and the same for all workspaces."""
    return _priced(_cards(()))


def _priced(cards: Iterable[Card]) -> pa.Table:
    rows = [row for card in cards for row in _rows(card)]
    return pa.Table.from_pylist(rows, schema=arrow_schema(MODEL_PRICES))


def _cards(overrides: Iterable[Override]) -> Iterable[Card]:
    cards: dict[str, Card] = {}
    for entry in book_entries():
        cards[entry.price_key] = Card(entry.provider, entry.name, entry.model, entry.is_borrowed)
    for row in overrides:
        key = override_key(row)
        if key not in cards:
            cards[key] = _own_card(row)
        cards[key].overrides.append(row)
    return cards.values()


def _own_card(row: Override) -> Card:
    """A card under the raw name; the book's prices of that model stay below the overrides."""
    entry = find_entry(row.provider, row.model).entry
    provider = row.provider or "unstated"
    if entry is None:
        return Card(provider, row.model, None, is_borrowed=False)
    return Card(provider, row.model, entry.model, entry.is_borrowed)


def _entry_named(row: Override) -> Entry | None:
    if (own := entry_by_id(row.provider, row.model)) is not None:
        return own
    entry = find_entry(row.provider, row.model).entry if row.provider else None
    return entry if entry and entry.model.id.lower() == row.model else None


def _rows(card: Card) -> Iterator[dict[str, Any]]:
    for region in card.regions:
        for tier, context, overrides in card.tiers(region):
            factor = card.factors.get(region or "", Decimal(1))
            for price in card_prices(card.model, context, overrides, factor):
                yield {
                    "price_key": card.price_key,
                    "price_provider": card.provider,
                    "price_model": card.name,
                    "region": region,
                    "service_tier": tier,
                    "token_class": price.token_class,
                    "usd_per_mtok": price.usd_per_mtok,
                    **vars(price.price_range),
                    "inherited_from": price.inherited_from,
                    "source": price.source,
                }
