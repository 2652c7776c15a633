"""The files of an inbox folder as landing looks at them, and their entry in the catalog."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from ingest.lake.catalog import KnownFile, LakePaths, known_files
from ingest.records.file_bytes import TextShape
from ingest.records.format import Format, SourceConfig


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


@dataclass(frozen=True)
class Became:
    """What became of a file.

    Attributes:
        status: as `ops.files` explains it.
        first_day: first UTC day of its rows, `last_day` the last.
    """

    status: str
    reason: str | None = None
    rows_loaded: int = 0
    rows_quarantined: int = 0
    first_day: date | None = None
    last_day: date | None = None


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
            if not (before and is_same(before, stat, source)):
                waiting[f"{source.name}/{relative}"] = stat
    return waiting


def is_same(before: KnownFile, stat: os.stat_result, source: SourceConfig) -> bool:
    """Whether a file is as landing last saw it, by size, time and the settings it was read with."""
    return (before.size_bytes, before.modified_ns, before.settings_hash) == (
        stat.st_size,
        stat.st_mtime_ns,
        source.fingerprint,
    )


def insert_file(
    con: duckdb.DuckDBPyConnection,
    file_id: int,
    config: SourceConfig,
    source_format: Format,
    candidate: Candidate,
    became: Became,
    now: datetime,
    commit: int,
) -> None:
    """Enter what became of a file; an older entry of its path is superseded."""
    con.execute(
        "update files set status = 'superseded', commit_id = ?"
        " where source_name = ? and source_file = ? and status <> 'superseded'",
        [commit, config.name, candidate.relative],
    )
    con.execute(
        "insert into files values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            file_id,
            config.name,
            candidate.relative,
            source_format.name,
            became.status,
            became.reason,
            became.rows_loaded,
            became.rows_quarantined,
            candidate.size_bytes,
            candidate.modified_ns,
            candidate.content_hash,
            config.fingerprint,
            became.first_day,
            became.last_day,
            now,
            commit,
        ],
    )


def wrong_ending(relative: str, source_format: Format) -> str:
    """Return why a file of this name is not read, and what to do."""
    endings = ", ".join(source_format.suffixes)
    if relative.lower().endswith(".zip"):
        return (
            "is a ZIP archive: unpack it in its place and delete it (unzip FILE && rm FILE), or let"
            f" the export write GZIP or Parquet; {source_format.name} files end in {endings}"
        )
    return (
        f"{source_format.name} files end in {endings}: take this one out of the inbox, or name it"
        " by what it holds"
    )
