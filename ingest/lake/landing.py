"""Idempotent landing: from files in the inbox to Parquet partitions of the lake.

A file is identified by its content: loaded once, whatever it is called. A path whose content (or
whose source's settings) changed replaces the rows it brought before. Rows that break the contract
go to the quarantine with file, line, field and reason; the rest of their file loads. Every commit
records the days and tasks that it changed: that is all a later build looks at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest.contracts.tables import TABLES
from ingest.errors import OutlayError, SourceFileError
from ingest.lake.catalog import KnownFile, LakePaths, known_files, next_value, transaction
from ingest.lake.inbox import (
    Became,
    Candidate,
    delivered_files,
    insert_file,
    is_same,
    wrong_ending,
)
from ingest.lake.partitions import PartitionWriter
from ingest.lake.withdrawal import UNLISTED, WITHDRAWN, leave_out
from ingest.records.file_bytes import examine
from ingest.records.format import Format, InputFile, SourceConfig

BATCH_FILES = 500
BATCH_BYTES = 512 * 1024 * 1024

Progress = Callable[[str, int, int], None]
"""Called with (source name, files done, files to do)."""


@dataclass
class SourceReport:
    """What landing did for one source in one run.

    Attributes:
        files_left_out: not of their delivery, or not yet, by its manifest.
        failed: (file, reason) of files that could not be read at all.
    """

    source_name: str
    files_new: int = 0
    files_duplicate: int = 0
    files_left_out: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


def land_source(
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    config: SourceConfig,
    source_format: Format,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> SourceReport:
    """Load what is new or changed in one inbox folder.

    Args:
        con: an open catalog (`open_catalog`).
        now: landing time, UTC; injected by tests.

    Raises:
        ConfigError: the source's settings are wrong. Files that cannot be read do not raise:
            they are reported and recorded as failed.
    """
    report = SourceReport(config.name)
    stamp = (now or datetime.now(UTC)).replace(tzinfo=None)
    lander = _Lander(con, paths, config, source_format, stamp, report)
    candidates = lander.candidates()
    done = 0
    for batch in _batches(candidates):
        lander.land(batch)
        done += len(batch)
        if progress:
            progress(config.name, done, len(candidates))
    return report


def _batches(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """Cut candidates into batches bounded in files and bytes; order is by path."""
    batch: list[Candidate] = []
    size = 0
    for candidate in candidates:
        if batch and (len(batch) >= BATCH_FILES or size + candidate.size_bytes > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(candidate)
        size += candidate.size_bytes
    if batch:
        yield batch


@dataclass
class _Lander:
    """Lands the batches of one source."""

    con: duckdb.DuckDBPyConnection
    paths: LakePaths
    config: SourceConfig
    format: Format
    now: datetime
    report: SourceReport

    def candidates(self) -> list[Candidate]:
        """Files to load, in path order; unchanged ones are recognised by size and time alone."""
        known = known_files(self.con, self.config.name)
        here = dict(delivered_files(self.paths.inbox / self.config.name))
        stats = {relative: path.stat() for relative, path in here.items()}
        self._forget_removed(known, here)
        unlisted, self.report.files_left_out = leave_out(
            self.con, self.paths, self.config, self.format, known, here, stats, self.now
        )
        loaded = {
            self._identity(file, k.content_hash)
            for file, k in known.items()
            if k.status == "loaded"
            and k.settings_hash == self.config.fingerprint
            and file not in unlisted
        }
        found = []
        for relative, path in here.items():
            stat = stats[relative]
            before = known.get(relative)
            if relative in unlisted:
                continue
            if before and is_same(before, stat, self.config) and before.status != UNLISTED:
                if before.status == "failed":
                    self.report.failed.append((relative, before.reason or "cannot be read"))
                continue
            seen = examine(path)
            if before and before.status == WITHDRAWN and before.content_hash == seen.content_hash:
                self._note_touched(before, stat)
                continue
            candidate = Candidate(
                relative,
                path,
                stat.st_size,
                stat.st_mtime_ns,
                seen.content_hash,
                seen.shape,
                before,
            )
            identity = self._identity(relative, seen.content_hash)
            if identity in loaded:
                self._record_unread(candidate)
            else:
                loaded.add(identity)
                found.append(candidate)
        return found

    def _identity(self, relative: str, content_hash: str) -> tuple[str, str]:
        """What must be new for a file to be read: its content, in its delivery where one counts."""
        delivery = str(Path(relative).parent) if self.format.folder_is_delivery else ""
        return content_hash, delivery

    def _forget_removed(self, known: Mapping[str, KnownFile], here: Mapping[str, Path]) -> None:
        """Forget files that could not be read and were taken out of the inbox: that is a cure."""
        gone = [k.file_id for f, k in known.items() if k.status == "failed" and f not in here]
        if gone:
            self.con.execute(
                "update files set status = 'superseded' where list_contains($gone, file_id)",
                {"gone": gone},
            )

    def _note_touched(self, before: KnownFile, stat: os.stat_result) -> None:
        self.con.execute(
            "update files set modified_ns = ?, size_bytes = ?, settings_hash = ? where file_id = ?",
            [stat.st_mtime_ns, stat.st_size, self.config.fingerprint, before.file_id],
        )

    def _record_unread(self, candidate: Candidate) -> None:
        """Note a file whose content is loaded already: touched, renamed or delivered twice."""
        before = candidate.replaces
        if before and before.content_hash == candidate.content_hash:
            self._note_touched(before, candidate.path.stat())
            return
        self.report.files_duplicate += 1
        with transaction(self.con):
            commit = next_value(self.con, "commits")
            writer = PartitionWriter(self.con, self.paths, self.config.name, commit)
            writer.remove([before.file_id] if before else [])
            self._enter(candidate, commit, "duplicate", "the same content is loaded already")
        writer.delete_dead_parts()

    def land(self, batch: Sequence[Candidate]) -> None:
        """Load one batch in one commit; when it fails as a whole, file by file."""
        accepted = []
        for candidate in batch:
            if candidate.relative.lower().endswith(self.format.suffixes):
                accepted.append(candidate)
            else:
                self._fail(candidate, wrong_ending(candidate.relative, self.format))
        if not accepted:
            return
        try:
            self._commit(accepted)
        except SourceFileError as error:
            if len(accepted) > 1:
                for candidate in accepted:
                    self.land([candidate])
            else:
                self._fail(accepted[0], _reason(error))

    def _commit(self, batch: Sequence[Candidate]) -> None:
        """Read, validate and write a batch, then make it count in one transaction."""
        ids = {next_value(self.con, "file_ids"): candidate for candidate in batch}
        files = [InputFile(i, c.path, c.relative, c.shape) for i, c in ids.items()]
        commit = next_value(self.con, "commits")
        names = {i: c.relative for i, c in ids.items()}
        writer = PartitionWriter(self.con, self.paths, self.config.name, commit, names)
        try:
            for staged in self.format.read(self.con, files, self.config):
                writer.write(TABLES[staged.table], staged.relation)
        except duckdb.DataError as error:
            # the message quotes the value, which nobody may see
            writer.discard()
            raise SourceFileError(
                batch[0].relative, "a value fits no type that the settings ask of it; check units"
            ) from error
        except OutlayError:
            writer.discard()
            raise
        replaced = [c.replaces.file_id for c in batch if c.replaces]
        with transaction(self.con):
            writer.remove(replaced)
            for file_id, candidate in ids.items():
                self._enter(candidate, commit, "loaded", None, file_id, writer)
            writer.commit(ids)
        writer.delete_dead_parts()

    def _enter(
        self,
        candidate: Candidate,
        commit: int,
        status: str,
        reason: str | None,
        file_id: int | None = None,
        writer: PartitionWriter | None = None,
    ) -> None:
        """Enter what became of a file into the catalog."""
        file_id = file_id or next_value(self.con, "file_ids")
        loaded = writer.rows_of(file_id) if writer else 0
        rejected = writer.rejects_of(file_id) if writer else 0
        days = writer.days_of(file_id) if writer else (None, None)
        if status == "loaded":
            self.report.files_new += 1
            self.report.rows_loaded += loaded
            self.report.rows_quarantined += rejected
        became = Became(status, reason, loaded, rejected, *days)
        insert_file(
            self.con, file_id, self.config, self.format, candidate, became, self.now, commit
        )

    def _fail(self, candidate: Candidate, reason: str) -> None:
        """Record a file that cannot be read; rows of its earlier version stay."""
        self.report.failed.append((candidate.relative, reason))
        if candidate.replaces and candidate.replaces.status == "loaded":
            return
        with transaction(self.con):
            self._enter(candidate, next_value(self.con, "commits"), "failed", reason)


def _reason(error: SourceFileError) -> str:
    """The error without the file name, which the catalog has in its own column."""
    place = [f"line {error.line}"] if error.line else []
    place += [f"field {error.field}"] if error.field else []
    return ": ".join([*place, error.reason])
