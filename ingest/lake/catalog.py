"""The lake's memory: which files came, what became of them, which days they changed.

One small DuckDB file beside the Parquet it describes. A batch of files is committed here in one
transaction; Parquet files that no commit names do not count and are removed at the next start, so
a run killed at any point leaves the lake as it was after its last commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingest.contracts.tables import TABLES
from ingest.errors import OutlayError
from ingest.files import flush, waiting_lock
from ingest.records.memory import limit_memory
from ingest.sql import exact_path, literal

_SCHEMA = """
create sequence if not exists file_ids;
create sequence if not exists commits;
create table if not exists files (
    file_id bigint primary key,
    source_name varchar not null,
    source_file varchar not null,
    format varchar not null,
    status varchar not null,
    reason varchar,
    rows_loaded bigint not null,
    rows_quarantined bigint not null,
    size_bytes bigint not null,
    modified_ns bigint not null,
    content_hash varchar not null,
    settings_hash varchar not null,
    first_day date,
    last_day date,
    landed_at timestamp not null,
    commit_id bigint not null,
    known_since bigint
);
alter table files add column if not exists known_since bigint;
create table if not exists quarantine (
    file_id bigint not null,
    source_name varchar not null,
    source_file varchar not null,
    source_line bigint not null,
    table_name varchar not null,
    field varchar,
    reason varchar not null,
    commit_id bigint not null
);
create table if not exists parts (
    path varchar primary key,
    table_name varchar not null,
    source_name varchar not null,
    utc_day date not null,
    commit_id bigint not null,
    columns_hash varchar,
    size_bytes bigint,
    content_hash varchar
);
alter table parts add column if not exists columns_hash varchar;
alter table parts add column if not exists size_bytes bigint;
alter table parts add column if not exists content_hash varchar;
create table if not exists file_days (
    file_id bigint not null,
    table_name varchar not null,
    utc_day date not null,
    row_count bigint not null
);
create table if not exists deliveries (
    file_id bigint not null,
    table_name varchar not null,
    source_name varchar not null,
    scope varchar not null,
    delivery varchar not null,
    as_of timestamp,
    first_day date not null,
    last_day date not null
);
create table if not exists changed_days (
    commit_id bigint not null,
    table_name varchar not null,
    utc_day date not null
);
create table if not exists retired_salts (
    fingerprint varchar primary key,
    commit_id bigint not null,
    retired_at timestamp not null
);
create table if not exists models_seen (provider varchar, model varchar not null);
"""


@dataclass(frozen=True)
class LakePaths:
    """Where a workspace keeps what ingest owns."""

    inbox: Path
    lake: Path

    @property
    def catalog(self) -> Path:
        """The catalog file."""
        return self.lake / "catalog.duckdb"

    @property
    def scratch(self) -> Path:
        """Scratch space; emptied at every start."""
        return self.lake / ".scratch"

    def reading(self, source_name: str) -> Path:
        """Names of the files that are being read; there after a run that died of one of them."""
        return self.lake / f".reading-{source_name}.json"


@dataclass(frozen=True)
class KnownFile:
    """A file of the inbox as the catalog last saw it.

    Attributes:
        known_since: commit that first brought its content under this path.
    """

    file_id: int
    status: str
    size_bytes: int
    modified_ns: int
    content_hash: str
    settings_hash: str
    reason: str | None
    known_since: int


_PATIENCE_SECONDS = 600
"""A landing of millions of rows ends within it."""


class CatalogBusyError(OutlayError):
    """Another process works on the lake and does not end."""


def catalog_lock(paths: LakePaths) -> AbstractContextManager[None]:
    """The catalog for one writer, or for readers that must not meet one; waits for whoever has it.

    Raises:
        CatalogBusyError: nobody lets go of it for ten minutes.
    """

    def busy() -> CatalogBusyError:
        return CatalogBusyError(
            f"{paths.catalog} has been in use for {_PATIENCE_SECONDS // 60} minutes; see which"
            " `outlay` command still runs, and run again"
        )

    return waiting_lock(paths.lake / ".catalog.lock", _PATIENCE_SECONDS, busy)


@contextmanager
def open_catalog(
    paths: LakePaths, threads: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the lake for landing, after removing what an interrupted run left behind.

    The caller holds the workspace's lock: there is one writer.
    """
    with catalog_lock(paths):
        is_new = not paths.catalog.exists()
        with duckdb.connect(str(paths.catalog)) as con:
            if is_new:
                flush(paths.lake)
            _configure(con, paths.scratch, threads)
            con.execute(_SCHEMA)
            _remove_uncommitted(con, paths)
            yield con


def reading_database(scratch: Path, threads: int) -> duckdb.DuckDBPyConnection:
    """A database in memory in which files are read.

    A fatal error of the engine makes a database useless, so it must not be the catalog.

    Args:
        scratch: where it may spill; no other database's.
    """
    scratch.mkdir(parents=True, exist_ok=True)  # the engine makes the last folder only
    con = duckdb.connect()
    _configure(con, scratch, threads)
    return con


def _configure(con: duckdb.DuckDBPyConnection, scratch: Path, threads: int | None) -> None:
    con.execute("set TimeZone = 'UTC'")
    con.execute(f"set temp_directory = {literal(str(scratch))}")
    con.execute("set enable_external_file_cache = false")  # every file is read once
    if threads:
        con.execute(f"set threads = {threads}")
    limit_memory(con)
    # rows wait in memory until so many are there; the defaults hold half a million per thread
    con.execute("set partitioned_write_flush_threshold = 65536")
    con.execute("set partitioned_write_max_open_files = 32")


def uncommitted_parts(con: duckdb.DuckDBPyConnection, paths: LakePaths) -> Iterator[Path]:
    """Parquet files that no commit names: what a killed run left behind."""
    live = {row[0] for row in con.execute("select path from parts").fetchall()}
    for table in TABLES:
        for part in (paths.lake / table).rglob("*.parquet"):
            if part.relative_to(paths.lake).as_posix() not in live:
                yield part


def _remove_uncommitted(con: duckdb.DuckDBPyConnection, paths: LakePaths) -> None:
    """Delete Parquet files that no commit names, and scratch files."""
    for part in uncommitted_parts(con, paths):
        part.unlink()
    for left in paths.scratch.rglob("*"):
        if left.is_file():
            left.unlink()


def known_files(con: duckdb.DuckDBPyConnection, source_name: str) -> dict[str, KnownFile]:
    """The current state of every path of one source, superseded versions left out."""
    rows = con.execute(
        "select source_file, file_id, status, size_bytes, modified_ns, content_hash, settings_hash,"
        " reason, coalesce(known_since, commit_id)"
        " from files where source_name = ? and status <> 'superseded'",
        [source_name],
    ).fetchall()
    return {row[0]: KnownFile(*row[1:]) for row in rows}


def next_value(con: duckdb.DuckDBPyConnection, sequence: str) -> int:
    """Draw the next number of a catalog sequence."""
    return next_values(con, sequence, 1)[0]


def next_values(con: duckdb.DuckDBPyConnection, sequence: str, count: int) -> list[int]:
    """Draw the next numbers of a catalog sequence, ascending."""
    drawn = con.execute(f"select nextval('{sequence}') from range({count})").fetchall()
    return sorted(int(row[0]) for row in drawn)


def insert_rows(
    con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows into a table of the catalog in one statement: one a row takes milliseconds."""
    if not rows:
        return
    columns = {f"c{n}": pa.array(values) for n, values in enumerate(zip(*rows, strict=True))}
    con.register("new_rows", pa.table(columns))
    con.execute(f"insert into {table} from new_rows")
    con.unregister("new_rows")


class transaction:  # noqa: N801 - reads as a statement
    """`with transaction(con):` commits at the end, rolls back when the block raises."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    def __enter__(self) -> None:
        """Begin."""
        self._con.execute("begin")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End."""
        self._con.execute("rollback" if kind else "commit")


def live_parts(
    con: duckdb.DuckDBPyConnection, table: str, source_name: str, day: date
) -> list[str]:
    """Paths, below the lake, of one partition's Parquet files."""
    rows = con.execute(
        "select path from parts where table_name = ? and source_name = ? and utc_day = ?"
        " order by path",
        [table, source_name, day],
    ).fetchall()
    return [row[0] for row in rows]


PARTS = "read_parquet($parts, union_by_name = true)"
"""The rows of some parts, which may be older than a column of the contract."""

Parts = dict[str, list[str]]
"""Values of `PARTS`."""


def reading_parts(paths: LakePaths, parts: Iterable[str]) -> Parts:
    """What `PARTS` reads of some paths below the lake."""
    return {"parts": [exact_path(paths.lake / part) for part in parts]}


def columns_of_parts(con: duckdb.DuckDBPyConnection, read: Parts) -> set[str]:
    """Columns that any of some parts has."""
    return {row[0] for row in con.execute(f"describe from {PARTS}", read).fetchall()}
