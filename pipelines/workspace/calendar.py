"""Days of a run: which of them a span touches, and how they are said in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby


def utc_days(start: datetime, end: datetime) -> list[date]:
    """The UTC days that a span of the reporting calendar touches.

    Args:
        start: aware time, inclusive.
        end: aware time, exclusive.
    """
    first = start.astimezone(UTC).date()
    last = (end.astimezone(UTC) - timedelta(microseconds=1)).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def day_ranges(days: Sequence[date]) -> str:
    """Days as text, runs shortened: `2026-10-01..2026-10-05, 2026-11-02`."""
    keyed = groupby(enumerate(sorted(days)), key=lambda pair: pair[1].toordinal() - pair[0])
    runs = [[day for _, day in run] for _, run in keyed]
    return ", ".join(f"{run[0]}..{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
