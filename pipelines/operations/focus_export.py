"""Exports: what was ingested, written out under a public standard's names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from dashboards.kit.spreadsheets import as_text_cell_sql
from ingest.errors import OutlayError
from ingest.files import make_folder, put_in_place
from ingest.sql import literal, quote
from pipelines.queries.status import open_showback
from pipelines.workspace.paths import Workspace

FOCUS_VERSIONS = ("1.2",)
FILE_TYPES = ("csv", "parquet")


@dataclass(frozen=True)
class ExportedFile:
    """A written file and its number of rows."""

    path: Path
    rows: int


def export_focus(
    workspace: Workspace,
    version: str = "1.2",
    first: date | None = None,
    last: date | None = None,
) -> list[ExportedFile]:
    """Write every bill line as FOCUS, once as CSV and once as Parquet.

    Args:
        workspace: its published file is read.
        version: a FOCUS version of `FOCUS_VERSIONS`.
        first: first UTC day of the charge period; all without it.
        last: last UTC day, inclusive.

    Raises:
        OutlayError: an unknown version, days in the wrong order, or nothing published yet.
    """
    if version not in FOCUS_VERSIONS:
        raise OutlayError(
            f"FOCUS {version} cannot be written; there is {', '.join(FOCUS_VERSIONS)}"
        )
    if first and last and last < first:
        raise OutlayError(f"--to {last} lies before --from {first}")
    folder = workspace.exports
    make_folder(folder)
    span = f"_{first or 'start'}_{last or 'end'}" if first or last else ""
    with open_showback(workspace) as con:
        con.execute("set TimeZone = 'UTC'")
        return [
            _write(con, folder / f"focus-{version}{span}.{file_type}", file_type, first, last)
            for file_type in FILE_TYPES
        ]


def _write(
    con: duckdb.DuckDBPyConnection,
    target: Path,
    file_type: str,
    first: date | None,
    last: date | None,
) -> ExportedFile:
    """Write one file beside its place and rename it, so that no reader sees half of it."""
    temporary = target.with_name(f".{target.name}.new")
    columns = con.execute("describe reports.rpt_focus_charges").fetchall()
    listed = ", ".join(
        f"{_csv_cell(quote(name), kind)} as {quote(name)}" if file_type == "csv" else quote(name)
        for name, kind, *_ in columns
    )
    rows = con.execute(
        f"copy (select {listed} from reports.rpt_focus_charges"
        ' where ($first is null or "ChargePeriodStart" >= cast($first as date))'
        ' and ($last is null or "ChargePeriodStart" < cast($last as date) + 1)'
        ' order by "ChargePeriodStart", "x_SourceName", "x_SourceFile", "x_SourceRecord")'
        f" to {literal(str(temporary))} (format {file_type})",
        {"first": first, "last": last},
    ).fetchall()[0][0]
    put_in_place(temporary, target)
    return ExportedFile(target, int(rows))


def _csv_cell(column: str, kind: str) -> str:
    """A column in CSV: FOCUS has times in ISO 8601 and UTC; no text is a spreadsheet's formula."""
    if kind == "TIMESTAMP":
        return f"strftime({column}, '%Y-%m-%dT%H:%M:%SZ')"
    return as_text_cell_sql(column) if kind == "VARCHAR" else column
