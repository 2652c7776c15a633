"""`outlay run`: the job of the Dagster definitions, executed in this process.

Dagster and dbt take seconds to import, so only this module and what Dagster itself loads do so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ingest.errors import ConfigError, OutlayError
from ingest.lake.file_entries import SourceReport
from ingest.pull.inbound import is_pulled
from pipelines.checks.check import Check
from pipelines.orchestration.history import open_instance, quick_history
from pipelines.run.session import Run, open_run
from pipelines.workspace.load import load_workspace
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress
from pipelines.workspace.settings import Settings


@dataclass(frozen=True)
class RunResult:
    """What a run came to.

    Attributes:
        status: `good`, `checks failed` or `nothing to do`.
        checks: every check, in the order of the flow; empty when there was nothing to do.
        landed: what landing did, one report a source.
    """

    status: str
    checks: tuple[Check, ...] = ()
    landed: tuple[SourceReport, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 good, 1 ran but checks failed."""
        return int(any(check.turns_red for check in self.checks))


@dataclass(frozen=True)
class Span:
    """Days of the reporting calendar to compute again, both ends included."""

    first: date
    last: date


def run_workspace(
    workspace: Workspace,
    progress: Progress,
    *,
    span: Span | None = None,
    full_refresh: bool = False,
    no_pull: bool = False,
    override_freeze: str | None = None,
) -> RunResult:
    """Pull, land, build, check, publish and render.

    Args:
        workspace: where.
        progress: told about files, models and tests.
        span: days to compute although nothing arrived for them.
        full_refresh: compute everything anew.
        no_pull: use what is in the inbox.
        override_freeze: why a changed configuration counts although it is frozen.

    Raises:
        OutlayError: the run could not be done; names the file, key, model or process.
    """
    if span:
        _refuse_days(workspace, span)  # before the run begins: a wrong argument is no run
    with open_run(
        workspace,
        full_refresh=full_refresh,
        no_pull=no_pull,
        override_freeze=override_freeze,
        progress=progress,
    ) as run:
        comes_by_itself = not no_pull and any(is_pulled(source) for source in run.sources)
        is_new = workspace.inbox_is_empty() and not workspace.lake.catalog.exists()
        if is_new and not comes_by_itself:
            run.is_complete = True
            return RunResult("nothing to do")
        _execute(run, span)
        return RunResult(run.status, tuple(run.checks), tuple(run.landed))


def _execute(run: Run, span: Span | None) -> None:
    from pipelines.orchestration.jobs import JOB, build_definitions

    tags = _partition_tags(run, span)
    with open_instance(run.workspace) as instance, quick_history(run.workspace):
        job = build_definitions(run.workspace, run).resolve_job_def(JOB)
        job.execute_in_process(
            instance=instance,
            tags=tags,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=True,
        )


def _refuse_days(workspace: Workspace, span: Span) -> None:
    """Refuse days that cannot be computed.

    Raises:
        OutlayError: the span is turned round, or lies outside the days that can be chosen.
    """
    settings, _ = load_workspace(workspace)
    newest = _newest_day(settings)
    if span.first > span.last:
        raise OutlayError(f"--from {span.first} lies after --to {span.last}; swap them")
    if span.first < settings.first_day:
        raise ConfigError(
            str(workspace.settings_file),
            "first_day",
            f"is {settings.first_day}; set it to {span.first} or earlier to compute that day",
        )
    if span.last > newest:
        raise OutlayError(f"--to {span.last} has not ended; the newest complete day is {newest}")


def _newest_day(settings: Settings) -> date:
    from pipelines.orchestration.jobs import reporting_days

    return date.fromisoformat(str(reporting_days(settings).get_last_partition_key()))


def _partition_tags(run: Run, span: Span | None) -> Mapping[str, str]:
    """One run over the whole span; without one, a run of what is new under the newest day."""
    from pipelines.orchestration.keys import ONLY_NEW

    if span:
        return _range_tags(span.first, span.last)
    newest = _newest_day(run.settings)
    return {**_range_tags(newest, newest), **ONLY_NEW}


def _range_tags(first: date, last: date) -> dict[str, str]:
    return {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }
