"""Dated facts of a workspace in the warehouse, and the days that a changed one concerns."""

from __future__ import annotations

from datetime import date

import duckdb
import pyarrow as pa

from ingest.sqltext import quote


def register_dated(
    con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table, *, compare: bool
) -> list[date]:
    """Replace a table of facts with `valid_from` and `valid_to` in schema `raw`.

    Args:
        con: the warehouse, the lake's catalog attached as `catalog`.
        name: the table.
        rows: the facts.
        compare: say which days of calls the change concerns; a build that computes everything
            needs none.

    Returns:
        Days of calls on which a fact held that was not there before, or is not there any more.
    """
    con.register("new_facts", rows)
    table = f"raw.{quote(name)}"
    days = _concerned(con, table) if compare and _exists(con, name) else []
    con.execute(f"create or replace table {table} as from new_facts")
    con.unregister("new_facts")
    return days


def _exists(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    return bool(
        con.execute(
            "select 1 from duckdb_tables() where schema_name = 'raw' and table_name = ?", [name]
        ).fetchall()
    )


def _concerned(con: duckdb.DuckDBPyConnection, table: str) -> list[date]:
    rows = con.execute(
        f"""
        with changed as (
            from (from new_facts except from {table})
            union all
            from (from {table} except from new_facts)
        )
        select distinct days.utc_day
        from catalog.file_days as days
        inner join changed
            on days.utc_day >= changed.valid_from::date and days.utc_day <= changed.valid_to::date
        where days.table_name = 'gateway_calls'
        order by 1
        """
    ).fetchall()
    return [row[0] for row in rows]
