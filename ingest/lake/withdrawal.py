"""Taking a loaded file out of the lake again: withdrawn by a person, or left out of its delivery.

Its rows go, the days that they were of are computed again, and the catalog keeps the file with who
or what took it out, when and why. A withdrawn file stays out until its content changes; one that
is not of its delivery comes back when its manifest, or the store, lists it again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath

import duckdb

from ingest.errors import OutlayError
from ingest.lake.catalog import KnownFile, LakePaths, known_files, next_value, transaction
from ingest.lake.damaged_parts import damaged_parts, mend
from ingest.lake.file_entries import FileEntries
from ingest.lake.inbox_files import Candidate, InboxFile, candidate_of, is_same
from ingest.lake.partitions import PartitionWriter
from ingest.records.store_list import left_the_store

WITHDRAWN, UNLISTED = "withdrawn", "unlisted"

_LEFT_THE_STORE = "the store has it no more: it is of an earlier delivery"


def take_out(
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    source_name: str,
    file_id: int,
    status: str,
    reason: str,
    now: datetime,
) -> None:
    """Remove a file's rows in one commit, and keep why.

    Args:
        status: `withdrawn` or `unlisted`.
        now: UTC.
    """
    with transaction(con):
        commit = next_value(con, "commits")
        writer = PartitionWriter(con, paths, source_name, commit)
        writer.remove([file_id])
        con.execute(
            "update files set status = ?, reason = ?, rows_loaded = 0, rows_quarantined = 0,"
            " first_day = null, last_day = null, landed_at = ?, commit_id = ? where file_id = ?",
            [status, reason, now, commit, file_id],
        )
    writer.delete_dead_parts()


def leave_out(
    entries: FileEntries, known: Mapping[str, KnownFile], here: Mapping[str, InboxFile]
) -> tuple[Collection[str], int]:
    """Take out what is not of its delivery.

    Where nothing changed since, no manifest is read: what was left out before still is.

    Args:
        entries: those of the source.
        known: the source's files as the catalog has them.
        here: those of its inbox folder.

    Returns:
        The files that are not to be read, and how many of them are new.
    """
    manifests, config = entries.format.manifests, entries.config
    if manifests is None:
        return (), 0
    readable = {
        file: (found.path, found.stat)
        for file, found in here.items()
        if found.stat and not found.fault
    }
    gone = left_the_store(entries.paths.inbox / config.name)
    loaded = {file for file, k in known.items() if k.status == "loaded"}
    changed = {
        manifests.group_of(file)
        for file, (_, stat) in readable.items()
        if not ((k := known.get(file)) and is_same(k, stat, config))
        or (k.reason == _LEFT_THE_STORE and file not in gone)
    }
    paths: dict[str, Path | None] = dict.fromkeys(loaded - set(gone))
    paths |= {file: path for file, (path, _) in readable.items()}
    reasons = manifests.left_out(paths, loaded, changed)
    reasons |= dict.fromkeys(gone, _LEFT_THE_STORE)
    count = 0
    for file, reason in reasons.items():
        before = known.get(file)
        if before and before.status in ("loaded", "failed", "duplicate"):
            take_out(
                entries.con, entries.paths, config.name, before.file_id, UNLISTED, reason,
                entries.now,
            )  # fmt: skip
            count += 1
        elif file in readable and not (before and before.reason == reason):
            candidate = candidate_of(here[file], before)
            if isinstance(candidate, Candidate):
                entries.leave_out(candidate, UNLISTED, reason)
                count += 1
    still = {
        file
        for file in here
        if (k := known.get(file))
        and k.status == UNLISTED
        and manifests.group_of(file) not in changed
    }
    return reasons.keys() | still, count


def withdraw(
    con: duckdb.DuckDBPyConnection, paths: LakePaths, name: str, who: str, why: str, now: datetime
) -> int:
    """Withdraw a file; return how many rows it had brought.

    Args:
        name: the file's path below the inbox, as checks and `ops.files` name it.
        now: UTC.

    Raises:
        OutlayError: no loaded file has that name.
    """
    source_name, _, relative = name.partition("/")
    known = known_files(con, source_name).get(relative)
    if known is None or known.status != "loaded":
        state = f"is {known.status}: {known.reason}" if known else "was never loaded"
        near = _alike(con, PurePosixPath(name).name)
        hint = f"; did you mean inbox/{near}?" if near and near != name else ""
        raise OutlayError(f"inbox/{name} {state}, so it cannot be withdrawn{hint}")
    rows = con.execute("select rows_loaded from files where file_id = ?", [known.file_id])
    count = int(rows.fetchall()[0][0])
    reason = f"withdrawn by {who}: {why}"
    # a part that is gone cannot be written without the file's rows: what else it held is read again
    damaged = [part for part in damaged_parts(con, paths) if part.source_name == source_name]
    mend(con, paths, damaged, [source_name], given_up=[known.file_id])
    take_out(con, paths, source_name, known.file_id, WITHDRAWN, reason, now)
    return count


def _alike(con: duckdb.DuckDBPyConnection, name: str) -> str | None:
    found = con.execute(
        "select source_name || '/' || source_file from files where status = 'loaded'"
        " and (source_file = $name or ends_with(source_file, '/' || $name)) order by 1 limit 1",
        {"name": name},
    ).fetchall()
    return str(found[0][0]) if found else None
