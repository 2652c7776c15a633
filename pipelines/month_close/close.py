"""`outlay close` and `outlay reopen`: a month whose figures stay, whatever arrives later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingest.errors import OutlayError
from ingest.warehouse.closed_months import current_closes, read_closes
from pipelines.checks.check import Check
from pipelines.closed_months.store import (
    build_versions,
    finish_closes,
    statement_folder,
    store_close,
    store_reopening,
    waiting_folder,
)
from pipelines.config_history.promotion import finish_promotion
from pipelines.month_close.checks import ACCEPTABLE, check_close, with_acceptance
from pipelines.run.commentary import read_commentary
from pipelines.run.up_to_date import require_up_to_date
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.settings import Settings


@dataclass(frozen=True)
class CloseResult:
    """What an attempt to close came to.

    Attributes:
        checks: all of them, accepted ones as warnings.
        folder: the closed statements; None when a check forbade it.
    """

    checks: tuple[Check, ...]
    folder: Path | None


def close_month(workspace: Workspace, month: date, accepted: Mapping[str, str]) -> CloseResult:
    """Check a month, keep its figures and write its statements.

    Pages and the published file follow with the next run.

    Args:
        month: its first day.
        accepted: reasons by the name of checks that may fail.

    Raises:
        LockedError: a run holds the workspace.
        NotUpToDateError: configuration, lake or inbox are newer than the warehouse.
        OutlayError: a name or reason of `accepted` is wrong.
    """
    _refuse_wrong_acceptance(accepted)
    with workspace_lock(workspace.state):
        finish_promotion(workspace)
        finish_closes(workspace)
        settings, sources = load_workspace(workspace)
        require_up_to_date(workspace, settings, inbox_of=sources)
        closes = read_closes(workspace.closes)
        with duckdb.connect(str(workspace.warehouse), read_only=True) as con:
            checks = with_acceptance(check_close(con, settings, month, closes), accepted)
            facts = _facts(con, checks, accepted)
        if any(check.turns_red for check in checks):
            return CloseResult(tuple(checks), None)
        number = 1 + max((close.number for close in closes if close.month == month), default=0)
        _write_files(workspace, settings, month, number, facts["as_of_day"])
        store_close(workspace, month, number, {**facts, "month": f"{month}", "number": number})
        finish_closes(workspace)
    return CloseResult(tuple(checks), statement_folder(workspace, month, number))


def reopen_month(workspace: Workspace, month: date, reason: str) -> int:
    """Let a closed month be computed again; the close and this reason are kept.

    Returns:
        The number of the close that holds no longer.

    Raises:
        OutlayError: the month is not closed, a later one is, or there is no reason.
    """
    if not reason.strip():
        raise OutlayError("say why with --reason: it is kept beside the close")
    with workspace_lock(workspace.state):
        holding = current_closes(read_closes(workspace.closes))
        found = [close for close in holding if close.month == month]
        if not found:
            raise OutlayError(f"{month:%Y-%m} is not closed")
        later = [f"{close.month:%Y-%m}" for close in holding if close.month > month]
        if later:
            raise OutlayError(
                f"{later[-1]} is closed and may hold adjustments of {month:%Y-%m}; reopen"
                f" {' and '.join(reversed(later))} first"
            )
        store_reopening(found[0], {"reopened_at": _now(), "reason": reason.strip()})
    return found[0].number


def _refuse_wrong_acceptance(accepted: Mapping[str, str]) -> None:
    for name, reason in accepted.items():
        if name not in ACCEPTABLE:
            raise OutlayError(
                f"--accept {name}: there are {', '.join(ACCEPTABLE)}; the others cannot be accepted"
            )
        if not reason.strip():
            raise OutlayError(f'--accept {name}: say why, as in --accept {name}="..."')


def _facts(
    con: duckdb.DuckDBPyConnection, checks: list[Check], accepted: Mapping[str, str]
) -> dict[str, Any]:
    """What is kept beside the figures: who is answerable for what, and what they rest on."""
    versions, commit = build_versions(con)
    as_of = con.execute("select as_of_day from raw.run_context").fetchall()[0][0]
    return {
        "closed_at": _now(),
        "as_of_day": as_of.isoformat() if as_of else None,
        "commit_id": commit,
        "versions": versions,
        "checks": [{"name": c.name, "passed": c.passed, "detail": c.detail} for c in checks],
        "accepted": {
            c.name: accepted[c.name] for c in checks if c.name in accepted and not c.passed
        },
    }


def _write_files(
    workspace: Workspace, settings: Settings, month: date, number: int, as_of_day: str | None
) -> None:
    from dashboards.statements import write_statements

    write_statements(
        workspace.warehouse,
        waiting_folder(workspace, month, number),
        month,
        company=settings.company,
        status=f"closed, close {number}, "
        + (f"with calls up to {as_of_day}" if as_of_day else "of bills alone"),
        accounts=settings.journal.accounts,
        commentary=read_commentary(workspace.commentary),
    )


def _now() -> str:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0).isoformat()
