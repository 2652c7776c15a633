"""The known answers about bills: usage that passed no gateway, causes of gaps, internal prices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ingest.demo.clock import FIRST_DAY, day_date
from ingest.demo.company.prices import PROVIDER_OF
from ingest.demo.ledger import Ledger
from ingest.demo.money import usd_text
from ingest.demo.sources.bills import Bills, Line
from ingest.demo.sources.focus.files import Charge
from ingest.demo.sources.payers import PRICED_FEATURE, internal_prices, shared_cost

Document = dict[str, Any]


def internal_price_differences(ledger: Ledger, shared: Sequence[Charge]) -> list[Document]:
    """What members are charged beyond their cost, in the months that have a bill."""
    found: list[Document] = []
    for name, totals in sorted(ledger.months.items()):
        mine = [charge for charge in shared if f"{charge.start:%Y-%m}" == name]
        borne = shared_cost(totals.by_owner, totals.searches, mine)
        tenants, features = (
            {
                member: Fraction(own.get(member, 0), 10**9) + spread.get(member, 0)
                for member in {*own, *spread}
            }
            for own, spread in (
                (totals.by_tenant, borne["tenant"]),
                (totals.by_feature, borne["feature"]),
            )
        )
        found += internal_prices(name, tenants, features, totals.calls_of[PRICED_FEATURE])
    return found


def off_gateway_cells(bills: Bills) -> list[Document]:
    """Billed cells with direct usage: `shared` when the gateway used the model that day too."""
    cells = []
    for (provider, day), lines in sorted(bills.lines().items()):
        if day not in bills.billed_days:
            continue
        for model in sorted({line.model for line in lines if line.direct and line.model}):
            mine = [line for line in lines if line.model == model]
            cells.append(
                {
                    "provider": provider,
                    "day": str(day_date(day)),
                    "model": model,
                    "direct_usd": _sum(mine, direct=True),
                    "gateway_usd": _sum(mine, direct=False),
                    "shared": any(not line.direct for line in mine),
                }
            )
    return cells


def fees_of(bills: Bills) -> list[Document]:
    """What is billed by the piece, by UTC month, provider and what it is for."""
    found: dict[tuple[str, str, str], list[Line]] = {}
    for (provider, day), lines in bills.lines().items():
        for line in lines if day in bills.billed_days else ():
            if line.fee:
                found.setdefault((f"{day_date(day):%Y-%m}", provider, line.fee), []).append(line)
    return [
        {
            "month": month, "provider": provider, "fee": fee,
            "quantity": sum(line.quantity for line in lines),
            "usd": usd_text(sum(line.nano for line in lines)),
        }
        for (month, provider, fee), lines in sorted(found.items())
    ]  # fmt: skip


def gap_causes(ledger: Ledger, bills: Bills, shared: Sequence[Charge]) -> list[Document]:
    """What billed minus estimated is made of, by cause, provider, UTC day and model."""
    causes: Counter[tuple[str, str, int, str | None]] = Counter()
    for slip in bills.slips():
        causes[slip.cause, PROVIDER_OF[slip.model], slip.day, slip.model] += slip.nano
    for (provider, day), lines in bills.lines().items():
        for line in lines if day in bills.billed_days else ():
            if line.direct:
                cause = "off_gateway" if line.model else "other_charges"
                causes[cause, provider, day, line.model] += line.nano
    for (provider, day, model), nano in ledger.unbilled.items():
        causes["lag", provider, day, model] -= nano
    for charge in shared:
        cause = "discount" if charge.category == "Credit" else "other_charges"
        causes[cause, charge.provider, (charge.start - FIRST_DAY).days, None] += charge.nano
    return [
        {
            "cause": cause,
            "provider": provider,
            "day": str(day_date(day)),
            "model": model,
            "usd": usd_text(nano),
        }
        for (cause, provider, day, model), nano in sorted(
            causes.items(), key=lambda item: (*item[0][:3], item[0][3] or "")
        )
        if nano
    ]


def _sum(lines: Sequence[Line], *, direct: bool) -> str:
    return usd_text(sum(line.nano for line in lines if line.direct == direct))
