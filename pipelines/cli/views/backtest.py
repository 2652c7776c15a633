"""Printed results of backtests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.cli.views.console import say
from pipelines.cli.views.tables import Column, Table, print_tables, usd

if TYPE_CHECKING:
    from ingest.simulator.data_set import DataSet
    from pipelines.backtest.anomalies import Backtest
    from pipelines.backtest.forecasts import ForecastBacktest


def show_backtest(found: Backtest) -> None:
    """Print the episodes and, where there are labels, how they compare."""
    names = ("series", "started_at", "detected_at", "last_at", "measures")
    amounts = ("actual_usd", "usual_usd", "excess_usd")
    columns = [
        *(Column(name) for name in names),
        *(Column(name, name.replace("_usd", " USD"), usd(2)) for name in amounts),
        Column("kind", "label", lambda kind: kind or ("none" if found.score else "")),
        Column("driver", show=_blank),
        Column("owner", show=_blank),
    ]
    rows = [tuple(getattr(e, column.name) for column in columns) for e in found.episodes]
    tables = [Table("episodes", columns, rows, f"Episodes: {len(rows)}")]
    if score := found.score:
        kinds = ("kind", "labels", "found", "median_delay_hours", "owner_right")
        tables.append(
            Table(
                "kinds",
                [Column(name, show=_number) for name in kinds],
                [tuple(getattr(kind, name) for name in kinds) for kind in found.kinds],
                "Labels by kind",
            )
        )
        totals = ("precision", "recall", "false_per_series_week", "runaway_delay_hours",
                  "owner_right", "episodes", "true_episodes", "labels", "found", "left_out",
                  "series_weeks")  # fmt: skip
        tables.append(
            Table(
                "score",
                [Column(name, show=_number) for name in totals],
                [tuple(getattr(score, name) for name in totals)],
                "Score",
            )
        )
    print_tables(*tables)
    if found.score and found.score.left_out:
        say(f"{found.score.left_out} labels cost less than the floor and do not count")


def show_forecast_backtest(found: ForecastBacktest) -> None:
    """Print how each series did, then the methods over all of them."""
    tables = (
        ("series", found.series, ("series", "method", "backtest_error", "mase", "naive_mase",
         "coverage"), f"Series: {len(found.series)}"),
        ("methods", found.methods, ("method", "series", "mase", "coverage"), "Methods"),
    )  # fmt: skip
    print_tables(
        *(
            Table(
                name,
                [Column(column, show=_number) for column in columns],
                [tuple(getattr(record, column) for column in columns) for record in records],
                title,
            )
            for name, records, columns, title in tables
        )
    )


def show_simulated(made: DataSet, folder: Path) -> None:
    """Say what was written where."""
    hours = sum(map(len, made.hours.values()))
    say(f"{len(made.hours)} series, {hours:,} hours, {len(made.labels)} incidents: {folder}")


def _blank(value: object) -> str:
    return "" if value is None else str(value)


def _number(value: object) -> str:
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
