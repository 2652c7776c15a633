"""The `outlay` command: thin, one function a command.

Exit codes: 0 good; 1 ran, but checks failed (it says which, and what to do); 2 could not run.
Imports of Dagster, dbt and great-expectations stay inside the commands that need them.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from ingest.errors import OutlayError
from pipelines.cli import month as cli_close
from pipelines.cli import prices as price_commands
from pipelines.cli import views as show
from pipelines.cli.errors import user_errors
from pipelines.cli.options import DAY, DayOption, OverrideOption, WorkspaceOption
from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace, find_workspace

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="""What LLM calls cost per successful task, who pays, and whether it ties out to the bill.

Start: `outlay init acme`, drop gateway logs, bills and outcomes into `acme/inbox/`, then
`outlay run --workspace acme` and open `acme/site/index.html`.

To see it with invented data first: `outlay demo`.""",
)
export_app = typer.Typer(
    no_args_is_help=True, help="Write what was ingested under a public standard's names."
)
app.add_typer(export_app, name="export")
cli_close.add_to(app)
price_commands.add_to(app)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.")],
    company: Annotated[str, typer.Option(help="Name on the pages.")] = "",
    timezone: Annotated[str, typer.Option(help="Reporting time zone.")] = "UTC",
) -> None:
    """Make a workspace with commented settings.

    Example: `outlay init acme --company "Acme Ltd" --timezone Europe/Berlin`
    """
    with user_errors():
        written = init_workspace(folder, company=company or None, reporting_timezone=timezone)
        for path in written:
            show.console().print(f"wrote {path}", soft_wrap=True, markup=False)
        show.console().print(
            f"next: drop files into {folder}/inbox/, then: outlay run --workspace {folder}",
            soft_wrap=True,
            markup=False,
        )


@app.command()
def run(
    workspace: WorkspaceOption = Path(),
    first: Annotated[
        DayOption, typer.Option("--from", formats=DAY, help="First day to compute again.")
    ] = None,
    last: Annotated[
        DayOption, typer.Option("--to", formats=DAY, help="Last day to compute again.")
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
    with user_errors():
        found = find_workspace(workspace)
    with user_errors(found.root):
        raise typer.Exit(_run(found, first, last, full_refresh, no_pull, override_freeze))


def _run(
    workspace: Workspace,
    first: datetime | None,
    last: datetime | None,
    full_refresh: bool,
    no_pull: bool,
    override_freeze: str | None = None,
) -> int:
    """Run, show the outcome, return the exit code."""
    from pipelines.orchestration.runner import Span, run_workspace

    span = None
    if first or last:
        start, end = first or last, last or first
        span = Span(start.date(), end.date()) if start and end else None
    with show.progress_bars() as progress:
        result = run_workspace(
            workspace,
            progress,
            span=span,
            full_refresh=full_refresh,
            no_pull=no_pull,
            override_freeze=override_freeze,
        )
    if result.status == "nothing to do":
        show.console().print(
            f"nothing to do yet: drop files into {workspace.lake.inbox}/<source>/",
            soft_wrap=True,
            markup=False,
        )
    else:
        show.outcome(result, str(workspace.site / "index.html"), str(workspace.showback))
    return result.exit_code


@app.command()
def pull(
    workspace: WorkspaceOption = Path(),
    source: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it at run time
        typer.Option(metavar="NAME", help="Only this source; may be repeated."),
    ] = None,
    first: Annotated[
        DayOption, typer.Option("--from", formats=DAY, help="First UTC day to ask for again.")
    ] = None,
    last: Annotated[
        DayOption, typer.Option("--to", formats=DAY, help="Last UTC day to ask for.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be asked for; ask nobody.")
    ] = False,
) -> None:
    """Bring new bills and files into the inbox, as `outlay run` does first.

    Example: `outlay pull --source openai --from 2026-10-01 --to 2026-10-31`
    """
    from pipelines.operations.pull import days_to_pull, pull_plans, pull_workspace

    with user_errors():
        found = find_workspace(workspace)
    with user_errors(found.root):
        span = days_to_pull(*(day.date() if day else None for day in (first, last)))
        if dry_run:
            show.pull_plans(pull_plans(found, source or [], span))
            return
        with show.progress_bars() as progress:
            checks = pull_workspace(found, source or [], span, progress)
        show.checks(checks)
        raise typer.Exit(int(any(check.turns_red for check in checks)))


@app.command()
def rotate_salt(
    workspace: WorkspaceOption = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be rewritten; change nothing.")
    ] = False,
) -> None:
    """Give users and keys new pseudonyms everywhere, after a leak of the salt or now and then.

    Numbers and groups stay as they are. Copies from before keep the old pseudonyms: delete them.
    Example: `outlay rotate-salt --dry-run`
    """
    from pipelines.operations import salt_rotation as rotation

    with user_errors():
        found = find_workspace(workspace)
    with user_errors(found.root):
        work = rotation.plan_rotation if dry_run else rotation.rotate_salt
        with show.progress_bars() as progress:
            done = work(found, progress)
        show.rotation(done, is_plan=dry_run)
        if not dry_run and found.showback.is_file():
            raise typer.Exit(_run(found, None, None, full_refresh=False, no_pull=True))


@app.command()
def status(workspace: WorkspaceOption = Path()) -> None:
    """Show sources, freshness, the last run, and what is unreadable, unpriced or unattributed.

    Example: `outlay status --workspace acme`
    """
    from pipelines.queries.status import read_status

    with user_errors():
        show.status(read_status(find_workspace(workspace)))


@app.command()
def unmapped(
    workspace: WorkspaceOption = Path(),
    as_csv: Annotated[
        bool,
        typer.Option("--csv", help="Print the proposals as rows for config/models.csv."),
    ] = False,
) -> None:
    """List names of models that nobody knows, with their dollars and a proposal for each.

    A proposal counts only once it stands in `config/models.csv`; check it, then for example:
    `outlay unmapped --csv >> config/models.csv`
    """
    from pipelines.queries.unmapped import read_unmapped

    with user_errors():
        found = read_unmapped(find_workspace(workspace))
        (show.proposals if as_csv else show.unmapped)(found)


@app.command()
def unattributed(
    workspace: WorkspaceOption = Path(),
    month: Annotated[
        DayOption, typer.Option(formats=["%Y-%m"], help="Month; the newest with calls without it.")
    ] = None,
) -> None:
    """List calls that say no feature, or no tenant: their dollars, and who can say whose they are.

    A tag at the caller cures it, or a rule in `config/attribution.csv`, which works on history too.
    Example: `outlay unattributed --month 2026-10`
    """
    from pipelines.queries.unattributed import read_unattributed

    with user_errors():
        found = read_unattributed(find_workspace(workspace), month.date() if month else None)
        show.unattributed(found)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SQL query on schemas reports, marts, ops.")],
    workspace: WorkspaceOption = Path(),
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
    warehouse: Annotated[
        bool,
        typer.Option(
            help="Query the pipeline's own file: raw and intermediate too, not during a run."
        ),
    ] = False,
) -> None:
    """Query the published file; never blocks a run and never sees half of one.

    Example: `outlay sql "select month, charge_usd from reports.rpt_overview"`
    """
    import duckdb

    from pipelines.queries.status import open_showback, open_warehouse

    opened = open_warehouse if warehouse else open_showback
    with user_errors(), opened(find_workspace(workspace)) as con:
        try:
            result = con.execute(query)
            columns = [column[0] for column in result.description or ()]
            records = result.fetchall()
        except duckdb.Error as error:
            raise OutlayError(f"the query failed: {error}") from error
    (show.rows_as_csv if as_csv else show.rows)(columns, records)


@export_app.command("focus")
def export_focus_command(
    workspace: WorkspaceOption = Path(),
    version: Annotated[str, typer.Option(help="FOCUS version to write.")] = "1.2",
    first: Annotated[
        DayOption, typer.Option("--from", formats=DAY, help="First day of charges, UTC.")
    ] = None,
    last: Annotated[
        DayOption, typer.Option("--to", formats=DAY, help="Last day of charges, UTC.")
    ] = None,
) -> None:
    """Write every bill line that was ingested as FOCUS, CSV and Parquet, into exports/.

    Example: `outlay export focus --version 1.2 --from 2026-10-01 --to 2026-10-31`
    """
    from pipelines.operations.focus_export import export_focus

    with user_errors():
        days = [day.date() if day else None for day in (first, last)]
        for written in export_focus(find_workspace(workspace), version, *days):
            show.console().print(
                f"{written.rows:,} charges: {written.path}", soft_wrap=True, markup=False
            )


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put it.")] = Path(
        "data/demo"
    ),
    days: Annotated[int, typer.Option(min=4, max=365, help="Days of invented data.")] = 120,
) -> None:
    """Make a workspace of an invented company, run it, and say which pages to open.

    Example: `outlay demo`, then open `data/demo/site/index.html`
    """
    from pipelines.cli.demo import make_demo

    with user_errors(), show.progress_bars() as progress:
        workspace = make_demo(folder, days, progress)
    with user_errors(workspace.root):
        code = _run(workspace, None, None, full_refresh=False, no_pull=False)
        cli_close.show_statements(workspace, None)
        raise typer.Exit(code)


@app.command()
def ui(
    workspace: WorkspaceOption = Path(),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 3000,
) -> None:
    """Open Dagster on the workspace: runs, checks, schedules and backfills, until Ctrl-C.

    Example: `outlay ui --workspace acme`, then open http://127.0.0.1:3000
    """
    from pipelines.orchestration.ui import dagster_command

    with user_errors():
        command = dagster_command(find_workspace(workspace), port)
    os.chdir(command.folder)
    # Dagster takes this process's place, so that Ctrl-C and an end of the terminal reach it
    os.execve(command.arguments[0], command.arguments, command.environment)  # noqa: S606


@app.command()
def contract(
    table: Annotated[str, typer.Argument(help="One table; all of them without it.")] = "",
) -> None:
    """Print the canonical columns that a mapping can fill.

    Example: `outlay contract gateway_calls`
    """
    from ingest.contracts.tables import TABLES

    with user_errors():
        if table and table not in TABLES:
            raise OutlayError(f"there is no table {table!r}; there are {', '.join(TABLES)}")
    for name in [table] if table else TABLES:
        show.contract(TABLES[name])


if __name__ == "__main__":
    app()
