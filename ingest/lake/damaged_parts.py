"""Parts of the lake that are not as the catalog has them: found, and made again from the inbox.

A part that is gone or cut short is found by its size, at every landing; one whose bytes changed by
their hash: where a landing changed its day, which the build will read, or when somebody asks
(`outlay doctor`). The rows of a damaged part may be of any file that
has rows of its day: all of those are read again, whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from ingest.errors import OutlayError
from ingest.lake.catalog import LakePaths, next_value, transaction
from ingest.lake.partitions import PartitionWriter
from ingest.records.file_bytes import content_hash

GONE, CHANGED = "is gone", "has other bytes than were written"


@dataclass(frozen=True)
class DamagedPart:
    """A part that the catalog counts on, and what is wrong with it.

    Attributes:
        path: below the lake.
        fault: in words, after its name.
    """

    path: str
    table: str
    source_name: str
    day: date
    fault: str

    def __str__(self) -> str:
        """The part with its fault, for a message."""
        return f"lake/{self.path} {self.fault}"


class DamagedLakeError(OutlayError):
    """Parts of the lake are damaged and cannot be made again.

    Attributes:
        lost: the files that they were made from and that are not in the inbox, below the workspace.
    """

    def __init__(self, message: str, lost: set[str]) -> None:
        """Say what is wrong, with the cures."""
        super().__init__(message)
        self.lost = lost


def damaged_parts(
    con: duckdb.DuckDBPyConnection, paths: LakePaths, *, hashed: bool = False
) -> list[DamagedPart]:
    """The parts that are not as the catalog has them, by path.

    Args:
        con: an open catalog.
        hashed: read every part whole; otherwise only its size is looked at.
    """
    return _compared(paths, con.sql("from parts order by path"), hashed=hashed)


def newest_commit(con: duckdb.DuckDBPyConnection) -> int:
    """The newest commit that wrote a part; 0 of an empty lake."""
    return int(con.execute("select coalesce(max(commit_id), 0) from parts").fetchall()[0][0])


def changed_parts(
    con: duckdb.DuckDBPyConnection, paths: LakePaths, before: int
) -> list[DamagedPart]:
    """The parts of before some landing that are not as written, on days which it changed.

    Args:
        con: an open catalog.
        before: `newest_commit` when the landing began.
    """
    parts = con.sql(
        "from parts where commit_id <= $before and utc_day in"
        " (select utc_day from changed_days where commit_id > $before) order by path",
        params={"before": before},
    )
    return _compared(paths, parts, hashed=True)


def _compared(
    paths: LakePaths, parts: duckdb.DuckDBPyRelation, *, hashed: bool
) -> list[DamagedPart]:
    found = []
    for row in parts.fetchall():
        part = dict(zip(parts.columns, row, strict=True))
        digest = part.get("content_hash") if hashed else None  # none in a catalog of before
        fault = _fault(paths, part["path"], part.get("size_bytes"), digest)
        if fault:
            found.append(
                DamagedPart(
                    part["path"], part["table_name"], part["source_name"], part["utc_day"], fault
                )
            )
    return found


def _fault(paths: LakePaths, part: str, size: int | None, digest: str | None) -> str | None:
    """What is wrong with a part; what an older Outlay did not note is not compared."""
    file = paths.lake / part
    try:
        now = file.stat().st_size
        if size is not None and now != size:
            return f"has {now:,} of {size:,} bytes"
        if digest is not None and content_hash(file) != digest:
            return CHANGED
    except FileNotFoundError:
        return GONE
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None


def mend(
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    damaged: Sequence[DamagedPart],
    sources: Collection[str],
    given_up: Collection[int] = (),
) -> None:
    """Have the files of damaged parts read again by the landing that follows, in one commit.

    Args:
        con: an open catalog.
        damaged: what `damaged_parts` found.
        sources: the configured ones: files of another cannot be read.
        given_up: files whose rows are to go anyway.

    Raises:
        DamagedLakeError: a file that had rows there is no more in the inbox; nothing was changed.
    """
    if not damaged:
        return
    files = _files_of(con, damaged)
    lost = {
        f"inbox/{source}/{name}"
        for file_id, (source, name) in files.items()
        if file_id not in given_up
        and not (source in sources and (paths.inbox / source / name).is_file())
    }
    if lost:
        raise DamagedLakeError(_without_files(damaged, sorted(lost)), lost)
    with transaction(con):
        commit = next_value(con, "commits")
        con.execute(
            "delete from parts where list_contains($paths, path)",
            {"paths": [part.path for part in damaged]},
        )
        writers = [
            _without_rows(con, paths, source, commit, files, damaged, given_up)
            for source in sorted({part.source_name for part in damaged})
        ]
    for writer in writers:
        writer.delete_dead_parts()
    for part in damaged:
        (paths.lake / part.path).unlink(missing_ok=True)


def _without_rows(
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    source: str,
    commit: int,
    files: Mapping[int, tuple[str, str]],
    damaged: Iterable[DamagedPart],
    given_up: Collection[int],
) -> PartitionWriter:
    """Take out what healthy parts hold of a source's files, and forget that they were read."""
    writer = PartitionWriter(con, paths, source, commit)
    own = [file_id for file_id, (of, _) in files.items() if of == source]
    writer.remove(own)
    for table, day in sorted({(p.table, p.day) for p in damaged if p.source_name == source}):
        con.execute("insert into changed_days values (?, ?, ?)", [commit, table, day])
    con.execute(
        "delete from files where list_contains($ids, file_id)",
        {"ids": [file_id for file_id in own if file_id not in given_up]},
    )
    return writer


def _files_of(
    con: duckdb.DuckDBPyConnection, damaged: Sequence[DamagedPart]
) -> dict[int, tuple[str, str]]:
    """Source and name of every file with rows of a damaged part's table and day, by number."""
    held = [(part.source_name, part.table, part.day) for part in damaged]
    rows = con.execute(
        "select distinct f.file_id, f.source_name, f.source_file"
        " from file_days as d inner join files as f on f.file_id = d.file_id"
        " inner join (select unnest($sources) as source_name, unnest($tables) as table_name,"
        " unnest($days::date[]) as utc_day) as h on h.source_name = f.source_name"
        " and h.table_name = d.table_name and h.utc_day = d.utc_day where f.status = 'loaded'"
        " order by 1",
        dict(zip(("sources", "tables", "days"), map(list, zip(*held, strict=True)), strict=True)),
    ).fetchall()
    return {int(file_id): (source, name) for file_id, source, name in rows}


def _without_files(damaged: Sequence[DamagedPart], lost: Sequence[str]) -> str:
    more = f" and {len(damaged) - 1} more parts" if len(damaged) > 1 else ""
    files = ", ".join(lost[:3]) + (f" and {len(lost) - 3} more" if len(lost) > 3 else "")
    return (
        f"{damaged[0]}{more}, and what it was made from is not in the inbox: {files}; put that"
        " back and run again, or restore a backup (`outlay restore`), or give its rows up with"
        f" `outlay withdraw {lost[0]}`"
    )
