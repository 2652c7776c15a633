"""Kinds of columns that several reference tables have: texts, words, numbers, validity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import pyarrow as pa

from ingest.errors import nearest
from ingest.reference.row import Row
from ingest.reference.table import Column

ALWAYS = datetime(1970, 1, 1)
"""`valid_from` of a row without a start: before any call, so the as-of join needs no NULL."""

OPEN = datetime(9999, 12, 31)
"""`valid_to` of a row without an end."""

MOST = 1_000_000_000
"""DECIMAL(18,9) holds nine digits before the point; more is a mistake."""


def text(doc: str, *, empty: str = "", name: str | None = None, shown: bool = True) -> Column:
    """A column of text; an empty cell is None.

    Args:
        doc: what it holds.
        empty: the cure of an empty cell, when there must be a text.
        name: in the file, where the field is called otherwise.
        shown: schema `raw` has it too.
    """

    def parse(row: Row, column: str) -> str | None:
        if empty and not row[column]:
            row.refuse(column, empty)
        return row[column] or None

    return Column(doc, parse, name, pa.string() if shown else None, is_required=bool(empty))


def word(
    doc: str, allowed: tuple[str, ...], *, default: str = "", any_case: bool = False
) -> Column:
    """A column that holds one of some words.

    Args:
        doc: what it holds.
        allowed: the words.
        default: what an empty cell means; without one it is refused.
        any_case: capitals do not matter.
    """

    def parse(row: Row, column: str) -> str:
        return one_of(row, column, allowed, default=default, any_case=any_case)

    return Column(doc, parse, None, pa.string(), is_required=not default, allowed=allowed)


def one_of(
    row: Row, column: str, allowed: tuple[str, ...], *, default: str = "", any_case: bool = False
) -> str:
    """The word of a cell.

    Raises:
        ConfigError: it is none of those allowed; names the nearest.
    """
    found = (row[column].lower() if any_case else row[column]) or default
    if found not in allowed:
        hint = nearest(found, allowed)
        row.refuse(column, f"{row[column]!r} is not one of {', '.join(allowed)}{hint}")
    return found


def number(
    doc: str,
    *,
    digits: int = 18,
    places: int = 9,
    below: Decimal | int = MOST,
    above_zero: bool = False,
) -> Column:
    """A column of decimal numbers.

    Args:
        doc: what it holds, as the message names it: `USD for one call`.
        digits: of the DECIMAL in schema `raw`.
        places: decimals, at most.
        below: what no such number reaches.
        above_zero: 0 is refused.
    """

    def parse(row: Row, column: str) -> Decimal:
        return decimal(row, column, doc, places=places, below=below, above_zero=above_zero)

    return Column(doc, parse, None, pa.decimal128(digits, places), is_required=True)


def decimal(
    row: Row, column: str, what: str, *, places: int, below: Decimal | int, above_zero: bool
) -> Decimal:
    """The number of a cell.

    Raises:
        ConfigError: it is none, or lies outside its bounds.
    """
    try:
        found = Decimal(row[column])
    except InvalidOperation:
        row.refuse(column, f"{row[column]!r} is not a number: write {what}, with a point")
    fits = found.is_finite() and 0 <= found < below and found == round(found, places)
    if not fits or (above_zero and not found):
        least = "above 0 and" if above_zero else "0 to"
        most = f"{Decimal(below):f}, with at most {places} decimals"
        row.refuse(column, f"write {what}, {least} below {most}")
    return found


def optional_number(doc: str, *, empty: str = "", above_zero: bool = False) -> Column:
    """A column of decimal numbers that may be empty: None then.

    Args:
        doc: what it holds, as the message names it.
        empty: what an empty cell means, for the documentation.
        above_zero: 0 is refused.
    """

    def parse(row: Row, column: str) -> Decimal | None:
        if not row[column]:
            return None
        return decimal(row, column, doc, places=9, below=MOST, above_zero=above_zero)

    meant = f"; empty: {empty}" if empty else ""
    return Column(f"{doc}{meant}", parse, None, pa.decimal128(18, 9))


def computed(
    doc: str, make: Callable[[Row], Any], arrow: pa.DataType | None = None, **more: Any
) -> Column:
    """A column of schema `raw` that has no cell: made of the row."""
    return Column(doc, lambda row, _: make(row), None, arrow, is_computed=True, **more)


SOURCE = computed("file and line of the row", lambda row: f"{row.file}:{row.line}", pa.string())
"""Where a row stands, as prices and statements quote it."""

LINE = computed("line in the file, by which calls and charges name the rule",
                lambda row: row.line, pa.int64())  # fmt: skip


@dataclass(frozen=True)
class Validity:
    """The pair `valid_from`, `valid_to` of a table: UTC, the end exclusive.

    Attributes:
        what: a row's noun, for messages.
        unit: what both ends must be the start of.
        cure: said of an end that is not.
        missing: said of an end that is missing; without it, rows may hold always and for good.
        most_days: a longer validity is a mistake.
    """

    what: str
    unit: Literal["moment", "day", "month"] = "moment"
    cure: str = ""
    missing: str = ""
    most_days: int | None = None

    @property
    def start(self) -> Column:
        """`valid_from`."""
        doc = f"first {self.unit} (UTC) at which the {self.what} holds"
        return self._column(doc, 0, "" if self.missing else "; empty: always")

    @property
    def end(self) -> Column:
        """`valid_to`."""
        doc = f"first {self.unit} (UTC) at which the {self.what} no longer holds"
        return self._column(doc, 1, "" if self.missing else "; empty: for good")

    def _column(self, doc: str, end: int, empty: str) -> Column:
        return Column(
            doc + empty,
            lambda row, _: self.of(row)[end],
            None,
            pa.timestamp("us"),
            is_required=bool(self.missing),
        )

    def of(self, row: Row) -> tuple[datetime, datetime]:
        """Both ends, naive.

        Raises:
            ConfigError: an end is no date, misses, or is no start of the unit; or none lies after
                the other.
        """
        start, end = _moment(row, "valid_from", ALWAYS), _moment(row, "valid_to", OPEN)
        if end <= start:
            row.refuse(
                "valid_to",
                f"must lie after valid_from (it is the first moment at which "
                f"the {self.what} no longer holds)",
            )
        for column, moment, default in (("valid_from", start, ALWAYS), ("valid_to", end, OPEN)):
            if self.missing and moment == default:
                row.refuse(column, self.missing)
            if moment != default and not self._is_whole(moment):
                row.refuse(column, self.cure)
        if self.most_days and (end - start).days > self.most_days:
            row.refuse("valid_to", f"lies more than {self.most_days // 366} years after valid_from")
        return start, end

    def _is_whole(self, moment: datetime) -> bool:
        if self.unit == "moment":
            return True
        return moment.time() == time() and (self.unit == "day" or moment.day == 1)


def _moment(row: Row, column: str, default: datetime) -> datetime:
    if not row[column]:
        return default
    try:
        moment = datetime.fromisoformat(row[column])
        moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        row.refuse(
            column,
            f"{row[column]!r} is not a date: write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ (UTC)",
        )
    return min(max(moment, ALWAYS), OPEN)


def moment_of(row: Row, column: str) -> datetime | None:
    """The moment of a cell, naive UTC; None of an empty one.

    Raises:
        ConfigError: it is no date.
    """
    return _moment(row, column, ALWAYS) if row[column] else None
