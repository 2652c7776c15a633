"""FOCUS 1.2 files of the demo: columns, and a month's rows as CSV or Parquet."""

from __future__ import annotations

import csv
import io
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.demo.clock import day_date

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
    "CommitmentDiscountQuantity",
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
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "CommitmentDiscountUnit",
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
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of a bill, as far as the known answers need it.

    Attributes:
        provider: its key in the warehouse.
        cost: what is billed, in the bill's currency.
        usd: the same in US dollars, at the rate of its first day.
    """

    provider: str
    category: str
    start: date
    end: date
    description: str
    cost: Decimal
    usd: Decimal
    sku: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    unit: str = ""
    is_idle: bool = False

    @property
    def nano(self) -> int:
        """Nano-dollars; every line of the demo is a whole number of them."""
        return int(self.usd * 10**9)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who sends the bill, and what every line of it says."""

    provider: str
    account: str
    currency: str
    invoice_prefix: str
    service_category: str
    service: str
    region: str

    def row(self, charge: Charge, month: date, days: int) -> Row:
        """What any line states; an invoice has no number before it is issued at the month's end."""
        row: Row = dict.fromkeys(COLUMNS)
        costs = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
        return row | dict.fromkeys(costs, charge.cost) | {
            "BillingPeriodStart": midnight(month),
            "BillingPeriodEnd": midnight(end_of(month)),
            "ChargePeriodStart": midnight(charge.start),
            "ChargePeriodEnd": midnight(charge.end),
            "BillingAccountId": self.account,
            "BillingAccountName": "Larkspur",
            "BillingCurrency": self.currency,
            "ChargeCategory": charge.category,
            "ChargeDescription": charge.description,
            "ChargeFrequency": "Usage-Based" if charge.category == "Usage" else "One-Time",
            "InvoiceId": self.invoice(month) if is_issued(month, days) else None,
            "InvoiceIssuerName": self.provider,
            "ProviderName": self.provider,
            "PublisherName": self.provider,
            "ServiceCategory": self.service_category,
            "ServiceName": self.service,
            "RegionId": self.region,
        }  # fmt: skip

    def invoice(self, month: date) -> str:
        """Number of the month's invoice."""
        return f"{self.invoice_prefix}-{month:%Y%m}"


def usage_columns(charge: Charge, price_of_list: Decimal | None) -> Row:
    """What a line of usage states beside; `price_of_list` is the contracted price, too."""
    return {
        "PricingCategory": "Standard",
        "PricingUnit": charge.unit,
        "ConsumedUnit": charge.unit,
        "SkuId": charge.sku,
        "PricingQuantity": charge.quantity,
        "ConsumedQuantity": charge.quantity,
        "ListUnitPrice": price_of_list,
        "ContractedUnitPrice": price_of_list,
    }


def end_of(month: date) -> date:
    """First day after the month."""
    return month + timedelta(days=monthrange(month.year, month.month)[1])


def is_issued(month: date, days: int) -> bool:
    """Whether a month was over on the last day of the demo."""
    return month < day_date(days - 1).replace(day=1)


def midnight(day: date) -> datetime:
    """Its first moment, UTC."""
    return datetime.combine(day, time(), UTC)


def write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows as FOCUS CSV; NULL is an empty cell."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        stamped = {name: f"{row[name]:%Y-%m-%dT%H:%M:%SZ}" for name in _TIMES}
        plain = {name: value for name, value in row.items() if value is not None}
        writer.writerow(plain | stamped)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def write_parquet(path: Path, rows: list[Row]) -> None:
    """Write rows as FOCUS Parquet."""
    kinds = dict.fromkeys(_NUMBERS, _MONEY) | dict.fromkeys(_TIMES, pa.timestamp("us", tz="UTC"))
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
