"""Schema `ops`: what became of every file, row quarantined, run and check; published too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from ingest.sql import comments
from pipelines.checks.check import Check
from pipelines.config_history.ledger import show_changes
from pipelines.config_history.repricings import show_repricings
from pipelines.config_history.runs import past_runs
from pipelines.run.definitions import write_definitions
from pipelines.run.retention.records import show_retention
from pipelines.run.session import Run, history_row

_COMMENTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "files": (
        "One file of the inbox and what became of it; grain: file_id.",
        {
            "file_id": "Number of this version of the file; rows of the lake carry it.",
            "source_name": "Inbox folder.",
            "source_file": "Path below the inbox folder.",
            "format": "Reader that read it.",
            "status": "loaded, duplicate (same content is loaded already), failed, unlisted (not of"
            " its delivery, or not yet, by its manifest), withdrawn (by a person), or superseded (a"
            " newer version of the path replaced it).",
            "reason": "Why it failed, was left out or withdrawn, and by whom.",
            "rows_loaded": "Rows it brought into the lake.",
            "rows_quarantined": "Rows that were quarantined.",
            "size_bytes": "Size as delivered.",
            "first_day": "First UTC day of its rows.",
            "last_day": "Last UTC day of its rows.",
            "landed_at": "When it was read, UTC.",
        },
    ),
    "quarantine": (
        "One record that broke its contract, without its content; grain: file, line, field."
        " At most 1,000 of a file are listed; ops.files counts all.",
        {
            "source_line": "Line, or record number, in the file, from 1.",
            "table_name": "Canonical table that it was meant for.",
            "field": "Field of the source, or canonical column, that is wrong.",
            "reason": "What is wrong with it.",
        },
    ),
    "runs": (
        "One run, up to the one that published this file; grain: run_id.",
        {
            "run_id": "Start time and a random suffix.",
            "started_at": "UTC.",
            "finished_at": "UTC; of the publishing run, when it began to publish.",
            "status": "good, checks failed, or failed (could not finish; nothing was published).",
            "as_of_day": "Newest UTC day of calls that it saw.",
            "stopped_by": "First row of the data that kept it from publishing, and its cure.",
            "config_version": "Hash of its whole configuration: prices, rules, settings, and the"
            " versions of price book and definitions. ops.config_changes says what changed.",
        },
    ),
    "checks": (
        "One check of the run that published this file; grain: name.",
        {
            "run_id": "The run.",
            "name": "Check; `__` parts it from the source it is about.",
            "passed": "Whether what it looks for is absent.",
            "severity": "error turns the run red, warning does not.",
            "detail": "What was measured.",
            "cure": "What to do when it failed.",
        },
    ),
}


def write_ops(con: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Write `ops.*` of a run whose checks are done, in one transaction."""
    status = "checks failed" if any(check.turns_red for check in run.checks) else "good"
    runs = [*past_runs(run.workspace), history_row(run, status)]
    con.execute("begin")
    con.execute("create schema if not exists ops")
    for table in ("files", "quarantine"):
        con.execute(f"create or replace table ops.{table} as from raw.{table}")
    _write_runs(con, runs)
    _write_checks(con, run.run_id, run.checks)
    write_definitions(con)
    show_changes(con, run.workspace)
    show_repricings(con, run.workspace)
    show_retention(con, run.workspace)
    for table, (words, columns) in _COMMENTS.items():
        con.execute(comments(f"ops.{table}", words, columns))
    con.execute("commit")


def _write_runs(con: duckdb.DuckDBPyConnection, runs: Sequence[Mapping[str, Any]]) -> None:
    con.execute(
        "create or replace table ops.runs (run_id varchar, started_at timestamp,"
        " finished_at timestamp, status varchar, as_of_day date, stopped_by varchar,"
        " config_version varchar)"
    )
    columns = _COMMENTS["runs"][1]
    con.executemany(
        f"insert into ops.runs values ({', '.join(f'${name}' for name in columns)})",
        # runs of an earlier version lack what was not yet kept
        [{name: run.get(name) for name in columns} for run in runs],
    )


def _write_checks(con: duckdb.DuckDBPyConnection, run_id: str, checks: Sequence[Check]) -> None:
    con.execute(
        "create or replace table ops.checks (run_id varchar, name varchar, passed boolean,"
        " severity varchar, detail varchar, cure varchar)"
    )
    con.executemany(
        "insert into ops.checks values (?, ?, ?, ?, ?, ?)",
        [
            [
                run_id,
                c.name,
                c.passed,
                "error" if c.is_error else "warning",
                c.detail,
                c.cure or None,
            ]
            for c in checks
        ],
    )


def forget_checks(warehouse: Path) -> None:
    """Drop the last run's checks: models are about to change under them."""
    with duckdb.connect(str(warehouse)) as con:
        con.execute("drop table if exists ops.checks")


def known_data_tests(con: duckdb.DuckDBPyConnection) -> list[Check]:
    """The data tests' results of the warehouse's present state; none when it was not tested."""
    if not _has_table(con, "checks"):
        return []
    rows = con.execute(
        "select name, passed, detail, coalesce(cure, ''), severity = 'error' from ops.checks"
        " where name = 'data_tests' or starts_with(name, 'data_test__') order by rowid"
    ).fetchall()
    return [Check(*row) for row in rows]


def files_changed(warehouse: Path) -> bool:
    """Whether the account of files differs from the one that was published last."""
    with duckdb.connect(str(warehouse)) as con:
        if not _has_table(con, "files"):
            return True
        changed = con.execute("select count(*) from (from raw.files except from ops.files)")
        return bool(changed.fetchall()[0][0])


def _has_table(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = con.execute(
        "select count(*) from information_schema.tables"
        " where table_schema = 'ops' and table_name = $table",
        {"table": table},
    )
    return bool(found.fetchall()[0][0])
