"""Another price book for the same calls: another model, a discount, prices that were announced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

import duckdb
import pyarrow as pa

from ingest.errors import OutlayError, nearest
from ingest.reference.columns import ALWAYS, OPEN

MOST = Decimal(100)
"""Factor of a price above which it is taken for a mistake."""


@dataclass(frozen=True)
class PriceChanges:
    """What is asked of the price book.

    Attributes:
        models: model of the calls, and the one whose rate card they are to have.
        factors: model, and what its prices are multiplied by.
        prices_on: the day whose prices hold all the time; None for those of each call's moment.
    """

    models: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, Decimal] = field(default_factory=dict)
    prices_on: date | None = None

    def __bool__(self) -> bool:
        """Whether anything is asked."""
        return bool(self.models or self.factors or self.prices_on)

    def in_words(self) -> list[str]:
        """Each change as a person says it."""
        return [
            *(f"{old} at the price of {new}" for old, new in self.models.items()),
            *(f"{model} at {factor:f} of its price" for model, factor in self.factors.items()),
            *([f"prices of {self.prices_on}"] if self.prices_on else []),
        ]


def parse_models(written: Iterable[str]) -> dict[str, str]:
    """Read `OLD=NEW`, each a model.

    Raises:
        OutlayError: a part is missing, or a model is replaced twice.
    """
    return dict(_pairs("--model", "gpt-5.1=gpt-4.1-mini", written))


def parse_factors(option: str, example: str, written: Iterable[str]) -> dict[str, Decimal]:
    """Read `MODEL=NUMBER`.

    Raises:
        OutlayError: a part is missing, the number is none or beyond its bounds, or a model is named
            twice.
    """
    return {name: number(option, value) for name, value in _pairs(option, example, written)}


def number(option: str, written: str, most: Decimal = MOST) -> Decimal:
    """Read a number from 0 to `most`.

    Raises:
        OutlayError: it is none.
    """
    try:
        found = Decimal(written)
    except InvalidOperation:
        found = Decimal("NaN")
    if not (found.is_finite() and 0 <= found <= most):
        raise OutlayError(f"{option}: {written!r} is no number from 0 to {most}")
    return found


def _pairs(option: str, example: str, written: Iterable[str]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for pair in written:
        name, _, value = (word.strip() for word in pair.partition("="))
        if not name or not value:
            raise OutlayError(f"{option} {pair!r}: write {option} {example}")
        if name in found:
            raise OutlayError(f"{option} states {name} twice: say once what it is to be")
        found[name] = value
    return list(found.items())


def changed_book(
    book: pa.Table, changes: PriceChanges, used: Mapping[str, Sequence[str]]
) -> pa.Table:
    """A book after some changes: the prices of a day, then discounts, then other models' prices.

    Args:
        book: the columns of `MODEL_PRICES`.
        changes: what is asked.
        used: the rate cards that calls of each model have.

    Returns:
        The book in which the cards of replaced models hold the prices of those in their place.

    Raises:
        OutlayError: no call is of a model, the book has no rate card of the other, or several.
    """
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.register("given", book)
        con.execute("create table book as from given")
        keys = [row[0] for row in con.execute("select distinct price_key from book").fetchall()]
        if changes.prices_on:
            con.execute("delete from book where not ($day >= valid_from and $day < valid_to)",
                        {"day": changes.prices_on})  # fmt: skip
            con.execute("update book set valid_from = $always, valid_to = $open",
                        {"always": ALWAYS, "open": OPEN})  # fmt: skip
        for model, factor in changes.factors.items():
            con.execute(
                "update book set usd_per_mtok = cast(usd_per_mtok * $factor as decimal(12, 6))"
                " where list_contains($cards, price_key)",
                {"factor": factor, "cards": cards_of(model, used)},
            )
        con.execute("create table kept as from book")
        for old, new in changes.models.items():
            for card in cards_of(old, used):
                taken = _card_named(new, card, keys)
                con.execute("delete from book where price_key = $card", {"card": card})
                con.execute(
                    "insert into book select * replace ($card as price_key) from kept"
                    " where price_key = $taken",
                    {"card": card, "taken": taken},
                )
        return con.execute("from book order by all").to_arrow_table().cast(book.schema)


def cards_of(model: str, used: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Rate cards that calls of a model have.

    Args:
        used: of every model that calls are of.

    Raises:
        OutlayError: no call is of it, or none has a price.
    """
    if model not in used:
        known = sorted(used)
        hint = nearest(model, known) or f"; there are {', '.join(known) or 'none with a price'}"
        raise OutlayError(f"no call of these days is of a model {model!r} with a price{hint}")
    return used[model]


def _card_named(model: str, beside: str, keys: Sequence[str]) -> str:
    """The rate card of a model, of the provider of the card `beside` where there is a choice."""
    provider = beside.partition("/")[0]
    for exact in (model, f"{provider}/{model}"):
        if exact in keys:
            return exact
    found = sorted(key for key in keys if key.partition("/")[2] == model)
    if not found:
        models = {key.partition("/")[2] for key in keys}
        raise OutlayError(f"the price book has no model {model!r}{nearest(model, models)}")
    if len(found) > 1:
        raise OutlayError(f"several providers have {model}: write one of {', '.join(found)}")
    return found[0]
