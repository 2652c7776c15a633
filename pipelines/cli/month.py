"""Commands of the month's end: statements, close, reopen, exports, and from a line to its calls."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from ingest.errors import OutlayError
from pipelines.cli.errors import in_workspace
from pipelines.cli.options import DAY, MONTH, WorkspaceOption
from pipelines.cli.presentation import Output, presentation
from pipelines.cli.views.console import data_stream, say
from pipelines.cli.views.months import (
    say_closed,
    say_drilled,
    show_exported,
    show_statements,
    show_verified,
)
from pipelines.cli.views.progress import shown_progress
from pipelines.cli.views.runs import show_checks, show_outcome
from pipelines.workspace.paths import Workspace

OptionalMonth = Annotated[
    datetime | None,
    typer.Argument(metavar="MONTH", formats=MONTH, help="Month, as 2026-10."),
]
MonthArgument = Annotated[
    datetime, typer.Argument(metavar="MONTH", formats=MONTH, help="Month, as 2026-10.")
]
NameOption = Annotated[str | None, typer.Option(metavar="NAME", help="Only its calls.")]


def statements(month: OptionalMonth = None, workspace: WorkspaceOption = Path()) -> None:
    """Write the month's statements and journal as drafts; for a closed month, say where they are.

    Example: `outlay statements 2026-10`, then open `statements/2026-10/draft/statements.html`
    """
    with in_workspace(workspace) as found:
        write_statements(found, month.date() if month else None)


def write_statements(workspace: Workspace, month: date | None) -> None:
    """Write or find statements, and say where they are."""
    from pipelines.month_close.statements import statements_of

    show_statements(statements_of(workspace, month))


def close(
    month: OptionalMonth = None,
    workspace: WorkspaceOption = Path(),
    accept: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHECK=REASON",
            help="Close although this check fails, which may be bills_complete, bills_settled,"
            " tie_out or checks_green; repeatable.",
        ),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare the files of every close with their hashes.")
    ] = False,
    ready: Annotated[
        bool,
        typer.Option("--ready", help="Say whether costs can be charged for real; close nothing."),
    ] = False,
) -> None:
    """Check a month, lock its figures and write statements whose bytes never change.

    What arrives later becomes a dated adjustment in the first open month. `--ready` ends with 1
    where a criterion for charging costs for real does not hold.

    Example: `outlay close 2026-10 --accept tie_out="batch job outside the gateway, ticket 4711"`
    """
    with in_workspace(workspace) as found:
        if verify:
            raise typer.Exit(_verify(found))
        if ready:
            raise typer.Exit(_ready(found))
        if month is None:
            raise OutlayError("name the month to close, as in `outlay close 2026-10`")
        raise typer.Exit(_close(found, month.date(), accept or []))


def _close(workspace: Workspace, month: date, accept: list[str]) -> int:
    """Close, bring the published file and the pages after it, return the exit code."""
    from pipelines.month_close.close import close_month

    accepted = dict(text.partition("=")[::2] for text in accept)
    closing = close_month(workspace, month, accepted)
    show_checks(closing.checks)
    say_closed(month, closing.folder)
    return publish(workspace) if closing.folder else 1


def publish(workspace: Workspace) -> int:
    """Run, so that pages and the published file show what holds now."""
    from pipelines.orchestration.runner import run_workspace

    with shown_progress() as progress:
        result = run_workspace(workspace, progress, no_pull=True)
    if presentation().output is Output.TEXT:
        show_outcome(result, workspace)
    # a check of the data says nothing about the close, which is done
    return 0


def _ready(workspace: Workspace) -> int:
    from pipelines.queries.readiness import read_readiness

    criteria = read_readiness(workspace)
    show_checks(criteria)
    return int(any(not check.passed for check in criteria))


def _verify(workspace: Workspace) -> int:
    from pipelines.closed_months.store import finish_closes, verify_closes

    finish_closes(workspace)
    closes = list(verify_closes(workspace))
    show_verified(closes)
    return int(any(files for _, files in closes))


def reopen(
    month: MonthArgument,
    reason: Annotated[str, typer.Option(help="Why; kept for ever beside the close.")],
    workspace: WorkspaceOption = Path(),
) -> None:
    """Let a closed month be computed again. The close stays on record; the next gets a new number.

    Example: `outlay reopen 2026-10 --reason "cost centres were agreed anew"`
    """
    from pipelines.month_close.close import reopen_month

    with in_workspace(workspace) as found:
        number = reopen_month(found, month.date(), reason)
        say(f"close {number} of {month:%Y-%m} holds no longer; it is kept")
        raise typer.Exit(publish(found))


def drill(
    month: MonthArgument,
    cost_centre: NameOption = None,
    team: NameOption = None,
    feature: NameOption = None,
    tenant: NameOption = None,
    provider: NameOption = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write there instead of to the terminal."),
    ] = None,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Write the calls behind a statement's usage as CSV, without prompts; they sum to the line.

    An empty name asks for calls that name none.

    Example: `outlay drill 2026-10 --feature chat --provider openai --output chat.csv`
    """
    from pipelines.month_close.drill import write_calls

    with in_workspace(workspace) as found:
        given = {
            "cost_centre": cost_centre,
            "team": team,
            "feature": feature,
            "tenant": tenant,
            "provider": provider,
        }
        wanted = {name: value for name, value in given.items() if value is not None}
        with (
            output.open("w", encoding="utf-8", newline="")
            if output
            else nullcontext(data_stream()) as target
        ):
            done = write_calls(found, month.date(), wanted, target)
        say_drilled(done)


def export_focus(
    workspace: WorkspaceOption = Path(),
    version: Annotated[str, typer.Option(help="FOCUS version to write.")] = "1.2",
    first: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, help="First day of charges, UTC.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=DAY, help="Last day of charges, UTC.")
    ] = None,
) -> None:
    """Write every bill line that was ingested as FOCUS, CSV and Parquet, into exports/.

    Example: `outlay export focus --version 1.2 --from 2026-10-01 --to 2026-10-31`
    """
    from pipelines.operations.focus_export import export_focus as write_focus

    with in_workspace(workspace) as found:
        days = [day.date() if day else None for day in (first, last)]
        show_exported(write_focus(found, version, *days), "charges")


def export_calls(
    month: Annotated[
        datetime, typer.Option(metavar="MONTH", formats=MONTH, help="Month, as 2026-10.")
    ],
    tenant: Annotated[str | None, typer.Option(metavar="NAME", help="Whose calls.")] = None,
    cost_centre: Annotated[str | None, typer.Option(metavar="NAME", help="Or whose.")] = None,
    folder: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Where to; exports/ without it.")
    ] = None,
    people: Annotated[
        bool, typer.Option("--people", help="With the pseudonyms of users, which stay out else.")
    ] = False,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Write the charged calls of one tenant or cost centre, with nothing of others, to be sent.

    CSV and Parquet. They sum to its usage; a second file has the lines of its statement, with
    what of each has no call. Example: `outlay export calls --tenant acme --month 2026-10`
    """
    from pipelines.operations.call_export import export_calls as write_member

    with in_workspace(workspace) as found:
        if (tenant is None) == (cost_centre is None):
            raise OutlayError("name one of --tenant and --cost-centre")
        kind, member = ("tenant", tenant) if cost_centre is None else ("cost_centre", cost_centre)
        written = write_member(found, month.date(), kind, member or "", folder, people=people)
        show_exported(written, "rows")


def export_table(
    names: Annotated[
        list[str],
        typer.Argument(metavar="TABLE...", help="Marts or reports, as rpt_charges."),
    ],
    workspace: WorkspaceOption = Path(),
    file_types: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="FORMAT", help="csv or parquet; both without it."),
    ] = None,
) -> None:
    """Write whole marts and reports as CSV and Parquet, into exports/.

    Parquet keeps every type; CSV marks texts that a spreadsheet would run.
    Example: `outlay export table rpt_charges fct_calls --format parquet`
    """
    from pipelines.operations.table_export import export_tables

    with in_workspace(workspace) as found:
        show_exported(export_tables(found, names, file_types), "rows")
