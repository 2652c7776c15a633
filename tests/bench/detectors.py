"""The incident detector: a thousand series over sixteen weeks of hours, and one day more."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import duckdb

from ingest.simulator.data_set import data_set
from pipelines.backtest.anomalies import DETECTOR, KEYS, detect
from pipelines.backtest.series import load_series
from pipelines.dbt_models.plain_macros import macros, variables
from tests.bench.measure import Promises, run, working

COPIES = 42
"""Of 24 simulated series, each with amounts of its own: 1,008 series."""

ALL_SECONDS, DAY_SECONDS = 30, 3
LOOK_BACK_DAYS = 36
"""What a day's hours are compared with, as `int_burn_hourly` reads it."""


def measure(folder: Path, promises: Promises) -> None:
    """Print what the detector takes over all history, and over its newest day."""
    print(f"Detector over {24 * COPIES:,} series of 16 weeks, spend and unit cost")
    data_set(1).write(folder / "series")
    for step, most in (("history", ALL_SECONDS), ("day", DAY_SECONDS)):
        took = run("-m", __name__, step, str(folder / "series"))
        print(f"  {step:8} {took}, {took.work:.1f} s of work")
        promises.promise(f"{step} in {took.work:.1f} s (under {most})", took.work < most)


def _signals(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    con.execute("set threads = 2; set memory_limit = '2GB'; set preserve_insertion_order = false")
    load_series(con, folder / "hours.csv", folder / "events.csv", None)
    con.execute(
        "create or replace table signals as select * replace (series || '-' || copy as series,"
        " cast(actual_usd * (1 + copy * 0.01) as decimal(28, 9)) as actual_usd)"
        f" from signals cross join range({COPIES}) as copies (copy)"
    )


def _history(con: duckdb.DuckDBPyConnection) -> None:
    with working():
        detect(con, Decimal(1))


def _day(con: duckdb.DuckDBPyConnection) -> None:
    """The newest day's burn beside its past, as an incremental build computes it."""
    made, windows = macros(*DETECTOR), variables()["incident_windows"]
    con.execute("create table newest as select max(utc_hour)::date as utc_day from signals")
    with working():
        con.execute(
            "create table recent as from signals"
            f" where utc_hour >= (select utc_day from newest) - {LOOK_BACK_DAYS}"
        )
        day = made.burn_select("recent", KEYS, windows, "utc_day = (select utc_day from newest)")
        con.execute(f"create table burn as {day}")


if __name__ == "__main__":
    with duckdb.connect() as connection:
        _signals(connection, Path(sys.argv[2]))
        {"history": _history, "day": _day}[sys.argv[1]](connection)
