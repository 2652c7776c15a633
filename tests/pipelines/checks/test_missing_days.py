"""The check that sees a day without rows between days with some."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

import duckdb
import pytest

from pipelines.checks.missing_days import missing_days

NEWEST = date(2026, 10, 30)
"""A Friday."""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema marts")
        con.execute(
            "create table marts.fct_usage_daily (source_name varchar, utc_day date, calls bigint)"
        )
        con.execute(
            "create table marts.fct_charges_daily"
            " (provider varchar, utc_day date, charge_lines bigint)"
        )
        yield con


def state(
    con: duckdb.DuckDBPyConnection,
    name: str,
    *,
    without: Collection[date],
    table: str = "fct_usage_daily",
    rows: int = 10,
    days: int = 60,
    newest: date = NEWEST,
) -> None:
    """Rows on each of some days up to the newest, but for a few."""
    every = [newest - timedelta(days=n) for n in range(days)]
    con.executemany(
        f"insert into marts.{table} values (?, ?, ?)",
        [(name, day, rows) for day in every if day not in without],
    )


def test_without_a_gap_it_passes_whatever_is_missing_at_the_end(
    con: duckdb.DuckDBPyConnection,
) -> None:
    assert missing_days(con).passed
    state(con, "proxy", without=())
    state(con, "late", without=(), newest=NEWEST - timedelta(days=9))
    assert missing_days(con).passed


def test_missing_days_are_named_by_source_and_bill_and_warn(
    con: duckdb.DuckDBPyConnection,
) -> None:
    state(con, "proxy", without=(date(2026, 10, 14), date(2026, 10, 15)))
    state(con, "whole", without=())
    state(con, "openai", without=(date(2026, 10, 29),), table="fct_charges_daily")
    check = missing_days(con)
    assert not check.passed
    assert not check.turns_red
    assert check.detail == (
        "no row where that weekday usually has some: calls of source proxy: 2026-10-14, 2026-10-15;"
        " the bill of openai: 2026-10-29"
    )
    assert check.cure.startswith(
        "deliver the missing files to inbox/<the source of its bills>/, inbox/proxy/; or, where"
    )


def test_a_source_that_rests_on_sundays_misses_none(con: duckdb.DuckDBPyConnection) -> None:
    sundays = [NEWEST - timedelta(days=5 + 7 * week) for week in range(9)]
    assert {day.isoweekday() for day in sundays} == {7}
    state(con, "office", without=sundays)
    assert missing_days(con).passed


@pytest.mark.parametrize(("rows", "passes"), [(9, True), (10, False)])
def test_a_source_of_few_rows_may_have_none(
    con: duckdb.DuckDBPyConnection, rows: int, passes: bool
) -> None:
    state(con, "rare", without=(date(2026, 10, 20),), rows=rows)
    assert missing_days(con).passed is passes


@pytest.mark.parametrize(("earlier", "passes"), [((), False), ((7,), False), ((7, 14), True)])
def test_three_of_the_four_weeks_before_make_a_day_usual(
    con: duckdb.DuckDBPyConnection, earlier: tuple[int, ...], passes: bool
) -> None:
    day = date(2026, 10, 28)
    gone = {day, *(day - timedelta(days=before) for before in earlier)}
    con.execute("delete from marts.fct_usage_daily")
    state(con, "proxy", without=gone)
    named = missing_days(con).detail
    assert ("2026-10-28" not in named) is passes


def test_a_new_source_has_no_usual_days_and_an_old_gap_is_forgotten(
    con: duckdb.DuckDBPyConnection,
) -> None:
    state(con, "new", without=(date(2026, 10, 20),), days=20)
    state(con, "old", without=(NEWEST - timedelta(days=36),))
    assert missing_days(con).passed
    state(con, "edge", without=(NEWEST - timedelta(days=35),), days=80)
    assert missing_days(con).detail.endswith("calls of source edge: 2026-09-25")
