"""`outlay demo`: a workspace of an invented company whose right answers are known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from ingest.warehouse.closed_months import current_closes, read_closes
from pipelines.cli.run import run_and_show
from pipelines.cli.views.console import say
from pipelines.cli.views.months import say_closed
from pipelines.cli.views.progress import shown_progress
from pipelines.cli.views.runs import show_outcome
from pipelines.workspace.init import WorkspaceError, init_workspace
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress
from pipelines.workspace.secret_files import write_secret

_ANSWERS = "truth.json"
_SALT = "the demo's salt is no secret, so that every machine makes the same bytes"
_FRESHNESS = {"openai": 7, "anthropic": 7, "cloud-focus": 35, "inference-focus": 35}
_SETTINGS = {
    "thresholds.incident_floor_usd": "22",
    "schedule": '"hourly"',
    "close.providers_without_bill": '["findable"]',
    "close.first_month": "2026-07-01",
}
"""The invented company spends some 1,900 USD a day, its gateway is looked at by the hour, and its
books begin with the first whole month."""


def make_demo(folder: Path, days: int, progress: Progress) -> Workspace:
    """Make the demo's workspace and fill its inbox; a complete demo of those days is kept.

    Args:
        folder: a new or empty folder, or an earlier demo.
        days: days of data from 2026-06-29 on.
        progress: told after every day of data.

    Raises:
        WorkspaceError: the folder holds other files, or a workspace that is somebody's own.
        LockedError: a run works on the earlier demo.
    """
    from ingest.demo import write_workspace_data
    from ingest.demo.clock import ZONE_NAME
    from ingest.demo.company.workloads import COMPANY

    workspace = Workspace(folder.resolve())
    if _mark(workspace).exists():
        if _days_made(workspace) == days:
            return workspace
        _clear(workspace, folder)
    elif workspace.settings_file.exists():
        raise WorkspaceError(
            f"{folder} is a workspace that no demo made, whose settings and inbox a demo would"
            f" fill with its own; name an empty or a new folder: outlay demo {folder}-demo"
        )
    init_workspace(
        folder,
        company=COMPANY,
        reporting_timezone=ZONE_NAME,
        with_sources=False,
        freshness_days=_FRESHNESS,
        settings=_SETTINGS,
    )
    _mark(workspace).touch()
    write_secret(workspace.salt_file, _SALT)
    with progress.step("demo days"):
        write_workspace_data(
            workspace.root,
            days=days,
            progress=lambda done, total: progress("demo days", done, total),
        )
    return workspace


def run_demo(workspace: Workspace) -> int:
    """Run, close the month that has settled, run again with the bill that is corrected after it.

    Returns:
        The exit code of the last run, whose outcome is shown.
    """
    from ingest.demo import CLOSED_MONTH, correct_closed_month, has_closed_month
    from pipelines.month_close.close import close_month
    from pipelines.orchestration.runner import run_workspace

    days = _days_made(workspace) or 0
    closes = current_closes(read_closes(workspace.closes))
    if not has_closed_month(days) or any(close.month == CLOSED_MONTH for close in closes):
        return run_and_show(workspace)
    with shown_progress() as progress:
        result = run_workspace(workspace, progress)
    folder = close_month(workspace, CLOSED_MONTH, {}).folder if result.exit_code == 0 else None
    if folder is None:
        show_outcome(result, workspace)
        return result.exit_code
    say_closed(CLOSED_MONTH, folder)
    say(f"corrected afterwards: {correct_closed_month(workspace.root, days=days)}")
    return run_and_show(workspace)


def _clear(workspace: Workspace, folder: Path) -> None:
    """Empty an earlier demo, so that another one is made in its place.

    Raises:
        WorkspaceError: somebody added a source of their own to it.
        LockedError: a run works on it.
    """
    from ingest.demo.sources.settings import SOURCES

    held = {
        path.stem
        for path in (*workspace.sources_dir.glob("*"), *workspace.lake.inbox.glob("*"))
        if not path.name.startswith(".")
    }
    if own := sorted(held - set(SOURCES)):
        raise WorkspaceError(
            f"{folder} is a demo with a source {own[0]!r} of your own, which another demo would"
            f" delete; name an empty or a new folder: outlay demo {folder}-new"
        )
    with workspace_lock(workspace.state):
        for path in workspace.root.iterdir():
            if path == workspace.state:
                continue
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    shutil.rmtree(workspace.state)


def _mark(workspace: Workspace) -> Path:
    """The file by which a demo is known as one."""
    return workspace.state / "demo"


def _days_made(workspace: Workspace) -> int | None:
    """Days of an earlier demo; the answers are written last, so half a demo is made again."""
    answers = workspace.root / _ANSWERS
    if not answers.is_file():
        return None
    return int(json.loads(answers.read_text(encoding="utf-8"))["days"])
