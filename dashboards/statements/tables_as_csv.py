"""The CSV files of a month: every digit, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from dashboards.kit.spreadsheets import as_text_cell
from dashboards.statements.columns import INVOICE_MONTHS
from dashboards.statements.month import Month, name_of, words_of


def write_csvs(folder: Path, month: Month, accounts: Mapping[str, str]) -> None:
    """Write a file each of summary, lines, notes, journal, invoices and invoice statements.

    Args:
        folder: where.
        month: the rows.
        accounts: the ledger's account of each of the journal's: expense, clearing, internal price.
    """
    first = month.first_day.isoformat()
    measures = [c for c in (month.statements or [{}])[0] if c not in ("kind", "row_kind", "member")]
    _write(
        folder / "summary.csv",
        ["month", "status", "kind", "row", "name", *measures],
        (
            [
                first,
                month.status,
                row["kind"],
                row["row_kind"],
                name_of(row),
                *(row[measure] for measure in measures),
            ]
            for row in month.statements
        ),
    )
    _write(
        folder / "lines.csv",
        [
            "month",
            "status",
            "kind",
            "name",
            "line",
            "original_month",
            "pool",
            "provider",
            "exact_usd",
            "amount_usd",
            "reporting_currency",
            "reporting_amount",
        ],
        (
            [
                first,
                month.status,
                row["kind"],
                name_of({**row, "row_kind": "member"}),
                words_of(row),
                row["original_month"],
                row["pool"],
                row["provider"],
                row["exact_usd"],
                row["amount_usd"],
                row["reporting_currency"],
                row["reporting_amount"],
            ]
            for rows in month.lines.values()
            for row in rows
        ),
    )
    _write(
        folder / "notes.csv",
        ["month", "section", "name", "amount_usd", "share", "value"],
        ([first, *row.values()] for row in month.notes),
    )
    _write(folder / "journal.csv", JOURNAL, _journal(month, accounts))
    _write(
        folder / "invoices.csv",
        ["invoice_month", *(column.field for column in INVOICE_MONTHS)],
        (
            [first, *(row[column.field] for column in INVOICE_MONTHS)]
            for row in month.invoice_months
        ),
    )
    _write(
        folder / "invoice_statements.csv",
        ["invoice_month", *INVOICE_STATEMENTS],
        (
            [first, *(row[column] for column in INVOICE_STATEMENTS)]
            for row in month.invoice_statements
        ),
    )


INVOICE_STATEMENTS = ("provider", "invoice_id", "kind", "member", "charge_usd", "amount_usd")

JOURNAL = (
    "reference",
    "status",
    "month",
    "line",
    "account",
    "cost_centre",
    "provider",
    "invoice_month",
    "invoice_id",
    "debit_usd",
    "credit_usd",
    "debit_reporting",
    "credit_reporting",
    "reporting_currency",
    "text",
)


def _journal(month: Month, accounts: Mapping[str, str]) -> Iterable[Sequence[Any]]:
    reference = f"LLM-{month.first_day:%Y-%m}"
    for row in month.journal:
        whose = row["cost_centre"] or row["provider"] or ""
        invoice = f", invoice {row['invoice_id']}" if row["invoice_id"] else ""
        yield [
            reference,
            month.status,
            month.first_day.isoformat(),
            row["journal_line"],
            accounts[row["account"]],
            row["cost_centre"],
            row["provider"],
            row["invoice_month"],
            row["invoice_id"],
            row["debit_usd"],
            row["credit_usd"],
            row["debit_reporting"],
            row["credit_reporting"],
            row["reporting_currency"],
            f"{month.title}: {row['account']} {whose}".strip() + invoice,
        ]


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([csv_text(value) for value in row] for row in rows)


def csv_text(value: object) -> str:
    """A cell: numbers in full, unknown empty, a text that looks like a formula marked as text."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return as_text_cell(value) if isinstance(value, str) else str(value)
