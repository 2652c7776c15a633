"""One run on one workspace: its lock, its settings, its place in the run history.

Everything that a step needs is handed to it here; a step never looks for settings itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ingest.errors import OutlayError
from ingest.lake.file_entries import SourceReport
from ingest.records.format import SourceConfig
from ingest.warehouse.register import Changes
from pipelines.checks.check import Check
from pipelines.config_history.runs import CHECKS_FAILED, FAILED, GOOD, append_run
from pipelines.run.rebuilt import RebuiltModel
from pipelines.run.salt import finish_rotation
from pipelines.workspace.clock import new_id, now
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress, silent
from pipelines.workspace.settings import Settings

_log = logging.getLogger(__name__)


@dataclass
class Run:
    """A run under way.

    Attributes:
        sources: settings of every inbox folder.
        full_refresh: compute everything anew.
        config_version: one word for the whole configuration that it computes with.
        no_pull: use what is in the inbox, without asking providers and object stores.
        progress: told about files, models and pages.
        landed: what landing did, one report a source.
        checks: results so far, of all kinds.
        changes: what the build had to do, once it is done.
        rebuilt: marts and reports that the build changed.
        as_of_day: newest UTC day of calls, once known.
        stopped_by: the first thing in the data that kept it from publishing.
        is_complete: the last step was reached.
    """

    workspace: Workspace
    settings: Settings
    sources: list[SourceConfig]
    run_id: str
    started_at: datetime
    config_version: str
    full_refresh: bool = False
    no_pull: bool = False
    progress: Progress = silent
    landed: list[SourceReport] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    changes: Changes | None = None
    rebuilt: list[RebuiltModel] = field(default_factory=list)
    as_of_day: date | None = None
    stopped_by: str | None = None
    is_complete: bool = False

    @property
    def status(self) -> str:
        """`good`, `checks failed`, or `failed` as long as the last step was not reached."""
        if not self.is_complete:
            return FAILED
        return CHECKS_FAILED if any(check.turns_red for check in self.checks) else GOOD


@contextmanager
def open_run(
    workspace: Workspace,
    *,
    full_refresh: bool = False,
    no_pull: bool = False,
    override_freeze: str | None = None,
    progress: Progress = silent,
) -> Iterator[Run]:
    """Hold the workspace for one run and enter the run into its history at the end.

    What changed in the configuration since the last record is written down first.

    Raises:
        LockedError: another run holds the workspace.
        ConfigError: settings are wrong.
        FrozenError: the configuration changed inside a freeze window.
    """
    # these know the price book, which takes longer to load than `outlay status` to answer
    from pipelines.config_history.freezes import record_changes
    from pipelines.config_history.promotion import finish_promotion
    from pipelines.config_history.snapshot import config_snapshot, config_version

    with workspace_lock(workspace.state):
        finish_promotion(workspace)
        finish_rotation(workspace)
        settings, sources = load_workspace(workspace)
        started = now()
        run_id = new_id(started)
        files = config_snapshot(workspace, settings)
        record_changes(workspace, files, started, run_id, override_freeze=override_freeze)
        run = Run(
            workspace,
            settings,
            sources,
            run_id,
            started,
            config_version(files),
            full_refresh,
            no_pull,
            progress,
        )
        reason = None
        try:
            yield run
        except Exception as error:
            reason = str(error) if isinstance(error, OutlayError) else type(error).__name__
            raise
        finally:
            append_run(workspace, history_row(run))
            if reason or run.stopped_by:
                _tell_failure(run, str(run.stopped_by or reason))


def _tell_failure(run: Run, reason: str) -> None:
    """Tell whoever is told of alerts; what a channel did not take hides no reason."""
    from pipelines.alerts.delivery import tell_failure  # it takes a while, and most runs end well

    try:
        found = tell_failure(run.workspace, run.settings, run.started_at, reason)
    except OutlayError as error:
        _log.warning("nobody was told of it: %s", error)
        return
    for problem in dict.fromkeys(one.problem for one in found if one.problem):
        _log.warning("nobody was told of it: %s", problem)


def history_row(run: Run, status: str | None = None) -> dict[str, Any]:
    """A run as the history and `ops.runs` keep it; times are UTC."""
    return {
        "run_id": run.run_id,
        "started_at": run.started_at.isoformat(),
        "finished_at": now().isoformat(),
        "status": status or run.status,
        "as_of_day": run.as_of_day.isoformat() if run.as_of_day else None,
        "stopped_by": run.stopped_by,
        "config_version": run.config_version,
    }
