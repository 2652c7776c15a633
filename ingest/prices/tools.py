"""Fixed prices of tools and outside APIs, `config/tools.csv`: USD for a call, dated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from ingest.reference.csv_table import Row, read_rows, refuse_overlaps

HEADER = ("tool", "usd_per_call", "valid_from", "valid_to", "note")

TOOL_PRICES = pa.schema(
    [
        ("tool", pa.string()),
        ("usd_per_call", pa.decimal128(18, 9)),
        ("valid_from", pa.timestamp("us")),
        ("valid_to", pa.timestamp("us")),
        ("source", pa.string()),
    ]
)

_LIMIT = 1_000_000  # more for one call is a mistake


@dataclass(frozen=True)
class ToolPrice:
    """One row of the file.

    Attributes:
        tool: name of the tool as calls have it.
        usd_per_call: USD for a call that was answered.
        valid_from: UTC, inclusive, naive.
        valid_to: UTC, exclusive, naive.
        row: where it stands.
    """

    tool: str
    usd_per_call: Decimal
    valid_from: datetime
    valid_to: datetime
    row: Row

    @property
    def cell(self) -> tuple[str]:
        """What the row prices; two rows of one tool must not overlap in time."""
        return (self.tool,)


def read_tool_prices(path: Path, shown_as: str = "config/tools.csv") -> tuple[ToolPrice, ...]:
    """Read the prices of tools; a workspace without the file has none.

    Args:
        path: the file on disk.
        shown_as: its name in errors and in the `source` column.

    Raises:
        ConfigError: a wrong header or cell, or two rows that price one tool at one time.
    """
    prices = tuple(map(_price, read_rows(path, shown_as, HEADER)))
    refuse_overlaps(prices, "prices")
    return prices


def tool_price_table(prices: Iterable[ToolPrice]) -> pa.Table:
    """The prices with the columns of `TOOL_PRICES`."""
    return pa.Table.from_pylist(
        [
            {
                "tool": price.tool,
                "usd_per_call": price.usd_per_call,
                "valid_from": price.valid_from,
                "valid_to": price.valid_to,
                "source": f"{price.row.file}:{price.row.line}",
            }
            for price in prices
        ],
        schema=TOOL_PRICES,
    )


def _price(row: Row) -> ToolPrice:
    if not row["tool"]:
        row.refuse("tool", "name the tool as the calls do")
    usd = row.usd("usd_per_call", "USD for one call", below=_LIMIT)
    return ToolPrice(row["tool"], usd, *row.validity("price"), row)
