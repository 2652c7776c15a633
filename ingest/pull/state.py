"""What was pulled until when: one small file a source in the workspace's state folder.

Losing it is harmless: what it remembered is pulled again, and the newest answer counts. Nothing in
it grows with history: only windows that may still change, or objects still listed, are kept.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ingest.files import replace_file
from ingest.pull.windows import Window


def load_state(path: Path) -> dict[str, Any]:
    """What a state file holds; nothing when it is missing or damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def save_state(path: Path, content: dict[str, Any]) -> None:
    """Replace a state file."""
    replace_file(path, (json.dumps(content, indent=1, sort_keys=True) + "\n").encode())


@dataclass
class DownloadedFile:
    """The newest file of one window: its path below the inbox folder, and what it says."""

    file: str
    digest: str


@dataclass
class ReportState:
    """What is known of one report.

    Attributes:
        settled: every day up to it was answered when it could not change any more.
        laid: by window, of days that may still change.
    """

    settled: date | None = None
    laid: dict[str, DownloadedFile] = field(default_factory=dict)

    def settle(self, window: Window, limit: date) -> None:
        """Note that a window was answered when days up to `limit` could not change any more."""
        final = min(window.last, limit)
        if final < window.first:
            return
        self.settled = max(self.settled or final, final)
        mark = self.settled.isoformat()
        self.laid = {key: laid for key, laid in self.laid.items() if key[-10:] > mark}


@dataclass
class PullState:
    """Everything remembered of one source that is pulled from an API.

    Attributes:
        organization: whose answers were laid so far: its `id`, and its `name` in headers.
        reports: by the report's name, and its key's hash where keys are asked one by one.
    """

    path: Path
    organization: dict[str, str] = field(default_factory=dict)
    reports: dict[str, ReportState] = field(default_factory=dict)

    def save(self) -> None:
        """Write it down."""
        reports = {}
        for name, asked in self.reports.items():
            settled = asked.settled.isoformat() if asked.settled else None
            reports[name] = {**asdict(asked), "settled": settled}
        save_state(self.path, {"organization": self.organization, "reports": reports})


def load_pull_state(path: Path) -> PullState:
    """What is remembered of a source; nothing when the file is missing or of another shape."""
    found = load_state(path)
    try:
        reports = {
            name: ReportState(
                date.fromisoformat(asked["settled"]) if asked["settled"] else None,
                {key: DownloadedFile(**laid) for key, laid in asked["laid"].items()},
            )
            for name, asked in found["reports"].items()
        }
        return PullState(path, dict(found["organization"]), reports)
    except (KeyError, TypeError, ValueError, AttributeError):
        return PullState(path)
