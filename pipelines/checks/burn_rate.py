"""Burn rate: what the newest day spent so far, against the same hours of the same weekday before.

"Now" is the newest complete hour in the data, never the clock. The tested day is no part of its own
baseline: a rolling mean that holds the tested point cannot see a large one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

import duckdb

WEEKS = 4
"""Earlier same weekdays looked at: one odd day does not move the median of four."""

FEWEST = 2
"""Earlier same weekdays needed; with one, last week's accident would be the expectation."""

_HISTORY_DAYS = 7 * WEEKS


@dataclass(frozen=True)
class HourSpend:
    """Estimated spend of one hour of the reporting calendar, USD."""

    day: date
    hour: int
    usd: Decimal


@dataclass(frozen=True)
class BurnRate:
    """The newest day's spend up to its newest complete hour, beside what was to be expected.

    Attributes:
        day: the tested day, in the reporting calendar.
        until_hour: its last complete hour, 0 to 23.
        baseline_days: the earlier days of the same weekday.
        spent_usd: spend of hours 0 to `until_hour`.
        expected_usd: median spend of the same hours of the baseline days.
        ratio: spent over expected, both padded so that a quiet night is no alarm.
    """

    day: date
    until_hour: int
    baseline_days: tuple[date, ...]
    spent_usd: Decimal
    expected_usd: Decimal
    ratio: Decimal


def burn_rate(hours: Sequence[HourSpend]) -> BurnRate | None:
    """Compare the newest day with its own weekday before.

    An hour without spend on a day that has some is zero; a day without any was not delivered and
    says nothing.

    Args:
        hours: spend by hour, any order, absent hours left out; at least 28 days before the newest.

    Returns:
        None when fewer than `FEWEST` earlier days of the weekday have data.
    """
    if not hours:
        return None
    day, until_hour = _tested(hours)
    by_day: dict[date, dict[int, Decimal]] = {}
    for spend in hours:
        known = by_day.setdefault(spend.day, {})
        known[spend.hour] = known.get(spend.hour, Decimal(0)) + spend.usd
    weekday_before = (day - timedelta(days=7 * week) for week in range(1, WEEKS + 1))
    baseline = tuple(before for before in weekday_before if before in by_day)
    if len(baseline) < FEWEST:
        return None
    spent = _spent(by_day.get(day, {}), until_hour)
    expected = median(_spent(by_day[before], until_hour) for before in baseline)
    padding = _padding(by_day, day, until_hour + 1)
    # a day of nothing after weeks of nothing burns as expected
    whole = expected + padding
    ratio = (spent + padding) / whole if whole else Decimal(1)
    return BurnRate(day, until_hour, baseline, spent, expected, ratio)


def _tested(hours: Sequence[HourSpend]) -> tuple[date, int]:
    """The newest complete hour: the one before the newest hour that has data."""
    newest = max((spend.day, spend.hour) for spend in hours)
    if newest[1] == 0:
        return newest[0] - timedelta(days=1), 23
    return newest[0], newest[1] - 1


def _spent(hours: Mapping[int, Decimal], until_hour: int) -> Decimal:
    return sum((usd for hour, usd in hours.items() if hour <= until_hour), Decimal(0))


def _padding(by_day: Mapping[date, Mapping[int, Decimal]], day: date, window_hours: int) -> Decimal:
    """Half the mean hourly spend of the four weeks before, times the root of the window's hours.

    Source: the padding of the multi-window detector that was measured for this project; without it
    the ratio of two near-zero nights is noise.
    """
    before = [
        sum(hours.values(), Decimal(0))
        for other, hours in by_day.items()
        if day - timedelta(days=_HISTORY_DAYS) <= other < day
    ]
    if not before:
        return Decimal(0)
    mean_hour = sum(before, Decimal(0)) / (24 * len(before))
    return mean_hour * Decimal("0.5") * Decimal(window_hours).sqrt()


def hourly_spend(con: duckdb.DuckDBPyConnection, reporting_timezone: str) -> list[HourSpend]:
    """Estimated spend by reporting hour of the newest five weeks of `marts.fct_calls`."""
    rows = con.execute(
        "select call_date, hour(started_at at time zone 'UTC' at time zone $zone),"
        " coalesce(sum(estimate_usd), 0)"
        " from marts.fct_calls"
        " where utc_day >= (select max(utc_day) from marts.fct_calls) - $days"
        " group by all",
        {"zone": reporting_timezone, "days": _HISTORY_DAYS + 2},
    ).fetchall()
    return [HourSpend(*row) for row in rows]
