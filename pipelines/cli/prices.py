"""Commands about prices and rules over time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.errors import in_workspace
from pipelines.cli.options import DAY, OverrideOption, WorkspaceOption
from pipelines.cli.views.console import say
from pipelines.cli.views.prices import (
    differences,
    say_left_out,
    show_changes,
    show_differences,
    show_what_if,
)
from pipelines.cli.views.progress import shown_progress


def changes(
    workspace: WorkspaceOption = Path(),
    first: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, help="First UTC day of noticing.")
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only this file, and all of its rows."),
    ] = None,
) -> None:
    """List every change of a price, rule or setting: when, what came and went, who said why.

    Example: `outlay changes --file config/prices.csv`
    """
    from pipelines.config_history.ledger import recorded

    with in_workspace(workspace) as found:
        listed = [
            change
            for change in recorded(found)
            if file in (None, change.file)
            and (first is None or (change.noticed_at and change.noticed_at >= first))
        ]
        show_changes(listed, whole=file is not None)


def reprice(
    first: Annotated[
        datetime, typer.Option("--from", formats=DAY, help="First day, reporting calendar.")
    ],
    last: Annotated[datetime, typer.Option("--to", formats=DAY, help="Last day, inclusive.")],
    workspace: WorkspaceOption = Path(),
    known_on: Annotated[
        datetime | None,
        typer.Option("--as-known-on", formats=DAY, help="The prices that were known by that day."),
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A price file in the place of config/prices.csv."),
    ] = None,
    add: Annotated[
        bool,
        typer.Option(
            "--add", help="Keep config/prices.csv too; where both have a price, FILE's counts."
        ),
    ] = False,
) -> None:
    """Price past calls again and keep both estimates, with the difference by month and team.

    Nothing else changes. Example:
    `outlay reprice --from 2026-07-01 --to 2026-09-30 --prices contract.csv`
    """
    from pipelines.scenarios.repricing import reprice as price_again

    with in_workspace(workspace) as found:
        with shown_progress() as progress:
            made = price_again(
                found,
                first.date(),
                last.date(),
                progress,
                known_on=known_on.date() if known_on else None,
                prices=prices,
                is_added=add,
            )
        about = made.repricing
        title = f"Estimate of {about.first_day} to {about.last_day}, {about.prices}"
        table = differences("estimate", title, ("team",), made.differences)
        show_differences((table, made.differences))
        if prices:
            say_left_out(prices, made.left_out)
        say(
            f"by feature, provider and model: {made.csv}; by day: outlay sql"
            f" \"from ops.repriced_daily where repricing_id = '{about.repricing_id}'\""
        )


def whatif(
    workspace: WorkspaceOption = Path(),
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="OLD=NEW", help="Price the calls of one model as another's."),
    ] = None,
    price: Annotated[
        list[str] | None,
        typer.Option(metavar="MODEL=FACTOR", help="Its prices times a factor: 0.8 is 20 % off."),
    ] = None,
    prices_on: Annotated[
        datetime | None,
        typer.Option(formats=DAY, help="The prices of that day: announced ones, before they hold."),
    ] = None,
    cache_ratio: Annotated[
        list[str] | None,
        typer.Option(metavar="[MODEL=]SHARE", help="Share of input that prefix caches read, of 1."),
    ] = None,
    step_cap: Annotated[
        int | None, typer.Option(min=1, help="Most steps of a task; alone.")
    ] = None,
    period: Annotated[
        str,
        typer.Option(
            help="Days to replay: 2026-08, 2026-W33 or 2026-08-01..2026-08-14.",
            show_default="the 28 days before the newest",
        ),
    ] = "",
    feature: Annotated[str, typer.Option(help="Of one feature.", show_default=False)] = "",
) -> None:
    """Replay past calls under another model, price, cache rate or step cap, by feature.

    Says what they would have cost, an 80 % range for as many days to come, and the share that it
    cannot judge. Nothing changes. Example: `outlay whatif --model gpt-5.1=gpt-4.1-mini`
    """
    from pipelines.queries.cost_bridge import parse_period
    from pipelines.scenarios.price_changes import PriceChanges, parse_factors, parse_models
    from pipelines.scenarios.whatif import Scenario, parse_cache_ratios, what_if

    with in_workspace(workspace) as found:
        scenario = Scenario(
            PriceChanges(
                parse_models(model or ()),
                parse_factors("--price", "gpt-5.1=0.8", price or ()),
                prices_on.date() if prices_on else None,
            ),
            parse_cache_ratios(cache_ratio or ()),
            step_cap,
        )
        days = parse_period(period) if period else None
        with shown_progress() as progress:
            answer = what_if(found, scenario, days, feature or None, progress)
        show_what_if(answer)


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
        datetime | None,
        typer.Option("--from", formats=DAY, help="A day of the first month; else all."),
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=DAY, help="A day of the last month.")
    ] = None,
) -> None:
    """Compute with other prices or rules beside the old ones, and show what would change.

    Nothing published changes. Example: `outlay shadow contract --config drafts/contract
    --from 2026-10-01`, then `outlay promote contract`
    """
    from pipelines.scenarios.shadow import run_shadow

    with in_workspace(workspace) as found:
        with shown_progress() as progress:
            made = run_shadow(
                found,
                name,
                config,
                progress,
                first=first.date() if first else None,
                last=last.date() if last else None,
            )
        members = ("team", "feature", "tenant")
        show_differences(
            (differences("estimate", "Estimate", members[:1], made.estimates), made.estimates),
            (
                differences("charge", "Allocated charge", members, made.charges, only_changed=True),
                made.charges,
            ),
        )
        say(f"by provider and model: {made.csv}")
        say(f'to make it count: outlay promote {name} --note "who and why"')


def promote(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A shadow.")],
    workspace: WorkspaceOption = Path(),
    note: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Who decided it and why; recorded with the change."),
    ] = None,
    override_freeze: OverrideOption = None,
) -> None:
    """Make a shadow's candidate the configuration, if nothing else changed since; recorded.

    Example: `outlay promote contract --note "CFO, contract 7"`, then `outlay run`
    """
    from pipelines.config_history.promotion import promote as make_current

    with in_workspace(workspace) as found:
        for path in make_current(found, name, note=note, override_freeze=override_freeze):
            say(f"replaced {path}")
        say("next: outlay run")


def import_rates(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The ECB's eurofxref-hist.csv, or its zip.")
    ],
    workspace: WorkspaceOption = Path(),
    currencies: Annotated[
        list[str] | None,
        typer.Option(
            "--currency",
            metavar="CODE",
            help="ISO 4217 code; repeatable.",
            show_default="EUR, and those that config/fx_rates.csv has",
        ),
    ] = None,
    first: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            formats=DAY,
            help="First day of rates.",
            show_default="first_day of outlay.toml",
        ),
    ] = None,
) -> None:
    """Add the European Central Bank's reference rates to config/fx_rates.csv, as US dollars.

    A rate that is there stays as it is. Download the file at
    https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip.
    Example: `outlay import rates eurofxref-hist.zip --currency EUR --from 2026-01-01`
    """
    from pipelines.operations.rate_import import import_rates as add_rates
    from pipelines.workspace.load import load_workspace

    with in_workspace(workspace) as found:
        since = first.date() if first else load_workspace(found)[0].first_day
        done = add_rates(found, file, [code.upper() for code in currencies or ()], since)
        say(
            f"{done.rows:,} rates of {', '.join(done.currencies)} added to {found.fx_rates_csv};"
            f" {done.kept:,} were there"
        )


def import_keys(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Keys as LiteLLM (/key/list) or OpenRouter (/api/v1/keys) lists them.",
        ),
    ],
    workspace: WorkspaceOption = Path(),
) -> None:
    """Add what a gateway calls its keys to config/keys.csv, so that pages show names.

    A name that is there stays as it is; the file gets pseudonyms, no hash of the gateway.
    Example: `outlay import keys keys.json`
    """
    from pipelines.operations.key_import import import_keys as add_keys
    from pipelines.workspace.load import load_workspace

    with in_workspace(workspace) as found:
        salt = load_workspace(found)[0].salt.get_secret_value()
        done = add_keys(found, file, salt)
        say(
            f"{done.named:,} keys named in {found.keys_csv}; {done.kept:,} had a name,"
            f" {done.unnamed:,} have none in {file.name}"
        )
