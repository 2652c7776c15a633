"""`outlay pull`: what a run pulls, alone; and what a pull would ask for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ingest.errors import OutlayError
from ingest.pull.client import utc_now
from ingest.pull.inbound import is_pulled, pullers
from ingest.pull.plan import PullPlan, Span
from ingest.records.format import SourceConfig
from pipelines.checks.check import Check
from pipelines.checks.warehouse import pulled
from pipelines.run.steps import pull_with_progress
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress


def pull_workspace(
    workspace: Workspace, names: Sequence[str], span: Span, progress: Progress
) -> list[Check]:
    """Pull sources into the inbox; nothing is landed or built.

    Args:
        workspace: where.
        names: sources; all that come by themselves when empty.
        span: days to ask for instead of those that are due.
        progress: told after every file asked for.

    Raises:
        LockedError: a run holds the workspace.
        OutlayError: settings are wrong, or a source is not pulled.
    """
    with workspace_lock(workspace.state):
        return [
            pulled(pull_with_progress(workspace, source, span, progress))
            for source in _chosen(workspace, names)
        ]


def pull_plans(workspace: Workspace, names: Sequence[str], span: Span) -> list[PullPlan]:
    """What a pull would ask for now; asks nobody and needs no key.

    Raises:
        OutlayError: settings are wrong, or a source is not pulled.
    """
    return [
        line
        for source in _chosen(workspace, names)
        for puller in pullers(source, workspace.lake.inbox, workspace.pulled)
        for line in puller.pull_plans(utc_now().date(), span)
    ]


def days_to_pull(first: date | None, last: date | None) -> Span:
    """The days that a user asks for.

    Raises:
        OutlayError: they are turned round.
    """
    if first and last and first > last:
        raise OutlayError(f"--from {first} lies after --to {last}; swap them")
    return Span(first, last)


def _chosen(workspace: Workspace, names: Sequence[str]) -> list[SourceConfig]:
    _, sources = load_workspace(workspace)
    known = {source.name: source for source in sources if is_pulled(source)}
    for name in names:
        if name not in known:
            raise OutlayError(
                f"{name!r} is pulled from nowhere: add a [pull] or [remote] table to"
                f" {workspace.sources_dir / name}.toml; pulled are: {', '.join(known) or 'none'}"
            )
    return [known[name] for name in dict.fromkeys(names)] if names else list(known.values())
