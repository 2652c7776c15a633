"""What `outlay status` says: read from the published file and the run history, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from ingest.errors import OutlayError
from pipelines.config_history.runs import past_runs
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import holder_of
from pipelines.workspace.paths import Workspace


class NothingPublishedError(OutlayError):
    """There is no published file yet."""


@dataclass(frozen=True)
class SourceStatus:
    """One inbox folder; numbers are None when it has delivered nothing yet."""

    name: str
    format: str
    days_allowed: int
    files: int | None = None
    failed: int | None = None
    rows: int | None = None
    quarantined: int | None = None
    last_day: date | None = None
    days_behind: int | None = None


@dataclass(frozen=True)
class Status:
    """A workspace at a glance.

    Attributes:
        running: process and start time of a run under way.
        last_run: newest row of the run history.
        failed_files: (file, reason).
        reasons: (source, field, reason, rows) of rows quarantined, most frequent first.
        unpriced: (model, calls) without a price, most frequent first.
        unmapped: (provider, name, billed USD) of models that nobody knows, dearest first.
        calls: all calls.
        months: (month, billed, unattributed, unallocated) in USD, newest first.
        red: (check, detail, cure) of the published run's failed checks, warnings included.
    """

    running: str | None
    last_run: dict[str, Any] | None
    sources: Sequence[SourceStatus]
    failed_files: Sequence[tuple[str, str]]
    reasons: Sequence[tuple[str, str, str, int]]
    unpriced: Sequence[tuple[str, int]]
    unmapped: Sequence[tuple[str | None, str, Decimal | None]]
    calls: int
    months: Sequence[tuple[date, Decimal | None, Decimal | None, Decimal | None]]
    red: Sequence[tuple[str, str, str]]


def open_showback(workspace: Workspace) -> duckdb.DuckDBPyConnection:
    """Open the published file, read-only.

    Raises:
        NothingPublishedError: no run has published yet.
        OutlayError: the file cannot be read.
    """
    if not workspace.showback.is_file():
        raise NothingPublishedError(
            f"{workspace.showback} does not exist yet; drop files into inbox/ and run `outlay run`"
        )
    try:
        return duckdb.connect(str(workspace.showback), read_only=True)
    except duckdb.IOException as error:
        raise OutlayError(
            f"{workspace.showback} cannot be read: it is locked by another process, or damaged; a"
            " damaged one can be deleted: `outlay run --full-refresh` makes it anew"
        ) from error


def open_warehouse(workspace: Workspace) -> duckdb.DuckDBPyConnection:
    """Open the pipeline's own file, read-only, for what is not published.

    Raises:
        NothingPublishedError: no run has made it yet.
        OutlayError: a run is writing it.
    """
    if not workspace.warehouse.is_file():
        raise NothingPublishedError(
            f"{workspace.warehouse} does not exist yet; drop files into inbox/ and run `outlay run`"
        )
    try:
        con = duckdb.connect(str(workspace.warehouse), read_only=True)
    except duckdb.IOException as error:
        raise OutlayError(f"{workspace.warehouse} is in use by a run; ask again later") from error
    con.execute("set TimeZone = 'UTC'")
    return con


def read_status(workspace: Workspace) -> Status:
    """Collect the status of a workspace.

    Raises:
        ConfigError: settings are wrong.
    """
    runs = past_runs(workspace)
    running, last_run = holder_of(workspace.state), runs[-1] if runs else None
    if not workspace.showback.is_file():
        return Status(
            running,
            last_run,
            _sources(workspace, {}),
            failed_files=(),
            reasons=(),
            unpriced=(),
            unmapped=(),
            calls=0,
            months=(),
            red=(),
        )
    with open_showback(workspace) as con:
        return Status(
            running,
            last_run,
            _sources(workspace, _health(con)),
            failed_files=_rows(
                con,
                "select source_name || '/' || source_file, reason"
                " from ops.files where status = 'failed' order by all",
            ),
            reasons=_rows(
                con,
                "select source_name, field, reason, count(*) from ops.quarantine"
                " group by all order by count(*) desc, source_name, field limit 5",
            ),
            unpriced=_rows(
                con,
                "select model_id, sum(unpriced_calls) as calls"
                " from marts.fct_usage_daily group by model_id"
                " having sum(unpriced_calls) > 0 order by calls desc, model_id",
            ),
            unmapped=_rows(
                con,
                "select provider, model, charge_usd"
                " from reports.rpt_unmapped_models"
                " order by charge_usd desc nulls last, provider, model",
            ),
            calls=_rows(con, "select coalesce(sum(calls), 0) from marts.fct_usage_daily")[0][0],
            months=_rows(
                con,
                "select month, charge_usd, unattributed_usd, unallocated_usd"
                " from reports.rpt_overview where charge_usd is not null"
                " order by month desc limit 3",
            ),
            red=_rows(
                con,
                "select name, detail, cure from ops.checks where not passed"
                " order by severity, name",
            ),
        )


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(sql).fetchall()


def _health(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[Any, ...]]:
    rows = _rows(
        con,
        "select source_name, files_loaded, files_failed, rows_loaded, rows_quarantined, last_day,"
        " days_behind from reports.rpt_source_health",
    )
    return {row[0]: row[1:] for row in rows}


def _sources(workspace: Workspace, health: dict[str, tuple[Any, ...]]) -> list[SourceStatus]:
    """Every configured source, those without deliveries too."""
    settings, sources = load_workspace(workspace)
    return [
        SourceStatus(
            source.name,
            source.format,
            settings.freshness_limit(source.name),
            *health.get(source.name, ()),
        )
        for source in sources
    ]
