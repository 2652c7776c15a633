"""Commands of every day: a run, or its first step alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.errors import in_workspace
from pipelines.cli.options import DAY, OverrideOption, WorkspaceOption
from pipelines.cli.views.console import warn
from pipelines.cli.views.progress import shown_progress
from pipelines.cli.views.runs import show_checks, show_outcome, show_pull_plans
from pipelines.workspace.paths import Workspace
from pipelines.workspace.settings_file import retired_settings


def run(
    workspace: WorkspaceOption = Path(),
    first: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, help="First day to compute again.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=DAY, help="Last day to compute again.")
    ] = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Compute everything anew.")
    ] = False,
    no_pull: Annotated[
        bool, typer.Option("--no-pull", help="Use what is in the inbox; ask no provider.")
    ] = False,
    override_freeze: OverrideOption = None,
) -> None:
    """Pull and read what is new, build, check, publish and render.

    Example: `outlay run`, or for days of the reporting calendar whether or not something arrived
    for them: `outlay run --from 2026-10-01 --to 2026-10-07`
    """
    with in_workspace(workspace) as found:
        code = run_and_show(
            found,
            first,
            last,
            full_refresh=full_refresh,
            no_pull=no_pull,
            override_freeze=override_freeze,
        )
        raise typer.Exit(code)


def run_and_show(
    workspace: Workspace,
    first: datetime | None = None,
    last: datetime | None = None,
    *,
    full_refresh: bool = False,
    no_pull: bool = False,
    override_freeze: str | None = None,
) -> int:
    """Run, show the outcome, return the exit code."""
    from pipelines.orchestration.runner import Span, run_workspace

    for text in retired_settings(workspace.settings_file):
        warn(text)
    start, end = first or last, last or first
    with shown_progress() as progress:
        result = run_workspace(
            workspace,
            progress,
            span=Span(start.date(), end.date()) if start and end else None,
            full_refresh=full_refresh,
            no_pull=no_pull,
            override_freeze=override_freeze,
        )
    show_outcome(result, workspace)
    return result.exit_code


def pull(
    workspace: WorkspaceOption = Path(),
    source: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this source; may be repeated."),
    ] = None,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=DAY, help="First UTC day to ask for again."),
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=DAY, help="Last UTC day to ask for.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be asked for; ask nobody.")
    ] = False,
) -> None:
    """Bring new bills and files into the inbox, as `outlay run` does first.

    Example: `outlay pull --source openai --from 2026-10-01 --to 2026-10-31`
    """
    from pipelines.operations.pull import days_to_pull, pull_plans, pull_workspace

    with in_workspace(workspace) as found:
        span = days_to_pull(*(day.date() if day else None for day in (first, last)))
        if dry_run:
            show_pull_plans(pull_plans(found, source or [], span))
            return
        with shown_progress() as progress:
            checks = pull_workspace(found, source or [], span, progress)
        show_checks(checks)
        raise typer.Exit(int(any(check.turns_red for check in checks)))
