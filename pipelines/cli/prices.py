"""Commands about prices and rules over time, for `outlay`: thin, one function a command."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from pipelines.cli import views as show
from pipelines.cli.errors import user_errors
from pipelines.cli.options import DAY, DayOption, OverrideOption, WorkspaceOption
from pipelines.workspace.paths import find_workspace


def changes(
    workspace: WorkspaceOption = Path(),
    first: Annotated[
        DayOption, typer.Option("--from", formats=DAY, help="First UTC day of noticing.")
    ] = None,
    file: Annotated[
        Optional[str],  # noqa: UP045 - typer reads it at run time
        typer.Option(metavar="NAME", help="Only this file, and all of its rows."),
    ] = None,
) -> None:
    """List every change of a price, rule or setting: when, what came and went, who said why.

    Example: `outlay changes --file config/prices.csv`
    """
    from pipelines.config_history.ledger import recorded

    with user_errors():
        found = [
            change
            for change in recorded(find_workspace(workspace))
            if file in (None, change.file)
            and (first is None or (change.noticed_at and change.noticed_at >= first))
        ]
        show.changes(found, whole=file is not None)


def reprice(
    first: Annotated[
        datetime, typer.Option("--from", formats=DAY, help="First day, reporting calendar.")
    ],
    last: Annotated[datetime, typer.Option("--to", formats=DAY, help="Last day, inclusive.")],
    workspace: WorkspaceOption = Path(),
    known_on: Annotated[
        DayOption,
        typer.Option("--as-known-on", formats=DAY, help="The prices that were known by that day."),
    ] = None,
    prices: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it at run time
        typer.Option(metavar="FILE", help="A price file in the place of config/prices.csv."),
    ] = None,
) -> None:
    """Price past calls again and keep both estimates, with the difference by month and team.

    Nothing else changes. Example:
    `outlay reprice --from 2026-07-01 --to 2026-09-30 --prices contract.csv`
    """
    from pipelines.scenarios.repricing import reprice as price_again

    with user_errors():
        found = find_workspace(workspace)
    with user_errors(found.root):
        with show.progress_bars() as progress:
            made = price_again(
                found,
                first.date(),
                last.date(),
                progress,
                known_on=known_on.date() if known_on else None,
                prices=prices,
            )
        about = made.repricing
        show.differences(
            f"Estimate of {about.first_day} to {about.last_day}, {about.prices}",
            ("team",),
            made.differences,
        )
        show.say(
            f"by feature, provider and model: {made.csv}; by day: outlay sql"
            f" \"from ops.repriced_daily where repricing_id = '{about.repricing_id}'\""
        )


def shadow(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it.")],
    config: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            help="The candidate: files that replace those of config/, or outlay.toml.",
        ),
    ],
    workspace: WorkspaceOption = Path(),
    first: Annotated[
        DayOption, typer.Option("--from", formats=DAY, help="A day of the first month; else all.")
    ] = None,
    last: Annotated[
        DayOption, typer.Option("--to", formats=DAY, help="A day of the last month.")
    ] = None,
) -> None:
    """Compute with other prices or rules beside the old ones, and show what would change.

    Nothing published changes. Example: `outlay shadow contract --config drafts/contract
    --from 2026-10-01`, then `outlay promote contract`
    """
    from pipelines.scenarios.shadow import run_shadow

    with user_errors():
        found = find_workspace(workspace)
    with user_errors(found.root):
        with show.progress_bars() as progress:
            made = run_shadow(
                found,
                name,
                config,
                progress,
                first=first.date() if first else None,
                last=last.date() if last else None,
            )
        show.differences("Estimate", ("team",), made.estimates)
        show.differences(
            "Allocated charge", ("team", "feature", "tenant"), made.charges, only_changed=True
        )
        show.say(f"by provider and model: {made.csv}")
        show.say(f'to make it count: outlay promote {name} --note "who and why"')


def promote(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A shadow.")],
    workspace: WorkspaceOption = Path(),
    note: Annotated[
        Optional[str],  # noqa: UP045 - typer reads it at run time
        typer.Option(metavar="TEXT", help="Who decided it and why; recorded with the change."),
    ] = None,
    override_freeze: OverrideOption = None,
) -> None:
    """Make a shadow's candidate the configuration, if nothing else changed since; recorded.

    Example: `outlay promote contract --note "CFO, contract 7"`, then `outlay run`
    """
    from pipelines.config_history.promotion import promote as make_current

    with user_errors():
        for path in make_current(
            find_workspace(workspace), name, note=note, override_freeze=override_freeze
        ):
            show.say(f"replaced {path}")
        show.say("next: outlay run")


def add_to(app: typer.Typer) -> None:
    """Make these commands commands of `outlay`."""
    for command in (reprice, shadow, promote, changes):
        app.command()(command)
