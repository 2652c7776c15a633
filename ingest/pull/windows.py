"""Which days to ask for: what was never asked, and what may have changed since it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

DAY = timedelta(days=1)

FIRST_PULL_DAYS = 30
"""Days before today that a first pull asks for when the settings name no `start`."""


@dataclass(frozen=True)
class Window:
    """Whole UTC days, both ends included, that one file answers for."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """Start of the first day, aware."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def end(self) -> datetime:
        """End of the last day, exclusive, aware."""
        return datetime.combine(self.last + DAY, time(), UTC)

    @property
    def label(self) -> str:
        """The days in words, and what the window is remembered by."""
        return f"{self.first}" if self.first == self.last else f"{self.first}..{self.last}"


def last_settled(today: date, lookback_days: int) -> date:
    """The newest day that an answer given today is final for."""
    return today - (lookback_days + 1) * DAY


def cut(
    first: date, last: date, *, settled: date, days_per_call: int, recent_days_per_call: int
) -> Iterator[Window]:
    """Cut days into windows, oldest first.

    Args:
        first: first day to ask for.
        last: last day to ask for.
        settled: days up to it do not change any more: they are asked for many at a time.
        days_per_call: most settled days of one window.
        recent_days_per_call: most unsettled days of one window. One day makes windows that keep
            their ends from pull to pull, so that an unchanged day is recognised and not laid again.
    """
    while first <= last:
        is_settled = first <= settled
        most = days_per_call if is_settled else recent_days_per_call
        end = min(first + (most - 1) * DAY, last, settled if is_settled else last)
        yield Window(first, end)
        first = end + DAY
