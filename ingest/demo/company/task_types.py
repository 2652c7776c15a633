"""What Larkspur calls a success, what its people do for one, and what it is worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ingest.demo.clock import DAY


@dataclass(frozen=True)
class TaskType:
    """Rows of `config/task_types.csv` of one type; None where they leave a cell empty.

    Attributes:
        later_minutes: what people need from a day on.
        one_off_usd: at scale 1, where as many tasks earn it back.
    """

    neutral: str | None = None
    min_score: float | None = None
    hold_days: int | None = None
    human_minutes: Decimal | None = None
    human_usd_per_hour: int | None = None
    value_usd: Decimal | None = None
    baseline_usd: Decimal | None = None
    one_off_usd: int | None = None
    later_minutes: tuple[date, Decimal] | None = None

    @property
    def hold_us(self) -> int | None:
        """Microseconds after which a success has held."""
        return None if self.hold_days is None else self.hold_days * DAY

    def human_usd(self, day: date) -> Decimal:
        """What people's work on a task costs that is judged on a UTC day."""
        minutes = self.human_minutes or Decimal(0)
        if self.later_minutes and day >= self.later_minutes[0]:
            minutes = self.later_minutes[1]
        return minutes * (self.human_usd_per_hour or 0) / 60


TASK_TYPES = {
    "support_ticket": TaskType(
        "withdrawn", None, 4, Decimal("1.5"), 36, Decimal("6.5"), Decimal("8.5"), 26_000,
        (date(2026, 7, 27), Decimal("2.4")),
    ),
    "invoice": TaskType(None, 0.15, None, Decimal("0.4"), 30, None, Decimal("4.5"), 15_000),
    "contract": TaskType(None, None, None, Decimal(12), 75, Decimal(120), Decimal(260), 900_000),
    "proposal": TaskType(None, None, None, Decimal(15), 48, Decimal(45), None, 12_000),
}  # fmt: skip
"""Patches are judged as their sources say. From a Monday on, whoever closes a ticket writes down
why it was escalated, or what the customer would have needed."""

WITHDRAWN = 7
"""One escalated ticket in so many is in truth withdrawn by its customer."""


def _cells(*values: object) -> str:
    return ",".join("" if value is None else str(value) for value in values)


def _rows(name: str, of: TaskType, scale: float) -> Iterator[str]:
    one_off = None if of.one_off_usd is None else round(of.one_off_usd * scale)
    periods: list[tuple[Decimal | None, date | None, date | None]] = [
        (of.human_minutes, None, None)
    ]
    if of.later_minutes:
        since, later = of.later_minutes
        periods = [(of.human_minutes, None, since), (later, since, None)]
    for minutes, start, end in periods:
        yield _cells(
            name, None, None, of.neutral, of.min_score, of.hold_days, minutes,
            of.human_usd_per_hour, of.value_usd, of.baseline_usd, one_off, start, end, None,
        )  # fmt: skip


def task_types_csv(scale: float) -> str:
    """Text of `config/task_types.csv`."""
    header = (
        "task_type,success,failure,neutral,min_score,hold_days,human_minutes,human_usd_per_hour,"
        "value_usd,baseline_usd,one_off_usd,valid_from,valid_to,note"
    )
    rows = (row for name, of in TASK_TYPES.items() for row in _rows(name, of, scale))
    return "\n".join([header, *rows]) + "\n"
