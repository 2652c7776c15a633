"""How forecasts and their scenarios are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields
from typing import TYPE_CHECKING

from pipelines.cli.presentation import Output, presentation
from pipelines.cli.views.console import say
from pipelines.cli.views.tables import Column, Table, dash, print_tables, usd

if TYPE_CHECKING:
    from pipelines.scenarios.forecast import ForecastLine, Scenario


def show_forecast(lines: Sequence[ForecastLine], scenario: Scenario) -> None:
    """Print each member's next 30 days, and what the scenario makes of them."""
    if presentation().output is not Output.TEXT:
        columns = [Column(one.name) for one in fields(lines[0])]
        print_tables(Table("forecast", columns, [astuple(line) for line in lines]))
        return
    asked = [f"{name} x {factor:f}" for name, factor in scenario.factors.items()]
    asked += ["announced prices"] if scenario.is_announced else []
    say(f"the 30 days from {lines[0].first_day}, USD; from and to: four times in five")
    whose = [Column("whose"), Column("forecast", show=usd(2)), Column("from", show=_end),
             Column("to", show=_end)]  # fmt: skip
    records = [[_whose(line), line.forecast_usd, line.low_usd, line.high_usd] for line in lines]
    if asked:
        say(f"with {', '.join(asked)}{f' of {scenario.feature}' if scenario.feature else ''}")
        whose += [Column("scenario", show=usd(2)), Column("from", show=_end),
                  Column("to", show=_end), Column("difference", show=usd(2))]  # fmt: skip
        for record, line in zip(records, lines, strict=True):
            record += [line.scenario_usd, line.scenario_low_usd, line.scenario_high_usd,
                       line.difference_usd]  # fmt: skip
    print_tables(Table("forecast", whose, records))


def _end(value: object) -> str:
    return dash(value) if value is None else usd(2)(value)


def _whose(line: ForecastLine) -> str:
    return line.scope if line.scope == "company" else f"{line.scope} {line.member}"
