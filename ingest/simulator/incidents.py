"""Incidents that the simulator plants: what each does to tasks and to the cost of a task."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of incident.

    Attributes:
        driver: what it moves, as `config/owners.csv` names it.
        hours: how long it acts, and is labelled: what begins after is another event.
        unit: factor of the cost of a task.
        tasks: factor of the number of tasks.
        added: cost beside the tasks, in hours of usual spend.
        daily_growth: growth of the cost of a task by day since the start, of 1.
        is_lasting: the factor stays after the label ends, when a baseline has learned it.
    """

    name: str
    driver: str
    hours: int
    unit: float = 1.0
    tasks: float = 1.0
    added: float = 0.0
    daily_growth: float = 0.0
    is_lasting: bool = False

    def unit_factor(self, age_hours: int) -> float:
        """Factor of a task's cost so many hours after the start; negative: before it."""
        if age_hours < 0 or (age_hours >= self.hours and not self.is_lasting):
            return 1.0
        return float(self.unit * (1 + self.daily_growth) ** (age_hours / 24))

    def task_factor(self, age_hours: int) -> float:
        """Factor of the number of tasks."""
        return self.tasks if 0 <= age_hours < self.hours else 1.0

    def added_hours(self, age_hours: int) -> float:
        """Cost beside the tasks."""
        return self.added if 0 <= age_hours < self.hours else 0.0


RUNAWAY = Kind("runaway", "loops", 2, unit=10)
PRICE = Kind("price", "price", 28 * 24, unit=1.35, is_lasting=True)
CACHE = Kind("cache", "cache_mix", 36, unit=1.8)
TOOL = Kind("tool", "tool_calls", 6, added=3)
DRIFT = Kind("drift", "tokens_per_call", 21 * 24, daily_growth=0.03)
BURST = Kind("burst", "volume", 5, tasks=6)
EVENT_RUNAWAY = Kind("event_runaway", "loops", 2, unit=10)
NEW_RUNAWAY = Kind("new_runaway", "loops", 2, unit=10)

ORDINARY = (RUNAWAY, PRICE, CACHE, TOOL, DRIFT, BURST)
"""Those of a series with a history, on ordinary days."""
