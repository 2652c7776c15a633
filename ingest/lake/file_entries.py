"""What became of each file of a source, as the catalog has it: loaded, duplicate or failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa

from ingest.lake.catalog import LakePaths, insert_rows, next_value, next_values, transaction
from ingest.lake.inbox_files import LOOK_AGAIN, Candidate
from ingest.lake.partitions import PartitionWriter
from ingest.lake.row_writer import WrittenRows
from ingest.records.format import Format, SourceConfig


@dataclass
class SourceReport:
    """What landing did for one source in one run.

    Attributes:
        files_left_out: not of their delivery, or not yet, by its manifest.
        failed: (file, reason) of files that could not be read at all.
        mended: damaged parts of the lake whose files were read again.
    """

    source_name: str
    files_new: int = 0
    files_duplicate: int = 0
    files_left_out: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    mended: Sequence[str] = ()

    def add(self, later: SourceReport) -> None:
        """Count what landing did when it had to begin again."""
        self.files_new += later.files_new
        self.files_duplicate += later.files_duplicate
        self.files_left_out += later.files_left_out
        self.rows_loaded += later.rows_loaded
        self.rows_quarantined += later.rows_quarantined
        self.failed += [failure for failure in later.failed if failure not in self.failed]
        self.mended = [*self.mended, *later.mended]


@dataclass
class FileEntries:
    """Enters the files of one source into the catalog: some in one statement, never one by one.

    Attributes:
        con: the catalog.
        now: landing time, UTC.
        report: told of every file.
        duplicates: files whose content is loaded already.
        failures: files that cannot be read, with the reason.
    """

    con: duckdb.DuckDBPyConnection
    paths: LakePaths
    config: SourceConfig
    format: Format
    now: datetime
    report: SourceReport
    duplicates: list[Candidate] = field(default_factory=list)
    failures: list[tuple[Candidate, str]] = field(default_factory=list)

    def commit(self, ids: Mapping[int, Candidate], commit: int, written: WrittenRows) -> None:
        """Make the rows of a batch count, in one transaction."""
        writer = PartitionWriter(self.con, self.paths, self.config.name, commit)
        with transaction(self.con):
            writer.remove([c.replaces.file_id for c in ids.values() if c.replaces])
            self._enter(
                [
                    self._row(
                        file_id,
                        candidate,
                        ("loaded", None),
                        commit,
                        (written.rows_of(file_id), written.rejects_of(file_id)),
                        written.days_of(file_id),
                    )
                    for file_id, candidate in ids.items()
                ],
                commit,
            )
            writer.commit(written, list(ids))
        writer.delete_dead_parts()
        self.report.files_new += len(ids)
        self.report.rows_loaded += sum(written.rows_of(file_id) for file_id in ids)
        self.report.rows_quarantined += sum(written.rejects_of(file_id) for file_id in ids)

    def _row(
        self,
        file_id: int,
        candidate: Candidate,
        status: tuple[str, str | None],
        commit: int,
        rows: tuple[int, int] = (0, 0),
        days: tuple[date | None, date | None] = (None, None),
    ) -> tuple[Any, ...]:
        """A file as the catalog's `files` has it."""
        before = candidate.replaces
        same = before if before and before.content_hash == candidate.content_hash else None
        return (
            file_id,
            self.config.name,
            candidate.relative,
            self.format.name,
            *status,
            *rows,
            candidate.size_bytes,
            candidate.modified_ns,
            candidate.content_hash,
            self.config.fingerprint,
            *days,
            self.now,
            commit,
            same.known_since if same else commit,
        )

    def _enter(self, rows: Sequence[tuple[Any, ...]], commit: int) -> None:
        """Put files into the catalog, in place of what it knew of their paths."""
        before = "source_name = ? and status <> 'superseded'"
        self.con.execute(
            f"update files set status = 'superseded', commit_id = ? where {before}"
            " and source_file in (select unnest(?::varchar[]))",
            [commit, self.config.name, [row[2] for row in rows]],
        )
        insert_rows(self.con, "files", rows)

    def fail(self, candidate: Candidate, reason: str) -> None:
        """Note a file that cannot be read; rows of its earlier version stay."""
        self.report.failed.append((candidate.relative, reason))
        before = candidate.replaces
        is_known = before and (before.status, before.reason) == ("failed", reason)
        if not (before and before.status == "loaded") and not (
            is_known and candidate.modified_ns == LOOK_AGAIN
        ):
            self.failures.append((candidate, reason))

    def leave_out(self, candidate: Candidate, status: str, reason: str) -> None:
        """Enter a file that is not to be read at once: the next look must know it."""
        with transaction(self.con):
            (file_id,) = next_values(self.con, "file_ids", 1)
            commit = next_value(self.con, "commits")
            self._enter([self._row(file_id, candidate, (status, reason), commit)], commit)

    def forget(self, file_ids: Sequence[int]) -> None:
        """Forget files that could not be read and were taken out of the inbox: that is a cure."""
        if file_ids:
            self.con.execute(
                "update files set status = 'superseded' where list_contains($gone, file_id)",
                {"gone": list(file_ids)},
            )

    def enter_unread(self) -> None:
        """Enter the files that were not loaded."""
        self._enter_duplicates()
        if self.failures:
            commit = next_value(self.con, "commits")
            ids = next_values(self.con, "file_ids", len(self.failures))
            with transaction(self.con):
                self._enter(
                    [
                        self._row(file_id, candidate, ("failed", reason), commit)
                        for file_id, (candidate, reason) in zip(ids, self.failures, strict=True)
                    ],
                    commit,
                )

    def _enter_duplicates(self) -> None:
        """Note files whose content is loaded already: touched, renamed or delivered twice."""
        touched, others = [], []
        for candidate in self.duplicates:
            before = candidate.replaces
            if before and before.content_hash == candidate.content_hash:
                touched.append((before.file_id, candidate.modified_ns, candidate.size_bytes))
            else:
                others.append(candidate)
        if touched:
            names = ("file_id", "modified_ns", "size_bytes")
            columns = dict(zip(names, map(list, zip(*touched, strict=True)), strict=True))
            self.con.register("touched", pa.table(columns))
            self.con.execute(
                "update files set modified_ns = touched.modified_ns,"
                " size_bytes = touched.size_bytes, settings_hash = ? from touched"
                " where files.file_id = touched.file_id",
                [self.config.fingerprint],
            )
            self.con.unregister("touched")
        if not others:
            return
        self.report.files_duplicate += len(others)
        commit = next_value(self.con, "commits")
        ids = next_values(self.con, "file_ids", len(others))
        writer = PartitionWriter(self.con, self.paths, self.config.name, commit)
        status = ("duplicate", "the same content is loaded already")
        with transaction(self.con):
            writer.remove([c.replaces.file_id for c in others if c.replaces])
            self._enter(
                [self._row(i, c, status, commit) for i, c in zip(ids, others, strict=True)], commit
            )
        writer.delete_dead_parts()
