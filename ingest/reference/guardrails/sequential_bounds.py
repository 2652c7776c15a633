"""Bounds of a group-sequential test: how sure a look must be, so that many looks err no more often.

The looks of an experiment share the chance of a false alarm that one look at its end would have.
Spending function of the O'Brien-Fleming type: Lan and DeMets 1983, Biometrika 70, 659.
"""

from __future__ import annotations

from functools import lru_cache
from math import erfc, pi, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np

ALPHA = 0.025
"""Chance, one-sided, that a change which fails its margin just so passes at any of the looks."""

MOST_LOOKS = 31
"""One a day for a month."""

_FARTHEST = 8.0
"""Standard deviations beyond which nothing is left to spend."""

_CELLS = 600
"""Of the grid of a look; four times as many move no bound by 0.0002."""

_STEPS = 50
"""Halvings to find a bound: far below the grid's error."""

Grid = np.ndarray[Any, np.dtype[np.float64]]


def spent(fraction: float) -> float:
    """The part of `ALPHA` that may be used up by a share of the information."""
    return 2 * NormalDist().cdf(NormalDist().inv_cdf(ALPHA / 2) / sqrt(fraction))


@lru_cache(maxsize=64)
def sequential_bounds(looks: int) -> tuple[float, ...]:
    """Bounds of equally spaced looks, in standard errors, the earliest first.

    A Brownian motion that has crossed no bound before crosses the next one with the chance that
    is spent at it; its density is carried from look to look on a grid.

    Args:
        looks: 1 to `MOST_LOOKS`.
    """
    bounds: list[float] = []
    points, mass = np.zeros(1), np.ones(1)
    before = 0.0
    for look in range(1, looks + 1):
        now = spent(look / looks)
        edge = _bound(points, mass, now - before, sqrt(look))
        bounds.append(edge / sqrt(look))
        points, mass = _moved(points, mass, edge, sqrt(look))
        before = now
    return tuple(bounds)


def _bound(points: Grid, mass: Grid, chance: float, spread: float) -> float:
    """Where a motion that stands at `points`, one step on, lies above with that chance."""
    low, high = 0.0, _FARTHEST * spread
    for _ in range(_STEPS):
        middle = (low + high) / 2
        beyond = sum(
            m * erfc((middle - p) / sqrt(2)) / 2 for p, m in zip(points, mass, strict=True)
        )
        low, high = (middle, high) if beyond > chance else (low, middle)
    return high


def _moved(points: Grid, mass: Grid, edge: float, spread: float) -> tuple[Grid, Grid]:
    """Grid below the bound after a step of variance 1, and the mass of each of its cells."""
    edges = np.linspace(-_FARTHEST * spread, edge, _CELLS + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    density = np.exp(-((middles[:, None] - points[None, :]) ** 2) / 2) / sqrt(2 * pi)
    return middles, density @ mass * (edges[1] - edges[0])
