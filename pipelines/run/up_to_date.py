"""Whether the warehouse is what configuration, lake and inbox now give, and what is newer.

What compares with the warehouse, or locks its figures, would otherwise take old ones for new.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.errors import OutlayError
from ingest.lake.landing import waiting_files
from ingest.records.format import SourceConfig
from ingest.warehouse.closed_months import read_closes
from pipelines.config_history.ledger import recorded, unrecorded
from pipelines.config_history.snapshot import (
    DEFINITIONS,
    ConfigFile,
    config_snapshot,
    config_version,
)
from pipelines.workspace.paths import Workspace
from pipelines.workspace.settings import Settings

_SHOWN = 3
"""Names that a message lists."""


class NotUpToDateError(OutlayError):
    """The warehouse was built of something else than there is now; a run is needed first."""


def require_up_to_date(
    workspace: Workspace, settings: Settings, inbox_of: Sequence[SourceConfig] = ()
) -> str:
    """Refuse a warehouse that is not what the present configuration and data give.

    Args:
        workspace: whose.
        settings: as in force.
        inbox_of: sources whose inbox must hold nothing new; none: the lake alone counts.

    Returns:
        The version of the configuration.

    Raises:
        NotUpToDateError: says what is newer than the warehouse.
    """
    files = config_snapshot(workspace, settings)
    version = config_version(files)
    newer = (
        _missing(workspace)
        or _newer_configuration(workspace, files, version)
        or _newer_data(workspace)
        or _newer_files(workspace, inbox_of)
    )
    if newer:
        raise NotUpToDateError(f"{newer}: `outlay run` first, then again")
    return version


def built_commit(warehouse: Path) -> int:
    """The lake's commit that the last finished build included; 0 before the first."""
    if not warehouse.exists():
        return 0
    with duckdb.connect(str(warehouse), read_only=True) as con:
        if not _has_table(con, "raw", "build_state"):
            return 0
        row = con.execute("select coalesce(max(commit_id), 0) from raw.build_state").fetchall()
    return int(row[0][0])


def _missing(workspace: Workspace) -> str | None:
    """Say that there is no warehouse, or that its build or checks did not finish."""
    if not workspace.warehouse.is_file():
        return f"{workspace.warehouse} does not exist yet"
    with duckdb.connect(str(workspace.warehouse), read_only=True) as con:
        is_checked = _has_table(con, "ops", "checks") and _has_table(con, "raw", "build_state")
        if is_checked:
            (is_checked,) = con.execute(
                "select coalesce(bool_and(is_finished), false) from raw.build_state"
            ).fetchall()[0]
    return None if is_checked else "the last build of the warehouse did not finish"


def _newer_configuration(
    workspace: Workspace, files: Sequence[ConfigFile], version: str
) -> str | None:
    """Name what changed in the configuration since the run that built the warehouse."""
    with duckdb.connect(str(workspace.warehouse), read_only=True) as con:
        run_id, started, built_with = con.execute(
            "select run_id, started_at, config_version from ops.runs"
            " order by started_at desc, run_id desc limit 1"
        ).fetchall()[0]
    if built_with == version:
        return None
    names = _changed_since(workspace, files, run_id, started)
    return f"the warehouse was built before {_listed(names) or 'the configuration'} changed"


def _changed_since(
    workspace: Workspace, files: Sequence[ConfigFile], run_id: str, started: datetime
) -> list[str]:
    later = [
        change.file
        for change in recorded(workspace)
        if change.noticed_at and change.noticed_at >= started and change.run_id != run_id
    ]
    names = {*later, *(change.file for change in unrecorded(workspace, files))}
    return sorted("Outlay itself" if name == DEFINITIONS else name for name in names)


def _newer_data(workspace: Workspace) -> str | None:
    """Say that the lake or the store of closed months went on after the build."""
    with duckdb.connect(str(workspace.lake.catalog), read_only=True) as con:
        landed = con.execute("select coalesce(max(commit_id), 0) from files").fetchall()[0][0]
    if built_commit(workspace.warehouse) != landed:
        return "the lake has files that the warehouse does not know"
    with duckdb.connect(str(workspace.warehouse), read_only=True) as con:
        known = con.execute(
            "select month, close_number from raw.closes where is_current order by all"
        ).fetchall()
    current = [(c.month, c.number) for c in read_closes(workspace.closes) if c.reopened is None]
    return None if known == sorted(current) else "a month was closed or reopened since the last run"


def _newer_files(workspace: Workspace, sources: Sequence[SourceConfig]) -> str | None:
    """Name the files of the inbox that no run has read."""
    waiting = [f"inbox/{name}" for name in sorted(waiting_files(workspace.lake, sources))]
    if not waiting:
        return None
    return f"{_listed(waiting)} {'waits' if len(waiting) == 1 else 'wait'} to be read"


def _listed(names: Sequence[str]) -> str:
    more = [f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    *first, last = [*names[:_SHOWN], *more] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _has_table(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = con.execute(
        "select count(*) from information_schema.tables"
        " where table_schema = $schema and table_name = $table",
        {"schema": schema, "table": table},
    )
    return bool(found.fetchall()[0][0])
