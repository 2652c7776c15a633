"""Experiments are registered before they begin, and stay as they were registered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from ingest.errors import OutlayError
from ingest.reference.guardrails.experiments import EXPERIMENTS, Experiment, experiment_of
from pipelines.config_history.ledger import Change


class RegistrationError(OutlayError):
    """An experiment that has begun was registered, changed or taken out; nothing was computed."""


def refuse_late_registrations(
    changes: Sequence[Change], moment: datetime, override: str | None
) -> str | None:
    """Refuse what says afterwards what an experiment was to show.

    Notes may change. The first record of a workspace takes over what it finds.

    Args:
        changes: what is not recorded yet.
        moment: now, UTC, naive.
        override: why it must be, from `--override-freeze`.

    Returns:
        The reason, when something was let through for it.

    Raises:
        RegistrationError: names the experiments and the cure.
    """
    late = [one for change in changes for one in _changed(change) if one.valid_from <= moment]
    if late and not override:
        names = ", ".join(sorted({f"{one.experiment} ({one.candidate})" for one in late}))
        raise RegistrationError(
            f"{EXPERIMENTS.file}: {names} began before this row was registered or changed, and"
            " what it is to show cannot be said afterwards. Take the change back, register it"
            ' under another name from now on, or say why it must be: --override-freeze "reason"'
        )
    return override if late else None


def _changed(change: Change) -> Iterator[Experiment]:
    """Experiments of which something other than their note is new or gone."""
    if change.file != EXPERIMENTS.file or change.is_first:
        return
    gone, come = (
        {experiment_of(json.loads(fact)) for fact in facts}
        for facts in (change.removed, change.added)
    )
    yield from gone ^ come
