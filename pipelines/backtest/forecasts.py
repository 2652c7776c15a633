"""Forecasts of hourly series of anybody, made as models make theirs, beside what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingest.errors import ConfigError
from pipelines.backtest.series import load_series
from pipelines.dbt_models.plain_macros import macros, variables

KEYS = ["series"]

FORECASTER = (
    "money/measures", "money/logarithms", "forecasts/lags", "forecasts/origins",
    "forecasts/ridge", "forecasts/choice", "forecasts/intervals",
)  # fmt: skip
"""Macros of the models that forecast."""

METHODS = ("naive", "profile", "ridge", "chosen")
"""The three methods, and the one that each origin chose by its own history."""


@dataclass(frozen=True)
class MethodScore:
    """How a method did over all series.

    Attributes:
        mase: mean over the series of the mean absolute error beside that of the season before
            (seasonal naive) in the series' history, as M4 has it; None: no series had one.
        coverage: share of the steps within the 80 % interval; None: there was none.
    """

    method: str
    series: int
    mase: float | None
    coverage: float | None


@dataclass(frozen=True)
class SeriesScore:
    """How one series was forecast.

    Attributes:
        method: chosen at the last origin.
        backtest_error: absolute error that it had made by then, as a share of what there was.
        mase, coverage: of the scored origins; naive_mase: of the season before as a forecast.
    """

    series: str
    method: str
    backtest_error: float | None
    mase: float | None
    naive_mase: float | None
    coverage: float | None


@dataclass(frozen=True)
class ForecastBacktest:
    """Scores of the methods, and of each series by name."""

    methods: Sequence[MethodScore]
    series: Sequence[SeriesScore]


def backtest_forecast(
    series: Path, horizon: int, season: int, origins: int, events: Path | None = None
) -> ForecastBacktest:
    """Forecast the ends of hourly series from what came before, and compare.

    Args:
        series: CSV of `series, hour, usd`.
        horizon: hours forecast from each origin; the last origin is so many before the end.
        season: hours after which a day, or whatever repeats, does.
        origins: how many origins are scored, a season apart.
        events: CSV of `series, start, end, uplift`; an empty series is all of them.

    Raises:
        ConfigError: the file cannot be read, or no series is longer than horizon and two seasons.
    """
    with duckdb.connect() as con:
        load_series(con, series, events, None)
        # an hour of an event teaches nothing of other hours, as in the models
        con.execute(
            "create table stated as select series, actual_usd, uplift,"
            " datediff('hour', max(utc_hour) over (partition by series), utc_hour) as step"
            " from signals where measure = 'spend'"
        )
        con.execute(
            "create table points as select series, step,"
            " case when uplift = 1 then actual_usd end as usd from stated"
        )
        forecast(con, shape_of(horizon, season), horizon, METHODS)
        first = -horizon - (origins - 1) * season
        _score(con, first, horizon, season)
        found = ForecastBacktest(_methods(con), _series(con))
    if not found.series:
        least = horizon + (origins - 1) * season + 2 * season
        raise ConfigError(
            str(series), "hours", f"a series of more than {least} is needed: bring longer ones"
        )
    return found


def shape_of(horizon: int, season: int) -> dict[str, Any]:
    """What the models look back on, for another horizon or season; days repeat after weeks."""
    shape = variables()["forecast_hours" if season == 24 else "forecast_days"]
    return {**shape, "season": season, "blocks": -(-horizon // season)}


def forecast(
    con: duckdb.DuckDBPyConnection,
    shape: Mapping[str, Any],
    horizon: int,
    columns: Sequence[str],
) -> None:
    """From `points`, make `choice` and, by column of forecasts, `<column>_forecasts`."""
    made = macros(*FORECASTER)
    wanted = f"(step + {horizon}) % {shape['season']} = 0 and step <= -{horizon}"
    steps = {
        "filled": made.forecast_filled_select("points", KEYS, shape),
        "lags": made.forecast_lags_select("filled", KEYS, shape),
        "origins": made.forecast_origins_select("filled", KEYS, shape, wanted),
        "moves": made.forecast_rows_select("lags", "origins", KEYS, shape),
        "ridge": made.ridge_select("moves", KEYS, shape),
        "methods": made.forecast_methods_select("moves", "ridge", KEYS, shape),
        "choice": made.forecast_choice_select("methods", KEYS, shape),
        "forecasts": made.forecast_chosen_select("methods", "choice", KEYS),
    }
    for column in columns:
        steps[f"{column}_forecasts"] = made.forecast_intervals_select(
            "forecasts", column, KEYS, shape
        )
    for name, query in steps.items():
        con.execute(f"create table {name} as {query}")


def _score(con: duckdb.DuckDBPyConnection, first: int, horizon: int, season: int) -> None:
    """By series and method, errors from the first scored origin on, in the scale of M4."""
    con.execute(
        """
        create table scales as
        with errors as (
            select series, step, abs(usd - lag(usd, $season) over (
                partition by series order by step
            )) as error
            from points
        )
        select series, nullif(avg(error), 0) as scale
        from errors where step <= $first group by series
        """,
        {"season": season, "first": first},
    )
    compared = " union all ".join(
        f"select series, '{method}' as method,"
        f" abs(stated.actual_usd - {method} * uplift) as error, distance * uplift as distance"
        f" from {method}_forecasts as made inner join stated using (series)"
        " where stated.step = made.origin + made.ahead and stated.actual_usd is not null"
        f" and origin between {first} and {-horizon} and ahead <= {horizon}"
        for method in METHODS
    )
    con.execute(
        f"create table scores as select series, method, avg(error) / any_value(scale) as mase,"
        f" avg((error <= distance)::int) as coverage"
        f" from ({compared}) inner join scales using (series) group by all"
    )


def _methods(con: duckdb.DuckDBPyConnection) -> list[MethodScore]:
    rows = con.execute(
        "select method, count(*), avg(mase), avg(coverage) from scores group by method"
        " order by list_position($methods, method)",
        {"methods": list(METHODS)},
    ).fetchall()
    return [MethodScore(*row) for row in rows]


def _series(con: duckdb.DuckDBPyConnection) -> list[SeriesScore]:
    rows = con.execute(
        "select series, last.method, last.error_ratio, chosen.mase, naive.mase, chosen.coverage"
        " from scores as chosen"
        " inner join scores as naive using (series)"
        " inner join (select series, arg_max(method, origin) as method,"
        " arg_max(error_ratio, origin) as error_ratio from choice group by series) as last"
        " using (series)"
        " where chosen.method = 'chosen' and naive.method = 'naive' order by series"
    ).fetchall()
    return [SeriesScore(*row) for row in rows]
