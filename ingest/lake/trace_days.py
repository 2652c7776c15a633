"""Days whose calls and evaluations another day's spans change.

A span gives its tenant, task and so on to the calls below it, and an evaluation finds its task by
the span it is about. The warehouse works that out from `trace_spans`, so a span that comes late, or
goes, changes calls of other days: landing notes those days when it commits the span.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from ingest.lake.catalog import LakePaths
from ingest.sql import exact_path

CALL_DAYS = 7
"""Days before a call in which the spans above it may have started. Agents run for hours, a chat's
trace for days; every day more is read by every run. Bounds: 1 to 31."""

EVALUATED_DAYS = 31
"""Days before an evaluation in which what it is about may have started: reviews take weeks."""

SKEW_DAYS = 1
"""Days after: a parent on another machine's clock may start later than its child, at midnight."""


@dataclass(frozen=True)
class _Giver:
    """Rows of one table that change rows of another with the same key.

    Attributes:
        days: how many days before the changed row the giving one may lie.
    """

    table: str
    key: str
    taker: str
    days: int


_GIVERS = (
    _Giver("trace_spans", "trace_id", "gateway_calls", CALL_DAYS),
    _Giver("trace_spans", "trace_id", "task_outcomes", EVALUATED_DAYS),
    _Giver("gateway_calls", "provider_response_id", "task_outcomes", EVALUATED_DAYS),
)


def note_days_below(
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    source_name: str,
    commit_id: int,
    parts: Sequence[tuple[str, str, date]],
    file_ids: Sequence[int] | None = None,
) -> None:
    """Note the days on which rows take something from rows that come or go.

    Args:
        con: the catalog, in the transaction of the commit; days of the parts are noted already.
        parts: (path, table, day) of the parts that hold the coming or going rows.
        file_ids: only rows of these files; None for all.
    """
    reopened: list[tuple[str, date]] = []
    for giver in _GIVERS:
        given = [(path, day) for path, table, day in parts if table == giver.table]
        if giver.table == "gateway_calls":
            # a call whose trace changed passes that on to who judged its answer
            given, file_ids = [*given, *reopened], None if reopened else file_ids
        if not given:
            continue
        takers = _takers(con, source_name, commit_id, giver, [day for _, day in given])
        days = _days(con, paths, giver, takers, [path for path, _ in given], file_ids)
        for day in sorted(days):
            con.execute("insert into changed_days values (?, ?, ?)", [commit_id, giver.taker, day])
        if giver.taker == "gateway_calls":
            reopened = [(path, day) for path, day in takers if day in days]


def _takers(
    con: duckdb.DuckDBPyConnection,
    source_name: str,
    commit_id: int,
    giver: _Giver,
    given: Sequence[date],
) -> list[tuple[str, date]]:
    """Parts, with their days, within reach of the given days that the commit did not note yet."""
    return con.execute(
        "select path, utc_day from parts where table_name = $table and source_name = $source"
        " and utc_day between $first and $last and not exists (from changed_days as c"
        " where c.commit_id = $commit and c.table_name = parts.table_name"
        " and c.utc_day = parts.utc_day)",
        {
            "table": giver.taker,
            "source": source_name,
            "first": min(given) - timedelta(SKEW_DAYS),
            "last": max(given) + timedelta(giver.days),
            "commit": commit_id,
        },
    ).fetchall()


def _days(
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    giver: _Giver,
    takers: Sequence[tuple[str, date]],
    givers: Sequence[str],
    file_ids: Sequence[int] | None,
) -> set[date]:
    """Days of the takers that have a key which the givers have near by."""
    if not takers:
        return set()
    rows = con.execute(
        f"""
        select distinct taker.utc_day
        from ({_keys(giver.key, "takers")}) as taker
        inner join ({_keys(giver.key, "givers")}) as giver
            on taker.{giver.key} = giver.{giver.key}
            and taker.utc_day between giver.utc_day - {SKEW_DAYS} and giver.utc_day + {giver.days}
        where $files is null or list_contains($files, giver.file_id)
        """,
        {
            "takers": [exact_path(paths.lake / path) for path, _ in takers],
            "givers": [exact_path(paths.lake / path) for path in givers],
            "files": None if file_ids is None else list(file_ids),
        },
    ).fetchall()
    return {day for (day,) in rows}


def _keys(key: str, parts: str) -> str:
    """Select of a key with its day and file; parts may be older than the column."""
    return (
        f"select distinct {key}, utc_day, file_id from ("
        f"from read_parquet(${parts}, union_by_name = true, hive_partitioning = true,"
        " hive_types = {'utc_day': date, 'source_name': varchar})"
        f" union all by name select null::varchar as {key} where false) where {key} is not null"
    )
