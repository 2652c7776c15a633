"""Retention by kind of row: what of closed months goes, on record before it is gone.

A record says what is about to go, then it goes, then a line says that it is gone. Killed between,
the next call ends it: nothing is missing that no record names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from ingest.errors import OutlayError
from ingest.files import append_lines
from ingest.lake.catalog import open_catalog
from ingest.lake.retention import (
    DELIVERED,
    QUARANTINE,
    IsOver,
    OldFile,
    delete_deliveries,
    delete_quarantine,
    old_deliveries,
    old_quarantine,
)
from ingest.records.format import SourceConfig
from ingest.sql import comments
from ingest.warehouse.closed_months import current_closes, read_closes
from pipelines.config_history.authors import user
from pipelines.workspace.clock import new_id, now
from pipelines.workspace.paths import Workspace
from pipelines.workspace.settings import Settings

PERSON = "person"
"""Beside what retention knows: the link of rows to one person (`outlay forget`)."""


@dataclass(frozen=True)
class Dropped:
    """What goes of one kind and source.

    Attributes:
        kind: of `ingest.lake.retention`.
        rule: the setting by which it goes, with its value.
        files: those that it is of.
    """

    kind: str
    source_name: str
    rule: str
    files: Sequence[OldFile]

    @property
    def rows(self) -> int:
        """Rows that delivered files brought, or that are listed as quarantined."""
        return sum(file.rows for file in self.files)

    @property
    def size_bytes(self) -> int:
        """Bytes on disk; none of rows quarantined."""
        return sum(file.size_bytes for file in self.files)

    @property
    def first_day(self) -> date:
        """First UTC day of the files' rows."""
        return min(file.first_day for file in self.files)

    @property
    def last_day(self) -> date:
        """Last UTC day of the files' rows."""
        return max(file.last_day for file in self.files)


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
        return _plan(con, workspace, settings, sources)


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
        begun = _unfinished(workspace)
        for drop_id, dropped in begun.items():
            _drop(con, workspace, dropped)
            _finish(workspace, drop_id)
        plan = _plan(con, workspace, settings, sources)
        with recorded(workspace, plan.dropped):
            _drop(con, workspace, plan.dropped)
    before = [one for dropped in begun.values() for one in dropped]
    return RetentionPlan([*before, *plan.dropped], plan.kept)


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


@contextmanager
def recorded(workspace: Workspace, dropped: Sequence[Dropped]) -> Iterator[None]:
    """Record that something goes, let it go, and record that it is gone."""
    if dropped:
        moment = now()
        drop_id = new_id(moment)
        told = {"drop_id": drop_id, "dropped_at": moment, "recorded_by": user()}
        append_lines(_records(workspace), "".join(_line(told, one) for one in dropped))
    yield
    if dropped:
        _finish(workspace, drop_id)


def _finish(workspace: Workspace, drop_id: str) -> None:
    finished = {"drop_id": drop_id, "finished_at": now().isoformat()}
    append_lines(_records(workspace), json.dumps(finished) + "\n")


def _drop(con: duckdb.DuckDBPyConnection, workspace: Workspace, dropped: Iterable[Dropped]) -> None:
    """Take away what stands on record."""
    for one in dropped:
        if one.kind == QUARANTINE:
            delete_quarantine(con, [file.file_id for file in one.files])
            continue
        try:
            delete_deliveries(workspace.lake, one.files)
        except OSError as error:
            raise OutlayError(
                f"{error.filename} cannot be deleted ({error.strerror}): let this user write its"
                " folder; `outlay retention --apply` then goes on from there"
            ) from error


def _records(workspace: Workspace) -> Path:
    return workspace.ledger / "retention.jsonl"


def _line(told: dict[str, Any], one: Dropped) -> str:
    facts = {**told, **{name: getattr(one, name) for name in ("kind", "source_name", "rule")}}
    facts["files"] = [asdict(file) for file in one.files]
    return json.dumps(facts, default=lambda value: value.isoformat(), ensure_ascii=False) + "\n"


def _read(workspace: Workspace) -> list[dict[str, Any]]:
    """The records, oldest first; a line that a crash cut off is left out."""
    file = _records(workspace)
    found = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def _as_dropped(record: dict[str, Any]) -> Dropped:
    days = ("first_day", "last_day")
    files = [
        OldFile(**{**file, **{name: date.fromisoformat(file[name]) for name in days}})
        for file in record["files"]
    ]
    return Dropped(record["kind"], record["source_name"], record["rule"], files)


def _unfinished(workspace: Workspace) -> dict[str, list[Dropped]]:
    """What is on record as going and not as gone, but people: nobody kept who it was."""
    records = _read(workspace)
    finished = {record["drop_id"] for record in records if "finished_at" in record}
    left: dict[str, list[Dropped]] = {}
    for record in records:
        if record["drop_id"] not in finished and record["kind"] != PERSON:
            left.setdefault(record["drop_id"], []).append(_as_dropped(record))
    return left


def files_dropped(workspace: Workspace) -> set[str]:
    """Delivered files that are on record as gone, below the workspace."""
    dropped = [_as_dropped(record) for record in _read(workspace) if "files" in record]
    return {
        f"inbox/{file.source_name}/{file.source_file}"
        for one in dropped
        if one.kind == DELIVERED
        for file in one.files
    }


def show_retention(con: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """Write the records as `ops.retention_audit`."""
    records = _read(workspace)
    finished = {r["drop_id"]: r["finished_at"] for r in records if "finished_at" in r}
    rows = []
    for record in records:
        if "finished_at" in record:
            continue
        one, gone = _as_dropped(record), finished.get(record["drop_id"])
        rows.append({
            "drop_id": record["drop_id"],
            "dropped_at": datetime.fromisoformat(record["dropped_at"]),
            "finished_at": datetime.fromisoformat(gone) if gone else None,
            "recorded_by": record["recorded_by"],
            "kind": one.kind,
            "source_name": one.source_name,
            "first_day": one.first_day,
            "last_day": one.last_day,
            "files": len(one.files),
            "dropped_rows": one.rows,
            "size_bytes": one.size_bytes,
            "rule": one.rule,
        })  # fmt: skip
    con.register("retention_audit", pa.Table.from_pylist(rows, schema=_SHOWN))
    con.execute("create or replace table ops.retention_audit as from retention_audit")
    con.unregister("retention_audit")
    words = (
        "What retention took away of one source, on record before it was gone;"
        " grain: drop_id, kind, source_name. Append-only."
    )
    con.execute(comments("ops.retention_audit", words, _COMMENTS))


_SHOWN = pa.schema([
    ("drop_id", pa.string()), ("dropped_at", pa.timestamp("us")),
    ("finished_at", pa.timestamp("us")), ("recorded_by", pa.string()), ("kind", pa.string()),
    ("source_name", pa.string()), ("first_day", pa.date32()), ("last_day", pa.date32()),
    ("files", pa.int64()), ("dropped_rows", pa.int64()), ("size_bytes", pa.int64()),
    ("rule", pa.string()),
])  # fmt: skip

_COMMENTS = {
    "drop_id": "One for all that went at once.",
    "dropped_at": "When it was decided and recorded, UTC.",
    "finished_at": "When all of it was gone, UTC; NULL when it was interrupted: the next run with"
    " `retention.at_run`, `outlay retention --apply`, or the same `outlay forget`, ends it.",
    "recorded_by": "The operating system's user who ran it.",
    "kind": "delivered files (of the inbox), quarantine (its list of rows), or person (the link of"
    " rows to one, by `outlay forget`; nothing says whose).",
    "source_name": "Inbox folder.",
    "first_day": "First UTC day of the files' rows; the day of reading of files without any.",
    "last_day": "Last UTC day of them.",
    "files": "Files that went, or whose rows quarantined went.",
    "dropped_rows": "Rows that the files had brought, or rows that were a person's, which all stay"
    " in the lake; or rows quarantined.",
    "size_bytes": "Bytes of the inbox that became free.",
    "rule": "The setting by which it went, with its value then.",
}
