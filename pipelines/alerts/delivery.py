"""Alerts told once: what is open now, to whom it goes, and what was told before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.files import replace_file
from pipelines.alerts.alert import OF_RUNS, Alert, failed_run, has_checks, open_alerts
from pipelines.alerts.channels import ChannelError, channels_for, send
from pipelines.checks.check import Check
from pipelines.workspace.locking import ALERTS, shared_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.settings import Settings


@dataclass(frozen=True)
class Delivery:
    """An alert and one channel that it goes to.

    Attributes:
        channel: None where nobody is told: no channel takes the owner's alerts.
        was_told: by an earlier run, or just now.
        problem: why the channel did not take it.
    """

    alert: Alert
    channel: str | None
    was_told: bool
    problem: str | None = None


def deliver_alerts(
    workspace: Workspace, settings: Settings, published: Path, *, dry_run: bool = False
) -> list[Delivery]:
    """Tell every open alert to its channels, each once.

    What a channel did not take stays untold, so that the next run tries again. Of what is no
    longer open nothing is remembered.

    Args:
        workspace: remembers what was told.
        settings: name the channels.
        published: the file that says what is open.
        dry_run: only say what would be told.
    """
    if not settings.alerts and not dry_run:
        return []
    with duckdb.connect(str(published), read_only=True) as con:
        alerts, unspoken = open_alerts(con), () if has_checks(con) else OF_RUNS
    if dry_run:
        return _deliver(workspace, settings, alerts, unspoken, dry_run=True)
    with shared_lock(workspace.state, ALERTS):  # two runs beside each other tell no alert twice
        return _deliver(workspace, settings, alerts, unspoken, dry_run=False)


def tell_failure(
    workspace: Workspace, settings: Settings, started_at: datetime, reason: str
) -> list[Delivery]:
    """Tell the channels without owners that a run published nothing; once until one publishes.

    Args:
        reason: what stopped it, and its cure.
    """
    if not settings.alerts:
        return []
    with shared_lock(workspace.state, ALERTS):
        return _deliver(workspace, settings, [failed_run(started_at, reason)], ("",), dry_run=False)


def _deliver(
    workspace: Workspace,
    settings: Settings,
    alerts: Sequence[Alert],
    unspoken: tuple[str, ...],
    *,
    dry_run: bool,
) -> list[Delivery]:
    """Tell alerts to their channels.

    Args:
        unspoken: beginnings of keys of which these alerts say nothing: what was told stays so.
    """
    before = _told(workspace.told_alerts)
    found = []
    for alert in alerts:
        names = channels_for(settings, alert.owner)
        for name, channel in names.items():
            told, problem = (alert.key, name) in before, None
            if not told and not dry_run:
                try:
                    send(workspace, name, channel, alert.title, _text(alert, settings))
                    told = True
                except ChannelError as error:
                    problem = str(error)
            found.append(Delivery(alert, name, told, problem))
        if not names:
            found.append(Delivery(alert, None, False))
    if not dry_run:
        kept = {(key, name) for key, name in before if key.startswith(unspoken)}
        heard = {(one.alert.key, one.channel or "") for one in found if one.was_told}
        _remember(workspace.told_alerts, kept | heard)
    return found


def told(found: Sequence[Delivery]) -> Check:
    """A delivery as a check: what was told, what nobody is told, what a channel did not take."""
    problems = list(dict.fromkeys(one.problem for one in found if one.problem))
    unheard = sum(one.channel is None for one in found)
    alerts = len({one.alert.key for one in found})
    detail = f"{alerts} alerts are open, {sum(one.was_told for one in found)} messages told"
    detail += f", {unheard} that no channel takes" if unheard else ""
    return Check(
        "alerts",
        not problems and not unheard,
        "; ".join([detail, *problems]),
        "correct the channel in [alerts] of outlay.toml, or add one without owners for all others;"
        " the next run tells what is untold",
        is_error=False,
    )


def _text(alert: Alert, settings: Settings) -> str:
    link = f"{settings.pages_url.rstrip('/')}/{alert.page}" if settings.pages_url else alert.page
    return f"{alert.text}\nOwner: {alert.owner or 'nobody is named'}\n{link}"


def _told(file: Path) -> set[tuple[str, str]]:
    if not file.is_file():
        return set()
    return {(key, name) for key, name in json.loads(file.read_text(encoding="utf-8"))}


def _remember(file: Path, heard: set[tuple[str, str]]) -> None:
    if heard or file.is_file():
        replace_file(file, json.dumps(sorted(heard)).encode())
