"""Taking a loaded file out of the lake again: withdrawn by a person, or left out of its delivery.

Its rows go, the days that they were of are computed again, and the catalog keeps the file with who
or what took it out, when and why. A withdrawn file stays out until its content changes; one that
is not of its delivery comes back when its manifest, or the store, lists it again.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath

import duckdb

from ingest.errors import OutlayError
from ingest.lake.catalog import KnownFile, LakePaths, known_files, next_value, transaction
from ingest.lake.inbox import Became, Candidate, insert_file, is_same
from ingest.lake.partitions import PartitionWriter
from ingest.records.file_bytes import examine
from ingest.records.format import Format, SourceConfig
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
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    config: SourceConfig,
    source_format: Format,
    known: Mapping[str, KnownFile],
    here: Mapping[str, Path],
    stats: Mapping[str, os.stat_result],
    now: datetime,
) -> tuple[Collection[str], int]:
    """Take out what is not of its delivery.

    Where nothing changed since, no manifest is read: what was left out before still is.

    Args:
        known: the source's files as the catalog has them.
        here: those of its inbox folder; `stats`: of each.
        now: UTC.

    Returns:
        The files that are not to be read, and how many of them are new.
    """
    manifests = source_format.manifests
    if manifests is None:
        return (), 0
    gone = left_the_store(paths.inbox / config.name)
    loaded = {file for file, k in known.items() if k.status == "loaded"}
    changed = {
        manifests.group_of(file)
        for file in here
        if not ((k := known.get(file)) and is_same(k, stats[file], config))
        or (k.reason == _LEFT_THE_STORE and file not in gone)
    }
    reasons = manifests.left_out({**dict.fromkeys(loaded - set(gone)), **here}, loaded, changed)
    reasons |= dict.fromkeys(gone, _LEFT_THE_STORE)
    count = 0
    for file, reason in reasons.items():
        before = known.get(file)
        if before and before.status in ("loaded", "failed", "duplicate"):
            take_out(con, paths, config.name, before.file_id, UNLISTED, reason, now)
            count += 1
        elif file in here and not (before and before.reason == reason):
            seen = examine(here[file])
            size, modified = stats[file].st_size, stats[file].st_mtime_ns
            found = Candidate(
                file, here[file], size, modified, seen.content_hash, seen.shape, before
            )
            with transaction(con):
                file_id, commit = next_value(con, "file_ids"), next_value(con, "commits")
                became = Became(UNLISTED, reason)
                insert_file(con, file_id, config, source_format, found, became, now, commit)
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
    take_out(con, paths, source_name, known.file_id, WITHDRAWN, reason, now)
    return count


def _alike(con: duckdb.DuckDBPyConnection, name: str) -> str | None:
    found = con.execute(
        "select source_name || '/' || source_file from files where status = 'loaded'"
        " and (source_file = $name or ends_with(source_file, '/' || $name)) order by 1 limit 1",
        {"name": name},
    ).fetchall()
    return str(found[0][0]) if found else None
