"""Idempotent landing: from files in the inbox to Parquet partitions of the lake.

A file is identified by its content: loaded once, whatever it is called. A path whose content (or
whose source's settings) changed replaces the rows it brought before. Rows that break the contract
go to the quarantine with file, line, field and reason; the rest of their file loads. Every commit
records the days and tasks that it changed: that is all a later build looks at.

One file never stops the others. A batch is read on a database of its own (`reading.py`); when that
fails it is halved until the file is found, which is read once more in a process of its own
(`reading_apart.py`), and then recorded as failed with its reason. A batch that ended the whole run
is read there at the next one.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest.errors import OutlayError, SourceFileError
from ingest.lake.catalog import KnownFile, LakePaths, known_files, next_value, next_values
from ingest.lake.file_entries import FileEntries, SourceReport
from ingest.lake.inbox_files import (
    LOOK_AGAIN,
    Candidate,
    candidate_of,
    delivered_files,
    is_same,
    unread,
    wrong_ending,
)
from ingest.lake.reading import ReadingFailedError, ReadingJob, ReadingRoom
from ingest.lake.reading_apart import read_apart
from ingest.lake.row_writer import WrittenRows, discard_parts
from ingest.lake.withdrawal import UNLISTED, WITHDRAWN, leave_out
from ingest.records.format import Format, InputFile, SourceConfig
from ingest.records.limits import BATCH_BYTES, BATCH_FILES

ROOM_BYTES = 64 << 20
"""Free on the lake's disk, below which a failure is laid to the disk and not to a file."""

CHANGING = (
    "it changed while it was being read; deliver it under a hidden name, and rename it when it is"
    " complete: the next run tries again"
)

Progress = Callable[[str, int, int], None]
"""Called with (source name, files done, files to do)."""


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
    entries = FileEntries(con, paths, config, source_format, stamp, report)
    lander = _Lander(entries)
    try:
        candidates = lander.candidates()
        done = 0
        for batch in _batches(candidates):
            lander.land(batch)
            done += len(batch)
            if progress:
                progress(config.name, done, len(candidates))
        entries.enter_unread()
    except BaseException as error:
        # whoever interrupts a run may do so because a file holds it up: the next one reads it apart
        lander.close(is_ended=isinstance(error, Exception))
        raise
    lander.close(is_ended=True)
    return report


def waiting_files(paths: LakePaths, sources: Sequence[SourceConfig]) -> dict[str, os.stat_result]:
    """Files of the inbox that landing has not looked at as they are now, by path below the inbox.

    A file that this user may not read waits for nobody: no run could look at it.

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
        for file in delivered_files(paths.inbox / source.name):
            before = known.get(file.relative)
            is_file = file.stat and not file.fault and os.access(file.path, os.R_OK)
            if file.stat and is_file and not is_same(before, file.stat, source):
                waiting[f"{source.name}/{file.relative}"] = file.stat
    return waiting


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

    entries: FileEntries

    def __post_init__(self) -> None:
        self.con, self.paths = self.entries.con, self.entries.paths
        self.config, self.format = self.entries.config, self.entries.format
        ((threads,),) = self.con.execute("select current_setting('threads')").fetchall()
        self.room = ReadingRoom(self.paths.scratch / "reading", int(threads))
        self.reading = self.paths.reading(self.config.name)
        self.suspects = _suspects(self.reading)

    def candidates(self) -> list[Candidate]:
        """Files to load, in path order; unchanged ones are recognised by size and time alone."""
        known = known_files(self.con, self.config.name)
        here = {f.relative: f for f in delivered_files(self.paths.inbox / self.config.name)}
        self.entries.forget(
            [k.file_id for file, k in known.items() if k.status == "failed" and file not in here]
        )
        unlisted, self.entries.report.files_left_out = leave_out(self.entries, known, here)
        loaded = {
            self._identity(file, k.content_hash)
            for file, k in known.items()
            if k.status == "loaded"
            and k.settings_hash == self.config.fingerprint
            and file not in unlisted
        }
        found = []
        for file in here.values():
            before = known.get(file.relative)
            if file.relative in unlisted:
                continue
            is_known = file.stat and not file.fault and is_same(before, file.stat, self.config)
            if before and is_known and before.status != UNLISTED:
                if before.status == "failed":
                    self.entries.report.failed.append((file.relative, str(before.reason)))
                continue
            candidate = candidate_of(file, before)
            if isinstance(candidate, str):
                self.entries.fail(unread(file, before), candidate)
                continue
            is_touched = before is not None and before.content_hash == candidate.content_hash
            is_withdrawn = before is not None and before.status == WITHDRAWN and is_touched
            identity = self._identity(file.relative, candidate.content_hash)
            if is_withdrawn or identity in loaded:
                self.entries.duplicates.append(candidate)
            else:
                loaded.add(identity)
                found.append(candidate)
        return found

    def close(self, *, is_ended: bool) -> None:
        """Let the reading database go.

        Args:
            is_ended: what was being read did not hold up the run.
        """
        self.room.close()
        if is_ended:
            self.reading.unlink(missing_ok=True)

    def _identity(self, relative: str, content_hash: str) -> tuple[str, str]:
        """What must be new for a file to be read: its content, in its delivery where one counts."""
        delivery = str(Path(relative).parent) if self.format.folder_is_delivery else ""
        return content_hash, delivery

    def land(self, batch: Sequence[Candidate]) -> None:
        """Load one batch in one commit, if all of it can be read."""
        accepted = []
        for candidate in batch:
            if candidate.relative.lower().endswith(self.format.suffixes):
                accepted.append(candidate)
            else:
                self.entries.fail(candidate, wrong_ending(candidate.relative, self.format))
        if not accepted:
            return
        is_suspect = any(candidate.relative in self.suspects for candidate in accepted)
        names = [candidate.relative for candidate in accepted]
        self.reading.write_text(json.dumps(names), encoding="utf-8")
        self._load(accepted, apart=is_suspect)

    def _load(self, batch: Sequence[Candidate], *, apart: bool) -> None:
        """Load a batch; find out the file that cannot be read, and load the others."""
        if not batch:
            return
        ids = dict(zip(next_values(self.con, "file_ids", len(batch)), batch, strict=True))
        commit = next_value(self.con, "commits")
        try:
            written = self._read(ids, commit, apart=apart)
        except SourceFileError as error:
            named = [one for one in batch if one.relative == error.file or len(batch) == 1]
            for candidate in named:
                self.entries.fail(candidate, error.without_file)
            self._load_halves([one for one in batch if one not in named], apart=apart)
        except ReadingFailedError as error:
            _require_room(self.paths.lake, error.said)
            if len(batch) > 1:
                self._load_halves(batch, apart=apart)
            elif not (apart or error.is_certain):
                self._load(batch, apart=True)
            else:
                self.entries.fail(batch[0], error.reason)
        else:
            changed = [one for one in batch if one.has_changed()]
            if not changed:
                self._commit(ids, commit, written)
                return
            discard_parts(self.paths.lake, self.config.name, commit)
            for candidate in changed:
                self.entries.fail(replace(candidate, modified_ns=LOOK_AGAIN), CHANGING)
            self._load([one for one in batch if one not in changed], apart=apart)

    def _commit(self, ids: Mapping[int, Candidate], commit: int, written: WrittenRows) -> None:
        """Make what was read count, less the files that a reader refused."""
        refused = {error.file: error for error in written.refused}
        for candidate in ids.values():
            if candidate.relative in refused:
                self.entries.fail(candidate, refused[candidate.relative].without_file)
        kept = {i: one for i, one in ids.items() if one.relative not in refused}
        if kept:
            self.entries.commit(kept, commit, written)

    def _load_halves(self, batch: Sequence[Candidate], *, apart: bool) -> None:
        middle = (len(batch) + 1) // 2
        self._load(batch[:middle], apart=apart)
        self._load(batch[middle:], apart=apart)

    def _read(self, ids: Mapping[int, Candidate], commit: int, *, apart: bool) -> WrittenRows:
        """Read a batch here or in a process of its own; leaves nothing when that fails."""
        job = ReadingJob(
            self.format.read,
            self.config,
            [InputFile(i, c.path, c.relative, c.shape) for i, c in ids.items()],
            self.paths.lake,
            commit,
            self.room.threads,
            sum(c.size_bytes for c in ids.values()),
        )
        try:
            if apart:
                return read_apart(job, self.paths.scratch / "apart")
            return self.room.read(job)
        except BaseException:
            discard_parts(self.paths.lake, self.config.name, commit)
            raise


def _suspects(reading: Path) -> frozenset[str]:
    """Files that a run was reading when it died; none after one that ended."""
    try:
        return frozenset(json.loads(reading.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return frozenset()


def _require_room(lake: Path, said: str) -> None:
    """Blame the lake's disk for what no file is to blame for.

    Raises:
        OutlayError: it is full, or cannot be written.
    """
    free = shutil.disk_usage(lake).free
    if "No space left" in said or free < ROOM_BYTES:
        raise OutlayError(
            f"{lake}: the disk is full ({free >> 20} MB are free): make room and run again;"
            " what was loaded before is kept"
        )
    if not os.access(lake, os.W_OK):
        raise OutlayError(f"{lake}: cannot be written: let this user write it, and run again")
