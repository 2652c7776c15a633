"""A file of rows that others read: written whole or not at all, as CSV or Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dashboards.kit.spreadsheets import as_text_cell_sql
from ingest.files import put_in_place
from ingest.sql import literal, quote

FILE_TYPES = ("csv", "parquet")


@dataclass(frozen=True)
class ExportedFile:
    """A written file and its number of rows."""

    path: Path
    rows: int


def export_rows(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    target: Path,
    *,
    rest: str = "",
    values: Mapping[str, Any] | None = None,
    csv_cells: Mapping[str, str] | None = None,
) -> ExportedFile:
    """Write a relation beside the file's place and rename it, so that no reader sees half of it.

    Args:
        target: its ending, of `FILE_TYPES`, is its type. In CSV no text is a spreadsheet's formula.
        rest: what follows the relation in the query: which rows, in which order.
        values: parameters of `rest`.
        csv_cells: SQL of a CSV cell by the column's type, with the column's name in braces.
    """
    file_type = target.suffix.removeprefix(".")
    cells = csv_cells or {} if file_type == "csv" else {}
    listed = []
    for name, kind, *_ in con.execute(f"describe {relation}").fetchall():
        column = quote(name)
        if file_type == "csv" and kind == "VARCHAR":
            shown = as_text_cell_sql(column)
        else:
            shown = cells.get(kind, "{}").format(column)
        listed.append(f"{shown} as {column}")
    temporary = target.with_name(f".{target.name}.new")
    sql = (
        f"copy (select {', '.join(listed)} from {relation} {rest})"
        f" to {literal(str(temporary))} (format {file_type})"
    )
    rows = con.execute(sql, dict(values or {})).fetchall()[0][0]
    put_in_place(temporary, target)
    return ExportedFile(target, int(rows))
