"""Columns of the statements' tables: the same in the workbook, the CSV and the page."""

from __future__ import annotations

from dashboards.kit.tables import Column

SUMMARY = (
    Column("name", "", "text"),
    Column("cost_usd", "Cost", "money"),
    Column("adjustment_usd", "of which adjustments", "money"),
    Column("internal_price_usd", "Internal price less cost", "signed_money"),
    Column("charged_usd", "Charged", "money"),
    Column("previous_month_usd", "Month before", "money"),
    Column("change_usd", "Change", "signed_money"),
    Column("budget_usd", "Budget", "money"),
    Column("remaining_usd", "Remaining", "money"),
    Column("calls", "Calls", "count"),
    Column("tasks_closed", "Tasks closed", "count"),
    Column("successes", "Successes", "count"),
    Column("cost_per_success_usd", "Estimated cost per success", "unit_cost"),
)

LINES = (
    Column("words", "Line", "text"),
    Column("provider", "Provider", "text"),
    Column("amount_usd", "USD", "money"),
)


def with_currency(
    columns: tuple[Column, ...], currency: str | None, field: str
) -> tuple[Column, ...]:
    """The columns, with one in the reporting currency where that is not the US dollar."""
    return (*columns, Column(field, f"Charged, {currency}", "amount")) if currency else columns


COVERAGE = (
    Column("name", "Part of the charge, or of the calls", "text"),
    Column("amount_usd", "USD", "money"),
    Column("share_ratio", "Share", "ratio"),
)

VERSIONS = (
    Column("section", "What", "text"),
    Column("name", "Name", "text"),
    Column("value", "Version or rate", "text"),
)

INVOICES = (
    Column("invoice_id", "Invoice", "text"),
    Column("provider", "Provider", "text"),
    Column("status", "State", "text"),
    Column("invoice_date", "Date", "day"),
    Column("currency", "Currency", "text"),
    Column("total", "Total", "amount"),
    Column("charge_lines", "Bill lines", "count"),
    Column("billed_cost", "Sum of the lines", "amount"),
    Column("charge_usd", "Charged, USD", "money"),
    Column("difference_usd", "Difference, USD", "signed_money"),
    Column("comparison", "Comparison", "phrase"),
)

INVOICE_STATEMENTS = (
    Column("provider", "Provider", "text"),
    Column("invoice_id", "Invoice", "text"),
    Column("name", "Cost centre", "text"),
    Column("amount_usd", "Pays, USD", "money"),
)

INVOICE_MONTHS = (
    Column("provider", "Provider", "text"),
    Column("invoiced_usd", "Invoiced", "money"),
    Column("of_earlier_months_usd", "used in earlier months", "money"),
    Column("of_this_month_usd", "used in this month", "money"),
    Column("of_later_months_usd", "used in later months", "money"),
    Column("credited_usd", "Credited by the journal", "money"),
    Column("clearing_usd", "Still to be invoiced", "money"),
)
