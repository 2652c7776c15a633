"""Workbooks of a month: one of all members, and one of each cost centre alone.

Amounts are numbers; totals are formulas whose values the reports state; what a tenant may be called
is text, never formula. The same rows give the same bytes: the only date is the month's, and a file
is zipped without times.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from dashboards.kit.commentary import to_blocks
from dashboards.kit.formatting import MEMBER_KINDS, text
from dashboards.kit.reports import Row
from dashboards.kit.tables import Column
from dashboards.statements.columns import COVERAGE, LINES, SUMMARY, VERSIONS, with_currency
from dashboards.statements.month import Month, charged_line, member_of, name_of, words_of

_FORMATS = {
    "money": "#,##0.00",
    "amount": "#,##0.00",
    "signed_money": "+#,##0.00;-#,##0.00;0.00",
    "unit_cost": "#,##0.0000",
    "count": "#,##0",
    "ratio": "0.0%",
}
_PROSE = {"text_wrap": True, "valign": "top"}
_WIDTH, _NAME_WIDTH, _PROSE_WIDTH = 15, 34, 110
_A4 = 9
"""Number of the paper size in the format."""

_HEAD = 2
"""Line of the column headings, below the heading of the sheet; it stays in view and on paper."""

SUMMED = frozenset({"cost_usd", "adjustment_usd", "internal_price_usd", "charged_usd"})
"""Columns of whole cents whose members sum to the total."""

_FOR = Column("for", "For")
_NAME = Column("name", "Name")


def write_workbook(path: Path, month: Month, company: str) -> None:
    """Write the sheets: summary, one for each kind of member, notes."""
    with _workbook(path, month, company, company) as sheets:
        _summary(sheets, month, [row for kind in MEMBER_KINDS for row in month.of_kind(kind)])
        for kind, heading in MEMBER_KINDS.items():
            _lines(sheets, month, heading, month.of_kind(kind))
        _notes(sheets, month)
        _commentary(sheets, month)


def write_member_workbook(path: Path, month: Month, company: str, row: Row) -> None:
    """Write the statement of one member, with nothing of others in it."""
    with _workbook(path, month, company, f"{company}, {text(member_of(row))}") as sheets:
        _summary(sheets, month, [row])
        _lines(sheets, month, "Lines", [row])
        _versions(sheets, month)


@contextmanager
def _workbook(path: Path, month: Month, company: str, whose: str) -> Iterator[_Sheets]:
    book = xlsxwriter.Workbook(str(path), {"in_memory": True})
    book.set_properties(
        {
            "title": f"Statements {month.title}",
            "company": company,
            "comments": month.status,
            "created": dt.datetime.combine(month.first_day, dt.time()),
        }
    )
    yield _Sheets(book, f"{whose}, {month.title}: {month.status}. USD.")
    book.close()


def _summary(sheets: _Sheets, month: Month, rows: Sequence[Row]) -> None:
    """One line for each member; members and what is nobody's sum to their kind's total."""
    shown = with_currency(SUMMARY[1:], month.currency, "charged_reporting")
    sheet = sheets.add("Summary", (_FOR, _NAME, *shown))
    for kind, of_kind in groupby(rows, key=lambda row: str(row["kind"])):
        sheet.begin_group()
        for row in of_kind:
            named = {**row, "for": MEMBER_KINDS[kind], "name": name_of(row)}
            sheet.line(named, summed=SUMMED if row["row_kind"] == "total" else frozenset())
    sheet.end()


def _lines(sheets: _Sheets, month: Month, title: str, rows: Sequence[Row]) -> None:
    """What each member is charged for, and below it what that sums to."""
    shown = with_currency(LINES, month.currency, "reporting_amount")
    sheet = sheets.add(title, (_NAME, *shown))
    for row in rows:
        if row["row_kind"] == "total":
            continue
        sheet.begin_group()
        for line in month.lines[str(row["kind"]), row["member"]]:
            sheet.line({**line, "name": name_of(row), "words": words_of(line)})
        sheet.line({**charged_line(row), "name": name_of(row)}, summed={"amount_usd"})
    sheet.end()


def _notes(sheets: _Sheets, month: Month) -> None:
    sheet = sheets.add("Coverage", COVERAGE)
    for row in month.notes:
        if row["section"] == "coverage":
            sheet.line(row)
    sheet.end()
    _versions(sheets, month)


def _versions(sheets: _Sheets, month: Month) -> None:
    """Versions and hashes of price book, rules and data that the month was computed with."""
    sheet = sheets.add("Versions", VERSIONS)
    for row in month.notes:
        if row["section"] != "coverage":
            sheet.line(row)
    sheet.end()


def _commentary(sheets: _Sheets, month: Month) -> None:
    """What people say of the month, a line a paragraph; no sheet where nobody wrote any."""
    if not month.commentary:
        return
    sheet = sheets.add("Commentary", (Column("words", f"What we say of {month.title}", "prose"),))
    for block in to_blocks(month.commentary):
        sheet.line({"words": f"• {block.words}" if block.kind == "item" else block.words})
    sheet.end()


class _Sheets:
    """The sheets of a workbook, and the formats that they share."""

    def __init__(self, book: xlsxwriter.Workbook, heading: str) -> None:
        self.heading = heading
        self.bold: Format = book.add_format({"bold": True})
        self.head: Format = book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self._book = book
        self._kinds: dict[tuple[str, bool], Format] = {}

    def add(self, name: str, columns: Sequence[Column]) -> _Sheet:
        """A new sheet with its headings."""
        return _Sheet(self, self._book.add_worksheet(name), columns)

    def format(self, kind: str, *, is_total: bool) -> Format:
        """How a value looks; a total is bold below a line."""
        if (kind, is_total) not in self._kinds:
            look: dict[str, object] = {}
            if kind in _FORMATS:
                look["num_format"] = _FORMATS[kind]
            look |= _PROSE if kind == "prose" else {}
            total = {"bold": True, "top": 1} if is_total else {}
            self._kinds[kind, is_total] = self._book.add_format({**look, **total})
        return self._kinds[kind, is_total]


class _Sheet:
    """One table on A4, its headings in view and repeated on paper, its columns with filters."""

    def __init__(self, sheets: _Sheets, sheet: Worksheet, columns: Sequence[Column]) -> None:
        self._sheets, self._sheet, self._columns = sheets, sheet, columns
        self._next = self._group = _HEAD + 1
        prose = columns[0].kind == "prose"
        sheet.set_column(0, 0, _PROSE_WIDTH if prose else _NAME_WIDTH)
        sheet.set_column(1, max(1, len(columns) - 1), _WIDTH)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(_HEAD)
        sheet.freeze_panes(_HEAD + 1, 1)
        sheet.set_row(_HEAD, 32)
        sheet.write_string(0, 0, sheets.heading, sheets.bold)
        for place, column in enumerate(columns):
            sheet.write_string(_HEAD, place, column.heading, sheets.head)

    def begin_group(self) -> None:
        """Begin lines that a total sums."""
        self._group = self._next

    def line(self, row: Mapping[str, Any], summed: AbstractSet[str] = frozenset()) -> None:
        """Write a line; of a total the columns that sum the lines of its group.

        Args:
            summed: columns whose value is the sum of the same column above; empty: no total.
        """
        for place, column in enumerate(self._columns):
            value = row[column.field]
            look = self._sheets.format(column.kind, is_total=bool(summed))
            if value is None:
                continue  # unknown is an empty cell, never 0
            if column.field in summed and self._group < self._next:
                first = xl_rowcol_to_cell(self._group, place)
                last = xl_rowcol_to_cell(self._next - 1, place)
                self._sheet.write_formula(self._next, place, f"=SUM({first}:{last})", look, value)
            elif isinstance(value, Decimal | int | float):
                self._sheet.write_number(self._next, place, value, look)
            else:
                self._sheet.write_string(self._next, place, str(value), look)
        self._next += 1

    def end(self) -> None:
        """Put filters above what was written."""
        self._sheet.autofilter(_HEAD, 0, max(_HEAD, self._next - 1), len(self._columns) - 1)
