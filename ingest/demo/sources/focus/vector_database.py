"""The vector database's bill: FOCUS 1.2, one CSV for each month and one month as Parquet."""

from __future__ import annotations

from collections.abc import Iterator
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

TAX_RATE, CREDIT_RATE = Decimal("0.19"), Decimal("-0.05")


def write_vector_database(folder: Path, seed: int, days: int) -> list[Charge]:
    """Write the monthly files of the billed days and return their charges."""
    folder.mkdir(parents=True, exist_ok=True)
    months: dict[date, list[Charge]] = {}
    for number in range(max(0, days - LAG_DAYS)):
        day = day_date(number)
        months.setdefault(day.replace(day=1), []).extend(_usage(seed, day, number))
    as_parquet = sorted(months)[min(1, len(months) - 1) :][:1]
    charges: list[Charge] = []
    for month, lines in sorted(months.items()):
        lines.extend(_tax_and_credit(month, lines))
        rows = [_row(charge, month, days) for charge in lines]
        name = f"{PROVIDER_KEY}-{month:%Y-%m}"
        if month in as_parquet:
            write_parquet(folder / f"{name}.parquet", rows)
        else:
            write_csv(folder / f"{name}.csv", rows)
        charges.extend(lines)
    return charges


def _usage(seed: int, day: date, number: int) -> Iterator[Charge]:
    rng = dice(seed, "hosting", number)
    stored = Decimal(24 * (9_300 + 8 * number))
    reads = Decimal(rng.randint(900, 2600) * 30)
    for sku, what, quantity, price, unit in (
        ("VH-STORE", "Vector storage", stored, STORAGE_PRICE, "GB-Hours"),
        ("VH-READ", "Read units", reads, READ_PRICE, "1000 Requests"),
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
