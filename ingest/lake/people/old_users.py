"""Users of old rows: calls and spans of months that are over cease to say who made them.

`user_id` becomes NULL and the rows stay, so no figure moves but those of users themselves, whom the
caller keeps. What the inbox still holds would bring the users back, so such a file waits. Bills are
left alone: a provider's usage report is restated by its person, and the same person under another
name would count twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date

import duckdb

from ingest.lake.catalog import (
    PARTS,
    LakePaths,
    columns_of_parts,
    live_parts,
    next_value,
    reading_parts,
    transaction,
)
from ingest.lake.partitions import PartitionWriter
from ingest.lake.people.salt_rotation import TABLES_WITH_USERS
from ingest.lake.retention import DAYS_OF_FILES, IsOver, OldFile, OldFiles
from ingest.sql import literal


def old_users(
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    is_over: IsOver,
    named: Collection[str],
    done: Collection[int],
    leaving: Collection[tuple[str, str]],
) -> OldFiles:
    """Files whose calls and spans are all of days that are over, with their rows that name a user.

    A file without such rows is among them, with 0: it need not be looked through again.

    Args:
        con: an open catalog.
        named: pseudonyms of users by whom something is computed; their rows stay as they are.
        done: files that were looked through before.
        leaving: source and path of files that go from the inbox before the users do.
    """
    found = OldFiles()
    files = con.execute(
        "select f.source_name, f.source_file, f.file_id, d.first_day, d.last_day, 0,"
        " list(distinct (c.source_name, c.source_file)) as copies"
        " from files as f inner join files as c on c.content_hash = f.content_hash"
        f" inner join ({DAYS_OF_FILES}) as d on d.file_id = f.file_id"
        " where f.status = 'loaded'"
        " and not list_contains($done, f.file_id) and f.file_id in"
        " (select file_id from file_days where list_contains($tables, table_name))"
        " group by all order by 1, 2",
        {"done": list(done), "tables": list(TABLES_WITH_USERS)},
    ).fetchall()
    old = {}
    for *facts, copies in files:
        file = OldFile(*facts)
        if not is_over(file.first_day, file.last_day):
            continue
        if any(copy not in leaving and paths.inbox.joinpath(*copy).exists() for copy in copies):
            found.kept["are in the inbox still, which names their users"] += 1
        else:
            old[file.file_id] = file
    rows = _rows_of_users(con, paths, old, named)
    found.files = [replace(file, rows=rows.get(file.file_id, 0)) for file in old.values()]
    return found


def _rows_of_users(
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    file_ids: Collection[int],
    named: Collection[str],
) -> dict[int, int]:
    """Rows of some files that name a user, by file."""
    counts: dict[int, int] = {}
    for table in TABLES_WITH_USERS:
        parts = [path for path, _, _ in _parts_of(con, table, file_ids)]
        if not parts:
            continue
        read = reading_parts(paths, parts)
        if "user_id" not in columns_of_parts(con, read):
            continue
        rows = con.execute(
            f"select file_id, count(*) from {PARTS} where {_goes(file_ids, named)} group by all",
            read,
        ).fetchall()
        for file_id, count in rows:
            counts[file_id] = counts.get(file_id, 0) + count
    return counts


def delete_users(
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    file_ids: Collection[int],
    named: Collection[str],
) -> None:
    """Make `user_id` NULL in rows of some files, in one commit; their days are computed again.

    Args:
        con: an open catalog.
        named: pseudonyms of users whose rows stay as they are.
    """
    writers: dict[str, PartitionWriter] = {}
    with transaction(con):
        commit = next_value(con, "commits")
        for table in TABLES_WITH_USERS:
            days = {(source, day): None for _, source, day in _parts_of(con, table, file_ids)}
            for source, day in days:
                read = reading_parts(paths, live_parts(con, table, source, day))
                if "user_id" not in columns_of_parts(con, read):
                    continue
                goes = _goes(file_ids, named)
                there = con.execute(f"select exists (from {PARTS} where {goes})", read).fetchall()
                if there[0][0]:
                    writer = writers.setdefault(source, PartitionWriter(con, paths, source, commit))
                    writer.change(
                        table,
                        day,
                        f"* replace (case when {goes} then null else user_id end as user_id)",
                        file_ids,
                    )
    for writer in writers.values():
        writer.delete_dead_parts()


def _parts_of(
    con: duckdb.DuckDBPyConnection, table: str, file_ids: Collection[int]
) -> Iterator[tuple[str, str, date]]:
    """Parts of a table on the days of some files: path, source, day."""
    yield from con.execute(
        "select path, source_name, utc_day from parts where table_name = $table"
        " and (source_name, utc_day) in (select (f.source_name, d.utc_day)"
        " from file_days as d inner join files as f using (file_id)"
        " where d.table_name = $table and list_contains($ids, file_id))"
        " order by all",
        {"table": table, "ids": list(file_ids)},
    ).fetchall()


def _goes(file_ids: Collection[int], named: Collection[str]) -> str:
    """Predicate of rows that name a user who is to go."""
    stay = f" and user_id not in ({', '.join(map(literal, sorted(named)))})" if named else ""
    files = ", ".join(map(str, sorted(file_ids)))
    return f"(file_id in ({files}) and user_id is not null{stay})"
