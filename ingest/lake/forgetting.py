"""One person's rows in the lake: which files brought them, and their link to the person cut.

Rows are costs of a team and stay. The pseudonym in them becomes another that nobody can make again,
so that what one person did is still one person's, and nobody can tell whose.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import duckdb

from ingest.lake.catalog import (
    PARTS,
    LakePaths,
    Parts,
    columns_of_parts,
    live_parts,
    next_value,
    reading_parts,
    transaction,
)
from ingest.lake.partitions import PartitionWriter
from ingest.records.pseudonyms import pseudonym

FORGOTTEN = {"gateway_calls": ("user_id", "api_key_id"), "trace_spans": ("user_id", "api_key_id")}
"""Columns whose link to a person can be cut, by table."""

FOUND = {**FORGOTTEN, "billing_usage": ("x_user_id",), "billing_charges": ("x_api_key_id",)}
"""Columns that may hold a person, by table; in bills they are part of what replaces a line."""


@dataclass(frozen=True)
class HeldRows:
    """Rows of a person that one file brought into one table.

    Attributes:
        source_file: its path below the inbox folder.
    """

    table: str
    source_name: str
    source_file: str
    file_id: int
    first_day: date
    last_day: date
    rows: int


def rows_of(
    con: duckdb.DuckDBPyConnection, paths: LakePaths, pseudonyms: Collection[str]
) -> list[HeldRows]:
    """The rows of whoever has one of some pseudonyms, by table and file. Reads the whole lake."""
    found = []
    for table, columns in FOUND.items():
        parts = con.execute("select path from parts where table_name = ?", [table]).fetchall()
        if not parts:
            continue
        read = reading_parts(paths, (part for (part,) in parts))
        rows = con.execute(
            "select files.source_name, files.source_file, file_id, min(utc_day), max(utc_day),"
            f" count(*) from {_WITH_DAYS} as held inner join files using (file_id)"
            f" where {_names(_held(con, columns, read), pseudonyms)} group by all order by 1, 2",
            read,
        ).fetchall()
        found += [HeldRows(table, *row) for row in rows]
    return found


def forget(
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    pseudonyms: Collection[str],
    secret: str,
) -> None:
    """Give rows of calls and spans another pseudonym, in one commit.

    Days are not noted as changed: whoever calls this builds the warehouse anew.

    Args:
        pseudonyms: those of one person.
        secret: what the other one is made with; nobody may keep it.
    """
    writers: dict[str, PartitionWriter] = {}
    with transaction(con):
        commit = next_value(con, "commits")
        for table, columns in FORGOTTEN.items():
            for source, day in _days(con, paths, table, columns, pseudonyms):
                writer = writers.setdefault(source, PartitionWriter(con, paths, source, commit))
                read = reading_parts(paths, live_parts(con, table, source, day))
                cut = ", ".join(
                    f"case when {_names((name,), pseudonyms)} then {pseudonym(name, secret)}"
                    f" else {name} end as {name}"
                    for name in _held(con, columns, read)
                )
                writer.rewrite(table, day, f"* replace ({cut})")
    for writer in writers.values():
        writer.delete_dead_parts()


_WITH_DAYS = "read_parquet($parts, union_by_name = true, hive_partitioning = true)"
"""`PARTS` with what their paths say."""


def _days(
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    table: str,
    columns: Collection[str],
    pseudonyms: Collection[str],
) -> list[tuple[str, date]]:
    """Source and day of the partitions with such a row."""
    every = con.execute(
        "select distinct source_name, utc_day from parts where table_name = ? order by all", [table]
    ).fetchall()
    found = []
    for source, day in every:
        read = reading_parts(paths, live_parts(con, table, source, day))
        named = _names(_held(con, columns, read), pseudonyms)
        if con.execute(f"select exists (from {PARTS} where {named})", read).fetchall()[0][0]:
            found.append((source, day))
    return found


def _held(con: duckdb.DuckDBPyConnection, columns: Collection[str], read: Parts) -> list[str]:
    """Those of some columns that the parts have."""
    there = columns_of_parts(con, read)
    return [name for name in columns if name in there]


def _names(columns: Collection[str], pseudonyms: Collection[str]) -> str:
    """Predicate of rows that name one of some pseudonyms, sixteen hexadecimal digits each."""
    tests = [f"contains({name}, '{one}')" for name in columns for one in pseudonyms]
    return f"({' or '.join(tests) or 'false'})"
