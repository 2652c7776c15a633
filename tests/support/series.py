"""Seeded series of daily spend: weekdays, and noise that a day shares in part with the next."""

from __future__ import annotations

from math import exp
from random import Random

WEEKDAYS = (1.1, 1.15, 1.1, 1.05, 1.0, 0.6, 0.5)


def daily_spend(dice: Random, days: int, noise: float = 0.15, carried: float = 0.4) -> list[float]:
    """Spend of consecutive days, of a level between 20 and 200.

    Args:
        dice: of the seed.
        noise: standard deviation of a day's logarithm.
        carried: share of a day's deviation that the next day has too.
    """
    level = dice.uniform(20, 200)
    off = dice.gauss(0, noise)
    spent = []
    for day in range(days):
        spent.append(level * WEEKDAYS[day % 7] * exp(off))
        off = carried * off + dice.gauss(0, noise * (1 - carried**2) ** 0.5)
    return spent
