"""A data set: hourly spend of 24 series, the calendar that was planned, and the true incidents."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from ingest.simulator.incidents import EVENT_RUNAWAY, NEW_RUNAWAY, ORDINARY, Kind
from ingest.simulator.series import (
    DAYS,
    EVENT_DAYS,
    HOURS,
    WARM_UP_DAYS,
    Hour,
    Plan,
    Planted,
    simulate,
)
from ingest.simulator.work import OWNERS, Work, work_of

WORK = tuple(column.name for column in fields(Work))
"""Columns of `hours.csv` that say what moved in an incident; spend alone does not."""

FIRST = datetime(2026, 8, 17)
"""A Monday, so that the event days are Black Friday to Cyber Monday of 2026."""

SERIES = 24
PLANNED_UPLIFT = "2.0"
"""What the calendar says of the event; the truth lies between 1.8 and 3.0."""

_TIERS = (("low", 2.0, 0.05), ("mid", 20.0, 0.1), ("high", 150.0, 0.13))
"""Tasks by hour, USD by task."""

_SLOT_DAYS = 28


@dataclass(frozen=True)
class Label:
    """One true incident; `excess_usd` is what it cost within its label, `driver` what it moved."""

    series: str
    start: datetime
    end: datetime
    kind: str
    excess_usd: float
    driver: str

    @property
    def owner(self) -> str:
        """Who acts on the driver."""
        return dict(OWNERS)[self.driver]


@dataclass(frozen=True)
class DataSet:
    """Series of one seed, by name, with their labels."""

    hours: dict[str, list[Hour]]
    labels: list[Label]
    work: dict[str, list[Work]]

    def write(self, folder: Path) -> None:
        """Write `hours.csv`, `events.csv`, `labels.csv` and `owners.csv` for `outlay backtest`."""
        folder.mkdir(parents=True, exist_ok=True)
        _write(
            folder / "hours.csv",
            ("series", "hour", "usd", "tasks", *WORK),
            (
                (
                    name,
                    _time(hour.hour),
                    f"{hour.usd:.6f}",
                    hour.tasks,
                    *(getattr(work, column) for column in WORK[:-1]),
                    f"{work.tool_usd:.6f}",
                )
                for name, hours in self.hours.items()
                for hour, work in zip(hours, self.work[name], strict=True)
            ),
        )
        first, end = (_time(24 * day) for day in EVENT_DAYS)
        _write(
            folder / "events.csv",
            ("series", "start", "end", "uplift"),
            [("", first, end, PLANNED_UPLIFT)],
        )
        _write(
            folder / "labels.csv",
            ("series", "start", "end", "kind", "excess_usd", "owner"),
            (
                (
                    x.series,
                    x.start.isoformat(),
                    x.end.isoformat(),
                    x.kind,
                    f"{x.excess_usd:.6f}",
                    x.owner,
                )
                for x in self.labels
            ),
        )
        _write(
            folder / "owners.csv",
            ("driver", "feature", "owner", "note"),
            [(driver, "", owner, "") for driver, owner in OWNERS],
        )


def data_set(seed: int) -> DataSet:
    """The data set of a seed: 16 weeks, the first four of them quiet."""
    rng = Random(f"spend-{seed}")  # noqa: S311 - a simulation
    plans = [_plan(number, rng) for number in range(SERIES)]
    hours = {plan.name: simulate(plan, rng) for plan in plans}
    labels = [label for plan in plans for label in _labels(plan, hours[plan.name])]
    return DataSet(
        hours, labels, {plan.name: work_of(plan, hours[plan.name], seed) for plan in plans}
    )


def _plan(number: int, rng: Random) -> Plan:
    tier, tasks, usd = _TIERS[number % len(_TIERS)]
    is_new = number % 12 == 11
    first_hour = 24 * rng.randrange(35, 60) if is_new else 0
    return Plan(
        name=f"{tier}-{number:02d}",
        tasks_per_hour=tasks * rng.uniform(0.7, 1.4),
        usd_per_task=usd * rng.uniform(0.7, 1.4),
        weekly_growth=rng.choice((0.0, 0.01, 0.02, 0.03)),
        first_hour=first_hour,
        ramp_hour=24 * rng.randrange(35, 90) if number % 4 == 1 else HOURS,
        uplift=rng.uniform(1.8, 3.0),
        gaps=[(rng.randrange(24 * WARM_UP_DAYS, HOURS - 24), rng.randint(4, 12))] * (number % 2),
        incidents=_new_feature(first_hour, rng) if is_new else _incidents(number, rng),
    )


def _incidents(number: int, rng: Random) -> list[Planted]:
    """Two incidents of different kinds in two of three slots; some series one in the event."""
    slots = sorted(rng.sample(range(3), 2))
    kinds = rng.sample(ORDINARY, 2)
    planted = [
        Planted(kind, _start(slot, kind, rng)) for slot, kind in zip(slots, kinds, strict=True)
    ]
    if number % 4 == 0 and slots[-1] < 2:
        planted.append(_in_event(rng))
    return planted


def _start(slot: int, kind: Kind, rng: Random) -> int:
    """An hour early enough in its slot that the incident is over, or learned, in the next."""
    latest = 6 if slot == 2 or kind.hours > 48 else 16
    return 24 * (WARM_UP_DAYS + _SLOT_DAYS * slot) + rng.randrange(24 * latest)


def _in_event(rng: Random) -> Planted:
    first, end = EVENT_DAYS
    return Planted(EVENT_RUNAWAY, 24 * rng.randrange(first, end) + rng.randrange(7, 19))


def _new_feature(first_hour: int, rng: Random) -> list[Planted]:
    """A runaway eight days after the launch, in working hours."""
    return [Planted(NEW_RUNAWAY, first_hour + 8 * 24 + rng.randrange(8, 18))]


def _labels(plan: Plan, hours: Sequence[Hour]) -> list[Label]:
    labels = []
    for number, planted in enumerate(plan.incidents):
        end = min(planted.start + planted.kind.hours, 24 * DAYS)
        excess = sum(hour.excess_usd[number] for hour in hours if planted.start <= hour.hour < end)
        labels.append(
            Label(
                plan.name,
                FIRST + timedelta(hours=planted.start),
                FIRST + timedelta(hours=end),
                planted.kind.name,
                excess,
                planted.kind.driver,
            )
        )
    return labels


def _time(hour: int) -> str:
    return (FIRST + timedelta(hours=hour)).isoformat()


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
