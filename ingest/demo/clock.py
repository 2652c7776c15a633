"""Time in the demo: whole microseconds since the Unix epoch, UTC, and the company's local day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

FIRST_DAY = date(2026, 6, 29)
"""A Monday; 120 days later the end of Berlin summer time (2026-10-25) lies inside."""

ZONE_NAME = "Europe/Berlin"
ZONE = ZoneInfo(ZONE_NAME)
"""The company's reporting zone."""

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Microseconds since the epoch of an aware datetime, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(us: int) -> datetime:
    """Aware UTC datetime of `us`."""
    return _EPOCH + timedelta(microseconds=us)


def utc(text: str) -> int:
    """Microseconds of an ISO time given in UTC, for example `2026-08-11T08:00`."""
    return micros(datetime.fromisoformat(text).replace(tzinfo=UTC))


_FIRST_US = utc(FIRST_DAY.isoformat())


def day_index(us: int) -> int:
    """Number of the UTC day that holds `us`, counted from FIRST_DAY = 0."""
    return (us - _FIRST_US) // DAY


def day_start(index: int) -> int:
    """Microseconds at which UTC day `index` begins."""
    return _FIRST_US + index * DAY


def day_date(index: int) -> date:
    """Date of UTC day `index`."""
    return FIRST_DAY + timedelta(days=index)


def local(us: int) -> datetime:
    """The same moment on a clock in the reporting zone."""
    return moment(us).astimezone(ZONE)


def iso_z(us: int) -> str:
    """`2026-08-11T08:00:00Z`, whole seconds."""
    return moment(us).strftime("%Y-%m-%dT%H:%M:%SZ")
