"""Commands that make a workspace: an empty one, or a demo that is run at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.errors import user_errors
from pipelines.cli.month import write_statements
from pipelines.cli.views.console import say
from pipelines.cli.views.progress import shown_progress
from pipelines.workspace.init import init_workspace


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
            say(f"wrote {path}")
        say(f"next: drop files into {folder}/inbox/, then: outlay run --workspace {folder}")


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put it.")] = Path(
        "data/demo"
    ),
    days: Annotated[int, typer.Option(min=4, max=365, help="Days of invented data.")] = 120,
) -> None:
    """Make a workspace of an invented company, run it, and say which pages to open.

    July is closed, and its corrected bill becomes an adjustment of August.

    Example: `outlay demo`, then open `data/demo/site/index.html`
    """
    from pipelines.cli.demo import make_demo, run_demo

    with user_errors(), shown_progress() as progress:
        workspace = make_demo(folder, days, progress)
    with user_errors(workspace):
        code = run_demo(workspace)
        write_statements(workspace, None)
        raise typer.Exit(code)
