"""`outlay rotate-salt`: another salt for a workspace, and nothing left under the old one alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from ingest.errors import OutlayError
from ingest.lake.catalog import open_catalog
from ingest.lake.people.salt_rotation import HeldPseudonyms, held_pseudonyms, rotate, users_and_keys
from ingest.records.pseudonyms import pseudonyms_of
from ingest.reference.charging.attribution import ATTRIBUTION_RULES, named_pseudonyms
from ingest.reference.guardrails import limits
from ingest.sources import FORMATS, load_sources
from pipelines.config_history.promotion import finish_promotion
from pipelines.run.salt import finish_rotation
from pipelines.workspace.environment import salt_is_in_environment
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress
from pipelines.workspace.secret_files import new_salt, write_secret


@dataclass(frozen=True)
class RotationResult:
    """What a rotation did, or would do.

    Attributes:
        held: the days whose rows have pseudonyms.
        salts: of the workspace, after it.
        renamed: (row, old, new) of pseudonyms that rules of attribution and limits name.
        is_resumed: it had been interrupted, and was only ended now.
    """

    held: Sequence[HeldPseudonyms]
    salts: int
    renamed: Sequence[tuple[str, str, str]] = ()
    is_resumed: bool = False


def plan_rotation(workspace: Workspace, progress: Progress) -> RotationResult:
    """What a rotation would rewrite; changes nothing.

    Raises:
        LockedError: a run holds the workspace.
        OutlayError: the salt cannot be rotated here, or settings are wrong.
    """
    with workspace_lock(workspace.state):
        salt, _ = _salt(workspace)
        with open_catalog(workspace.lake) as con:
            held = tuple(held_pseudonyms(con, workspace.lake, FORMATS.values(), progress))
        return RotationResult(held, _count(salt) + 1)


def rotate_salt(workspace: Workspace, progress: Progress) -> RotationResult:
    """Add a salt, and make every pseudonym of the lake one of it.

    The warehouse is gone afterwards: the next run makes it from the lake.

    Raises:
        LockedError: a run holds the workspace.
        OutlayError: the salt cannot be rotated here, or settings are wrong.
    """
    with workspace_lock(workspace.state):
        finish_promotion(workspace)
        is_resumed = finish_rotation(workspace)
        salt, before = _salt(workspace)
        if is_resumed:
            return RotationResult((), _count(salt), _renamed(workspace, salt), is_resumed=True)
        added = new_salt()
        longer = f"{salt}\n{added}"
        after = _fingerprints(workspace, longer)
        write_secret(workspace.next_salt_file, longer)
        try:
            with open_catalog(workspace.lake) as con:
                held = rotate(
                    con,
                    workspace.lake,
                    FORMATS.values(),
                    salt,
                    added,
                    {name: (mark, after[name]) for name, mark in before.items()},
                    datetime.now(UTC).replace(tzinfo=None),
                    progress,
                )
        finally:
            finish_rotation(workspace)
        return RotationResult(held, _count(longer), _renamed(workspace, longer))


def _salt(workspace: Workspace) -> tuple[str, dict[str, str]]:
    """The workspace's salts, and the fingerprints of its sources under them."""
    if salt_is_in_environment():
        raise OutlayError(
            f"OUTLAY_SALT goes before {workspace.salt_file}, which is what can be rotated: write"
            " its value into that file, unset it, rotate, and set it to all lines of the file"
        )
    settings, sources = load_workspace(workspace)
    return settings.salt.get_secret_value(), {s.name: s.fingerprint for s in sources}


def _fingerprints(workspace: Workspace, salt: str) -> dict[str, str]:
    sources = load_sources(workspace.sources_dir, workspace.lake.inbox, salt)
    return {source.name: source.fingerprint for source in sources}


def _renamed(workspace: Workspace, salt: str) -> list[tuple[str, str, str]]:
    """Pseudonyms that rows name and the lake has no more, with what it has instead."""
    of_limits = workspace.config / Path(limits.LIMITS.file).name
    named = [
        *(
            (ATTRIBUTION_RULES.file, old, n)
            for old, n in named_pseudonyms(workspace.attribution_csv).items()
        ),
        *((limits.LIMITS.file, old, n) for old, n in limits.named_pseudonyms(of_limits).items()),
    ]
    instead = {old: pseudonyms_of(old, salt) for _, old, _ in named}
    with open_catalog(workspace.lake) as con:
        there = users_and_keys(con, workspace.lake, set(chain.from_iterable(instead.values())))
    return [
        (f"{file}, row {line}", old, new)
        for file, old, line in named
        for new in instead[old]
        if new in there and new != old
    ]


def _count(salt: str) -> int:
    return salt.count("\n") + 1
