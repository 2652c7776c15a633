"""Hourly spend of one invented feature: its shape, its noise and what befalls it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from ingest.simulator.incidents import Kind

DAYS = 16 * 7
HOURS = DAYS * 24
WARM_UP_DAYS = 28
"""Days at the start without any incident."""

EVENT_DAYS = (102, 106)
"""Black Friday to Cyber Monday: first day, and the day after the last."""

_HOUR_SHAPE = (
    0.25, 0.2, 0.18, 0.17, 0.2, 0.3, 0.5, 0.9, 1.4, 1.8, 2.0, 2.1,
    1.9, 1.9, 2.0, 1.9, 1.7, 1.4, 1.1, 0.9, 0.7, 0.55, 0.45, 0.35,
)  # fmt: skip
_WEEKDAY_SHAPE = (1.1, 1.15, 1.15, 1.1, 1.05, 0.7, 0.65)


@dataclass(frozen=True)
class Planted:
    """One incident of a series; `start` is an hour since its first day."""

    kind: Kind
    start: int


@dataclass(frozen=True)
class Plan:
    """What one series is like.

    Attributes:
        tasks_per_hour, usd_per_task: usual means.
        weekly_growth: of the number of tasks.
        first_hour: 0, or when the feature is launched.
        ramp_hour: a launch elsewhere brings more tasks, over five days from here on.
        uplift: of the number of tasks on event days, which no calendar knows.
        gaps: hours of which nothing is delivered, as (first, number).
        events: days of events, as (first, the day after the last).
    """

    name: str
    tasks_per_hour: float
    usd_per_task: float
    weekly_growth: float
    first_hour: int
    ramp_hour: int
    uplift: float
    gaps: Sequence[tuple[int, int]]
    incidents: Sequence[Planted]
    events: Sequence[tuple[int, int]] = (EVENT_DAYS,)


@dataclass(frozen=True)
class Hour:
    """One hour as delivered; `excess_usd` is what each incident of the plan added."""

    hour: int
    usd: float
    tasks: int
    excess_usd: Sequence[float]


def simulate(plan: Plan, rng: Random) -> list[Hour]:
    """Hours of a series in order, those of gaps left out."""
    missing = {hour for first, length in plan.gaps for hour in range(first, first + length)}
    level = 0.0
    hours = []
    for hour in range(plan.first_hour, HOURS):
        level = 0.7 * level + rng.gauss(0, 0.08)
        made = _hour(plan, hour, level, rng)
        if hour not in missing:
            hours.append(made)
    return hours


def _hour(plan: Plan, hour: int, level: float, rng: Random) -> Hour:
    ages = [hour - planted.start for planted in plan.incidents]
    kinds = [planted.kind for planted in plan.incidents]
    task_factor = math.prod(k.task_factor(a) for k, a in zip(kinds, ages, strict=True))
    unit_factor = math.prod(k.unit_factor(a) for k, a in zip(kinds, ages, strict=True))
    added = [k.added_hours(a) for k, a in zip(kinds, ages, strict=True)]
    mean = usual_tasks(plan, hour) * math.exp(level) * task_factor
    tasks = _poisson(mean * rng.gammavariate(8, 1 / 8), rng)
    cost = rng.gammavariate(tasks * 0.8, plan.usd_per_task / 0.8) if tasks else 0.0
    usual_usd = plan.tasks_per_hour * plan.usd_per_task
    excess = [
        cost * unit_factor * (1 - 1 / (k.task_factor(a) * k.unit_factor(a))) + extra * usual_usd
        for k, a, extra in zip(kinds, ages, added, strict=True)
    ]
    return Hour(hour, cost * unit_factor + sum(added) * usual_usd, tasks, excess)


def usual_tasks(plan: Plan, hour: int) -> float:
    """Expected tasks of an hour without any incident."""
    day, of_day = divmod(hour, 24)
    mean = plan.tasks_per_hour * _HOUR_SHAPE[of_day] * _WEEKDAY_SHAPE[day % 7]
    mean *= math.pow(1 + plan.weekly_growth, hour / 168)
    mean *= 1 + 0.4 * min(max((hour - plan.ramp_hour) / 120, 0.0), 1.0)
    return mean * plan.uplift if any(a <= day < b for a, b in plan.events) else mean


def _poisson(mean: float, rng: Random) -> int:
    """A count; of a large mean, a normal one rounded."""
    if mean > 30:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
