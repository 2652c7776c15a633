"""The vector database's bill: FOCUS 1.2, one CSV for each month and one month as Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from ingest.demo.clock import day_date
from ingest.demo.sources.bills import LAG_DAYS
from ingest.demo.sources.focus.files import (
    Charge,
    Issuer,
    Row,
    end_of,
    usage_columns,
    write_csv,
    write_parquet,
)
from ingest.demo.traffic.calls import dice

PROVIDER_KEY = "vectorhaus"
ISSUER = Issuer(
    "Vectorhaus", "VH-20417", "USD", "VH", "Databases", "Vector Search", "eu-central"
)  # fmt: skip

STORAGE_PRICE = Decimal("0.000165")
"""USD per gigabyte-hour."""

READ_PRICE = Decimal("0.0012")
"""USD per thousand read units."""

INDEX, INDEX_PRICE = "Search index", Decimal("0.235")
"""What help searches are answered from: an hour of it at scale 1, USD."""

TAX_RATE, CREDIT_RATE = Decimal("0.19"), Decimal("-0.05")

CLOSED_MONTH, SETTLED_DAY = date(2026, 7, 1), date(2026, 8, 5)
"""The month that the company closes, and the first day on which its bills have settled."""

TWICE_BILLED, BILLED_TWICE_USD = (date(2026, 7, 13), date(2026, 7, 14)), Decimal("310.00")
"""A day of the closed month on which storage was billed twice, and how much is taken back."""

CREDIT_NOTE = "VH-CN-202607"


def write_vector_database(folder: Path, seed: int, days: int, scale: float) -> list[Charge]:
    """Write the monthly files of the billed days and return their charges."""
    folder.mkdir(parents=True, exist_ok=True)
    months = _months(seed, days, scale)
    for month, lines in months.items():
        _write_month(folder, months, month, [_row(charge, month, days) for charge in lines])
    return [charge for lines in months.values() for charge in lines]


def correction(days: int) -> list[Charge]:
    """What the issuer takes back of the closed month, with its tax, where the month has settled."""
    if day_date(days - 1) < SETTLED_DAY:
        return []
    twice, until = TWICE_BILLED
    tax = BILLED_TWICE_USD * TAX_RATE
    return [
        Charge(PROVIDER_KEY, "Usage", twice, until, "Vector storage, billed twice",
               -BILLED_TWICE_USD, -BILLED_TWICE_USD, "VH-STORE"),
        Charge(PROVIDER_KEY, "Tax", twice, until, "VAT 19 %", -tax, -tax),
    ]  # fmt: skip


def deliver_correction(folder: Path, seed: int, days: int, scale: float) -> Path:
    """Write the closed month's file once more, with what its issuer takes back; return it."""
    months = _months(seed, days, scale)
    rows = [_row(charge, CLOSED_MONTH, days) for charge in months[CLOSED_MONTH]]
    rows += [
        _row(charge, CLOSED_MONTH, days)
        | {"ChargeClass": "Correction", "InvoiceId": CREDIT_NOTE, "ChargeFrequency": "One-Time"}
        for charge in correction(days)
    ]
    return _write_month(folder, months, CLOSED_MONTH, rows)


def _months(seed: int, days: int, scale: float) -> dict[date, list[Charge]]:
    """The charges of the billed days by month, in order."""
    months: dict[date, list[Charge]] = {}
    for number in range(max(0, days - LAG_DAYS)):
        day = day_date(number)
        months.setdefault(day.replace(day=1), []).extend(_usage(seed, day, number, scale))
    for month, lines in months.items():
        lines.extend(_tax_and_credit(month, lines))
    return months


def _write_month(folder: Path, months: Iterable[date], month: date, rows: list[Row]) -> Path:
    """Write a month's file: the second month as Parquet, every other one as CSV."""
    is_parquet = month in sorted(months)[:2][-1:]
    path = folder / f"{PROVIDER_KEY}-{month:%Y-%m}.{'parquet' if is_parquet else 'csv'}"
    (write_parquet if is_parquet else write_csv)(path, rows)
    return path


def _usage(seed: int, day: date, number: int, scale: float) -> Iterator[Charge]:
    rng = dice(seed, "hosting", number)
    stored = Decimal(24 * (9_300 + 8 * number))
    reads = Decimal(rng.randint(900, 2600) * 30)
    for sku, what, quantity, price, unit in (
        ("VH-STORE", "Vector storage", stored, STORAGE_PRICE, "GB-Hours"),
        ("VH-READ", "Read units", reads, READ_PRICE, "1000 Requests"),
        ("VH-INDEX", INDEX, 24 * Decimal(str(scale)), INDEX_PRICE, "Hours"),
    ):
        cost, end = quantity * price, day + timedelta(days=1)
        yield Charge(
            PROVIDER_KEY, "Usage", day, end, what, cost, cost, sku, quantity, price, unit
        )  # fmt: skip


def _tax_and_credit(month: date, lines: list[Charge]) -> list[Charge]:
    """One tax line on the month's usage and one goodwill credit."""
    total = sum((line.cost for line in lines), Decimal(0))
    return [
        Charge(PROVIDER_KEY, category, month, end_of(month), what, total * rate, total * rate)
        for category, what, rate in (
            ("Tax", "VAT 19 %", TAX_RATE),
            ("Credit", "Start-up programme credit", CREDIT_RATE),
        )
    ]


def _row(charge: Charge, month: date, days: int) -> Row:
    row = ISSUER.row(charge, month, days)
    if charge.category != "Usage":
        return row
    return row | usage_columns(charge, charge.price) | {"Tags": '{"feature": "support_assistant"}'}
