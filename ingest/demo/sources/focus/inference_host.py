"""The bill of who hosts the own model: euros, for capacity that is reserved and not always used.

So many tokens a minute are reserved and paid whether or not anybody asks for them. A day's bill
says what was used of them and what lay idle; tokens beyond are paid at the contracted price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingest.demo.clock import day_date
from ingest.demo.company.exchange_rates import CURRENCY, exchange_rates_csv, rate_on
from ingest.demo.sources.bills import LAG_DAYS
from ingest.demo.sources.focus.files import Charge, Issuer, Row, write_csv

PROVIDER_KEY = "rechenwerk"
ISSUER = Issuer(
    "Rechenwerk", "RW-0071", CURRENCY, "RW", "AI and Machine Learning", "Reserved Inference",
    "eu-north",
)  # fmt: skip

COMMITMENT = "rw-reserved-2026"
SKU = "RW-INFER-7B"

RESERVED_PER_MINUTE = 5_500
"""Tokens a minute at scale 1."""

LIST_PRICE, CONTRACTED_PRICE = Decimal("0.0045"), Decimal("0.0042")
RESERVED_PRICE = Decimal("0.0030")
"""Euros for a thousand tokens; those that are begun count."""

THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class HostedDay:
    """What a day's bill says, in thousands of tokens and euros."""

    day: date
    used: int
    idle: int
    beyond: int

    @property
    def rate(self) -> Decimal:
        """Dollars for a euro."""
        return rate_on(self.day)

    def charges(self) -> Iterator[tuple[Charge, Decimal, Decimal]]:
        """Lines of the bill, each with its cost at list and at the contracted price."""
        for what, thousands, price, is_idle in (
            ("Reserved inference, used", self.used, RESERVED_PRICE, False),
            ("Reserved inference, unused", self.idle, RESERVED_PRICE, True),
            ("Inference beyond the reserved", self.beyond, CONTRACTED_PRICE, False),
        ):
            if not thousands:
                continue
            cost = thousands * price
            charge = Charge(
                PROVIDER_KEY, "Usage", self.day, self.day + timedelta(days=1), what, cost,
                cost * self.rate, SKU, Decimal(thousands * THOUSAND), price, "Tokens", is_idle,
            )  # fmt: skip
            at_list, contracted = thousands * LIST_PRICE, thousands * CONTRACTED_PRICE
            yield charge, (cost if is_idle else at_list), (cost if is_idle else contracted)


def hosted_days(tokens: Mapping[int, int], scale: float, days: int) -> list[HostedDay]:
    """The billed days; `tokens` of the own model by day number."""
    reserved = round(RESERVED_PER_MINUTE * 24 * 60 / THOUSAND * scale)
    found = []
    for number in range(max(0, days - LAG_DAYS)):
        asked = -(-tokens.get(number, 0) // THOUSAND)
        used = min(asked, reserved)
        found.append(HostedDay(day_date(number), used, reserved - used, asked - used))
    return found


def write_inference_host(
    folder: Path, config: Path, hosted: Sequence[HostedDay], days: int
) -> list[Charge]:
    """Write the monthly files and the exchange rates, and return the charges."""
    folder.mkdir(parents=True, exist_ok=True)
    rates = exchange_rates_csv(day_date(days - 1))
    (config / "fx_rates.csv").write_text(rates, encoding="utf-8")
    months: dict[date, list[Row]] = {}
    charges = []
    for day in hosted:
        month = day.day.replace(day=1)
        for charge, at_list, contracted in day.charges():
            row = _row(charge, month, days)
            row |= {"ListCost": at_list, "ContractedCost": contracted}
            months.setdefault(month, []).append(row)
            charges.append(charge)
    for month, rows in sorted(months.items()):
        write_csv(folder / f"{PROVIDER_KEY}-{month:%Y-%m}.csv", rows)
    return charges


def _row(charge: Charge, month: date, days: int) -> Row:
    is_reserved = charge.price == RESERVED_PRICE
    row = ISSUER.row(charge, month, days) | {
        "PricingCategory": "Committed" if is_reserved else "Standard",
        "PricingUnit": charge.unit,
        "SkuId": SKU,
        "PricingQuantity": charge.quantity,
        "ListUnitPrice": (LIST_PRICE if not charge.is_idle else RESERVED_PRICE) / THOUSAND,
        "ContractedUnitPrice": (CONTRACTED_PRICE if not charge.is_idle else RESERVED_PRICE)
        / THOUSAND,
    }
    if not charge.is_idle:  # FOCUS: what nobody used was not consumed
        row |= {"ConsumedQuantity": charge.quantity, "ConsumedUnit": charge.unit}
    if is_reserved:
        row |= {
            "CommitmentDiscountCategory": "Usage",
            "CommitmentDiscountId": COMMITMENT,
            "CommitmentDiscountName": "Reserved inference 2026",
            "CommitmentDiscountQuantity": charge.quantity,
            "CommitmentDiscountStatus": "Unused" if charge.is_idle else "Used",
            "CommitmentDiscountType": "Reserved inference",
            "CommitmentDiscountUnit": charge.unit,
        }
    return row


def hosting_truth(hosted: Sequence[HostedDay]) -> dict[str, list[dict[str, Any]]]:
    """`reserved_capacity` and `other_currencies` by month, exact."""
    months: dict[str, list[HostedDay]] = {}
    for day in hosted:
        months.setdefault(f"{day.day:%Y-%m}", []).append(day)
    return {
        "reserved_capacity": [_reserved(month, own) for month, own in sorted(months.items())],
        "other_currencies": [_billed(month, own) for month, own in sorted(months.items())],
    }


def _reserved(month: str, own: Sequence[HostedDay]) -> dict[str, Any]:
    return {
        "month": month,
        "commitment": COMMITMENT,
        "used_tokens": sum(day.used for day in own) * THOUSAND,
        "used_usd": str(sum(day.used * RESERVED_PRICE * day.rate for day in own)),
        "idle_usd": str(sum(day.idle * RESERVED_PRICE * day.rate for day in own)),
        "on_demand_usd": str(sum(day.used * LIST_PRICE * day.rate for day in own)),
        "uncovered_usd": str(sum(day.beyond * LIST_PRICE * day.rate for day in own)),
    }


def _billed(month: str, own: Sequence[HostedDay]) -> dict[str, Any]:
    lines = [(day.rate, *line) for day in own for line in day.charges()]
    rates = [day.rate for day in own]
    return {
        "month": month,
        "provider": PROVIDER_KEY,
        "currency": CURRENCY,
        "billed": str(sum(charge.cost for _, charge, _, _ in lines)),
        "usd": str(sum(charge.usd for _, charge, _, _ in lines)),
        "list_usd": str(sum(at_list * rate for rate, _, at_list, _ in lines)),
        "contracted_usd": str(sum(contracted * rate for rate, _, _, contracted in lines)),
        "lowest_rate": str(min(rates)),
        "highest_rate": str(max(rates)),
    }
