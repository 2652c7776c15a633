"""What the ledger knows of the invoices: all are paid but the newest of the vector database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from ingest.demo.sources.focus import inference_host, vector_database
from ingest.demo.sources.focus.files import Charge, is_issued

OVERCHARGED_USD = Decimal("240.00")
"""What the newest invoice asks for beyond its lines; the ledger disputes it."""

ISSUERS = {
    vector_database.PROVIDER_KEY: vector_database.ISSUER,
    inference_host.PROVIDER_KEY: inference_host.ISSUER,
}


def issued_invoices(charges: Sequence[Charge], days: int) -> dict[tuple[str, date], Decimal]:
    """What each invoice asks for by provider and month, in cents of its own currency."""
    totals: dict[tuple[str, date], Decimal] = {}
    for charge in charges:
        key = charge.provider, charge.start.replace(day=1)
        totals[key] = totals.get(key, Decimal(0)) + charge.cost
    issued = {
        key: round(sum_, 2) for key, sum_ in sorted(totals.items()) if is_issued(key[1], days)
    }
    if disputed := _disputed(issued):
        issued[disputed] += OVERCHARGED_USD
    return issued


def _disputed(issued: Iterable[tuple[str, date]]) -> tuple[str, date] | None:
    """The newest invoice of the vector database."""
    return max((key for key in issued if key[0] == vector_database.PROVIDER_KEY), default=None)


def invoices_truth(charges: Sequence[Charge], days: int) -> dict[str, str]:
    """`invoices`: what each asks for, by its number."""
    return {
        ISSUERS[provider].invoice(month): str(total)
        for (provider, month), total in issued_invoices(charges, days).items()
    }


def write_invoices(file: Path, charges: Sequence[Charge], days: int) -> None:
    """Write `config/invoices.csv`."""
    lines = ["invoice_id,provider,invoice_date,currency,total,status,note"]
    invoices = issued_invoices(charges, days)
    for (provider, month), total in invoices.items():
        issuer = ISSUERS[provider]
        sent = (month + timedelta(days=32)).replace(day=2)
        is_disputed = (provider, month) == _disputed(invoices)
        state = "disputed,more than its lines" if is_disputed else "paid,"
        lines.append(f"{issuer.invoice(month)},{provider},{sent},{issuer.currency},{total},{state}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
