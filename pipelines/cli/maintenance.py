"""Commands for whoever keeps a workspace running."""

from __future__ import annotations

import os
from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.errors import in_workspace
from pipelines.cli.options import WorkspaceOption
from pipelines.cli.run import run_and_show
from pipelines.cli.views.console import say
from pipelines.cli.views.progress import shown_progress
from pipelines.cli.views.runs import show_rotation


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
    from pipelines.operations.salt_rotation import plan_rotation
    from pipelines.operations.salt_rotation import rotate_salt as give_new_salt

    with in_workspace(workspace) as found:
        with shown_progress() as progress:
            done = (plan_rotation if dry_run else give_new_salt)(found, progress)
        show_rotation(done, is_plan=dry_run)
        if not dry_run and found.showback.is_file():
            raise typer.Exit(run_and_show(found, no_pull=True))


def withdraw(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Its path below inbox/.")],
    reason: Annotated[str, typer.Option(help="Why; kept beside the file.")],
    workspace: WorkspaceOption = Path(),
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who; without it, the user of this machine.")
    ] = None,
) -> None:
    """Take a delivery out that is not to count, such as an invoice that was issued again.

    Its rows leave the lake; the file and who, when and why stay in `ops.files`. The next run
    computes what depended on it. It counts again only with another content, or under another name.

    Example: `outlay withdraw focus/invoice-v1.csv --reason "issued again as v2"`
    """
    from pipelines.operations.withdrawal import withdraw_file

    with in_workspace(workspace) as found:
        done = withdraw_file(found, file, reason, by or getuser())
        say(f"inbox/{done.file} is withdrawn: {done.rows:,} rows; run `outlay run` to compute anew")


def ui(
    workspace: WorkspaceOption = Path(),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 3000,
) -> None:
    """Open Dagster on the workspace: runs, checks, schedules and backfills, until Ctrl-C.

    Example: `outlay ui --workspace acme`, then open http://127.0.0.1:3000
    """
    from pipelines.orchestration.ui import dagster_command

    with in_workspace(workspace) as found:
        command = dagster_command(found, port)
    os.chdir(command.folder)
    # Dagster takes this process's place, so that Ctrl-C and an end of the terminal reach it
    os.execve(command.arguments[0], command.arguments, command.environment)  # noqa: S606
