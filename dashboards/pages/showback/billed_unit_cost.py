"""Tables of the showback page: cost per success on the bill, and what no closed task bears."""

from __future__ import annotations

import datetime as dt

from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, Table, fields, table
from dashboards.kit.theme import UNATTRIBUTED

COLUMNS = (
    Column("member", "", "text"),
    Column("successes", "Successes", "count"),
    Column("estimate_per_success_usd", "Estimate", "unit_cost", "Cost per success"),
    Column("cost_per_success_usd", "On the bill", "unit_cost", "Cost per success"),
    Column("bill_usd", "Billed", "money", "Bill"),
    Column("unbilled_usd", "Not billed yet", "money", "Bill", "Estimate of days without a bill."),
    Column("other_bills_usd", "Earlier or later bills", "money", "Closed tasks"),
    Column("cost_usd", "Their cost", "money", "Closed tasks", "Parts of other bills included."),
    Column("other_months_usd", "Tasks of other months", "money", "Rest of the bill"),
    Column("no_closed_task_usd", "No closed task", "money", "Rest of the bill"),
)

"""The member of tasks, calls and charges of which nobody said whose they are."""


def billed_unit_cost_tables(reports: Reports, start: dt.date) -> tuple[tuple[str, Table], ...]:
    """Cost per success on the bill in a month, by dimension; none without a task."""
    rows = reports.rows(
        f"select dimension, member as name, {fields(COLUMNS)} from reports.rpt_billed_unit_cost"
        " where month = ? order by dimension = 'all', member = ?,"
        " cost_usd desc nulls last, member",
        (start, UNATTRIBUTED),
    )
    if not any(row["successes"] for row in rows):
        return ()
    return tuple(
        (dimension, _by(dimension, [row for row in rows if row["dimension"] in (dimension, "all")]))
        for dimension in ("feature", "tenant")
    )


def _by(dimension: str, rows: list[Row]) -> Table:
    caption = (
        "What a success costs once the bill is in, its share of shared cost, tax and credits"
        " included. Billed and not billed yet are the closed tasks' cost less their part of other"
        " months' bills, and the rest: work that is still open, that names no task, or that judges."
    )
    return table(
        f"Cost per success on the bill, by {dimension}",
        caption,
        (Column("member", dimension.capitalize(), "text"), *COLUMNS[1:]),
        [{**row, "member": _name(row)} for row in rows],
        role=_role,
        relation="rpt_billed_unit_cost",
    )


def _name(row: Row) -> str:
    if row["dimension"] == "all":
        return "Total"
    return "Unattributed" if row["name"] == UNATTRIBUTED else str(row["name"])


def _role(row: Row) -> str:
    if row["dimension"] == "all":
        return "total"
    return "unallocated" if row["name"] == UNATTRIBUTED else ""
