"""Idempotent landing: from files in the inbox to Parquet partitions of the lake.

A file is identified by its content: loaded once, whatever it is called. A path whose content (or
whose source's settings) changed replaces the rows it brought before. Rows that break the contract
go to the quarantine with file, line, field and reason; the rest of their file loads. Every commit
records the days and tasks that it changed: that is all a later build looks at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest.contracts.tables import TABLES
from ingest.errors import OutlayError, SourceFileError
from ingest.lake.catalog import KnownFile, LakePaths, known_files, next_value, transaction
from ingest.lake.partitions import PartitionWriter
from ingest.records.file_bytes import TextShape, examine
from ingest.records.format import Format, InputFile, SourceConfig

BATCH_FILES = 500
BATCH_BYTES = 512 * 1024 * 1024

Progress = Callable[[str, int, int], None]
"""Called with (source name, files done, files to do)."""


@dataclass(frozen=True)
class Candidate:
    """A file of the inbox that is new or changed."""

    relative: str
    path: Path
    size_bytes: int
    modified_ns: int
    content_hash: str
    shape: TextShape | None
    replaces: KnownFile | None


@dataclass
class SourceReport:
    """What landing did for one source in one run.

    Attributes:
        failed: (file, reason) of files that could not be read at all.
    """

    source_name: str
    files_new: int = 0
    files_duplicate: int = 0
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


def delivered_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Files of an inbox folder by path below it; hidden ones do not count."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        relative = path.relative_to(folder)
        if not any(part.startswith(".") for part in relative.parts):
            yield relative.as_posix(), path


def waiting_files(paths: LakePaths, sources: Sequence[SourceConfig]) -> dict[str, os.stat_result]:
    """Files of the inbox that landing has not looked at as they are now, by path below the inbox.

    Reads the catalog and changes nothing.

    Raises:
        duckdb.IOException: a run holds the catalog.
    """
    seen: dict[str, dict[str, KnownFile]] = {}
    if paths.catalog.exists():
        with duckdb.connect(str(paths.catalog), read_only=True) as con:
            seen = {source.name: known_files(con, source.name) for source in sources}
    waiting = {}
    for source in sources:
        known = seen.get(source.name, {})
        for relative, path in delivered_files(paths.inbox / source.name):
            stat, before = path.stat(), known.get(relative)
            if not (before and _is_same(before, stat, source)):
                waiting[f"{source.name}/{relative}"] = stat
    return waiting


def _is_same(before: KnownFile, stat: os.stat_result, source: SourceConfig) -> bool:
    """Whether a file is as landing last saw it, by size, time and the settings it was read with."""
    return (before.size_bytes, before.modified_ns, before.settings_hash) == (
        stat.st_size,
        stat.st_mtime_ns,
        source.fingerprint,
    )


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
        folder = self.paths.inbox / self.config.name
        known = known_files(self.con, self.config.name)
        loaded = {
            self._identity(file, k.content_hash)
            for file, k in known.items()
            if k.status == "loaded" and k.settings_hash == self.config.fingerprint
        }
        found = []
        for relative, path in delivered_files(folder):
            stat = path.stat()
            before = known.get(relative)
            if before and _is_same(before, stat, self.config):
                if before.status == "failed":
                    self.report.failed.append((relative, before.reason or "cannot be read"))
                continue
            seen = examine(path)
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

    def _record_unread(self, candidate: Candidate) -> None:
        """Note a file whose content is loaded already: touched, renamed or delivered twice."""
        before = candidate.replaces
        if before and before.content_hash == candidate.content_hash:
            self.con.execute(
                "update files set modified_ns = ?, size_bytes = ? where file_id = ?",
                [candidate.modified_ns, candidate.size_bytes, before.file_id],
            )
            return
        self.report.files_duplicate += 1
        with transaction(self.con):
            commit = next_value(self.con, "commits")
            writer = PartitionWriter(self.con, self.paths, self.config.name, commit)
            writer.remove([before.file_id] if before else [])
            self._insert_file(candidate, commit, "duplicate", "the same content is loaded already")
        writer.delete_dead_parts()

    def land(self, batch: Sequence[Candidate]) -> None:
        """Load one batch in one commit; when it fails as a whole, file by file."""
        accepted = []
        for candidate in batch:
            if candidate.relative.lower().endswith(self.format.suffixes):
                accepted.append(candidate)
            else:
                endings = ", ".join(self.format.suffixes)
                self._fail(candidate, f"{self.format.name} files end in {endings}; this one is not")
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
                self._insert_file(candidate, commit, "loaded", None, file_id, writer)
            writer.commit(ids)
        writer.delete_dead_parts()

    def _insert_file(
        self,
        candidate: Candidate,
        commit: int,
        status: str,
        reason: str | None,
        file_id: int | None = None,
        writer: PartitionWriter | None = None,
    ) -> None:
        file_id = file_id or next_value(self.con, "file_ids")
        loaded = writer.rows_of(file_id) if writer else 0
        rejected = writer.rejects_of(file_id) if writer else 0
        first, last = writer.days_of(file_id) if writer else (None, None)
        if status == "loaded":
            self.report.files_new += 1
            self.report.rows_loaded += loaded
            self.report.rows_quarantined += rejected
        self.con.execute(
            "update files set status = 'superseded', commit_id = ?"
            " where source_name = ? and source_file = ? and status <> 'superseded'",
            [commit, self.config.name, candidate.relative],
        )
        self.con.execute(
            "insert into files values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                file_id,
                self.config.name,
                candidate.relative,
                self.format.name,
                status,
                reason,
                loaded,
                rejected,
                candidate.size_bytes,
                candidate.modified_ns,
                candidate.content_hash,
                self.config.fingerprint,
                first,
                last,
                self.now,
                commit,
            ],
        )

    def _fail(self, candidate: Candidate, reason: str) -> None:
        """Record a file that cannot be read; rows of its earlier version stay."""
        self.report.failed.append((candidate.relative, reason))
        if candidate.replaces and candidate.replaces.status == "loaded":
            return
        with transaction(self.con):
            self._insert_file(candidate, next_value(self.con, "commits"), "failed", reason)


def _reason(error: SourceFileError) -> str:
    """The error without the file name, which the catalog has in its own column."""
    place = [f"line {error.line}"] if error.line else []
    place += [f"field {error.field}"] if error.field else []
    return ": ".join([*place, error.reason])
