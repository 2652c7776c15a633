"""Read a workspace's own prices, `config/prices.csv`: one row replaces one price of one class.

A row that names a region holds for calls of that region, and goes before one that names none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ingest.prices.vocabulary import SERVICE_TIERS, TOKEN_CLASSES, canonical_provider
from ingest.reference.csv_table import Row, read_rows, refuse_overlaps

HEADER = (
    "provider",
    "model",
    "service_tier",
    "token_class",
    "usd_per_mtok",
    "valid_from",
    "valid_to",
    "min_input_tokens",
    "note",
)
OPTIONAL = ("region",)
"""Price files without it stay as they are."""

_PRICE_LIMIT = Decimal(1_000_000)  # DECIMAL(12,6) holds six digits before the point
_TOKENS_LIMIT = 10**12


@dataclass(frozen=True)
class Override:
    """One row of the price file.

    Attributes:
        provider: canonical provider; None for calls that name no provider.
        model: lower-case model name, or id of a model in the price book.
        usd_per_mtok: USD for a million tokens.
        valid_from: UTC, inclusive, naive.
        valid_to: UTC, exclusive, naive.
        min_input_tokens: the price applies from this total input upwards, until a row of the
            same class with a higher minimum takes over.
        region: as calls name it, lower case; None for every region without a row of its own.
        row: where it stands.
    """

    provider: str | None
    model: str
    service_tier: str
    token_class: str
    usd_per_mtok: Decimal
    valid_from: datetime
    valid_to: datetime
    min_input_tokens: int
    region: str | None
    row: Row

    @property
    def source(self) -> str:
        """What the `source` column says of this price."""
        return f"{self.row.file}:{self.row.line}"

    @property
    def cell(self) -> tuple[str | None, str, str | None, str, str, int]:
        """What the row prices; two rows of one cell must not overlap in time."""
        return (
            self.provider,
            self.model,
            self.region,
            self.service_tier,
            self.token_class,
            self.min_input_tokens,
        )

    def applies(self, at: datetime, input_tokens: int) -> bool:
        """Tell whether the row prices a call at `at` (UTC) with that total input."""
        return self.valid_from <= at < self.valid_to and self.min_input_tokens <= input_tokens


def read_overrides(path: Path, shown_as: str = "config/prices.csv") -> tuple[Override, ...]:
    """Read the price file; a workspace without one has no overrides.

    Args:
        path: the file on disk.
        shown_as: its name in errors and in the `source` column.

    Raises:
        ConfigError: a wrong header or cell, or two rows that price the same cell at one time.
    """
    overrides = tuple(map(_override, read_rows(path, shown_as, HEADER, OPTIONAL)))
    refuse_overlaps(overrides, "prices")
    return overrides


def _override(row: Row) -> Override:
    if not row["model"]:
        row.refuse("model", "name the model as the calls or the price book do")
    valid_from, valid_to = row.validity("price")
    return Override(
        provider=canonical_provider(row["provider"]),
        model=row["model"].lower(),
        service_tier=_one_of(row, "service_tier", SERVICE_TIERS, "standard"),
        token_class=_one_of(row, "token_class", TOKEN_CLASSES),
        usd_per_mtok=_price(row),
        valid_from=valid_from,
        valid_to=valid_to,
        min_input_tokens=_count(row),
        region=row["region"].lower() or None,
        row=row,
    )


def _one_of(row: Row, column: str, allowed: tuple[str, ...], default: str = "") -> str:
    value = row[column].lower() or default
    if value not in allowed:
        row.refuse(column, f"{value!r} is not one of {', '.join(allowed)}")
    return value


def _price(row: Row) -> Decimal:
    column = "usd_per_mtok"
    try:
        price = Decimal(row[column])
    except InvalidOperation:
        row.refuse(
            column, f"{row[column]!r} is not a number: write USD for a million tokens, with a point"
        )
    if not price.is_finite() or price < 0:
        row.refuse(column, "a price cannot be negative or infinite")
    if price >= _PRICE_LIMIT or price != round(price, 6):
        row.refuse(
            column, "write USD for a million tokens, below 1000000 and with at most 6 decimals"
        )
    return round(price, 6)


def _count(row: Row) -> int:
    text = row["min_input_tokens"]
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and int(text) < _TOKENS_LIMIT):
        row.refuse(
            "min_input_tokens",
            f"{text!r} is not a count of tokens: write the smallest "
            "total input that pays this price, or nothing",
        )
    return int(text)
