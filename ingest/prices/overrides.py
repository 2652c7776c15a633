"""A workspace's own prices, `config/prices.csv`: one row replaces one price of one class.

A row that names a region holds for calls of that region, and goes before one that names none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from ingest.prices.vocabulary import PRICED, SERVICE_TIERS, canonical_provider
from ingest.reference.columns import SOURCE, Validity, number, word
from ingest.reference.row import Row
from ingest.reference.table import Column, Note, ReferenceRow, ReferenceTable

_PRICE_LIMIT = 1_000_000  # DECIMAL(12,6) holds six digits before the point
_TOKENS_LIMIT = 10**12
_VALIDITY = Validity("price")


def _provider(row: Row, column: str) -> str | None:
    return canonical_provider(row[column])


def _model(row: Row, column: str) -> str:
    if not row[column]:
        row.refuse(column, "name the model as the calls or the price book do")
    return row[column].lower()


def _count(row: Row, column: str) -> int:
    text = row[column]
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and int(text) < _TOKENS_LIMIT):
        row.refuse(
            column,
            f"{text!r} is not a count of tokens: write the smallest "
            "total input that pays this price, or nothing",
        )
    return int(text)


def _region(row: Row, column: str) -> str | None:
    return row[column].lower() or None


@dataclass(frozen=True)
class Override(ReferenceRow):
    """One price of one token class of one model in one tier."""

    provider: Annotated[
        str | None, Column("who serves the model; empty: calls that name no provider", _provider)
    ]
    model: Annotated[
        str, Column("name in calls, or id of a model in the price book", _model, is_required=True)
    ]
    service_tier: Annotated[
        str, word("tier of service", SERVICE_TIERS, default="standard", any_case=True)
    ]
    token_class: Annotated[str, word("class of tokens", PRICED, any_case=True)]
    usd_per_mtok: Annotated[
        Decimal, number("USD for a million tokens", digits=12, places=6, below=_PRICE_LIMIT)
    ]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    min_input_tokens: Annotated[
        int,
        Column(
            "the price applies from this total input upwards, until a row of the same class with a"
            " higher one takes over; empty: 0",
            _count,
        ),
    ]
    region: Annotated[
        str | None,
        Column(
            "as calls name it; empty: every region without a row of its own",
            _region,
            is_optional=True,
        ),
    ]
    source: Annotated[str, SOURCE]
    note: Note = field(default="", compare=False)

    def applies(self, at: datetime, input_tokens: int) -> bool:
        """Tell whether the row prices a call at `at` (UTC) with that total input."""
        return self.valid_from <= at < self.valid_to and self.min_input_tokens <= input_tokens


PRICES = ReferenceTable(
    name="prices",
    file="config/prices.csv",
    title="your own prices, before the public price book",
    row_type=Override,
    key=("provider", "model", "region", "service_tier", "token_class", "min_input_tokens"),
    verb="prices",
)
