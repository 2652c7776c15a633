"""The lake's partitions: Parquet by table, source and UTC day, each part immutable.

`lake/<table>/source_name=<source>/utc_day=<day>/part-<commit>-<n>.parquet`
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.files import flush_below
from ingest.lake.catalog import PARTS, LakePaths, insert_rows, live_parts, reading_parts
from ingest.lake.row_writer import PARQUET, WrittenRows, columns_hash_of
from ingest.lake.trace_days import note_days_below
from ingest.records.file_bytes import content_hash
from ingest.sql import exact_path, literal

COMPACT_ABOVE = 16
"""Parts of one day beyond which they are merged: hourly loads must not leave crumbs."""


_MODEL_COLUMNS = (
    ("gateway_calls", "provider", "coalesce(response_model, request_model)"),
    # whose it is that a router would otherwise have taken, its name has to tell
    ("gateway_calls", "null::varchar", "baseline_model"),
    ("omitted_records", "provider", "model"),
    ("billing_charges", "x_provider", "x_model"),
    ("billing_usage", "x_provider", "model"),
)
"""Where each table names a provider and a model."""


_PARTS = (
    "parts (path, table_name, source_name, utc_day, commit_id, columns_hash, size_bytes,"
    " content_hash)"
)
"""In a catalog of before, its newer columns stand in another order."""


@dataclass
class PartitionWriter:
    """Makes the rows of one commit count, and takes out those that they replace."""

    con: duckdb.DuckDBPyConnection
    paths: LakePaths
    source_name: str
    commit_id: int
    dead: list[str] = field(default_factory=list)
    writes: int = 0

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
        if not old:
            return
        folder = f"{table}/source_name={self.source_name}/utc_day={day}"
        relative = f"{folder}/part-{self.commit_id:08d}-{self.writes}-rewritten.parquet"
        kept = self.con.execute(
            f"copy (select {columns} from {PARTS} where {rows})"
            f" to {literal(str(self.paths.lake / relative))} ({PARQUET})",
            reading_parts(self.paths, old),
        ).fetchall()[0][0]
        self._bury(old)
        if kept:
            columns_hash = columns_hash_of(self.con, str(self.paths.lake / relative))
            self._insert_parts(  # beside those that it replaces, so that the folders are there
                [(relative, table, day, columns_hash)], self.paths.lake / folder
            )
        else:
            self.dead.append(relative)

    def change(self, table: str, day: date, columns: str, file_ids: Collection[int]) -> None:
        """Replace a day's parts by one whose rows of some files differ; it is computed again.

        Args:
            columns: select list of what it holds.
        """
        parts = live_parts(self.con, table, self.source_name, day)
        self._note_day(table, day)
        self._note_days_below([(path, table, day) for path in parts], list(file_ids))
        self.rewrite(table, day, columns)

    def _bury(self, old: Sequence[str]) -> None:
        self.con.execute("delete from parts where list_contains($old, path)", {"old": list(old)})
        self.dead.extend(old)

    def _insert_parts(self, parts: Sequence[tuple[str, str, date, str]], root: Path) -> None:
        """Have parts (path, table, day, hash of the columns) on the disk, then count on them.

        Args:
            root: a folder above them whose own name is on the disk.
        """
        files = [self.paths.lake / path for path, *_ in parts]
        flush_below(root, files)
        insert_rows(
            self.con,
            _PARTS,
            [
                (path, table, self.source_name, day, self.commit_id, columns_hash,
                 file.stat().st_size, content_hash(file))
                for (path, table, day, columns_hash), file in zip(parts, files, strict=True)
            ],
        )  # fmt: skip

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

    def commit(self, written: WrittenRows, file_ids: Collection[int]) -> None:
        """Enter what was written into the catalog; the caller holds the transaction."""
        self._insert_parts(
            [(path, table, day, written.hashes[path]) for path, table, day in written.parts],
            self.paths.lake,
        )
        for table, day in {(table, day): None for _, table, day in written.parts}:
            self._note_day(table, day)
        self._note_days_below(written.parts)
        insert_rows(
            self.con,
            "file_days",
            [(file, *count) for file in file_ids for count in written.counts.get(file, [])],
        )
        if written.deliveries:
            insert_rows(self.con, "deliveries", written.deliveries)
            self._note_scopes(file_ids)
        self._note_models(written)
        if written.rejected:
            self.con.register("rejected_rows", pa.concat_tables(written.rejected))
            self.con.execute(
                "insert into quarantine select r.file_id, f.source_name, f.source_file,"
                " r.source_line, r.table_name, r.field, r.reason, $commit"
                " from rejected_rows as r inner join files as f on f.file_id = r.file_id"
                " order by r.file_id, r.source_line",
                {"commit": self.commit_id},
            )
            self.con.unregister("rejected_rows")
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

    def _note_models(self, written: WrittenRows) -> None:
        """Remember each (provider, model) once: the matcher resolves distinct pairs only."""
        for table, provider, model in _MODEL_COLUMNS:
            parts = [
                exact_path(self.paths.lake / path) for path, of, _ in written.parts if of == table
            ]
            if parts:
                self.con.execute(
                    f"insert into models_seen select distinct {provider} as provider,"
                    f" {model} as model from read_parquet($parts) where {model} is not null"
                    " except select provider, model from models_seen",
                    {"parts": parts},
                )

    def delete_dead_parts(self) -> None:
        """Delete replaced Parquet files, after the commit that replaced them."""
        for relative in self.dead:
            (self.paths.lake / relative).unlink(missing_ok=True)
