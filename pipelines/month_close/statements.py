"""`outlay statements`: drafts of an open month; of a closed one, where its statements are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.errors import OutlayError
from ingest.warehouse.closed_months import current_closes, read_closes
from pipelines.closed_months.store import finish_closes, month_folder, statement_folder
from pipelines.queries.status import open_showback
from pipelines.run.commentary import read_commentary
from pipelines.workspace.load import load_workspace
from pipelines.workspace.paths import Workspace


@dataclass(frozen=True)
class StatementFiles:
    """Statements of a month.

    Attributes:
        folder: where they are.
        files: their names.
        is_draft: whether the month is open, and they will change.
    """

    folder: Path
    files: tuple[str, ...]
    is_draft: bool


def statements_of(workspace: Workspace, month: date | None = None) -> StatementFiles:
    """Write the drafts of an open month, or find the statements of a closed one.

    Args:
        month: its first day; the newest month that is over when None, or the newest of all.

    Raises:
        NothingPublishedError: no run has published yet.
        OutlayError: nothing is charged in the month.
    """
    from dashboards.statements import write_statements

    settings, _ = load_workspace(workspace)
    with open_showback(workspace) as con:
        month = (
            month
            or con.execute(
                "select coalesce(max(month) filter (is_complete), max(month))"
                " from reports.rpt_overview"
                " where month in (select month from reports.rpt_statements)"
            ).fetchall()[0][0]
        )
        as_of = con.execute("select max(as_of_day) from ops.runs").fetchall()[0][0]
    if month is None:
        raise OutlayError("nothing is charged yet: deliver bills and run `outlay run`")
    finish_closes(workspace)
    for close in current_closes(read_closes(workspace.closes)):
        if close.month == month:
            closed = statement_folder(workspace, month, close.number)
            return StatementFiles(closed, tuple(sorted(close.facts["statements"])), is_draft=False)
    folder = month_folder(workspace, month) / "draft"
    written = write_statements(
        workspace.showback,
        folder,
        month,
        company=settings.company,
        status=f"DRAFT, not closed, with calls up to {as_of}",
        accounts=settings.journal.accounts,
        commentary=read_commentary(workspace.commentary),
    )
    if not written:
        raise OutlayError(f"nothing is charged in {month:%Y-%m}; see `outlay status` for months")
    names = tuple(path.name for path in written)
    return StatementFiles(folder, names, is_draft=True)
