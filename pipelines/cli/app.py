"""The `outlay` command: its commands, by the panel of the help that shows them.

Exit codes: 0 good; 1 ran, but checks failed (it says which, and what to do); 2 could not run.
Imports of Dagster, dbt and great-expectations stay inside the commands that need them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated

import typer

from pipelines.cli import (
    agents,
    alerting,
    backtest,
    explore,
    maintenance,
    month,
    prices,
    run,
    start,
)
from pipelines.cli.presentation import (
    QuietOption,
    VerboseOption,
    presented,
    start_presentation,
)

Command = Callable[..., None]

PANELS: dict[str, tuple[Command, ...]] = {
    "Start": (start.init, start.demo),
    "Every day": (
        run.run,
        run.pull,
        explore.status,
        alerting.guardrails,
        alerting.alerts,
        alerting.review,
        maintenance.ui,
        maintenance.doctor,
        maintenance.rebuild,
        maintenance.backup,
        maintenance.restore,
        maintenance.withdraw,
        maintenance.retention,
        maintenance.forget,
        maintenance.rotate_salt,
    ),
    "Month end": (month.statements, month.drill, month.close, month.reopen),
    "Prices and rules": (
        prices.changes,
        prices.reprice,
        prices.whatif,
        prices.shadow,
        prices.promote,
    ),
    "Explore": (
        explore.why,
        explore.gate,
        explore.forecast,
        explore.explain,
        explore.sql,
        explore.unmapped,
        explore.unattributed,
        explore.contract,
        agents.mcp,
    ),
}
"""Commands by panel, both in the order of the help."""

TABLES: frozenset[Command] = frozenset({
    run.run, run.pull, explore.status, alerting.guardrails, alerting.alerts,
    maintenance.doctor, maintenance.retention, maintenance.forget,
    month.statements, month.close, month.export_focus,
    month.export_table, month.export_calls,
    prices.changes, prices.reprice, prices.whatif, prices.shadow,
    explore.why, explore.gate, explore.forecast, explore.explain, explore.sql, explore.unmapped,
    explore.unattributed, explore.contract, backtest.anomalies,
    backtest.forecast,
})  # fmt: skip
"""Commands that print a table, and so have `--json` and `--csv`."""

_HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings=_HELP,
    help="""What LLM calls cost per successful task, who pays, and whether it ties out to the bill.

Start: `outlay init acme`, drop gateway logs, bills and outcomes into `acme/inbox/`, then
`outlay run --workspace acme` and open `acme/site/index.html`.

To see it with invented data first: `outlay demo`.""",
)
backtest_app = typer.Typer(
    no_args_is_help=True,
    context_settings=_HELP,
    help="Judge the models on hourly series of your own, or on simulated ones.",
)
export_app = typer.Typer(
    no_args_is_help=True,
    context_settings=_HELP,
    help="Write what was ingested under a public standard's names, and any mart or report whole.",
)
import_app = typer.Typer(
    no_args_is_help=True,
    context_settings=_HELP,
    help="Take reference data over from files that others publish.",
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        book = version("genai-prices")
        typer.echo(f"outlay {version('outlay')}, price book genai-prices {book}")
        raise typer.Exit


@app.callback()
def _options(
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the versions of Outlay and of the public price book.",
        ),
    ] = False,
) -> None:
    start_presentation(quiet, verbose)


def _add(target: typer.Typer, command: Command, panel: str | None, name: str | None = None) -> None:
    shown = presented(command, prints_table=command in TABLES)
    target.command(name, rich_help_panel=panel)(shown)


for _panel, _commands in PANELS.items():
    for _command in _commands:
        _add(app, _command, _panel)
_add(export_app, month.export_focus, None, "focus")
_add(export_app, month.export_table, None, "table")
_add(export_app, month.export_calls, None, "calls")
_add(import_app, prices.import_rates, None, "rates")
_add(import_app, prices.import_keys, None, "keys")
_add(backtest_app, backtest.anomalies, None)
_add(backtest_app, backtest.forecast, None)
_add(backtest_app, backtest.simulate, None)
app.add_typer(backtest_app, name="backtest", rich_help_panel="Explore")
app.add_typer(export_app, name="export", rich_help_panel="Month end")
app.add_typer(import_app, name="import", rich_help_panel="Prices and rules")

if __name__ == "__main__":
    app()
