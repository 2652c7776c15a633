"""`outlay retention`: what of closed months goes by the settings, shown or done."""

from __future__ import annotations

from pipelines.run.retention.plan import RetentionPlan, apply_retention, plan_retention
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace


def retain(workspace: Workspace, *, apply: bool) -> RetentionPlan:
    """What the settings let go.

    Args:
        apply: take it away; otherwise nothing changes.

    Raises:
        LockedError: a run is under way.
        OutlayError: a file cannot be deleted; the same call goes on from there.
    """
    settings, sources = load_workspace(workspace)
    with workspace_lock(workspace.state):
        return (apply_retention if apply else plan_retention)(workspace, settings, sources)
