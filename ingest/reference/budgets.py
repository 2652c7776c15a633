"""Monthly budgets of a workspace, `config/budgets.csv`: who may be charged how much, dated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from ingest.reference.csv_table import Row, read_rows, refuse_overlaps

HEADER = ("kind", "name", "monthly_usd", "valid_from", "valid_to", "note")

KINDS = ("cost_centre", "team", "feature", "tenant")
"""Kinds of members that get a statement."""

BUDGETS = pa.schema(
    [
        ("kind", pa.string()),
        ("name", pa.string()),
        ("monthly_usd", pa.decimal128(18, 9)),
        ("valid_from", pa.timestamp("us")),
        ("valid_to", pa.timestamp("us")),
        ("source", pa.string()),
    ]
)


@dataclass(frozen=True)
class Budget:
    """One row of the file.

    Attributes:
        kind: one of `KINDS`.
        name: the member, as statements name it.
        monthly_usd: what it may be charged in a month.
        valid_from: first day of a month, inclusive.
        valid_to: first day of a month, exclusive.
        row: where it stands.
    """

    kind: str
    name: str
    monthly_usd: Decimal
    valid_from: datetime
    valid_to: datetime
    row: Row

    @property
    def cell(self) -> tuple[str, str]:
        """Whose budget it is; two rows of one member must not overlap in time."""
        return (self.kind, self.name)


def read_budgets(path: Path, shown_as: str = "config/budgets.csv") -> tuple[Budget, ...]:
    """Read the budgets; a workspace without the file has none.

    Args:
        path: the file on disk.
        shown_as: its name in errors.

    Raises:
        ConfigError: names the row and column of what is wrong.
    """
    budgets = tuple(_budget(row) for row in read_rows(path, shown_as, HEADER))
    refuse_overlaps(budgets, "budgets")
    return budgets


def budget_table(budgets: Iterable[Budget]) -> pa.Table:
    """The budgets with the columns of `BUDGETS`."""
    return pa.Table.from_pylist(
        [{**vars(b), "source": f"{b.row.file}:{b.row.line}"} for b in budgets], schema=BUDGETS
    )


def member_of(row: Row) -> tuple[str, str]:
    """The kind and name of the member that a row is about."""
    if row["kind"] not in KINDS:
        row.refuse("kind", f"{row['kind']!r} is not one of {', '.join(KINDS)}")
    if not row["name"]:
        row.refuse("name", "name the member as its statement does")
    return row["kind"], row["name"]


def _budget(row: Row) -> Budget:
    usd = row.usd("monthly_usd", "USD for a month")
    return Budget(*member_of(row), usd, *row.months("budget"), row)
