"""Publishing: what analysts read, copied whole and swapped in with one rename.

A reader that has the old file open keeps reading it; one that opens the path gets the old file or
the new one, never half of either. A copy that is interrupted leaves the old file in place.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb

from ingest.errors import OutlayError
from ingest.sqltext import literal, quote

PUBLISHED = ("marts", "reports", "ops")
"""Schemas that analysts get; staging, intermediate and raw stay with the pipeline."""


class PublishError(OutlayError):
    """The copy does not equal what was to be published; the old file stays."""


def publish(warehouse: Path, target: Path) -> dict[str, int]:
    """Replace the published file by the warehouse's `marts`, `reports` and `ops`.

    Args:
        warehouse: the pipeline's database; nobody else writes it.
        target: the published file.

    Returns:
        Rows of each published table, by `schema.table`.

    Raises:
        PublishError: a copied table has another number of rows than its original.
    """
    temporary = target.with_name(f".{target.name}.new")
    _remove(temporary)
    try:
        with duckdb.connect(str(warehouse)) as con:
            con.execute(f"attach {literal(str(temporary))} as published")
            rows = _copy(con)
            con.execute("checkpoint published")
            con.execute("detach published")
        _flush(temporary)
        os.replace(temporary, target)  # noqa: PTH105 - named for what it does
    finally:
        _remove(temporary)
    return rows


def _remove(file: Path) -> None:
    """Delete a database file and the log that an interrupted copy left beside it."""
    file.unlink(missing_ok=True)
    file.with_name(file.name + ".wal").unlink(missing_ok=True)


def _copy(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Copy every table and view of the published schemas, with comments; count the rows."""
    source = con.execute("select current_database()").fetchall()[0][0]
    rows = {}
    for schema in PUBLISHED:
        con.execute(f"create schema published.{schema}")
        for (table,) in con.execute(
            "select table_name from information_schema.tables"
            " where table_catalog = $source and table_schema = $schema order by 1",
            {"source": source, "schema": schema},
        ).fetchall():
            name = f"{schema}.{quote(table)}"
            con.execute(f"create table published.{name} as from {quote(source)}.{name}")
            rows[f"{schema}.{table}"] = _verified(con, source, name)
    _copy_comments(con, source)
    return rows


def _verified(con: duckdb.DuckDBPyConnection, source: str, name: str) -> int:
    counts = con.execute(
        f"select (select count(*) from {quote(source)}.{name}),"
        f" (select count(*) from published.{name})"
    ).fetchall()[0]
    if counts[0] != counts[1]:
        raise PublishError(
            f"{name} has {counts[0]} rows and its copy {counts[1]}; nothing was published,"
            " run again"
        )
    return int(counts[1])


def _copy_comments(con: duckdb.DuckDBPyConnection, source: str) -> None:
    """`create table as` drops the comments that dbt persisted; analysts need them."""
    schemas = ", ".join(literal(schema) for schema in PUBLISHED)
    where = f"where database_name = {literal(source)} and schema_name in ({schemas})"
    tables = con.execute(
        f"select schema_name, table_name, comment from duckdb_tables() {where}"
        " union all by name"
        f" select schema_name, view_name as table_name, comment from duckdb_views() {where}"
    ).fetchall()
    for schema, table, comment in tables:
        _comment(con, "table", (schema, table), comment)
    for schema, table, column, comment in con.execute(
        f"select schema_name, table_name, column_name, comment from duckdb_columns() {where}"
    ).fetchall():
        _comment(con, "column", (schema, table, column), comment)


def _comment(
    con: duckdb.DuckDBPyConnection, kind: str, name: Sequence[str], comment: str | None
) -> None:
    if comment:
        path = ".".join(quote(part) for part in name)
        con.execute(f"comment on {kind} published.{path} is {literal(comment)}")


def _flush(file: Path) -> None:
    """Force the file to disk, so that a power cut cannot leave an empty file under its name."""
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
