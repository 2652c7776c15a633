"""Commands for whoever keeps a workspace running."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.errors import in_workspace, user_errors
from pipelines.cli.month import publish
from pipelines.cli.options import WorkspaceOption
from pipelines.cli.run import run_and_show
from pipelines.cli.views.console import say
from pipelines.cli.views.progress import shown_progress
from pipelines.cli.views.runs import show_checks, show_person, show_retention, show_rotation


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


def doctor(workspace: WorkspaceOption = Path()) -> None:
    """Look whether a workspace is sound, and say what cures what is not; changes nothing.

    Configuration, permissions, disk, versions, the lake byte by byte against its catalog, the
    warehouse against the lake, closed months. Exit code 1 when something is wrong.

    Example: `outlay doctor --workspace acme`
    """
    from pipelines.operations.doctor import examine_workspace

    with in_workspace(workspace) as found:
        with shown_progress() as progress:
            checks = examine_workspace(found, progress)
        show_checks(checks)
        raise typer.Exit(int(any(check.turns_red for check in checks)))


class Rebuilt(StrEnum):
    """What can be made anew."""

    WAREHOUSE = "warehouse"
    LAKE = "lake"


def rebuild(
    what: Annotated[Rebuilt, typer.Argument(help="The warehouse from the lake, or both.")],
    workspace: WorkspaceOption = Path(),
) -> None:
    """Make the warehouse anew from the lake, or the lake from the inbox, and run.

    The lake is left alone unless every file that it was read from is still in the inbox. Closed
    months, price books and the ledger stay. Example: `outlay rebuild warehouse`
    """
    from pipelines.operations.rebuild import drop_lake, drop_warehouse

    with in_workspace(workspace) as found:
        if what is Rebuilt.LAKE:
            say(f"{drop_lake(found):,} parts of the lake are made anew")
        drop_warehouse(found)
        raise typer.Exit(run_and_show(found, no_pull=True))


def retention(
    workspace: WorkspaceOption = Path(),
    apply: Annotated[
        bool, typer.Option("--apply", help="Take it away; without it, only show what would go.")
    ] = False,
) -> None:
    """Show what `[retention]` of outlay.toml lets go of closed months, or take it away.

    Figures stay: rows that were read stay in the lake. What goes is on record first
    (`ops.retention_audit`). Example: `outlay retention --apply`
    """
    from pipelines.operations.retention import retain

    with in_workspace(workspace) as found:
        show_retention(retain(found, apply=apply), is_plan=not apply)


def forget(
    person: Annotated[
        str,
        typer.Argument(metavar="ID", help="As sources name them; - reads it from the input."),
    ],
    workspace: WorkspaceOption = Path(),
    apply: Annotated[
        bool, typer.Option("--apply", help="Cut the link; without it, only show the rows.")
    ] = False,
) -> None:
    """Show where a person's rows are, or make it impossible to tell that they are theirs.

    Calls and lines of bills stay, as somebody's: no number moves. It is on record without the
    person (`ops.retention_audit`), and a run publishes it.

    Example: `outlay forget - --apply`
    """
    from pipelines.operations.forgetting import find_person, forget_person

    identifier = sys.stdin.readline().strip() if person == "-" else person
    with in_workspace(workspace) as found:
        held = (forget_person if apply else find_person)(found, identifier)
        show_person(held, found.lake.inbox)
        if apply and held:
            raise typer.Exit(publish(found))


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup to write, a .tar file.")],
    workspace: WorkspaceOption = Path(),
    with_inbox: Annotated[
        bool,
        typer.Option("--inbox/--no-inbox", help="With the delivered files, or without them."),
    ] = True,
) -> None:
    """Write all of a workspace that no run makes again into one file, and read it back.

    Configuration, salt, lake, closed months, statements, ledger, price books. The file holds the
    salt: keep it as private as the workspace. `outlay restore` brings it back.

    Example: `outlay backup /mnt/backups/acme-2026-11.tar`
    """
    from pipelines.operations.backup import back_up

    with in_workspace(workspace) as found:
        with shown_progress() as progress:
            made = back_up(found, file, progress, with_inbox=with_inbox)
        say(f"{made.file}: {made.files:,} files, {made.size_bytes:,} bytes, read back as written")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `outlay backup` wrote.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new workspace.")],
) -> None:
    """Put a backup into a new folder; `outlay run` there makes warehouse and pages.

    Example: `outlay restore /mnt/backups/acme-2026-11.tar acme`
    """
    from pipelines.operations.backup import restore as put_back

    with user_errors():
        count = put_back(file, folder)
        say(f"{folder}: {count:,} files; run `outlay run --workspace {folder}`")


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
