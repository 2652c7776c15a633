"""Publishing: what analysts read, copied whole and swapped in with one rename.

A reader that has the old file open keeps reading it; one that opens the path gets the old file or
the new one, never half of either. A copy that is interrupted leaves the old file in place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from ingest.files import put_in_place
from ingest.sql import quote
from pipelines.run.blocks import blocks_of, clear_blocks, copy_blocks

PUBLISHED = ("marts", "reports", "ops")
"""Schemas that analysts get; staging, intermediate and raw stay with the pipeline."""


def publish(warehouse: Path, target: Path) -> dict[str, int]:
    """Replace the published file by the warehouse's `marts`, `reports` and `ops`.

    The file's blocks are copied as they are, private ones left out: comments and contracts come
    along, and no row is written again. What a publication costs: `pipelines/README.md`.

    Args:
        warehouse: the pipeline's database; nobody else writes it.
        target: the published file.

    Returns:
        Rows of each published table, by `schema.table`.
    """
    with replacing_database(target) as temporary:
        with duckdb.connect(str(warehouse)) as con:
            con.execute("checkpoint")  # what the log holds must be in the file that is copied
            copied = blocks_of(con, PUBLISHED)
        copy_blocks(warehouse, temporary, copied)
        with duckdb.connect(str(temporary)) as con:
            _drop_private_schemas(con)
            rows = _count_rows(con)
            con.execute("checkpoint")
            kept = blocks_of(con, PUBLISHED)
        clear_blocks(temporary, copied, kept)
    return rows


@dataclass(frozen=True)
class PublishedDay:
    """A day of which the published file holds rows.

    Attributes:
        day: of the reporting calendar for calls, the provider's own for bills.
        is_new: the build of this run computed it.
    """

    day: date
    rows: int
    is_new: bool


_DAYS = {
    "marts.fct_calls": ("marts.fct_usage_daily", "call_date", "sum(calls)"),
    "marts.fct_charges_daily": ("marts.fct_charges_daily", "utc_day", "count(*)"),
}
"""The marts whose days are told apart: a small table that knows them, its day, and the rows."""

MARTS_BY_DAY = tuple(_DAYS)
"""Marts that stand for the days of calls and of bills."""


def published_days(target: Path, mart: str, computed: Sequence[date]) -> list[PublishedDay]:
    """The days of which a published mart holds rows, oldest first.

    Args:
        target: the published file.
        mart: one of `MARTS_BY_DAY`.
        computed: UTC days that the build of this run computed.
    """
    table, day, rows = _DAYS[mart]
    with duckdb.connect(str(target), read_only=True) as con:
        found = con.execute(
            f"select {day}, {rows}, bool_or(list_contains($computed::date[], utc_day))"
            f" from {table} where {day} is not null group by 1 order by 1",
            {"computed": list(computed)},
        ).fetchall()
    return [PublishedDay(when, int(count), bool(is_new)) for when, count, is_new in found]


@contextmanager
def replacing_database(target: Path) -> Iterator[Path]:
    """A file beside a database's, closed by the end, that takes its place: whole, or not at all."""
    temporary = unfinished(target)
    remove_database(temporary)
    try:
        yield temporary
        put_in_place(temporary, target)
    finally:
        remove_database(temporary)


def unfinished(target: Path) -> Path:
    """The file that takes the published one's place when it is complete."""
    return target.with_name(f".{target.name}.new")


def remove_database(file: Path) -> None:
    """Delete a database file and the log that an interrupted run left beside it."""
    file.unlink(missing_ok=True)
    file.with_name(file.name + ".wal").unlink(missing_ok=True)


def _drop_private_schemas(con: duckdb.DuckDBPyConnection) -> None:
    schemas = con.execute(
        "select schema_name from duckdb_schemas()"
        " where database_name = current_database() and not internal"
    ).fetchall()
    for (schema,) in schemas:
        if schema not in PUBLISHED:
            con.execute(f"drop schema {quote(schema)} cascade")


def _count_rows(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of every table; views are not opened."""
    tables = con.execute(
        "select schema_name, table_name from duckdb_tables()"
        " where database_name = current_database() and schema_name <> 'main' order by all"
    ).fetchall()
    return {
        f"{schema}.{table}": int(
            con.execute(f"select count(*) from {quote(schema)}.{quote(table)}").fetchall()[0][0]
        )
        for schema, table in tables
    }
