"""`outlay demo`: a workspace of an invented company whose right answers are known."""

from __future__ import annotations

import json
from pathlib import Path

from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress
from pipelines.workspace.secret_files import write_secret

_ANSWERS = "truth.json"
_SALT = "the demo's salt is no secret, so that every machine makes the same bytes"
_FRESHNESS = {"openai": 7, "anthropic": 7, "cloud-focus": 35}


def make_demo(folder: Path, days: int, progress: Progress) -> Workspace:
    """Make the demo's workspace and fill its inbox; what is there already is kept.

    Args:
        folder: a new or empty folder, or an earlier demo.
        days: days of data from 2026-06-29 on.
        progress: told after every day of data.

    Raises:
        WorkspaceError: the folder holds other files.
    """
    from ingest.demo import write_workspace_data
    from ingest.demo.clock import ZONE_NAME
    from ingest.demo.company import COMPANY

    init_workspace(
        folder,
        company=COMPANY,
        reporting_timezone=ZONE_NAME,
        with_sources=False,
        freshness_days=_FRESHNESS,
    )
    workspace = Workspace(folder.resolve())
    if _days_made(workspace.root / _ANSWERS) != days:
        if not workspace.lake.catalog.exists():
            write_secret(workspace.salt_file, _SALT)
        with progress.step("demo days"):
            write_workspace_data(
                workspace.root,
                days=days,
                progress=lambda done, total: progress("demo days", done, total),
            )
    return workspace


def _days_made(answers: Path) -> int | None:
    """Days of an earlier demo; the answers are written last, so half a demo is made again."""
    if not answers.is_file():
        return None
    return int(json.loads(answers.read_text(encoding="utf-8"))["days"])
