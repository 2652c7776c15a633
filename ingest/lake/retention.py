"""What the lake no longer needs of old months: delivered files, and the list of rows quarantined.

Neither moves a figure. Rows that were read stay in the lake, and the catalog keeps every file with
its counts, so that the same content is not read again when it comes back. What rows say of users is
in `people`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from ingest.files import flush
from ingest.lake.catalog import LakePaths, transaction
from ingest.records.format import SourceConfig

DELIVERED, QUARANTINE, USERS = "delivered files", "quarantine", "user ids"
"""What retention knows, by the names of its records."""

IsOver = Callable[[date, date], bool]
"""Whether rows of these UTC days, first and last, may go."""


DAYS_OF_FILES = (
    "select file_id, least(f.first_day, min(utc_day)) as first_day,"
    " greatest(f.last_day, max(utc_day)) as last_day"
    " from files as f left join file_days using (file_id) group by file_id, f.first_day, f.last_day"
    " having greatest(f.last_day, max(utc_day)) is not null"
)
"""SQL of the first and last UTC day of a file's rows; in `files` those of spans are left out."""


@dataclass(frozen=True)
class OldFile:
    """A file whose delivery, or whose list of rows quarantined, may go.

    Attributes:
        source_file: its path below the inbox folder.
        modified_ns: when it was written, as the catalog has it.
        rows: those that it brought, that are listed as quarantined, or that name a user.
        size_bytes: on disk; 0 of all but delivered files.
    """

    source_name: str
    source_file: str
    file_id: int
    first_day: date
    last_day: date
    rows: int
    size_bytes: int = 0
    modified_ns: int = 0


@dataclass
class OldFiles:
    """Files that may go, and why others of the same age stay, with their number."""

    files: list[OldFile] = field(default_factory=list)
    kept: Counter[str] = field(default_factory=Counter)


def old_deliveries(
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    sources: Iterable[SourceConfig],
    is_over: IsOver,
) -> OldFiles:
    """Files of the inbox that are read, whose every row is of days that are over.

    A copy under another name goes with the file that was loaded.

    Args:
        con: an open catalog.
        sources: the configured ones; what lies beside their folders is nobody's.
    """
    found = OldFiles()
    for source in sources:
        rows = con.execute(
            "select c.source_name, c.source_file, c.file_id, d.first_day, d.last_day,"
            " c.rows_loaded, c.size_bytes, c.modified_ns, c.settings_hash"
            " from files as c inner join files as f on f.source_name = c.source_name"
            " and f.content_hash = c.content_hash and f.status = 'loaded'"
            f" inner join ({DAYS_OF_FILES}) as d on d.file_id = f.file_id"
            " where c.source_name = $source"
            " and (c.file_id = f.file_id or c.status = 'duplicate')"
            " qualify row_number() over (partition by c.file_id order by d.last_day desc) = 1"
            " order by c.source_file",
            {"source": source.name},
        ).fetchall()
        for *facts, settings in rows:
            file = OldFile(*facts)
            if not is_over(file.first_day, file.last_day):
                continue
            reason = _why_kept(paths, source, file, is_current=settings == source.fingerprint)
            if reason is None:
                found.files.append(file)
            elif reason:
                found.kept[reason] += 1
    return found


def _why_kept(
    paths: LakePaths, source: SourceConfig, file: OldFile, *, is_current: bool
) -> str | None:
    """Why an old file stays; empty when it is gone already, None when it may go."""
    path = delivered(paths, file)
    if not path.is_file():
        return ""
    if _is_behind_a_link(paths.inbox, path):
        return "lie behind a link: they are not the inbox's own"
    if not is_as_read(path, file):
        return "changed since they were read: run first"
    if not is_current:
        return "were read with other settings of their source: run first"
    if "remote" in source.options:
        return "are copies of an object store, which would bring them again: shorten its lifecycle"
    return None


def delivered(paths: LakePaths, file: OldFile) -> Path:
    """Where a file lies in the inbox."""
    return paths.inbox / file.source_name / file.source_file


def _is_behind_a_link(inbox: Path, path: Path) -> bool:
    return any(one.is_symlink() for one in (path, *path.parents) if inbox in one.parents)


def is_as_read(path: Path, file: OldFile) -> bool:
    """Whether a file still has the size and time with which landing saw it."""
    try:
        now = path.lstat()
    except FileNotFoundError:
        return False
    return (now.st_size, now.st_mtime_ns) == (file.size_bytes, file.modified_ns)


def old_quarantine(con: duckdb.DuckDBPyConnection, is_over: IsOver) -> Iterator[OldFile]:
    """Files with rows listed as quarantined, whose every other row is of days that are over.

    A file without any other row is of the day on which it was read.
    """
    rows = con.execute(
        "select f.source_name, f.source_file, f.file_id,"
        " coalesce(d.first_day, f.landed_at::date), coalesce(d.last_day, f.landed_at::date),"
        " count(*)"
        " from quarantine as q inner join files as f on f.file_id = q.file_id"
        f" left join ({DAYS_OF_FILES}) as d on d.file_id = f.file_id"
        " group by all order by 1, 2, 3"
    ).fetchall()
    for row in rows:
        file = OldFile(*row)
        if is_over(file.first_day, file.last_day):
            yield file


def delete_deliveries(paths: LakePaths, files: Collection[OldFile]) -> None:
    """Delete files of the inbox that are still as they were read; on disk when it returns.

    Folders within a source's that it empties go too.

    Raises:
        OSError: one cannot be deleted; those before it are.
    """
    folders = set()
    for file in files:
        path = delivered(paths, file)
        if _is_behind_a_link(paths.inbox, path):
            continue
        if is_as_read(path, file):
            path.unlink()
            folders.add(path.parent)
        for folder in path.parents:  # also where a killed one had come to the file alone
            if folder == paths.inbox / file.source_name or not _is_removed(folder):
                break
            folders = folders - {folder} | {folder.parent}
    for folder in filter(Path.exists, folders):
        flush(folder)


def _is_removed(folder: Path) -> bool:
    """Remove a folder if it is empty; whether it is no more."""
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False  # something is in it
    return True


def delete_quarantine(con: duckdb.DuckDBPyConnection, file_ids: Collection[int]) -> None:
    """Delete the rows listed as quarantined of some files; `files` keeps their number."""
    with transaction(con):
        con.execute(
            "delete from quarantine where list_contains($ids, file_id)", {"ids": list(file_ids)}
        )
