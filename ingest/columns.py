"""How a canonical table is described: its columns, their types and what a row must keep."""

from __future__ import annotations

from dataclasses import dataclass

MONEY = "DECIMAL(18,9)"
"""One call's money. Narrow, so that sums stay exact and fast (see DECISIONS.md, `Money types`)."""

BILL_MONEY = "DECIMAL(28,12)"
"""One bill line's money: bills state up to twelve decimals and are only ever added."""

QUANTITY = "DECIMAL(28,9)"
"""A billed or consumed quantity (tokens, requests, hours)."""


@dataclass(frozen=True)
class Column:
    """One column of a canonical table.

    Attributes:
        name: snake_case name, the same in the lake, `raw` and the marts.
        type: DuckDB type.
        doc: meaning, with its unit.
        required: a row without it is quarantined.
        allowed: the values a text column may take; a row with another one is quarantined.
        non_negative: a row with a negative value is quarantined.
    """

    name: str
    type: str
    doc: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    non_negative: bool = False


@dataclass(frozen=True)
class Table:
    """A canonical table: its grain, the standard that names its columns, and its columns.

    Attributes:
        day_from: the timestamp column whose UTC date is the row's lake partition.
        key: columns that identify a row within its source, for the landing report only;
            de-duplication itself is a dbt rule.
    """

    name: str
    grain: str
    standard: str
    day_from: str
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns in their declared order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return the column called `name`; KeyError when the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")
