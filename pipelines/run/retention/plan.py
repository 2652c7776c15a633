"""Retention by kind of row: what of closed months goes, on record before it is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import groupby
from zoneinfo import ZoneInfo

import duckdb

from ingest.errors import OutlayError
from ingest.lake.catalog import open_catalog
from ingest.lake.people.old_users import delete_users, old_users
from ingest.lake.retention import (
    DELIVERED,
    QUARANTINE,
    USERS,
    IsOver,
    OldFile,
    delete_deliveries,
    delete_quarantine,
    old_deliveries,
    old_quarantine,
)
from ingest.records.format import SourceConfig
from ingest.warehouse.closed_months import current_closes, read_closes
from pipelines.run.retention.records import (
    Dropped,
    finish,
    looked_through,
    recorded,
    unfinished,
)
from pipelines.run.retention.users_in_use import users_in_use
from pipelines.workspace.paths import Workspace
from pipelines.workspace.settings import Settings


@dataclass(frozen=True)
class RetentionPlan:
    """What may go, and why files of the same age stay, with their number."""

    dropped: Sequence[Dropped] = ()
    kept: dict[str, int] = field(default_factory=dict)


def plan_retention(
    workspace: Workspace, settings: Settings, sources: Iterable[SourceConfig]
) -> RetentionPlan:
    """What the settings let go; changes nothing. The caller holds the workspace's lock.

    Raises:
        ConfigError: a close cannot be read.
    """
    if not workspace.lake.catalog.exists():
        return RetentionPlan()
    with open_catalog(workspace.lake) as con:
        return _without_empty(_plan(con, workspace, settings, sources))


def apply_retention(
    workspace: Workspace, settings: Settings, sources: Iterable[SourceConfig]
) -> RetentionPlan:
    """Take away what the settings let go, on record. The caller holds the workspace's lock.

    Returns:
        What went, what a killed one had left included.

    Raises:
        OutlayError: a file cannot be deleted; the same call goes on from there.
    """
    if not workspace.lake.catalog.exists():
        return RetentionPlan()
    with open_catalog(workspace.lake) as con:
        begun = unfinished(workspace)
        for drop_id, dropped in begun.items():
            _drop(con, workspace, settings, dropped)
            finish(workspace, drop_id)
        plan = _plan(con, workspace, settings, sources)
        with recorded(workspace, plan.dropped):
            _drop(con, workspace, settings, plan.dropped)
    before = [one for dropped in begun.values() for one in dropped]
    return _without_empty(RetentionPlan([*before, *plan.dropped], plan.kept))


def _without_empty(plan: RetentionPlan) -> RetentionPlan:
    """What is shown of a plan."""
    return RetentionPlan([one for one in plan.dropped if not one.is_empty], plan.kept)


def _plan(
    con: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    settings: Settings,
    sources: Iterable[SourceConfig],
) -> RetentionPlan:
    rules = settings.retention
    found: list[Dropped] = []
    kept: dict[str, int] = {}
    if rules.delivered_files_months:
        is_over = _is_over(con, workspace, settings, rules.delivered_files_months)
        old = old_deliveries(con, workspace.lake, sources, is_over)
        rule = f"retention.delivered_files_months = {rules.delivered_files_months}"
        found += _by_source(DELIVERED, rule, old.files)
        kept = dict(old.kept)
    if rules.quarantine_months:
        is_over = _is_over(con, workspace, settings, rules.quarantine_months)
        rule = f"retention.quarantine_months = {rules.quarantine_months}"
        found += _by_source(QUARANTINE, rule, old_quarantine(con, is_over))
    if rules.user_ids_months:
        is_over = _is_over(con, workspace, settings, rules.user_ids_months)
        in_use = users_in_use(workspace, settings)
        files = [file for one in found if one.kind == DELIVERED for file in one.files]
        old = old_users(
            con,
            workspace.lake,
            lambda first, last: is_over(first, last) and not in_use.is_everyone(first),
            in_use.pseudonyms,
            done=looked_through(workspace),
            leaving={(file.source_name, file.source_file) for file in files},
        )
        rule = f"retention.user_ids_months = {rules.user_ids_months}"
        found += _by_source(USERS, rule, old.files)
        kept |= old.kept
    return RetentionPlan(found, kept)


def _by_source(kind: str, rule: str, files: Iterable[OldFile]) -> list[Dropped]:
    grouped = groupby(files, key=lambda file: file.source_name)
    return [Dropped(kind, source, rule, list(own)) for source, own in grouped]


def _is_over(
    con: duckdb.DuckDBPyConnection, workspace: Workspace, settings: Settings, months: int
) -> IsOver:
    """Whether all days are of closed months, before the newest one with calls and some more."""
    closed = {_number(close.month) for close in current_closes(read_closes(workspace.closes))}
    ((newest,),) = con.execute(
        "select max(utc_day) from file_days where table_name = 'gateway_calls'"
    ).fetchall()
    zone = ZoneInfo(settings.reporting_timezone)

    def month_of(day: date, moment: time) -> int:
        return _number(datetime.combine(day, moment, UTC).astimezone(zone).date())

    def is_over(first: date, last: date) -> bool:
        begins, ends = month_of(first, time.min), month_of(last, time.max)
        is_old = newest is not None and ends + months < month_of(newest, time.min)
        return is_old and all(month in closed for month in range(begins, ends + 1))

    return is_over


def _number(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def _drop(
    con: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    settings: Settings,
    dropped: Iterable[Dropped],
) -> None:
    """Take away what stands on record."""
    found = [one for one in dropped if not one.is_empty]
    is_of_users = any(one.kind == USERS for one in found)
    named = users_in_use(workspace, settings).pseudonyms if is_of_users else ()
    for one in found:
        file_ids = [file.file_id for file in one.files]
        if one.kind == QUARANTINE:
            delete_quarantine(con, file_ids)
        elif one.kind == USERS:
            delete_users(con, workspace.lake, file_ids, named)
        else:
            _delete_deliveries(workspace, one.files)


def _delete_deliveries(workspace: Workspace, files: Sequence[OldFile]) -> None:
    try:
        delete_deliveries(workspace.lake, files)
    except OSError as error:
        raise OutlayError(
            f"{error.filename} cannot be deleted ({error.strerror}): let this user write its"
            " folder; `outlay retention --apply` then goes on from there"
        ) from error
