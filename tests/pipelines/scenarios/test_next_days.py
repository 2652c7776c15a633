"""The range for the next days: by hand, against the tables of t, and how often it holds."""

from __future__ import annotations

from math import sqrt
from random import Random

import pytest

from pipelines.scenarios.next_days import next_days, student_t
from tests.support.series import daily_spend


@pytest.mark.parametrize(
    ("degrees", "published"), [(7, 1.415), (10, 1.372), (14, 1.345), (21, 1.323), (120, 1.289)]
)
def test_quantiles_of_t_are_those_of_the_tables(degrees: int, published: float) -> None:
    assert student_t(0.9, degrees) == pytest.approx(published, rel=0.002)


def test_a_range_worked_by_hand() -> None:
    """Mondays 9 and 11, all else 10: squares 2 of 7 free days, neighbours nothing, so 0.5 carried.

    2 / 7 x 28 x 1.5 / 0.5 = 24; its root times t of 7 degrees is the reach.
    """
    found = next_days([9.0, *[10.0] * 6, 11.0, *[10.0] * 6])
    assert found is not None
    assert found == pytest.approx((140 - 1.415 * sqrt(24), 140 + 1.415 * sqrt(24)), rel=1e-3)


def test_the_weekdays_to_come_count_as_they_were() -> None:
    """15 days from a Monday: the next 15 begin on a Tuesday and have three of them, two Mondays."""
    weekdays = [7.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert next_days([weekdays[day % 7] for day in range(15)]) == (57.0, 57.0)


def test_thirteen_days_say_nothing_of_the_spread() -> None:
    assert next_days([1.0] * 13) is None


@pytest.mark.parametrize("days", [14, 28])
def test_the_range_holds_in_four_of_five_seeded_series(days: int) -> None:
    held, widths = 0, []
    for seed in range(400):
        spent = daily_spend(Random(seed), 2 * days)
        low, high = next_days(spent[:days]) or (0.0, 0.0)
        held += low <= sum(spent[days:]) <= high
        widths.append((high - low) / sum(spent[days:]))
    assert 0.80 <= held / 400 <= 0.95
    assert sorted(widths)[200] < 0.35
