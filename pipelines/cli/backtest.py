"""Commands that judge models on series of anybody: no workspace is read."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.errors import user_errors
from pipelines.cli.views.backtest import show_backtest, show_forecast_backtest, show_simulated


def anomalies(
    series: Annotated[
        Path,
        typer.Option(
            exists=True, dir_okay=False, help="CSV: series, hour, usd and, where known, tasks."
        ),
    ],
    events: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="CSV: series, start, end, uplift."),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="CSV: series, start, end, kind, owner."),
    ] = None,
    owners: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Who acts on what, as config/owners.csv."),
    ] = None,
    floor_usd: Annotated[
        float, typer.Option(min=0, help="Excess of 24 hours below which nothing is an incident.")
    ] = 1,
) -> None:
    """Find incidents in hourly series, with the models' own SQL, and score them against labels.

    An hour that is missing is unknown, not 0. Labels that name their `excess_usd` count from the
    floor on. Where the series say what spend is made of (calls, tool_calls, input_tokens,
    cache_read_tokens, output_tokens, tool_usd), episodes name what moved.
    Example: `outlay backtest anomalies --series hours.csv --labels labels.csv`
    """
    from pipelines.backtest.anomalies import backtest_anomalies

    with user_errors():
        show_backtest(backtest_anomalies(series, events, labels, Decimal(str(floor_usd)), owners))


def forecast(
    series: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="CSV: series, hour, usd.")
    ],
    horizon: Annotated[
        int, typer.Option(min=1, max=744, help="Hours to forecast from each origin.")
    ] = 48,
    season: Annotated[
        int, typer.Option(min=2, max=168, help="Hours after which a day repeats.")
    ] = 24,
    origins: Annotated[
        int, typer.Option(min=1, help="Origins to score, a season apart, up to the last.")
    ] = 1,
    events: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="CSV: series, start, end, uplift."),
    ] = None,
) -> None:
    """Forecast the end of hourly series, with the models' own SQL, and compare with what came.

    Prints MASE (the error beside that of the season before) and what share the 80 % interval held,
    of each method and of the one chosen for each series. An hour that is missing is unknown, not 0.
    Hours of an event are forecast as its uplift times what they would be without it.
    Example: `outlay backtest forecast --series hours.csv --origins 7`
    """
    from pipelines.backtest.forecasts import backtest_forecast

    with user_errors():
        show_forecast_backtest(backtest_forecast(series, horizon, season, origins, events))


def simulate(
    out: Annotated[
        Path, typer.Option(help="Folder for hours.csv, events.csv, labels.csv and owners.csv.")
    ],
    seed: Annotated[int, typer.Option(help="Each seed is another data set.")] = 101,
) -> None:
    """Write simulated hourly spend of 24 series with labelled incidents, to judge a detector by.

    Example: `outlay backtest simulate --seed 101 --out spend-101`
    """
    from ingest.simulator.data_set import data_set

    with user_errors():
        made = data_set(seed)
        made.write(out)
        show_simulated(made, out)
