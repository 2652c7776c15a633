"""Commands about what must be looked at: alerts, and the review of a week."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.errors import in_workspace
from pipelines.cli.options import DAY, WorkspaceOption
from pipelines.cli.views.alerting import show_alerts, show_guardrails
from pipelines.cli.views.console import say
from pipelines.cli.views.progress import shown_progress


def alerts(
    workspace: WorkspaceOption = Path(),
    send: Annotated[
        bool, typer.Option("--send", help="Tell what is untold now, as the end of a run does.")
    ] = False,
) -> None:
    """Show what is open, whose it is, and which channel was told; `outlay run` tells each once.

    Channels stand in `[alerts.<name>]` of outlay.toml. Example: `outlay alerts --send`
    """
    from pipelines.alerts.delivery import deliver_alerts
    from pipelines.queries.status import open_showback
    from pipelines.workspace.load import load_workspace
    from pipelines.workspace.locking import workspace_lock

    with in_workspace(workspace) as found:
        settings, _ = load_workspace(found)
        open_showback(found).close()
        if send:
            with workspace_lock(found.state):
                deliveries = deliver_alerts(found, settings, found.showback)
        else:
            deliveries = deliver_alerts(found, settings, found.showback, dry_run=True)
        show_alerts(deliveries)
        raise typer.Exit(int(any(one.problem for one in deliveries)))


def guardrails(workspace: WorkspaceOption = Path()) -> None:
    """Bring incidents, limits and experiments up to now, in seconds, and tell what is new.

    It lands what waits and builds nothing else; beside an `outlay run` it takes what that has
    landed. Pages and `showback.duckdb` stay; `guardrails.duckdb` and `exports/` are replaced.
    Example: `outlay guardrails`, from cron every quarter of an hour
    """
    from pipelines.run.guardrail_run import run_guardrails

    with in_workspace(workspace) as found:
        with shown_progress() as progress:
            result = run_guardrails(found, progress)
        show_guardrails(result)
        raise typer.Exit(int(any(one.problem for one in result.told)))


def review(
    workspace: WorkspaceOption = Path(),
    day: Annotated[
        datetime | None,
        typer.Option(
            "--week",
            formats=DAY,
            help="Any day of the week; without it, the newest week that is over.",
        ),
    ] = None,
    channel: Annotated[
        str | None, typer.Option(metavar="NAME", help="Send it to this channel too.")
    ] = None,
) -> None:
    """Write the review of a week as Markdown: what moved, incidents, experiments, idle keys.

    Each line has its owner; what was open a week before stands with what became of it.
    Example: `outlay review > review.md`
    """
    from pipelines.alerts.channels import channel_named, send
    from pipelines.alerts.review import weekly_review
    from pipelines.queries.status import open_showback
    from pipelines.workspace.load import load_workspace

    with in_workspace(workspace) as found:
        settings, _ = load_workspace(found)
        target = channel_named(settings, channel) if channel else None
        with open_showback(found) as con:
            made = weekly_review(con, settings.company, day.date() if day else None)
        typer.echo(made.markdown)
        if channel and target:
            send(found, channel, target, made.title, made.markdown)
            say(f"sent to {channel}")
