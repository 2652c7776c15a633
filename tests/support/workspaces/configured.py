"""A workspace whose configuration is looked at without a run, at times that the test states."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ingest.warehouse.reference_tables import REFERENCE_TABLES
from pipelines.config_history.freezes import record_changes
from pipelines.config_history.ledger import Change, recorded, unrecorded
from pipelines.config_history.snapshot import config_snapshot
from pipelines.workspace.load import load_workspace
from pipelines.workspace.paths import Workspace

HEADERS = {Path(table.file).stem: ",".join(table.header) for table in REFERENCE_TABLES}


def write(workspace: Workspace, name: str, *rows: str) -> None:
    """A file of `config/`, whole."""
    (workspace.config / f"{name}.csv").write_text("\n".join([HEADERS[name], *rows]) + "\n")


def notice(
    workspace: Workspace,
    at: datetime,
    *,
    override_freeze: str | None = None,
    note: str | None = None,
) -> list[Change]:
    """Record what changed, as a run that starts `at` does; returns it."""
    settings, _ = load_workspace(workspace)
    known = len(recorded(workspace))
    record_changes(
        workspace,
        config_snapshot(workspace, settings),
        at,
        f"run {at:%d %H:%M:%S}",
        note=note,
        override_freeze=override_freeze,
    )
    return recorded(workspace)[known:]


def pending(workspace: Workspace) -> list[Change]:
    """What a run would find changed."""
    settings, _ = load_workspace(workspace)
    return unrecorded(workspace, config_snapshot(workspace, settings))
