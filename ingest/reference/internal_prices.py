"""What members are charged instead of cost, `config/internal_prices.csv`: a mark-up or a price.

A price changes what a member is charged and never what its work cost: a statement shows both, and
their difference on a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from ingest.reference.budgets import member_of
from ingest.reference.csv_table import Row, read_rows, refuse_overlaps

HEADER = ("kind", "name", "unit", "value", "valid_from", "valid_to", "note")

EVERY_MEMBER = "*"
"""The name that stands for every member of a kind without a row of its own."""

UNITS = {
    "percent": ("cost_centre", "team", "feature", "tenant"),
    "call": ("team", "feature", "tenant"),
    "million_tokens": ("team", "feature", "tenant"),
    "successful_task": ("feature", "tenant"),
}
"""What a value is for, and the kinds of members of which so much is known."""

INTERNAL_PRICES = pa.schema(
    [
        ("kind", pa.string()),
        ("name", pa.string()),
        ("unit", pa.string()),
        ("value", pa.decimal128(18, 9)),
        ("valid_from", pa.timestamp("us")),
        ("valid_to", pa.timestamp("us")),
        ("source", pa.string()),
    ]
)


@dataclass(frozen=True)
class InternalPrice:
    """One row of the file.

    Attributes:
        kind: kind of member.
        name: the member, or `*`.
        unit: a key of `UNITS`.
        value: percent on top of cost, or USD for one unit.
        valid_from: first day of a month, inclusive.
        valid_to: first day of a month, exclusive.
        row: where it stands.
    """

    kind: str
    name: str
    unit: str
    value: Decimal
    valid_from: datetime
    valid_to: datetime
    row: Row

    @property
    def cell(self) -> tuple[str, str]:
        """Whose price it is; two rows of one member must not overlap in time."""
        return (self.kind, self.name)


def read_internal_prices(
    path: Path, shown_as: str = "config/internal_prices.csv"
) -> tuple[InternalPrice, ...]:
    """Read the prices; a workspace without the file charges cost.

    Args:
        path: the file on disk.
        shown_as: its name in errors.

    Raises:
        ConfigError: names the row and column of what is wrong.
    """
    prices = tuple(_price(row) for row in read_rows(path, shown_as, HEADER))
    refuse_overlaps(prices, "prices")
    return prices


def internal_price_table(prices: Iterable[InternalPrice]) -> pa.Table:
    """The prices with the columns of `INTERNAL_PRICES`."""
    return pa.Table.from_pylist(
        [{**vars(p), "source": f"{p.row.file}:{p.row.line}"} for p in prices],
        schema=INTERNAL_PRICES,
    )


def _price(row: Row) -> InternalPrice:
    kind, name = member_of(row)
    unit = row["unit"]
    if unit not in UNITS:
        row.refuse("unit", f"{unit!r} is not one of {', '.join(UNITS)}")
    if kind not in UNITS[unit]:
        row.refuse(
            "unit",
            f"a {kind} cannot be charged by {unit}; those that can: " + ", ".join(UNITS[unit]),
        )
    what = "percent on top of cost" if unit == "percent" else "USD for one unit"
    value = row.usd("value", what)
    return InternalPrice(kind, name, unit, value, *row.months("price"), row)
