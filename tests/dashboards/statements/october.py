"""A month of statements, in hand-made rows, and the files that are written of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dashboards.statements import write_statements

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
HOSTILE = '=HYPERLINK("http://x","<b>")'
ACCOUNTS = {"expense": "6000", "clearing": "2000", "internal price": "6900"}

TABLES = {
    "rpt_statements": """month date, kind varchar, row_kind varchar, member varchar,
        cost_usd decimal(18, 2), adjustment_usd decimal(18, 2), internal_price_usd decimal(18, 2),
        charged_usd decimal(18, 2), previous_month_usd decimal(18, 2), change_usd decimal(18, 2),
        budget_usd decimal(18, 2), remaining_usd decimal(18, 2), calls bigint, tasks_closed bigint,
        successes bigint, cost_per_success_usd decimal(28, 9), charged_reporting decimal(18, 2),
        reporting_currency varchar""",
    "rpt_statement_lines": """month date, kind varchar, member varchar, line varchar,
        adjusted_line varchar, original_month date, pool varchar, provider varchar,
        exact_usd decimal(28, 12), amount_usd decimal(18, 2), reporting_currency varchar,
        reporting_amount decimal(18, 2)""",
    "rpt_statement_notes": """month date, section varchar, name varchar,
        amount_usd decimal(18, 2), share_ratio double, value varchar""",
    "rpt_invoice_months": """month date, provider varchar, invoiced_usd decimal(18, 2),
        of_earlier_months_usd decimal(18, 2), of_this_month_usd decimal(18, 2),
        of_later_months_usd decimal(18, 2), credited_usd decimal(18, 2),
        clearing_usd decimal(18, 2)""",
    "rpt_invoice_statements": """invoice_month date, provider varchar, invoice_id varchar,
        kind varchar, member varchar, charge_usd decimal(28, 12), amount_usd decimal(18, 2)""",
    "rpt_invoices": """invoice_id varchar, provider varchar, status varchar, invoice_date date,
        invoice_month date, currency varchar, total decimal(28, 12), charge_lines bigint,
        billed_cost decimal(28, 12), charge_usd decimal(28, 12), difference_usd decimal(28, 12),
        comparison varchar""",
    "rpt_journal": """month date, journal_line bigint, account varchar, cost_centre varchar,
        provider varchar, invoice_month date, invoice_id varchar,
        debit_usd decimal(18, 2), credit_usd decimal(18, 2),
        debit_reporting decimal(18, 2), credit_reporting decimal(18, 2),
        reporting_currency varchar""",
}

ROWS: dict[str, list[dict[str, Any]]] = {
    "rpt_statements": [
        {"kind": "feature", "row_kind": "member", "member": HOSTILE, "cost_usd": "1234.50",
         "adjustment_usd": "-5.25", "internal_price_usd": "185.18", "charged_usd": "1419.68",
         "previous_month_usd": "1400.00", "change_usd": "19.68", "budget_usd": "1400.00",
         "remaining_usd": "-19.68", "calls": 7, "tasks_closed": 4, "successes": 2,
         "cost_per_success_usd": "600.123400000"},
        {"kind": "feature", "row_kind": "unallocated", "member": None, "cost_usd": "0.10",
         "adjustment_usd": "0", "internal_price_usd": "0", "charged_usd": "0.10"},
        {"kind": "feature", "row_kind": "total", "member": None, "cost_usd": "1234.60",
         "adjustment_usd": "-5.25", "internal_price_usd": "185.18", "charged_usd": "1419.78"},
        {"kind": "cost_centre", "row_kind": "unallocated", "member": None, "cost_usd": "1234.60",
         "adjustment_usd": "-5.25", "internal_price_usd": "0", "charged_usd": "1234.60"},
    ],
    "rpt_statement_lines": [
        {"kind": "feature", "member": HOSTILE, "line": "usage", "original_month": OCTOBER,
         "provider": "openai", "exact_usd": "1239.751", "amount_usd": "1239.75"},
        {"kind": "feature", "member": HOSTILE, "line": "adjustment", "adjusted_line": "usage",
         "original_month": date(2026, 9, 1), "provider": "openai", "exact_usd": "-5.251",
         "amount_usd": "-5.25"},
        {"kind": "feature", "member": HOSTILE, "line": "internal price",
         "original_month": OCTOBER, "amount_usd": "185.18"},
        {"kind": "feature", "member": None, "line": "usage", "original_month": OCTOBER,
         "provider": "openai", "exact_usd": "0.1", "amount_usd": "0.10"},
    ],
    "rpt_statement_notes": [
        {"section": "coverage", "name": "no tenant", "amount_usd": "0.10", "share_ratio": 0.25},
        {"section": "version of price", "name": "genai-prices", "value": "0.2.3"},
    ],
    "rpt_invoice_months": [
        {"provider": "openai", "invoiced_usd": "1230.5", "of_earlier_months_usd": "0",
         "of_this_month_usd": "1230.5", "of_later_months_usd": "0", "credited_usd": "1234.6",
         "clearing_usd": "4.1"},
    ],
    "rpt_invoice_statements": [
        {"invoice_month": OCTOBER, "provider": "openai", "invoice_id": "<i>7</i>",
         "kind": "cost_centre", "member": "-100", "charge_usd": "1000.001",
         "amount_usd": "1000.00"},
        {"invoice_month": OCTOBER, "provider": "openai", "invoice_id": "<i>7</i>",
         "kind": "cost_centre", "charge_usd": "230.499", "amount_usd": "230.50"},
        {"invoice_month": OCTOBER, "provider": "openai", "invoice_id": "<i>7</i>",
         "kind": "team", "member": "t", "charge_usd": "1230.5", "amount_usd": "1230.50"},
        {"invoice_month": date(2026, 9, 1), "provider": "openai", "kind": "cost_centre",
         "member": "-100", "charge_usd": "9", "amount_usd": "9"},
    ],
    "rpt_invoices": [
        {"invoice_id": "<i>7</i>", "provider": "openai", "status": "disputed",
         "invoice_date": date(2026, 11, 2), "invoice_month": OCTOBER, "currency": "EUR",
         "total": "1100.5", "charge_lines": 1204, "billed_cost": "1000.125",
         "charge_usd": "1230.5", "difference_usd": "123.461", "comparison": "differs"},
        {"invoice_id": "late", "status": "issued", "invoice_date": date(2026, 10, 31),
         "currency": "USD", "total": "5", "charge_lines": 0, "difference_usd": "5",
         "comparison": "not_billed"},
        {"invoice_id": "other", "status": "paid", "invoice_date": date(2026, 10, 2),
         "invoice_month": date(2026, 9, 1), "currency": "USD", "total": "6",
         "comparison": "agrees"},
    ],
    "rpt_journal": [
        {"journal_line": 1, "account": "expense", "cost_centre": "-100", "debit_usd": "1234.60"},
        {"journal_line": 2, "account": "clearing", "provider": "openai",
         "invoice_month": OCTOBER, "invoice_id": "=INV-7", "credit_usd": "1234.60"},
    ],
}  # fmt: skip

UNDATED = ("rpt_invoices", "rpt_invoice_statements")
"""Tables without the column `month`."""


def write(database: Path, folder: Path, commentary: str | None = None) -> Path:
    """Write the files of October; the commentary of another month stands in none of them."""
    said = {OCTOBER: commentary, SEPTEMBER: "Of September."} if commentary else None
    write_statements(database, folder, OCTOBER, company="Ann & <i>Co</i>",
                     status="DRAFT, not closed", accounts=ACCOUNTS, commentary=said)  # fmt: skip
    return folder


def charge_cost_centre(con: duckdb.DuckDBPyConnection, name: str, usd: object, host: str) -> None:
    """Give a cost centre a statement of one line."""
    con.execute(
        "insert into reports.rpt_statements (month, kind, row_kind, member, cost_usd,"
        " charged_usd) values (?, 'cost_centre', 'member', ?, ?, ?)",
        [OCTOBER, name, usd, usd],
    )
    con.execute(
        "insert into reports.rpt_statement_lines (month, kind, member, line,"
        " original_month, provider, amount_usd, exact_usd)"
        " values (?, 'cost_centre', ?, 'usage', ?, ?, ?, ?)",
        [OCTOBER, name, OCTOBER, host, usd, usd],
    )
