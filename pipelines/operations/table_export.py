"""Bulk export: a published relation whole, as Parquet and CSV."""

from __future__ import annotations

import duckdb

from dashboards.kit.spreadsheets import as_text_cell_sql
from ingest.errors import OutlayError, nearest
from ingest.files import make_folder, put_in_place
from ingest.sql import literal, quote
from pipelines.operations.focus_export import FILE_TYPES, ExportedFile
from pipelines.queries.status import open_showback
from pipelines.workspace.paths import Workspace

SCHEMAS = ("reports", "marts", "ops")
"""Where a name without a schema is looked for, in this order."""


def export_tables(
    workspace: Workspace, names: list[str], file_types: list[str] | None = None
) -> list[ExportedFile]:
    """Write relations into exports/, each in a file of its name.

    Args:
        workspace: its published file is read.
        names: `rpt_charges` or `reports.rpt_charges`.
        file_types: of `FILE_TYPES`; all without.

    Raises:
        OutlayError: there is no such relation or file type, or nothing published yet.
    """
    for wrong in set(file_types or ()) - set(FILE_TYPES):
        raise OutlayError(f"--format {wrong} cannot be written; there is {', '.join(FILE_TYPES)}")
    make_folder(workspace.exports)
    with open_showback(workspace) as con:
        con.execute("set TimeZone = 'UTC'")
        found = [_relation(con, name) for name in names]
        return [
            _write(con, workspace, schema, name, file_type)
            for schema, name in found
            for file_type in file_types or FILE_TYPES
        ]


def _relation(con: duckdb.DuckDBPyConnection, asked: str) -> tuple[str, str]:
    known = [
        (schema, name)
        for schema in SCHEMAS
        for (name,) in con.execute(
            "select table_name from information_schema.tables where table_schema = $schema"
            " order by 1",
            {"schema": schema},
        ).fetchall()
    ]
    for schema, name in known:
        if asked in (name, f"{schema}.{name}"):
            return schema, name
    names = [name for _, name in known]
    raise OutlayError(f"there is no relation {asked!r}{nearest(asked, names)}")


def _write(
    con: duckdb.DuckDBPyConnection, workspace: Workspace, schema: str, name: str, file_type: str
) -> ExportedFile:
    """Write one file beside its place and rename it, so that no reader sees half of it."""
    target = workspace.exports / f"{name}.{file_type}"
    temporary = target.with_name(f".{target.name}.new")
    relation = f"{quote(schema)}.{quote(name)}"
    listed = ", ".join(
        f"{as_text_cell_sql(quote(column))} as {quote(column)}"
        if file_type == "csv" and kind == "VARCHAR"
        else quote(column)
        for column, kind, *_ in con.execute(f"describe {relation}").fetchall()
    )
    rows = con.execute(
        f"copy (select {listed} from {relation}) to {literal(str(temporary))} (format {file_type})"
    ).fetchall()[0][0]
    put_in_place(temporary, target)
    return ExportedFile(target, int(rows))
