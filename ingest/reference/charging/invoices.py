"""Invoices of a workspace, `config/invoices.csv`: what each asks for, as the ledger has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

import pyarrow as pa

from ingest.reference.charging.fx_rates import NATIONAL
from ingest.reference.columns import MOST, SOURCE, text, word
from ingest.reference.row import Row
from ingest.reference.table import Column, Note, ReferenceRow, ReferenceTable

STATES = ("open", "issued", "paid", "disputed")
"""Not final yet; to be paid; paid; to be paid, and not agreed with."""


def _currency(row: Row, column: str) -> str:
    if row[column] not in NATIONAL:
        row.refuse(column, f"{row[column]!r} is no ISO 4217 code: write for example USD")
    return row[column]


def _day(row: Row, column: str) -> date | None:
    try:
        return date.fromisoformat(row[column]) if row[column] else None
    except ValueError:
        row.refuse(column, f"{row[column]!r} is not a day: write YYYY-MM-DD")


def _total(row: Row, column: str) -> Decimal:
    """What the invoice asks for; a credit note asks for less than nothing."""
    try:
        total = Decimal(row[column])
    except InvalidOperation:
        row.refuse(column, f"{row[column]!r} is not a number: write the total, with a point")
    if not total.is_finite() or abs(total) >= MOST or total != round(total, 9):
        row.refuse(column, f"write the total, within {MOST}, with at most 9 decimals")
    return total


@dataclass(frozen=True)
class Invoice(ReferenceRow):
    """One invoice or credit note."""

    invoice_id: Annotated[
        str, text("its number, as bills name it (FOCUS InvoiceId)", empty="write the number")
    ]
    provider: Annotated[
        str | None,
        text("whose lines it is compared with, as the pages name it; empty: all that name it"),
    ]
    invoice_date: Annotated[
        date | None,
        Column("its date, whose exchange rate counts; empty: not known", _day, type=pa.date32()),
    ]
    currency: Annotated[str, Column("ISO 4217 code", _currency, type=pa.string(), is_required=True)]
    total: Annotated[
        Decimal,
        Column("what it asks for, tax included, credits deducted", _total,
               type=pa.decimal128(18, 9), is_required=True),
    ]  # fmt: skip
    status: Annotated[
        str,
        word("`open`: not final; `issued`: to be paid; `paid`; `disputed`: not agreed with", STATES,
             any_case=True),
    ]  # fmt: skip
    source: Annotated[str, SOURCE]
    note: Note = field(default="", compare=False)


def _refuse_repeated(invoices: tuple[Invoice, ...]) -> None:
    """Refuse two rows that claim the same lines of bills."""
    seen: dict[str, list[Invoice]] = {}
    for invoice in invoices:
        same = seen.setdefault(invoice.invoice_id, [])
        for other in same:
            if None in (invoice.provider, other.provider) or invoice.provider == other.provider:
                invoice.row.refuse(
                    "invoice_id", f"line {other.row.line} states it too: keep one of them"
                )
        same.append(invoice)


INVOICES = ReferenceTable(
    name="invoices",
    file="config/invoices.csv",
    title="what each invoice asks for and its state, to compare with the bills that name it",
    row_type=Invoice,
    check=_refuse_repeated,
)
