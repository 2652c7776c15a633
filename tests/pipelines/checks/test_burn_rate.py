"""Burn rate, on hours made by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.checks.burn_rate import HourSpend, burn_rate, hourly_spend
from pipelines.checks.warehouse import burn_rate_check
from pipelines.workspace.settings import Settings

TODAY = date(2026, 10, 26)  # a Monday


def day(back: int, usd: str, hours: int = 24) -> list[HourSpend]:
    """A day `back` days before today that spends `usd` in each of its first hours."""
    return [HourSpend(TODAY - timedelta(days=back), h, Decimal(usd)) for h in range(hours)]


def weeks(*mondays: str) -> list[HourSpend]:
    """The Mondays before today, newest first."""
    return [spend for week, usd in enumerate(mondays, 1) for spend in day(7 * week, usd)]


def test_today_is_compared_hour_for_hour_with_the_median_of_earlier_same_weekdays() -> None:
    # 11 hours begun, 10 complete: 10 x 3 = 30 against the median of 10, 20, 10, 100 = 15;
    # mean hour of the four Mondays = (1 + 2 + 1 + 10) / 4 = 3.5, padding 3.5 / 2 * sqrt(10)
    burn = burn_rate(day(0, "3", hours=11) + weeks("1", "2", "1", "10"))
    assert burn is not None
    assert (burn.day, burn.until_hour) == (TODAY, 9)
    assert (burn.spent_usd, burn.expected_usd) == (Decimal(30), Decimal(15))
    padding = Decimal("1.75") * Decimal(10).sqrt()
    assert burn.ratio == (30 + padding) / (15 + padding)


def test_the_tested_day_is_not_in_its_own_baseline() -> None:
    calm = burn_rate(day(0, "1", hours=11) + weeks("1", "1", "1", "1"))
    hot = burn_rate(day(0, "1000", hours=11) + weeks("1", "1", "1", "1"))
    assert calm is not None
    assert hot is not None
    assert TODAY not in hot.baseline_days
    assert hot.expected_usd == calm.expected_usd == Decimal(10)
    # the padding does not know the tested day either: the ratio grows as the spend does
    padding = Decimal("0.5") * Decimal(10).sqrt()
    assert hot.ratio == (10_000 + padding) / (10 + padding)


def test_other_weekdays_say_nothing_about_the_expectation() -> None:
    sundays = [spend for week in range(4) for spend in day(7 * week + 1, "50")]
    burn = burn_rate(day(0, "1", hours=11) + weeks("1", "1", "1", "1") + sundays)
    assert burn is not None
    assert burn.expected_usd == Decimal(10)


def test_the_hour_that_is_still_running_is_left_out() -> None:
    running = [*day(0, "1", hours=5), HourSpend(TODAY, 5, Decimal(999))]
    burn = burn_rate(running + weeks("1", "1"))
    assert burn is not None
    assert (burn.until_hour, burn.spent_usd) == (4, Decimal(5))


def test_in_the_first_hour_of_a_day_the_day_before_is_tested_as_a_whole() -> None:
    # Sundays: 2 an hour now, 1 an hour in the two weeks before
    burn = burn_rate(day(0, "9", hours=1) + day(1, "2") + day(8, "1") + day(15, "1"))
    assert burn is not None
    assert (burn.day, burn.until_hour) == (TODAY - timedelta(days=1), 23)
    assert (burn.spent_usd, burn.expected_usd) == (Decimal(48), Decimal(24))


def test_a_day_that_was_not_delivered_is_no_quiet_day() -> None:
    burn = burn_rate(day(0, "1", hours=11) + day(7, "1") + day(28, "1"))
    assert burn is not None
    assert burn.baseline_days == (TODAY - timedelta(days=7), TODAY - timedelta(days=28))
    assert burn.expected_usd == Decimal(10)


def test_with_less_than_two_earlier_weekdays_nothing_is_claimed() -> None:
    assert burn_rate(day(0, "100") + weeks("1")) is None
    assert burn_rate([]) is None
    assert burn_rate_check(None, Settings(company="x")).passed


@pytest.mark.parametrize(
    ("today", "passed"),
    [("1", True), ("2", True), ("3", False)],
)
def test_the_check_turns_red_above_the_ratio(today: str, passed: bool) -> None:
    # 20 hours; expected 20; padding 0.5 * sqrt(20) = 2.236: 2 -> 1.90 times, 3 -> 2.80 times
    burn = burn_rate(day(0, today, hours=21) + weeks("1", "1", "1", "1"))
    settings = Settings(company="x", thresholds={"burn_rate_ratio": "1.95"})
    check = burn_rate_check(burn, settings)
    assert check.passed is passed


def test_an_excess_below_the_floor_wakes_nobody() -> None:
    burn = burn_rate(day(0, "0.03", hours=21) + weeks("0.01", "0.01"))
    check = burn_rate_check(burn, Settings(company="x"))
    assert check.passed
    assert "2.80 times" in check.detail


def test_hours_are_those_of_the_reporting_calendar(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "w.duckdb")) as con:
        con.execute("create schema marts")
        con.execute(
            "create table marts.fct_calls"
            " (utc_day date, call_date date, started_at timestamp, estimate_usd decimal(18, 9))"
        )
        con.execute(
            "insert into marts.fct_calls values"
            " ('2026-10-25', '2026-10-26', '2026-10-25 23:30', 1.5),"
            " ('2026-10-26', '2026-10-26', '2026-10-26 00:10', 0.5),"
            " ('2026-10-26', '2026-10-26', '2026-10-26 00:20', null)"
        )
        hours = sorted(hourly_spend(con, "Europe/Berlin"), key=lambda h: h.hour)
    assert hours == [HourSpend(TODAY, 0, Decimal("1.5")), HourSpend(TODAY, 1, Decimal("0.5"))]
