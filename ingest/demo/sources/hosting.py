"""The vector database's bill: FOCUS 1.2, one CSV for each month and one month as Parquet."""

from __future__ import annotations

import csv
import io
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.demo.clock import day_date
from ingest.demo.sources.bills import LAG_DAYS
from ingest.demo.traffic.calls import dice

PROVIDER = "Vectorhaus"
PROVIDER_KEY = "vectorhaus"

STORAGE_PRICE = Decimal("0.000165")
"""USD per gigabyte-hour."""

READ_PRICE = Decimal("0.0012")
"""USD per thousand read units."""

OVERCHARGED_USD = Decimal("240.00")
"""What the newest invoice asks for beyond its lines; the ledger disputes it."""

TAX_RATE, CREDIT_RATE = Decimal("0.19"), Decimal("-0.05")

_MONEY = pa.decimal128(28, 12)
_NUMBERS = (
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "ListUnitPrice",
    "ContractedUnitPrice",
    "PricingQuantity",
    "ConsumedQuantity",
)
_TIMES = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
COLUMNS = (
    *_NUMBERS,
    *_TIMES,
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "InvoiceId",
    "InvoiceIssuerName",
    "PricingCategory",
    "PricingUnit",
    "ConsumedUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
    "SkuId",
    "Tags",
)


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of the bill; price and quantity are None for tax and credit."""

    category: str
    start: date
    end: date
    description: str
    cost: Decimal
    sku: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    unit: str = ""


def write_hosting(folder: Path, seed: int, days: int) -> list[Charge]:
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
        rows = [_row(charge, month, issued=_is_issued(month, days)) for charge in lines]
        name = f"vectorhaus-{month:%Y-%m}"
        if month in as_parquet:
            _write_parquet(folder / f"{name}.parquet", rows)
        else:
            _write_csv(folder / f"{name}.csv", rows)
        charges.extend(lines)
    return charges


def issued_invoices(charges: Sequence[Charge], days: int) -> dict[date, Decimal]:
    """What each invoice asks for, in cents, by its month; the newest asks for too much."""
    totals: dict[date, Decimal] = {}
    for charge in charges:
        month = charge.start.replace(day=1)
        totals[month] = totals.get(month, Decimal(0)) + charge.cost
    issued = {m: round(usd, 2) for m, usd in sorted(totals.items()) if _is_issued(m, days)}
    for newest in list(issued)[-1:]:
        issued[newest] += OVERCHARGED_USD
    return issued


def write_invoices(file: Path, charges: Sequence[Charge], days: int) -> None:
    """Write what the ledger knows of the invoices: all are paid but the newest."""
    lines = ["invoice_id,provider,invoice_date,currency,total,status,note"]
    invoices = issued_invoices(charges, days)
    for month, total in invoices.items():
        sent = (month + timedelta(days=32)).replace(day=2)
        state = "disputed,more than its lines" if month == max(invoices) else "paid,"
        lines.append(f"VH-{month:%Y%m},{PROVIDER_KEY},{sent},USD,{total},{state}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _is_issued(month: date, days: int) -> bool:
    """Whether a month was over on the last day of the demo."""
    return month < day_date(days - 1).replace(day=1)


def _usage(seed: int, day: date, number: int) -> Iterator[Charge]:
    rng = dice(seed, "hosting", number)
    stored = Decimal(24 * (9_300 + 8 * number))
    reads = Decimal(rng.randint(900, 2600) * 30)
    for sku, what, quantity, price, unit in (
        ("VH-STORE", "Vector storage", stored, STORAGE_PRICE, "GB-Hours"),
        ("VH-READ", "Read units", reads, READ_PRICE, "1000 Requests"),
    ):
        cost = quantity * price
        next_day = day + timedelta(days=1)
        yield Charge("Usage", day, next_day, what, cost, sku, quantity, price, unit)


def _tax_and_credit(month: date, lines: list[Charge]) -> list[Charge]:
    """One tax line on the month's usage and one goodwill credit."""
    total = sum((line.cost for line in lines), Decimal(0))
    end = month + timedelta(days=monthrange(month.year, month.month)[1])
    return [
        Charge("Tax", month, end, "VAT 19 %", total * TAX_RATE),
        Charge("Credit", month, end, "Start-up programme credit", total * CREDIT_RATE),
    ]


def _row(charge: Charge, month: date, *, issued: bool) -> dict[str, object]:
    """One FOCUS row; the invoice has no number before it is issued, after the month's end."""
    end = month + timedelta(days=monthrange(month.year, month.month)[1])
    row: dict[str, object] = dict.fromkeys(COLUMNS)
    row |= dict.fromkeys(("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"), charge.cost)
    row |= {
        "BillingPeriodStart": _midnight(month),
        "BillingPeriodEnd": _midnight(end),
        "ChargePeriodStart": _midnight(charge.start),
        "ChargePeriodEnd": _midnight(charge.end),
        "BillingAccountId": "VH-20417",
        "BillingAccountName": "Larkspur",
        "BillingCurrency": "USD",
        "ChargeCategory": charge.category,
        "ChargeDescription": charge.description,
        "InvoiceId": f"VH-{month:%Y%m}" if issued else None,
        "InvoiceIssuerName": PROVIDER,
        "ProviderName": PROVIDER,
        "PublisherName": PROVIDER,
        "ServiceCategory": "Databases",
        "ServiceName": "Vector Search",
        "RegionId": "eu-central",
    }
    if charge.category == "Usage":
        row |= {
            "ChargeFrequency": "Usage-Based",
            "PricingCategory": "Standard",
            "PricingUnit": charge.unit,
            "ConsumedUnit": charge.unit,
            "SkuId": charge.sku,
            "PricingQuantity": charge.quantity,
            "ConsumedQuantity": charge.quantity,
            "ListUnitPrice": charge.price,
            "ContractedUnitPrice": charge.price,
            "Tags": '{"feature": "support_assistant"}',
        }
    else:
        row["ChargeFrequency"] = "One-Time"
    return row


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _write_csv(path: Path, rows: list[dict[str, object]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        stamped = {name: f"{row[name]:%Y-%m-%dT%H:%M:%SZ}" for name in _TIMES}
        plain = {name: value for name, value in row.items() if value is not None}
        writer.writerow(plain | stamped)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def _write_parquet(path: Path, rows: list[dict[str, object]]) -> None:
    schema = pa.schema(
        [
            (
                name,
                _MONEY
                if name in _NUMBERS
                else pa.timestamp("us", tz="UTC")
                if name in _TIMES
                else pa.string(),
            )
            for name in COLUMNS
        ]
    )
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
