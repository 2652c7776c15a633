"""Writing the lake: Parquet by table, source and UTC day, each part immutable.

`lake/<table>/source_name=<source>/utc_day=<day>/part-<commit>-<n>.parquet`
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from ingest.contracts.columns import Table
from ingest.contracts.tables import TABLES
from ingest.contracts.validation import checked
from ingest.lake.catalog import LakePaths, live_parts
from ingest.lake.trace_days import note_days_below
from ingest.sql import exact_path, literal

_PARQUET = "format parquet, compression zstd, compression_level 1, write_bloom_filter false"
"""Level 1 writes faster than the default and costs a tenth more space; no model looks up one key,
which is all that a Bloom filter would speed up."""

QUARANTINE_ROWS = 1_000
"""Quarantined rows kept in detail for one file; all are counted."""

COMPACT_ABOVE = 16
"""Parts of one day beyond which they are merged: hourly loads must not leave crumbs."""


_MODEL_COLUMNS = {
    "gateway_calls": ("provider", "coalesce(response_model, request_model)"),
    "billing_charges": ("x_provider", "x_model"),
    "billing_usage": ("x_provider", "model"),
}
"""Where each table names a provider and a model."""


@dataclass
class PartitionWriter:
    """Writes the rows of one commit and collects what the catalog must know of them."""

    con: duckdb.DuckDBPyConnection
    paths: LakePaths
    source_name: str
    commit_id: int
    file_names: Mapping[int, str] = field(default_factory=dict)
    parts: list[tuple[str, str, date]] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)
    counts: dict[int, list[tuple[str, date, int]]] = field(default_factory=dict)
    deliveries: list[tuple[Any, ...]] = field(default_factory=list)
    rejects: dict[int, int] = field(default_factory=dict)
    writes: int = 0

    def write(self, table: Table, relation: str) -> None:
        """Write the staged rows that keep the contract; remember the others."""
        self.con.execute(
            f"create or replace temp view checked_rows as {checked(self.con, table, relation)}"
        )
        self._ensure_scratch_tables()
        self.writes += 1
        target = self.paths.lake / table.name
        target.mkdir(parents=True, exist_ok=True)
        written = self.con.execute(
            f"copy (select {literal(self.source_name)} as source_name,"
            f" cast({table.day_from} as date) as utc_day, f.source_file,"
            " r.* exclude (reject_field, reject_reason) from checked_rows as r"
            " inner join batch_files as f on f.file_id = r.file_id"
            " where r.reject_reason is null)"
            f" to {literal(str(target))} ({_PARQUET},"
            " partition_by (source_name, utc_day), overwrite_or_ignore,"
            f" filename_pattern 'part-{self.commit_id:08d}-{self.writes}-{{i}}', return_files)"
        ).fetchall()
        files = [str(name) for name in written[0][1]] if written else []
        good = self._account(table, files)
        staged = self.con.execute(f"select count(*) from {relation}").fetchall()[0][0]
        if staged > good:
            self._quarantine(table)
        self.con.execute("drop view checked_rows")

    def _account(self, table: Table, files: Sequence[str]) -> int:
        """Count the rows written by file and day."""
        if not files:
            return 0
        columns_hash = self._columns_hash(files[0])  # one statement wrote them all
        for name in files:
            relative = Path(name).relative_to(self.paths.lake).as_posix()
            self.parts.append((relative, table.name, _day_of(relative)))
            self.hashes[relative] = columns_hash
        rows = self.con.execute(
            "select file_id, utc_day, count(*) from read_parquet($files, hive_partitioning = true,"
            " hive_types = {'utc_day': date, 'source_name': varchar}) group by all",
            {"files": [exact_path(name) for name in files]},
        ).fetchall()
        for file_id, day, count in rows:
            self.counts.setdefault(file_id, []).append((table.name, day, count))
        if "x_scope" in table.column_names:
            self._account_deliveries(table, files)
        return sum(count for _, _, count in rows)

    def _account_deliveries(self, table: Table, files: Sequence[str]) -> None:
        """Note which scopes the written rows state whole, by file, and the days they reach."""
        self.deliveries += self.con.execute(
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

    def _ensure_scratch_tables(self) -> None:
        names = ", ".join(f"({i}, {literal(name)})" for i, name in self.file_names.items())
        self.con.execute(
            "create or replace temp table batch_files as"
            f" select * from (values {names}) as t (file_id, source_file)"
        )
        self.con.execute(
            "create temp table if not exists rejected_rows"
            " (file_id bigint, source_line bigint, table_name varchar, field varchar,"
            " reason varchar)"
        )

    def _quarantine(self, table: Table) -> None:
        """Keep the rejected rows' places and reasons, never their content."""
        self.con.execute(
            "insert into rejected_rows select file_id, source_line, $table, reject_field,"
            " reject_reason from checked_rows where reject_reason is not null"
            f" qualify row_number() over (partition by file_id order by source_line)"
            f" <= {QUARANTINE_ROWS}",
            {"table": table.name},
        )
        for file_id, count in self.con.execute(
            "select file_id, count(*) from checked_rows where reject_reason is not null"
            " group by file_id"
        ).fetchall():
            self.rejects[file_id] = self.rejects.get(file_id, 0) + count

    def remove(self, file_ids: Sequence[int]) -> None:
        """Rewrite the partitions that hold rows of replaced files, without those rows."""
        if not file_ids:
            return
        days = self.con.execute(
            "select distinct table_name, utc_day from file_days where list_contains($ids, file_id)"
            " order by all",
            {"ids": list(file_ids)},
        ).fetchall()
        held = [
            (path, table, day)
            for table, day in days
            for path in live_parts(self.con, table, self.source_name, day)
        ]
        for table, day in days:
            self._note_day(table, day)
        self._note_days_below(held, file_ids)
        for table, day in days:
            self.rewrite(table, day, rows=f"file_id not in ({', '.join(map(str, file_ids))})")
        self._note_scopes(file_ids)
        self.con.execute(
            "delete from deliveries where list_contains($ids, file_id)", {"ids": list(file_ids)}
        )
        self.con.execute(
            "delete from file_days where list_contains($ids, file_id)", {"ids": list(file_ids)}
        )
        self.con.execute(
            "delete from quarantine where list_contains($ids, file_id)", {"ids": list(file_ids)}
        )

    def rewrite(self, table: str, day: date, columns: str = "*", rows: str = "true") -> None:
        """Replace a day's parts by one part; the caller holds the transaction.

        Args:
            columns: select list of what it holds.
            rows: predicate of the rows that stay.
        """
        self.writes += 1
        old = live_parts(self.con, table, self.source_name, day)
        folder = f"{table}/source_name={self.source_name}/utc_day={day}"
        relative = f"{folder}/part-{self.commit_id:08d}-{self.writes}-rewritten.parquet"
        kept = self.con.execute(
            # parts may be older than a column of the contract
            f"copy (select {columns} from read_parquet($parts, union_by_name = true) where {rows})"
            f" to {literal(str(self.paths.lake / relative))} ({_PARQUET})",
            {"parts": [exact_path(self.paths.lake / path) for path in old]},
        ).fetchall()[0][0]
        self._bury(old)
        if kept:
            columns_hash = self._columns_hash(str(self.paths.lake / relative))
            self._insert_part(relative, table, day, columns_hash)
        else:
            self.dead.append(relative)

    def _bury(self, old: Sequence[str]) -> None:
        self.con.execute("delete from parts where list_contains($old, path)", {"old": list(old)})
        self.dead.extend(old)

    def _insert_part(self, relative: str, table: str, day: date, columns_hash: str) -> None:
        self.con.execute(
            "insert into parts values (?, ?, ?, ?, ?, ?)",
            [relative, table, self.source_name, day, self.commit_id, columns_hash],
        )

    def _columns_hash(self, part: str) -> str:
        """Equal for parts with the same columns of the same types, in whatever order."""
        described = self.con.execute(
            "select md5(string_agg(column_name || ' ' || column_type, ',' order by column_name))"
            f" from (describe from read_parquet({literal(exact_path(part))},"
            " hive_partitioning = false))"
        ).fetchall()
        return str(described[0][0])

    def _note_day(self, table: str, day: date) -> None:
        self.con.execute("insert into changed_days values (?, ?, ?)", [self.commit_id, table, day])

    def _note_days_below(
        self, parts: Sequence[tuple[str, str, date]], file_ids: Sequence[int] | None = None
    ) -> None:
        """Note the days whose rows take something from rows that come or go."""
        note_days_below(self.con, self.paths, self.source_name, self.commit_id, parts, file_ids)

    def _note_scopes(self, file_ids: Collection[int]) -> None:
        """Note all days of the scopes that some files state: other rows of them may count now.

        A day that the newest delivery of a scope no longer has is known by the older ones only.
        """
        self.con.execute(
            "insert into changed_days select distinct $commit, old.table_name, d.utc_day"
            " from deliveries as new inner join deliveries as old"
            " on old.source_name = new.source_name and old.scope = new.scope"
            " and old.table_name = new.table_name"
            " inner join file_days as d on d.file_id = old.file_id"
            " and d.table_name = old.table_name"
            " and d.utc_day between old.first_day and old.last_day"
            " where list_contains($ids, new.file_id)",
            {"commit": self.commit_id, "ids": list(file_ids)},
        )

    def commit(self, file_ids: Collection[int]) -> None:
        """Enter what was written into the catalog; the caller holds the transaction."""
        for relative, table, day in self.parts:
            self._insert_part(relative, table, day, self.hashes[relative])
            self._note_day(table, day)
        self._note_days_below(self.parts)
        for file_id in file_ids:
            for table, day, count in self.counts.get(file_id, []):
                self.con.execute(
                    "insert into file_days values (?, ?, ?, ?)", [file_id, table, day, count]
                )
        if self.deliveries:
            self.con.executemany(
                "insert into deliveries values (?, ?, ?, ?, ?, ?, ?, ?)", self.deliveries
            )
            self._note_scopes(file_ids)
        self._note_models()
        if self.rejects:
            self.con.execute(
                "insert into quarantine select r.file_id, f.source_name, f.source_file,"
                " r.source_line, r.table_name, r.field, r.reason, $commit"
                " from rejected_rows as r inner join files as f on f.file_id = r.file_id"
                " order by r.file_id, r.source_line",
                {"commit": self.commit_id},
            )
        self.con.execute("drop table if exists rejected_rows")
        self._compact()

    def _compact(self) -> None:
        """Merge the parts of a day that has too many."""
        crowded = self.con.execute(
            "select table_name, utc_day from parts where source_name = $source"
            " and (table_name, utc_day) in"
            " (select (table_name, utc_day) from parts where commit_id = $commit)"
            f" group by all having count(*) > {COMPACT_ABOVE}",
            {"source": self.source_name, "commit": self.commit_id},
        ).fetchall()
        for table, day in crowded:
            self.rewrite(table, day)

    def _note_models(self) -> None:
        """Remember each (provider, model) once: the matcher resolves distinct pairs only."""
        for table, (provider, model) in _MODEL_COLUMNS.items():
            parts = [
                exact_path(self.paths.lake / path) for path, of, _ in self.parts if of == table
            ]
            if parts:
                self.con.execute(
                    f"insert into models_seen select distinct {provider} as provider,"
                    f" {model} as model from read_parquet($parts) where {model} is not null"
                    " except select provider, model from models_seen",
                    {"parts": parts},
                )

    def discard(self) -> None:
        """Remove what was written for a batch that will not be committed."""
        for relative, _, _ in self.parts:
            (self.paths.lake / relative).unlink(missing_ok=True)
        self.con.execute("drop table if exists rejected_rows")

    def delete_dead_parts(self) -> None:
        """Delete replaced Parquet files, after the commit that replaced them."""
        for relative in self.dead:
            (self.paths.lake / relative).unlink(missing_ok=True)

    def rows_of(self, file_id: int) -> int:
        """Rows that a file brought into the lake."""
        counts = self.counts.get(file_id, [])
        return sum(count for table, _, count in counts if TABLES[table].is_counted)

    def rejects_of(self, file_id: int) -> int:
        """Rows of a file that went to the quarantine."""
        return self.rejects.get(file_id, 0)

    def days_of(self, file_id: int) -> tuple[date | None, date | None]:
        """First and last UTC day of a file's rows."""
        counts = self.counts.get(file_id, [])
        days = [day for table, day, _ in counts if TABLES[table].is_counted]
        return (min(days), max(days)) if days else (None, None)


def _day_of(relative: str) -> date:
    """The day in a partition's path."""
    text = next(p for p in Path(relative).parts if p.startswith("utc_day="))
    return date.fromisoformat(text.removeprefix("utc_day="))
