"""What Larkspur calls a success, what its people do for one, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ingest.demo.clock import DAY


@dataclass(frozen=True)
class TaskType:
    """One row of `config/task_types.csv`; None where it leaves a cell empty."""

    neutral: str | None = None
    min_score: float | None = None
    hold_days: int | None = None
    human_minutes: float | None = None
    human_usd_per_hour: int | None = None
    value_usd: Decimal | None = None
    baseline_usd: Decimal | None = None

    @property
    def hold_us(self) -> int | None:
        """Microseconds after which a success has held."""
        return None if self.hold_days is None else self.hold_days * DAY


TASK_TYPES = {
    "support_ticket": TaskType("withdrawn", None, 4, 1.5, 36, Decimal("6.5"), Decimal("8.5")),
    "invoice": TaskType(None, 0.15, None, 0.4, 30, None, Decimal("4.5")),
    "contract": TaskType(None, None, None, 12, 75, Decimal(120), Decimal(260)),
    "proposal": TaskType(None, None, None, 15, 48, Decimal(45), None),
}
"""Patches are judged as their sources say."""

WITHDRAWN = 7
"""One escalated ticket in so many is in truth withdrawn by its customer."""


def _cells(*values: object) -> str:
    return ",".join("" if value is None else str(value) for value in values)


TASK_TYPES_CSV = (
    "task_type,success,failure,neutral,min_score,hold_days,human_minutes,human_usd_per_hour,"
    "value_usd,baseline_usd,valid_from,valid_to,note\n"
    + "".join(
        _cells(name, None, None, t.neutral, t.min_score, t.hold_days, t.human_minutes,
               t.human_usd_per_hour, t.value_usd, t.baseline_usd, None, None, None) + "\n"
        for name, t in TASK_TYPES.items()
    )
)  # fmt: skip
