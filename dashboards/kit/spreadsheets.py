"""Texts of CSV files that people open: a spreadsheet runs none of them as a formula."""

from __future__ import annotations

_RUNS = "=+-@\t\r"
"""First characters that make a spreadsheet take a text for a formula."""


def as_text_cell(text: str) -> str:
    """A text as a cell of CSV: one that a spreadsheet would run is marked as text by a `'`."""
    return f"'{text}" if text.startswith(tuple(_RUNS)) else text


def as_text_cell_sql(column: str) -> str:
    """The same in SQL, of a column."""
    is_run = f"{column} <> '' and contains('{_RUNS}', left({column}, 1))"
    return f"""case when {is_run} then '''' || {column} else {column} end"""
