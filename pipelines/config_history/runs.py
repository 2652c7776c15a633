"""The run history: one JSON object a line, oldest first; survives a deleted warehouse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ingest.files import append_lines
from pipelines.workspace.paths import Workspace

FAILED, GOOD, CHECKS_FAILED = "failed", "good", "checks failed"


def history_file(workspace: Workspace) -> Path:
    """The run history: one JSON object a line, oldest first; survives a deleted warehouse."""
    return workspace.state / "runs.jsonl"


def past_runs(workspace: Workspace) -> list[dict[str, Any]]:
    """The run history, oldest first; a line that a crash cut off is left out."""
    file = history_file(workspace)
    if not file.is_file():
        return []
    runs = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            runs.append(json.loads(line))
        except ValueError:
            continue
    return runs


def append_run(workspace: Workspace, row: dict[str, Any]) -> None:
    """Add a finished run to the history."""
    append_lines(history_file(workspace), json.dumps(row) + "\n")
