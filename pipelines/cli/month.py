"""Commands of the month's end: statements, close, reopen, and from a line to its calls."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from ingest.errors import OutlayError
from pipelines.cli import views as show
from pipelines.cli.errors import user_errors
from pipelines.workspace.paths import Workspace, find_workspace

WorkspaceOption = Annotated[
    Path,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        help="The workspace, or any folder in it. Default: the current directory.",
    ),
]
_MONTH = ["%Y-%m"]
OptionalMonth = Annotated[
    Optional[datetime],  # noqa: UP045 - typer reads it at run time
    typer.Argument(metavar="MONTH", formats=_MONTH, help="Month, as 2026-10."),
]
MonthArgument = Annotated[
    datetime, typer.Argument(metavar="MONTH", formats=_MONTH, help="Month, as 2026-10.")
]

OptionalText = Annotated[
    Optional[str],  # noqa: UP045 - typer reads it at run time
    typer.Option(metavar="NAME", help="Only its calls."),
]


def statements(month: OptionalMonth = None, workspace: WorkspaceOption = Path()) -> None:
    """Write the month's statements and journal as drafts; for a closed month, say where they are.

    Example: `outlay statements 2026-10`, then open `statements/2026-10/draft/statements.html`
    """
    with user_errors():
        found = find_workspace(workspace)
    with user_errors(found.root):
        show_statements(found, month.date() if month else None)


def show_statements(workspace: Workspace, month: date | None) -> None:
    """Write or find statements, and say where they are."""
    from pipelines.month_close.statements import statements_of

    written = statements_of(workspace, month)
    word = "draft" if written.is_draft else "closed"
    show.console().print(
        f"{word} statements: {written.folder} ({', '.join(written.files)})",
        soft_wrap=True,
        markup=False,
    )


def close(
    month: OptionalMonth = None,
    workspace: WorkspaceOption = Path(),
    accept: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it at run time
        typer.Option(metavar="CHECK=REASON", help="Close although this check fails; repeatable."),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare the files of every close with their hashes.")
    ] = False,
) -> None:
    """Check a month, lock its figures and write statements whose bytes never change.

    What arrives later becomes a dated adjustment in the first open month.

    Example: `outlay close 2026-10 --accept tie_out="batch job outside the gateway, ticket 4711"`
    """
    with user_errors():
        found = find_workspace(workspace)
    with user_errors(found.root):
        if verify:
            raise typer.Exit(_verify(found))
        if month is None:
            raise OutlayError("name the month to close, as in `outlay close 2026-10`")
        raise typer.Exit(_close(found, month.date(), accept or []))


def _close(workspace: Workspace, month: date, accept: list[str]) -> int:
    """Close, bring the published file and the pages after it, return the exit code."""
    from pipelines.month_close.close import close_month

    accepted = dict(text.partition("=")[::2] for text in accept)
    closing = close_month(workspace, month, accepted)
    show.checks(closing.checks)
    if closing.folder is None:
        show.console().print(f"{month:%Y-%m} stays open")
        return 1
    show.console().print(f"{month:%Y-%m} is closed: {closing.folder}", soft_wrap=True, markup=False)
    return publish(workspace)


def publish(workspace: Workspace) -> int:
    """Run, so that pages and the published file show what holds now."""
    from pipelines.orchestration.runner import run_workspace

    with show.progress_bars() as progress:
        result = run_workspace(workspace, progress, no_pull=True)
    show.outcome(result, str(workspace.site / "index.html"), str(workspace.showback))
    # a check of the data says nothing about the close, which is done
    return 0


def _verify(workspace: Workspace) -> int:
    from pipelines.closed_months.store import finish_closes, verify_closes

    finish_closes(workspace)
    wrong = 0
    for found, files in verify_closes(workspace):
        wrong += len(files)
        state = "closed" if found.reopened is None else "reopened"
        show.console().print(
            f"{found.month:%Y-%m} close {found.number} ({state}): "
            + (f"changed or gone: {', '.join(files)}" if files else "every file is as it was"),
            soft_wrap=True,
            markup=False,
        )
    return int(wrong > 0)


def reopen(
    month: MonthArgument,
    reason: Annotated[str, typer.Option(help="Why; kept for ever beside the close.")],
    workspace: WorkspaceOption = Path(),
) -> None:
    """Let a closed month be computed again. The close stays on record; the next gets a new number.

    Example: `outlay reopen 2026-10 --reason "cost centres were agreed anew"`
    """
    from pipelines.month_close.close import reopen_month

    with user_errors():
        found = find_workspace(workspace)
    with user_errors(found.root):
        number = reopen_month(found, month.date(), reason)
        show.console().print(f"close {number} of {month:%Y-%m} holds no longer; it is kept")
        raise typer.Exit(publish(found))


def drill(
    month: MonthArgument,
    feature: OptionalText = None,
    tenant: OptionalText = None,
    provider: OptionalText = None,
    output: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it at run time
        typer.Option(metavar="FILE", help="Write there instead of to the terminal."),
    ] = None,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Write the calls behind a statement's usage as CSV, without prompts; they sum to the line.

    An empty name asks for calls that name none.

    Example: `outlay drill 2026-10 --feature chat --provider openai --output chat.csv`
    """
    from pipelines.month_close.drill import write_calls

    with user_errors():
        found = find_workspace(workspace)
    with user_errors(found.root):
        given = {"feature": feature, "tenant": tenant, "provider": provider}
        wanted = {name: value for name, value in given.items() if value is not None}
        with (
            output.open("w", encoding="utf-8", newline="")
            if output
            else nullcontext(sys.stdout) as target
        ):
            done = write_calls(found, month.date(), wanted, target)
        same = "the same" if done.charge_usd == done.line_usd else f"not {done.line_usd:f}"
        show.console(stderr=True).print(
            f"{done.calls:,} calls sum to {done.charge_usd:f} USD; charged for them: {same}",
            soft_wrap=True,
            markup=False,
        )


def add_to(app: typer.Typer) -> None:
    """Make these commands part of `outlay`."""
    for command in (statements, close, reopen, drill):
        app.command()(command)
