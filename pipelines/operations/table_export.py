"""Bulk export: a published relation whole, as Parquet and CSV."""

from __future__ import annotations

import duckdb

from ingest.errors import OutlayError, nearest
from ingest.files import make_folder
from ingest.sql import quote
from pipelines.operations.exported_file import FILE_TYPES, ExportedFile, export_rows
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
            export_rows(
                con,
                f"{quote(schema)}.{quote(name)}",
                workspace.exports / f"{name}.{file_type}",
            )
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
