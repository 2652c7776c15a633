"""Exchange rates of a workspace, `config/fx_rates.csv`: US dollars for one unit, by day.

A rate holds until the next row of its currency, and no longer than the workspace allows: an old
rate would look like a known amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
from babel.numbers import list_currencies

from ingest.reference.csv_table import Row, read_rows

HEADER = ("currency", "day", "usd", "source")

FX_RATES = pa.schema(
    [
        ("currency", pa.string()),
        ("rate_day", pa.date32()),
        ("usd", pa.decimal128(18, 12)),
        ("source", pa.string()),
        ("valid_from", pa.timestamp("us")),
        ("valid_to", pa.timestamp("us")),
    ]
)
"""One rate on one day on which it holds: a change of a rate concerns those days and no other."""

MAX_AGE_DAYS = 7
"""Days that a rate holds unless the workspace says otherwise; evidence in `outlay.toml`."""

NATIONAL = frozenset(list_currencies())
"""ISO 4217 codes, old ones too; a virtual currency such as `Token` or `DBU` is none and has no
rate."""

UNIT = "USD"

_LIMIT = Decimal(1_000_000)  # DECIMAL(18,12) holds six digits before the point


@dataclass(frozen=True)
class FxRate:
    """One row of the file.

    Attributes:
        currency: ISO 4217 code.
        day: UTC day from which it holds.
        usd: US dollars for one unit of the currency.
        source: who publishes it.
        row: where it stands.
    """

    currency: str
    day: date
    usd: Decimal
    source: str
    row: Row


def read_fx_rates(path: Path, shown_as: str = "config/fx_rates.csv") -> tuple[FxRate, ...]:
    """Read the exchange rates of a workspace; one without the file has none.

    Args:
        path: the file on disk.
        shown_as: its name in errors.

    Raises:
        ConfigError: a wrong header or cell, or two rows for one currency and day.
    """
    rates = tuple(map(_rate, read_rows(path, shown_as, HEADER)))
    seen: dict[tuple[str, date], int] = {}
    for rate in rates:
        line = seen.setdefault((rate.currency, rate.day), rate.row.line)
        if line != rate.row.line:
            rate.row.refuse(
                "day", f"line {line} gives a rate of the same currency and day: keep one of them"
            )
    return rates


def fx_rate_table(rates: Iterable[FxRate], max_age_days: int) -> pa.Table:
    """The rates with the columns of `FX_RATES`, a row for each day on which one holds.

    Args:
        rates: in any order.
        max_age_days: days after its own on which a rate still holds.
    """
    ordered = sorted(rates, key=lambda rate: (rate.currency, rate.day))
    return pa.Table.from_pylist(
        [
            row
            for _, own in groupby(ordered, key=lambda rate: rate.currency)
            for row in _days(list(own), max_age_days)
        ],
        schema=FX_RATES,
    )


def currency_table() -> pa.Table:
    """ISO 4217 codes, one a row."""
    return pa.table({"currency": sorted(NATIONAL)})


def _days(rates: list[FxRate], max_age_days: int) -> Iterator[dict[str, Any]]:
    """The days of one currency, its rates in order."""
    ends = [*(rate.day for rate in rates[1:]), date.max]
    for rate, end in zip(rates, ends, strict=True):
        for number in range(min((end - rate.day).days, max_age_days + 1)):
            start = datetime.combine(rate.day + timedelta(days=number), datetime.min.time())
            yield {
                "currency": rate.currency,
                "rate_day": rate.day,
                "usd": rate.usd,
                "source": rate.source,
                "valid_from": start,
                "valid_to": start + timedelta(days=1),
            }


def _rate(row: Row) -> FxRate:
    currency = row["currency"]
    if currency == UNIT:
        row.refuse("currency", f"{UNIT} is what the others are converted to; remove the row")
    if currency not in NATIONAL:
        row.refuse(
            "currency",
            f"{currency!r} is no ISO 4217 code such as EUR; a virtual currency has no rate",
        )
    if not row["source"]:
        row.refuse("source", "say who publishes the rate, for example ECB")
    return FxRate(currency, _day(row), _usd(row), row["source"], row)


def _day(row: Row) -> date:
    try:
        return date.fromisoformat(row["day"])
    except ValueError:
        row.refuse("day", f"{row['day']!r} is not a day: write YYYY-MM-DD")


def _usd(row: Row) -> Decimal:
    try:
        usd = Decimal(row["usd"])
    except InvalidOperation:
        row.refuse(
            "usd",
            f"{row['usd']!r} is not a number: write US dollars for one unit of the "
            "currency, with a point",
        )
    if not usd.is_finite() or not 0 < usd < _LIMIT or usd != round(usd, 12):
        row.refuse(
            "usd",
            "write US dollars for one unit of the currency, above 0 and below "
            "1000000, with at most 12 decimals",
        )
    return usd
