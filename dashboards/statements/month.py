"""One month of statements, as the reports state it: rows in reading order, nothing computed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.kit.formatting import month as month_words
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import fields
from dashboards.statements.columns import INVOICE_MONTHS, INVOICES

NOBODY: Mapping[str, str] = {"cost_centre": "No cost centre", "team": "No team"}
TOTAL = "Total"


@dataclass(frozen=True)
class Month:
    """Everything that the files of a month are written from.

    Attributes:
        first_day: of the month.
        status: what the heading says: a draft, or which close.
        statements: one row per kind and member, `unallocated` and `total` last.
        lines: lines by kind and member; the member of what nobody is charged is None.
        notes: coverage and versions.
        journal: lines of the journal entry.
        invoices: each invoice of the month, or dated in it where no bill line names it.
        invoice_months: what providers invoiced for the month, and their clearing accounts.
        invoice_statements: who pays for each invoice of the month, of every kind of member.
        commentary: what people say of the month, as Markdown; None where nobody wrote any.
    """

    first_day: dt.date
    status: str
    statements: Sequence[Row]
    lines: Mapping[tuple[str, str | None], Sequence[Row]]
    notes: Sequence[Row]
    journal: Sequence[Row]
    invoices: Sequence[Row]
    invoice_months: Sequence[Row]
    invoice_statements: Sequence[Row]
    commentary: str | None

    @property
    def title(self) -> str:
        """The month in words."""
        return month_words(self.first_day)

    @property
    def currency(self) -> str | None:
        """The reporting currency; None when it is the US dollar."""
        return next(
            (str(r["reporting_currency"]) for r in self.statements if r["reporting_currency"]), None
        )

    def of_kind(self, kind: str) -> list[Row]:
        """The statements of one kind of member."""
        return [row for row in self.statements if row["kind"] == kind]


def read_month(reports: Reports, first_day: dt.date, status: str) -> Month:
    """Read a month; one without any charge has no rows."""
    lines: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for row in reports.rows(
        "select kind, member, line, adjusted_line, original_month, pool, provider, exact_usd,"
        " amount_usd, reporting_currency, reporting_amount from reports.rpt_statement_lines"
        " where month = ? order by kind, member nulls last, line = 'internal price',"
        " amount_usd desc, exact_usd desc, line, adjusted_line, original_month, pool, provider",
        (first_day,),
    ):
        lines[row["kind"], row["member"]].append(row)
    statements = reports.rows(
        "select kind, row_kind, member, cost_usd, adjustment_usd, internal_price_usd, charged_usd,"
        " previous_month_usd, change_usd, budget_usd, remaining_usd, calls, tasks_closed,"
        " successes, cost_per_success_usd, charged_reporting, reporting_currency"
        " from reports.rpt_statements where month = ? order by kind,"
        " case row_kind when 'member' then 0 when 'unallocated' then 1 else 2 end,"
        " charged_usd desc, member",
        (first_day,),
    )
    notes = reports.rows(
        "select section, name, amount_usd, share_ratio, value from reports.rpt_statement_notes"
        " where month = ? order by section, name",
        (first_day,),
    )
    journal = reports.rows(
        "select journal_line, account, cost_centre, provider, invoice_month, invoice_id,"
        " debit_usd, credit_usd, debit_reporting, credit_reporting, reporting_currency"
        " from reports.rpt_journal where month = ? order by journal_line",
        (first_day,),
    )
    invoices = reports.rows(
        f"select {fields(INVOICES)} from reports.rpt_invoices"
        " where coalesce(invoice_month, date_trunc('month', invoice_date)) = ?"
        " order by provider nulls last, invoice_id",
        (first_day,),
    )
    invoice_months = reports.rows(
        f"select {fields(INVOICE_MONTHS)} from reports.rpt_invoice_months"
        " where month = ? order by provider nulls last",
        (first_day,),
    )
    invoice_statements = reports.rows(
        "select provider, invoice_id, kind, member, charge_usd, amount_usd"
        " from reports.rpt_invoice_statements where invoice_month = ?"
        " order by kind, provider, invoice_id, member nulls last",
        (first_day,),
    )
    return Month(
        first_day,
        status,
        statements,
        lines,
        notes,
        journal,
        invoices,
        invoice_months,
        invoice_statements,
        reports.commentary.get(first_day),
    )


def name_of(row: Row) -> str:
    """The member of a statement as a reader knows it."""
    if row["row_kind"] == "total":
        return TOTAL
    return member_of(row)


def member_of(row: Row) -> str:
    """The member of a row as a reader knows it."""
    return str(row["member"]) if row["member"] is not None else NOBODY.get(row["kind"], "Nobody")


def words_of(row: Row) -> str:
    """A line as a reader knows it: what the money is, its pool, the month that it belongs to."""
    if row["line"] == "adjustment":
        return f"adjustment of {month_words(row['original_month'])}: {row['adjusted_line']}"
    if row["line"] == "usage" and row["member"] is None and row["kind"] in ("feature", "tenant"):
        return "untagged gateway traffic"
    return f"{row['line']} ({row['pool']})" if row["pool"] else str(row["line"])


def charged_line(row: Row) -> dict[str, Any]:
    """The last line of a statement: what its lines sum to, as the report states it."""
    return {
        "words": "Charged",
        "provider": None,
        "amount_usd": row["charged_usd"],
        "reporting_amount": row["charged_reporting"],
    }
