"""Freeze windows kept: inside one, a changed configuration stops a run before it does anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from ingest.errors import OutlayError
from ingest.reference.freezes import FREEZES, Freeze, freeze_of
from pipelines.config_history.ledger import Change, facts_of, record, unrecorded
from pipelines.config_history.registrations import refuse_late_registrations
from pipelines.config_history.snapshot import ConfigFile
from pipelines.workspace.paths import Workspace

_SHOWN = 3
"""Rows of a file that the message quotes; `outlay changes` lists all once they are recorded."""


class FrozenError(OutlayError):
    """The configuration changed inside a freeze window; nothing was computed."""


def refuse_frozen(
    workspace: Workspace, changes: Sequence[Change], moment: datetime, override: str | None
) -> str | None:
    """Refuse changes that a window forbids, unless a reason to set it aside is given.

    A window counts while the file has it or the last record had it: taking a window out of the
    file, or moving it, is a change that the window itself forbids.

    Args:
        workspace: its windows count.
        changes: what is not recorded yet.
        moment: now, UTC, naive.
        override: why the window is set aside, from `--override-freeze`.

    Returns:
        The reason, when a window was set aside for it.

    Raises:
        FrozenError: names window, files and rows, and until when it holds.
        ConfigError: a row of the windows' file is wrong.
    """
    windows = _windows(workspace, moment)
    forbidden = [
        (window, change)
        for change in changes
        for window in windows
        if not change.is_first and _forbids(window, change)
    ]
    if forbidden and not override:
        until = max(window.valid_to for window, _ in forbidden)
        names = ", ".join(dict.fromkeys(window.name for window, _ in forbidden))
        files = dict.fromkeys(_in_words(change) for _, change in forbidden)
        raise FrozenError(
            f"the configuration is frozen ({names}) until {until} UTC, and {'; '.join(files)}."
            ' Take the change back, wait, or say why it must be: --override-freeze "reason"'
        )
    return override if forbidden else None


def record_changes(
    workspace: Workspace,
    files: Sequence[ConfigFile],
    moment: datetime,
    run_id: str,
    *,
    note: str | None = None,
    override_freeze: str | None = None,
) -> None:
    """Write down what changed since the last record, unless a window forbids it.

    Args:
        workspace: whose ledger and windows.
        files: the configuration as it stands.
        moment: now, UTC, naive.
        run_id: who notices it.
        note: who decided it and why.
        override_freeze: why a window is set aside.

    Raises:
        FrozenError: a window forbids it.
        RegistrationError: an experiment that has begun would be another.
        ConfigError: a row of the windows' file is wrong.
    """
    changes = unrecorded(workspace, files)
    used = refuse_frozen(workspace, changes, moment, override_freeze)
    used = refuse_late_registrations(changes, moment, override_freeze) or used
    record(workspace, files, changes, moment, run_id, note=note, override=used)


def _windows(workspace: Workspace, moment: datetime) -> list[Freeze]:
    """The windows that are open, each once."""
    recorded = [freeze_of(json.loads(fact)) for fact in facts_of(workspace, FREEZES.file)]
    known = dict.fromkeys([*FREEZES.read(workspace.config / "freezes.csv"), *recorded])
    return [window for window in known if window.holds(moment)]


def _forbids(window: Freeze, change: Change) -> bool:
    """Adding a window is always allowed; a window guards itself."""
    if change.file == FREEZES.file:
        gone, come = (
            {freeze_of(json.loads(fact)) for fact in facts}
            for facts in (change.removed, change.added)
        )
        return window in gone - come
    return window.covers(change.scope)


def _in_words(change: Change) -> str:
    facts = [f"{kind} {fact}" if fact else kind for kind, fact in change.facts()]
    more = f" and {len(facts) - _SHOWN} more" if len(facts) > _SHOWN else ""
    return f"{change.file} changed: {', '.join(facts[:_SHOWN])}{more}"
