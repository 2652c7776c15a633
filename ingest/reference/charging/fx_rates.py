"""Exchange rates of a workspace, `config/fx_rates.csv`: US dollars for one unit, by day.

A rate holds until the next row of its currency, and no longer than the workspace allows: an old
rate would look like a known amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Annotated, Any

import pyarrow as pa
from babel.numbers import list_currencies

from ingest.reference.columns import number, text
from ingest.reference.row import Row
from ingest.reference.table import Column, Concern, ReferenceRow, ReferenceTable

MAX_AGE_DAYS = 7
"""Days that a rate holds unless the workspace says otherwise; evidence in `outlay.toml`."""

NATIONAL = frozenset(list_currencies())
"""ISO 4217 codes, old ones too; a virtual currency such as `Token` or `DBU` is none and has no
rate."""

UNIT = "USD"

_LIMIT = 1_000_000  # DECIMAL(18,12) holds six digits before the point


def _currency(row: Row, column: str) -> str:
    currency = row[column]
    if currency == UNIT:
        row.refuse(column, f"{UNIT} is what the others are converted to; remove the row")
    if currency not in NATIONAL:
        row.refuse(
            column,
            f"{currency!r} is no ISO 4217 code such as EUR; a virtual currency has no rate",
        )
    return currency


def _day(row: Row, column: str) -> date:
    try:
        return date.fromisoformat(row[column])
    except ValueError:
        row.refuse(column, f"{row[column]!r} is not a day: write YYYY-MM-DD")


@dataclass(frozen=True)
class FxRate(ReferenceRow):
    """What one unit of a currency is worth from a day on."""

    currency: Annotated[str, Column("ISO 4217 code", _currency, type=pa.string(), is_required=True)]
    rate_day: Annotated[
        date,
        Column("UTC day from which it holds", _day, name="day", type=pa.date32(), is_required=True),
    ]
    usd: Annotated[
        Decimal,
        number("US dollars for one unit of the currency", places=12, below=_LIMIT, above_zero=True),
    ]
    source: Annotated[
        str, text("who publishes it", empty="say who publishes the rate, for example ECB")
    ]


def _refuse_repeated(rates: tuple[FxRate, ...]) -> None:
    seen: dict[tuple[str, date], int] = {}
    for rate in rates:
        line = seen.setdefault((rate.currency, rate.rate_day), rate.row.line)
        if line != rate.row.line:
            rate.row.refuse(
                "day", f"line {line} gives a rate of the same currency and day: keep one of them"
            )


FX_RATES = ReferenceTable(
    name="fx_rates",
    file="config/fx_rates.csv",
    title="US dollars for one unit of another currency, by day",
    row_type=FxRate,
    concern=Concern(("billing_charges", "gateway_calls"), without_data=True),
    check=_refuse_repeated,
)

_BY_DAY = pa.schema(
    [*FX_RATES.schema, ("valid_from", pa.timestamp("us")), ("valid_to", pa.timestamp("us"))]
)
"""One rate on one day on which it holds: a change of a rate concerns those days and no other."""


def fx_rate_table(rates: Iterable[FxRate], max_age_days: int) -> pa.Table:
    """The rates with a row for each day on which one holds.

    Args:
        rates: rows of the file, in any order.
        max_age_days: days after its own on which a rate still holds when no newer one follows.
    """
    ordered = sorted(rates, key=lambda rate: (rate.currency, rate.rate_day))
    by_currency = groupby(ordered, key=lambda rate: rate.currency)
    return pa.Table.from_pylist(
        [day for _, of_one in by_currency for day in _days(list(of_one), max_age_days)],
        schema=_BY_DAY,
    )


def currency_table() -> pa.Table:
    """ISO 4217 codes, one a row."""
    return pa.table({"currency": sorted(NATIONAL)})


def _days(rates: list[FxRate], max_age_days: int) -> Iterator[dict[str, Any]]:
    """The days of one currency, its rates in order."""
    ends = [*(rate.rate_day for rate in rates[1:]), date.max]
    for rate, end in zip(rates, ends, strict=True):
        for age in range(min((end - rate.rate_day).days, max_age_days + 1)):
            start = datetime.combine(rate.rate_day + timedelta(days=age), datetime.min.time())
            yield {
                "currency": rate.currency,
                "rate_day": rate.rate_day,
                "usd": rate.usd,
                "source": rate.source,
                "valid_from": start,
                "valid_to": start + timedelta(days=1),
            }
