"""Report rows as table cells that a template prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from dashboards.kit.formatting import FORMATS, NUMERIC, UNKNOWN, count, exact, exact_money, whose
from dashboards.kit.reports import Reports, Row

BADGES = frozenset({"status", "state"})
"""Report columns whose words are shown as badges."""


ESTIMATES = frozenset({"estimate_usd", "cost_usd"})
"""Report columns that leave out calls of unknown cost, where `unpriced_calls` counts them."""

AT_LEAST = "\u2265\u00a0"
"""Before an amount that leaves something out."""


@dataclass(frozen=True)
class Column:
    """One column of a table: the report's column, its heading and its format.

    Attributes:
        field: name of the report column.
        heading: what the reader sees above it.
        kind: a key of `formatting.FORMATS`.
        group: heading that neighbouring columns share.
        help: one sentence shown when the pointer rests on the heading.
        bars: a filtered table shows each figure's size beside the others', as a bar behind it.
        only: comparison of a filtered table with which alone it is shown; "": always.
    """

    field: str
    heading: str
    kind: str = "text"
    group: str = ""
    help: str = ""
    bars: bool = False
    only: str = ""

    @property
    def numeric(self) -> bool:
        """Whether its cells are figures, and so right-aligned."""
        return self.kind in NUMERIC


@dataclass(frozen=True)
class Cell:
    """One formatted value.

    Attributes:
        text: what stands on the page.
        tooltip: the unrounded amount, or that it is not known.
        numeric: whether it is a figure, and so right-aligned.
        badge: the report's own word, where it is shown as a badge.
        raw: the value with all its digits, for sorting and CSV; "" when unknown or no figure.
    """

    text: str
    tooltip: str = ""
    numeric: bool = False
    badge: str = ""
    raw: str = ""


@dataclass(frozen=True)
class Line:
    """One row of a table; `css` names its role (`total`, `detail`, `unallocated`, ``)."""

    cells: tuple[Cell, ...]
    css: str = ""


@dataclass(frozen=True)
class Table:
    """A table as a template prints it.

    Attributes:
        title: heading above it.
        caption: what the numbers mean, in one or two plain sentences.
        empty: what to say when there are no lines.
        relation: the report that it shows, where Definitions tells its columns and its SQL.
    """

    title: str
    caption: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    empty: str = "No data yet."
    relation: str = ""

    @property
    def groups(self) -> list[tuple[str, int, str]]:
        """Group headings, with how many neighbouring columns are below and what they compare with.

        [] without any heading.
        """
        spans = [
            (name, len(list(columns)), only)
            for (name, only), columns in groupby(self.columns, key=lambda c: (c.group, c.only))
        ]
        return spans if any(name for name, _, _ in spans) else []


def fields(columns: Sequence[Column]) -> str:
    """Return the report columns of a table as a select list."""
    return ", ".join(column.field for column in columns)


def no_role(_row: Row) -> str:
    """Give every line the plain look."""
    return ""


def table(
    title: str,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    role: Callable[[Row], str] = no_role,
    empty: str = "No data yet.",
    relation: str = "",
) -> Table:
    """Format rows of a report, `relation`, into a table; `role` names the look of a line."""
    lines = tuple(Line(tuple(cell(column, row) for column in columns), role(row)) for row in rows)
    return Table(title, caption, tuple(columns), lines, empty, relation)


def report_table(
    reports: Reports,
    title: str,
    caption: str,
    columns: Sequence[Column],
    source: str,
    values: Sequence[object] = (),
    *,
    role: Callable[[Row], str] = no_role,
    empty: str = "No data yet.",
) -> Table:
    """Show rows of a report as they are; `source` is what follows `from`, with its order."""
    rows = reports.rows(f"select {fields(columns)} from {source}", values)
    relation = source.split()[0].partition(".")[2]
    return table(title, caption, columns, rows, role=role, empty=empty, relation=relation)


def with_whose(rows: Sequence[Row]) -> list[Row]:
    """Rows with `whose`: scope and member of what guardrails and forecasts watch, in words."""
    return [{**row, "whose": whose(row["scope"], row["member"])} for row in rows]


def cell(column: Column, row: Row) -> Cell:
    """Format one value of a row."""
    value = row[column.field]
    shown = FORMATS[column.kind](value)
    unknown = _unknown_part(column, row)
    if unknown and isinstance(value, Decimal):
        told = f"at least {exact_money(value)}: {unknown}"
        return Cell(f"{AT_LEAST}{shown}", told, column.numeric, raw=exact(value))
    badge = str(value) if column.field in BADGES and value is not None else ""
    return Cell(shown, tooltip(value, shown), column.numeric, badge, exact(value))


def _unknown_part(column: Column, row: Row) -> str:
    """What an estimate leaves out; "" for one that is whole, and for a bill."""
    calls = row.get("unpriced_calls")
    if not calls or column.field not in ESTIMATES or row.get("cost_basis") == "charge":
        return ""
    return f"{count(calls)} calls of unknown cost add nothing"


def tooltip(value: object, shown: str) -> str:
    """Say that a value is not known, or give an amount with all its digits; else nothing."""
    if shown == UNKNOWN:
        return "not known"
    return exact_money(value) if isinstance(value, Decimal) else ""
