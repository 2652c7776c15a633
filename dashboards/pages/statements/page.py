"""The statements page: what each member is charged, what changed after a close, and invoices.

The files that go to a member are written by `outlay statements` and `outlay close`; this page is
the same reports on one screen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from dashboards.kit.commentary import commentaries
from dashboards.kit.formatting import MEMBER_KINDS, count, month
from dashboards.kit.reports import Reports, Row, month_shown
from dashboards.kit.tables import Column, Table, fields, report_table, table
from dashboards.kit.views import MONTHS_SHOWN, Control, Option, Part, view

ADJUSTMENTS_SHOWN = 100
"""Lines of what became known of closed months, the newest first; all of them are in the report."""

NAMES = {"total": "Total", "unallocated": "Unallocated"}

STATEMENTS = (
    Column("member", "Member"),
    Column("cost_usd", "Cost", "money", help="What was billed, in whole cents."),
    Column("adjustment_usd", "Of earlier months", "signed_money", help="Adjustments booked here."),
    Column("internal_price_usd", "Internal price", "signed_money", help="Less cost."),
    Column("charged_usd", "Charged", "money", bars=True),
    Column("previous_month_usd", "Month before", "money"),
    Column("change_usd", "Change", "signed_money"),
    Column("budget_usd", "Budget", "money"),
    Column("remaining_usd", "Remaining", "signed_money"),
    Column("calls", "Calls", "count"),
    Column("tasks_closed", "Closed", "count", "Tasks"),
    Column("successes", "Successes", "count", "Tasks"),
    Column("cost_per_success_usd", "Per success", "unit_cost", "Tasks", "By the price list."),
)

ADJUSTMENTS = (
    Column("noticed_on", "Noticed", "day"),
    Column("original_month", "Of", "month"),
    Column("booked_month", "Charged in", "month"),
    Column("cost_centre", "Cost centre"),
    Column("provider", "Provider"),
    Column("line", "Line"),
    Column("charge_usd", "USD", "signed_money"),
    Column("cause", "Cause", "phrase"),
    Column("detail", "What happened"),
)

INVOICES = (
    Column("invoice_id", "Invoice"),
    Column("provider", "Provider"),
    Column("invoice_month", "Of", "month"),
    Column("invoice_date", "Date", "day"),
    Column("status", "State", "phrase"),
    Column("currency", "Currency"),
    Column("total", "Total", "amount"),
    Column("billed_cost", "Sum of its lines", "amount"),
    Column("difference_usd", "Difference, USD", "signed_money"),
    Column("comparison", "Comparison", "phrase"),
)


def statements_page(reports: Reports) -> dict[str, Any]:
    """Collect what the template prints; `has_data` is False before the first bill."""
    rows = reports.rows(
        f"select month, kind, row_kind, close_number, {fields(STATEMENTS)}"
        " from reports.rpt_statements where month in"
        " (select distinct month from reports.rpt_statements order by 1 desc limit ?)"
        " order by month desc, kind, row_kind = 'total', row_kind = 'unallocated',"
        " charged_usd desc nulls last, member",
        (MONTHS_SHOWN,),
    )
    newest = month_shown(reports, {row["month"] for row in rows})
    return {
        "has_data": bool(rows),
        "view": view(
            "statements",
            (Control("month", "Month"), Control("by", "For")),
            _parts(rows),
            (str(newest), "cost_centre"),
        ),
        "commentaries": commentaries(reports),
        "adjustments": _adjustments(reports),
        "invoices": report_table(
            reports,
            "Invoices beside the bill",
            "What an invoice asks for beside the lines that the bill has of it, newest first.",
            INVOICES,
            "reports.rpt_invoices order by invoice_month desc, provider, invoice_id",
            empty="No bill names an invoice.",
        ),
    }


def _parts(rows: Sequence[Row]) -> Iterator[Part]:
    for start, of_month in groupby(rows, key=lambda row: row["month"]):
        by_kind = {kind: list(of) for kind, of in groupby(of_month, key=lambda row: row["kind"])}
        for kind, heading in MEMBER_KINDS.items():
            if kind in by_kind:
                yield _part(start, kind, heading, by_kind[kind])


def _part(start: dt.date, kind: str, heading: str, rows: Sequence[Row]) -> Part:
    close = rows[0]["close_number"]
    return Part(
        options=(Option(start.isoformat(), month(start)), Option(kind, heading)),
        tables=(
            table(
                f"Statements by {heading.lower()}, {month(start)}",
                "Whole cents, as statements and journal have them: members and what is unallocated"
                " sum to the total. The command outlay statements writes them as files.",
                (Column("member", heading), *STATEMENTS[1:]),
                [{**row, "member": NAMES.get(row["row_kind"], row["member"])} for row in rows],
                role=lambda row: "" if row["row_kind"] == "member" else str(row["row_kind"]),
                relation="rpt_statements",
            ),
        ),
        file=f"{start.isoformat()}-{kind.replace('_', '-')}",
        title=month(start),
        badge="" if close is None else f"closed, close {count(close)}",
        note=(_note(close), "caption"),
    )


def _note(close: int | None) -> str:
    if close is None:
        return "Not closed: figures follow what arrives, until the month is closed (outlay close)."
    return "Closed: figures stay. What becomes known later is charged in the first open month."


def _adjustments(reports: Reports) -> Table:
    return report_table(
        reports,
        "What became known after a close",
        f"Each line is charged in the first open month. At most {ADJUSTMENTS_SHOWN}, newest first;"
        " rpt_adjustments has them by feature and tenant.",
        ADJUSTMENTS,
        "reports.rpt_adjustment_notices order by noticed_on desc, notice_number desc,"
        " original_month, cost_centre, provider, line, cause limit ?",
        (ADJUSTMENTS_SHOWN,),
        empty="Nothing so far, or no month is closed.",
    )
