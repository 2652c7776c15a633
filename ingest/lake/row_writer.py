"""Staged rows to Parquet of the lake: what the reading of a batch leaves behind.

Works on a database of its own and never on the catalog, so that what goes wrong with a file goes
wrong there: nothing of it counts before the catalog commits it (`partitions.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingest.contracts.columns import Table
from ingest.contracts.tables import TABLES
from ingest.contracts.validation import checked
from ingest.errors import SourceFileError
from ingest.sql import exact_path, literal

PARQUET = "format parquet, compression zstd, compression_level 1, write_bloom_filter false"
"""Level 1 writes faster than the default and costs a tenth more space; no model looks up one key,
which is all that a Bloom filter would speed up."""

QUARANTINE_ROWS = 1_000
"""Quarantined rows kept in detail for one file; all are counted."""


@dataclass
class WrittenRows:
    """The Parquet parts of one batch of files, and what the catalog must know of them.

    Attributes:
        parts: (path below the lake, table, UTC day).
        hashes: by path, of a part's columns.
        counts: by file, (table, UTC day, rows).
        deliveries: rows of the catalog's `deliveries`, without the source.
        rejects: by file, how many rows were rejected.
        refused: files of the batch that a reader refused, with nothing of them written.
        rejected: places and reasons of rejected rows, by table: never their content.
    """

    parts: list[tuple[str, str, date]] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    counts: dict[int, list[tuple[str, date, int]]] = field(default_factory=dict)
    deliveries: list[tuple[Any, ...]] = field(default_factory=list)
    rejects: dict[int, int] = field(default_factory=dict)
    refused: list[SourceFileError] = field(default_factory=list)
    rejected: list[pa.Table] = field(default_factory=list)

    def rows_of(self, file_id: int) -> int:
        """Rows that a file brought into the lake."""
        counts = self.counts.get(file_id, [])
        return sum(count for table, _, count in counts if TABLES[table].is_counted)

    def rejects_of(self, file_id: int) -> int:
        """Rows of a file that went to the quarantine."""
        return self.rejects.get(file_id, 0)

    def days_of(self, file_id: int) -> tuple[date | None, date | None]:
        """First and last UTC day of a file's rows of every day; none of other rows."""
        counts = self.counts.get(file_id, [])
        days = [day for name, day, _ in counts if TABLES[name].is_counted and TABLES[name].is_daily]
        return (min(days), max(days)) if days else (None, None)


@dataclass
class RowWriter:
    """Writes the staged rows of one batch.

    Attributes:
        con: the database that holds them.
        lake: the lake's folder.
        commit_id: number of the commit that will make the parts count.
        file_names: path of each file below its inbox folder.
        is_small: the rows are few: planning a statement costs more than running it.
        written: what was written so far.
    """

    con: duckdb.DuckDBPyConnection
    lake: Path
    source_name: str
    commit_id: int
    file_names: Mapping[int, str]
    is_small: bool
    written: WrittenRows = field(default_factory=WrittenRows)
    writes: int = 0

    def write(self, table: Table, relation: str) -> None:
        """Write the staged rows that keep the contract; remember the others."""
        if self.is_small:  # a reader's view of forty columns is planned once, not four times
            self.con.execute(f"create or replace temp table staged_rows as from {relation}")
            relation = "staged_rows"
        checked_rows = f"({checked(self.con, table, relation)})"
        if not self.writes:
            self._name_files()
        self.writes += 1
        target = self.lake / table.name
        target.mkdir(parents=True, exist_ok=True)
        copied = self.con.execute(
            f"copy (select {literal(self.source_name)} as source_name,"
            f" cast({table.day_from} as date) as utc_day, f.source_file,"
            f" r.* exclude (reject_field, reject_reason) from {checked_rows} as r"
            " inner join batch_files as f on f.file_id = r.file_id"
            " where r.reject_reason is null)"
            f" to {literal(str(target))} ({PARQUET},"
            " partition_by (source_name, utc_day), overwrite_or_ignore,"
            f" filename_pattern 'part-{self.commit_id:08d}-{self.writes}-{{i}}', return_files)"
        ).fetchall()
        files = [str(name) for name in copied[0][1]] if copied else []
        good = self._account(table, files)
        staged = self.con.execute(f"select count(*) from {relation}").fetchall()[0][0]
        if staged > good:
            self._quarantine(table, checked_rows)

    def _account(self, table: Table, files: Sequence[str]) -> int:
        """Count the rows written by file and day."""
        if not files:
            return 0
        columns_hash = columns_hash_of(self.con, files[0])  # one statement wrote them all
        for name in files:
            relative = Path(name).relative_to(self.lake).as_posix()
            self.written.parts.append((relative, table.name, _day_of(relative)))
            self.written.hashes[relative] = columns_hash
        rows = self.con.execute(
            "select file_id, utc_day, count(*) from read_parquet($files, hive_partitioning = true,"
            " hive_types = {'utc_day': date, 'source_name': varchar}) group by all",
            {"files": [exact_path(name) for name in files]},
        ).fetchall()
        for file_id, day, count in rows:
            self.written.counts.setdefault(file_id, []).append((table.name, day, count))
        if "x_scope" in table.column_names:
            self._account_deliveries(table, files)
        return sum(count for _, _, count in rows)

    def _account_deliveries(self, table: Table, files: Sequence[str]) -> None:
        """Note which scopes the written rows state whole, by file, and the days they reach."""
        self.written.deliveries += self.con.execute(
            "select file_id, $table, $source, x_scope, coalesce(any_value(x_delivery),"
            " any_value(source_file)), max(x_as_of), min(utc_day), max(utc_day)"
            " from read_parquet($files, hive_partitioning = true, hive_types = {'utc_day': date})"
            " where x_scope is not null group by file_id, x_scope",
            {
                "table": table.name,
                "source": self.source_name,
                "files": [exact_path(name) for name in files],
            },
        ).fetchall()

    def _name_files(self) -> None:
        names = ", ".join(f"({i}, {literal(name)})" for i, name in self.file_names.items())
        self.con.execute(
            "create or replace temp table batch_files as"
            f" select * from (values {names}) as t (file_id, source_file)"
        )

    def _quarantine(self, table: Table, checked_rows: str) -> None:
        """Keep the rejected rows' places and reasons, never their content."""
        rejected = self.con.execute(
            "select file_id::bigint as file_id, source_line::bigint as source_line,"
            " $table as table_name, reject_field as field, reject_reason as reason"
            f" from {checked_rows} where reject_reason is not null"
            f" qualify row_number() over (partition by file_id order by source_line)"
            f" <= {QUARANTINE_ROWS}",
            {"table": table.name},
        )
        self.written.rejected.append(rejected.to_arrow_table())
        for file_id, count in self.con.execute(
            f"select file_id, count(*) from {checked_rows} where reject_reason is not null"
            " group by file_id"
        ).fetchall():
            self.written.rejects[file_id] = self.written.rejects.get(file_id, 0) + count


def columns_hash_of(con: duckdb.DuckDBPyConnection, part: str) -> str:
    """Equal for parts with the same columns of the same types, in whatever order."""
    described = con.execute(
        "select md5(string_agg(column_name || ' ' || column_type, ',' order by column_name))"
        f" from (describe from read_parquet({literal(exact_path(part))},"
        " hive_partitioning = false))"
    ).fetchall()
    return str(described[0][0])


def discard_parts(lake: Path, source_name: str, commit_id: int) -> None:
    """Remove whatever a reading that failed has written for a commit that will not be."""
    for table in TABLES:
        for part in lake.glob(f"{table}/source_name={source_name}/*/part-{commit_id:08d}-*"):
            part.unlink(missing_ok=True)


def _day_of(relative: str) -> date:
    """The day in a partition's path."""
    text = next(p for p in Path(relative).parts if p.startswith("utc_day="))
    return date.fromisoformat(text.removeprefix("utc_day="))
