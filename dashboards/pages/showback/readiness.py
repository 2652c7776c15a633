"""Readiness to charge costs for real, as a section of the showback page."""

from __future__ import annotations

from dashboards.kit.formatting import ratio
from dashboards.kit.readiness import CRITERIA, SHARES
from dashboards.kit.reports import Reports
from dashboards.kit.tables import Column, Table, table

AT_MOST = frozenset({"unallocated_share", "tie_out"})

COLUMNS = (
    Column("title", "Criterion"),
    Column("month", "Newest month that is over", "month"),
    Column("now", "Now"),
    Column("needed", "Needed"),
    Column("state", "State"),
    Column("cure", "How to get there"),
)


def readiness_table(reports: Reports) -> Table | None:
    """Each criterion with its value and threshold; None before a month is over."""
    rows = reports.rows(
        "select criterion, month, cast(value as double) as value, passed,"
        " cast(threshold as double) as threshold, cure from reports.rpt_chargeback_readiness"
    )
    if not rows:
        return None
    order = list(CRITERIA)
    return table(
        "Ready to charge for real?",
        "Showback informs; who charges costs for real needs all of these. Thresholds stand in"
        " outlay.toml, [close].",
        COLUMNS,
        [
            {
                **row,
                "title": CRITERIA[row["criterion"]],
                "now": _shown(row["criterion"], row["value"]),
                "needed": ("at most " if row["criterion"] in AT_MOST else "at least ")
                + _shown(row["criterion"], row["threshold"]),
                "state": "ok" if row["passed"] else "not yet",
                "cure": None if row["passed"] else row["cure"],
            }
            for row in sorted(rows, key=lambda row: order.index(row["criterion"]))
        ],
        relation="rpt_chargeback_readiness",
    )


def _shown(criterion: str, value: float | None) -> str:
    if value is None:
        return "not known"
    return ratio(value) if criterion in SHARES else f"{value:.0f}"
