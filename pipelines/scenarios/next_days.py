"""A range for the spend of the next days, from the spend of as many days before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from statistics import NormalDist

FEWEST_DAYS = 14
"""Days below which nothing is known of the spread: each weekday must have come twice."""

_WEEK = 7
_CARRIED = (0.5, 0.8)
"""Bounds of how much of a day's deviation its next day is taken to share. Few days cannot say, and
what they say is too little: with less than a half, series that share 0.4 are not covered."""


def next_days(spent: Sequence[float], share: float = 0.8) -> tuple[float, float] | None:
    """The range in which the sum of the next days lies with a probability of `share`.

    As many days as are given, of the same weekdays: the weekdays' means, and the spread of the days
    around them, of which each day shares a part with the next. A prediction interval of Student's
    t; it knows nothing of growth, releases or seasons.

    Args:
        spent: USD of consecutive days, oldest first.
        share: of 1.

    Returns:
        Low and high, USD; None when there are fewer than `FEWEST_DAYS`.
    """
    days = len(spent)
    if days < FEWEST_DAYS:
        return None
    of_weekday = [spent[first::_WEEK] for first in range(_WEEK)]
    means = [sum(own) / len(own) for own in of_weekday]
    off = [usd - means[day % _WEEK] for day, usd in enumerate(spent)]
    squares = sum(deviation**2 for deviation in off)
    middle = sum(means[day % _WEEK] for day in range(days, 2 * days))
    if not squares:
        return middle, middle
    neighbours = sum(before * after for before, after in pairwise(off)) / squares
    carried = min(max(neighbours, _CARRIED[0]), _CARRIED[1])
    free = days - _WEEK
    # the sum to come and the mean that is taken for it are both of `days` days
    spread = sqrt(squares / free * 2 * days * (1 + carried) / (1 - carried))
    reach = student_t(0.5 + share / 2, free) * spread
    return max(middle - reach, 0.0), middle + reach


def student_t(probability: float, degrees: int) -> float:
    """A quantile of Student's t by its expansion (Abramowitz and Stegun 26.7.5), from 5 degrees on.

    Within 0.2 % of the tables for the middle 80 %.
    """
    z = NormalDist().inv_cdf(probability)
    return (
        z
        + (z**3 + z) / (4 * degrees)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * degrees**3)
    )
