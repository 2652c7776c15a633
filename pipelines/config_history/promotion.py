"""Promotion: a shadow's candidate becomes the configuration, all of its files or none.

What is about to happen is written down first; a promotion that is killed half-way is brought to its
end by the next run or promotion, before anything is read.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from ingest.errors import OutlayError
from ingest.files import flush_below, replace_file
from pipelines.config_history.freezes import refuse_frozen
from pipelines.config_history.ledger import record, unrecorded
from pipelines.config_history.shadow_folder import ShadowRecord, place, record_of, shadow_of
from pipelines.config_history.snapshot import ConfigFile, config_snapshot, in_words
from pipelines.workspace.clock import now
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.settings import load_settings


@dataclass(frozen=True)
class _Promotion:
    """A promotion that was decided."""

    name: str
    files: tuple[str, ...]
    moment: str
    note: str | None
    override: str | None


def promote(
    workspace: Workspace, name: str, *, note: str | None, override_freeze: str | None
) -> list[Path]:
    """Make a shadow's candidate the configuration; the next run computes with it.

    Args:
        workspace: whose configuration.
        name: a finished shadow.
        note: who decided it and why.
        override_freeze: why a freeze window is set aside.

    Returns:
        The files that were replaced.

    Raises:
        OutlayError: there is no such shadow, or it was compared with another configuration.
        FrozenError: a window forbids it.
        LockedError: a run is under way.
    """
    with workspace_lock(workspace.state):
        finish_promotion(workspace)
        shadow = shadow_of(workspace, name)
        known = record_of(shadow)
        settings = load_settings(workspace.settings_file, workspace.salt_file)
        _refuse_other(name, known, config_snapshot(workspace, settings))
        moment = now()
        changes = unrecorded(workspace, _state_of(shadow))
        used = refuse_frozen(workspace, changes, moment, override_freeze)
        flush_below(workspace.root, [place(shadow, file) for file in known.files])
        decided = _Promotion(name, known.files, moment.isoformat(), note, used)
        replace_file(_journal(workspace), json.dumps(asdict(decided)).encode())
        finish_promotion(workspace)
    return [place(workspace, file) for file in known.files]


def finish_promotion(workspace: Workspace) -> None:
    """Bring a promotion that was decided to its end; nothing to do without one."""
    journal = _journal(workspace)
    if not journal.is_file():
        return
    parts = json.loads(journal.read_text(encoding="utf-8"))
    decided = _Promotion(**{**parts, "files": tuple(parts["files"])})
    shadow = shadow_of(workspace, decided.name)
    for file in decided.files:
        replace_file(place(workspace, file), place(shadow, file).read_bytes())
    state = _state_of(workspace)
    record(
        workspace,
        state,
        unrecorded(workspace, state),
        datetime.fromisoformat(decided.moment),
        f"promote {decided.name}",
        note=decided.note,
        override=decided.override,
    )
    journal.unlink()
    shutil.rmtree(shadow.folder)


def _refuse_other(name: str, known: ShadowRecord, files: Sequence[ConfigFile]) -> None:
    """Refuse a shadow that was compared with another configuration; names what is another."""
    present = {file.name: file.version for file in files}
    both = present.keys() | known.compared_with.keys()
    other = sorted(f for f in both if present.get(f) != known.compared_with.get(f))
    if other:
        raise OutlayError(
            f"shadow {name!r} was compared with another {', '.join(map(in_words, other))}:"
            " `outlay run`, then the shadow again, and look at what it says now"
        )


def _state_of(workspace: Workspace) -> list[ConfigFile]:
    return config_snapshot(workspace, load_settings(workspace.settings_file, workspace.salt_file))


def _journal(workspace: Workspace) -> Path:
    return workspace.state / "promotion.json"
