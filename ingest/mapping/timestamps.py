"""Times of records as SQL: however a source writes them, they become UTC.

DuckDB's plain cast to TIMESTAMP drops an offset without a word, and `make_timestamp` raises for a
number that is no time: every conversion goes through here.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from ingest.sql import literal

EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1, "epoch_ns": 0.001}
"""Microseconds in one unit of a number that counts from 1970."""

_MOST = "9e18"
"""Microseconds that DuckDB can still hold; contracts refuse such a day, so it need not be exact."""

_OFFSET = r":\d{2}([.,]\d+)?\s*(Z|z|UTC|GMT|[+-]\d{2}(:?\d{2})?)$"


def from_epoch(number: str, style: str) -> str:
    """SQL of a time counted from 1970; one beyond all calendars stays a time that lies outside."""
    micros = f"{number} * {EPOCHS[style]}"
    return (
        f"case when {micros} > -{_MOST} then make_timestamp(cast(least({micros}, {_MOST})"
        f" as bigint)) when {number} is not null then timestamp '0001-01-01' end"
    )


def from_iso(text: str, zone: str | None) -> str:
    """SQL of an ISO 8601 time: its own offset counts; without one it is in `zone`, else UTC."""
    with_offset = f"(try_cast({text} as timestamptz) at time zone 'UTC')"
    if zone is None:
        return with_offset
    local = _from_zone(f"try_cast({text} as timestamp)", zone)
    return (
        f"case when regexp_matches(trim({text}), {literal(_OFFSET)}) then {with_offset}"
        f" else {local} end"
    )


def from_pattern(text: str, pattern: str, zone: str | None) -> str:
    """SQL of a time in a strptime pattern; without `%z` and zone it is UTC."""
    naive = f"try_strptime({text}, {literal(pattern)})::timestamp"
    return naive if zone is None else _from_zone(naive, zone)


def _from_zone(naive: str, zone: str) -> str:
    return f"(({naive} at time zone {literal(zone)}) at time zone 'UTC')"


def check_zone(zone: str) -> None:
    """Raise ValueError or ZoneInfoNotFoundError when `zone` is no IANA time zone."""
    ZoneInfo(zone)
