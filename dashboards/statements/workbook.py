"""The workbook of a month. Amounts are numbers; what a tenant may be called is text, never formula.

The same rows give the same bytes: its only date is the month's, and the file is zipped without
times.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from dashboards.kit.tables import Column
from dashboards.statements.columns import COVERAGE, LINES, SUMMARY, VERSIONS, with_currency
from dashboards.statements.month import KINDS, Month, charged_line, name_of, words_of

_FORMATS = {
    "money": "#,##0.00",
    "amount": "#,##0.00",
    "signed_money": "+#,##0.00;-#,##0.00;0.00",
    "unit_cost": "#,##0.0000",
    "count": "#,##0",
    "ratio": "0.0%",
}
_WIDTH, _NAME_WIDTH = 15, 38


def write_workbook(path: Path, month: Month, company: str) -> None:
    """Write the sheets: summary, one for each kind of member, notes."""
    book = xlsxwriter.Workbook(str(path), {"in_memory": True})
    book.set_properties(
        {
            "title": f"Statements {month.title}",
            "company": company,
            "comments": month.status,
            "created": dt.datetime.combine(month.first_day, dt.time()),
        }
    )
    sheets = _Sheets(book, f"{company}, {month.title}: {month.status}. USD.")
    sheet = sheets.add("Summary")
    columns = with_currency(SUMMARY, month.currency, "charged_reporting")
    for kind, heading in KINDS.items():
        rows = [{**row, "name": name_of(row)} for row in month.of_kind(kind)]
        sheets.table(sheet, f"By {heading.lower()}", columns, rows)
    for kind, heading in KINDS.items():
        sheet = sheets.add(heading)
        for row in month.of_kind(kind):
            if row["row_kind"] == "total":
                continue
            lines = [{**line, "words": words_of(line)} for line in month.lines[kind, row["member"]]]
            lines.append(charged_line(row))
            shown = with_currency(LINES, month.currency, "reporting_amount")
            sheets.table(sheet, name_of(row), shown, lines)
    sheet = sheets.add("Notes")
    coverage = [row for row in month.notes if row["section"] == "coverage"]
    versions = [row for row in month.notes if row["section"] != "coverage"]
    sheets.table(sheet, "Coverage", COVERAGE, coverage)
    sheets.table(sheet, "Versions", VERSIONS, versions)
    book.close()


class _Sheets:
    """Writes tables below each other; keeps the formats and where each sheet ends."""

    def __init__(self, book: xlsxwriter.Workbook, heading: str) -> None:
        self._book, self._heading = book, heading
        self._bold: Format = book.add_format({"bold": True})
        self._kinds: dict[str, Format] = {
            kind: book.add_format({"num_format": pattern}) for kind, pattern in _FORMATS.items()
        }
        self._next: dict[str, int] = {}

    def add(self, name: str) -> Worksheet:
        sheet: Worksheet = self._book.add_worksheet(name)
        sheet.set_column(0, 0, _NAME_WIDTH)
        sheet.set_column(1, len(SUMMARY) + 1, _WIDTH)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.write_string(0, 0, self._heading, self._bold)
        self._next[name] = 2
        return sheet

    def table(
        self, sheet: Worksheet, title: str, columns: Sequence[Column], rows: Sequence[Any]
    ) -> None:
        top = self._next[sheet.get_name()]
        sheet.write_string(top, 0, title, self._bold)
        for place, column in enumerate(columns[1:], start=1):
            sheet.write_string(top, place, column.heading, self._bold)
        for line, row in enumerate(rows, start=top + 1):
            for place, column in enumerate(columns):
                self._cell(sheet, line, place, column, row[column.field])
        self._next[sheet.get_name()] = top + len(rows) + 2

    def _cell(self, sheet: Worksheet, line: int, place: int, column: Column, value: Any) -> None:
        if value is None:
            return  # unknown is an empty cell, never 0
        if isinstance(value, Decimal | int | float):
            sheet.write_number(line, place, value, self._kinds.get(column.kind))
        else:
            sheet.write_string(line, place, str(value))
