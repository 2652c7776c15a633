"""Waste: what bought no success, by part and month, and by part and feature."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboards.kit.formatting import chart_text, count, money, month, ratio
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, Table, table
from dashboards.kit.theme import COLOURS, NOBODY, Chart, Style, chart, month_bars

PARTS = {
    "failed": "Failed",
    "abandoned": "Abandoned",
    "superseded": "Superseded",
    "retried": "Retried",
    "duplicate": "Duplicate",
    "judged_neutral": "Judged neutral",
}
"""Parts as the reader knows them, in the order in which bars are stacked."""

HELP = {
    "failed": "Tasks that failed, whole.",
    "abandoned": "Failed tasks that the client left, and attempts that it left in successes.",
    "superseded": "Answers before a success was taken back and done again.",
    "retried": "Attempts that ended in an error, in tasks that succeeded.",
    "duplicate": "Answers to a request that was answered already, in tasks that succeeded.",
    "judged_neutral": "Tasks that are neither success nor failure, whole.",
}

FEATURES = (
    Column("member", "Feature"),
    Column("total_usd", "All", "money", "Waste"),
    Column("total_ratio", "Of the cost", "ratio", "Waste"),
    *(Column(part, name, "money", "Parts", HELP[part]) for part, name in PARTS.items()),
)

LOOK = {
    part: Style(colour)
    for part, colour in zip(PARTS, (*COLOURS[: len(PARTS) - 1], NOBODY), strict=True)
}


def waste_chart(reports: Reports, oldest: Row) -> Chart:
    """Draw each month's waste, part on part."""
    rows = reports.rows(
        "select period_start, part, waste_usd, tasks, share from reports.rpt_waste"
        " where period_grain = 'month' and dimension = 'all' and cost_basis = 'estimate'"
        " and period_start >= ? order by period_start",
        (oldest["month"],),
    )
    caption = (
        "Estimated cost that bought no success. Each dollar stands in one part: the whole of a task"
        " that did not succeed, and of a success only what it could have done without."
    )
    return chart(
        "waste", "Waste by month", caption, _bars(rows) if rows else None, relation="rpt_waste"
    )


def _bars(rows: list[Row]) -> go.Figure:
    of_part = {
        part: [(row["period_start"], row["waste_usd"], _hover(name, row))
               for row in rows if row["part"] == part]
        for part, name in PARTS.items()
    }  # fmt: skip
    figure = month_bars((PARTS[part], LOOK[part], bars) for part, bars in of_part.items())
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(barmode="stack")
    return figure


def _hover(name: str, row: Row) -> str:
    return (
        f"<b>{chart_text(name)}</b>, {month(row['period_start'])}"
        f"<br>{money(row['waste_usd'])}, {ratio(row['share'])} of the waste"
        f"<br>in {count(row['tasks'])} tasks"
    )


def waste_by_feature(reports: Reports, headline: Row) -> Table:
    """Show one line per feature for the headline month, and one for all of them."""
    parts = ", ".join(f"max(waste_usd) filter (where part = '{part}') as {part}" for part in PARTS)
    rows = reports.rows(
        f"select member, dimension, total_usd, total_ratio, {parts} from reports.rpt_waste"
        " where period_grain = 'month' and period_start = ? and cost_basis = 'estimate'"
        " and dimension in ('feature', 'all') group by member, dimension, total_usd, total_ratio"
        " order by dimension = 'all', total_usd desc nulls last, member",
        (headline["month"],),
    )
    caption = (
        "Where to look first, and for what: failures and work done again are the prompt's or the"
        " model's, retries and duplicates the gateway's, abandoned work is often too slow."
    )
    title = f"Waste by feature, {month(headline['month'])}"
    shown = [{**row, "member": _member(row)} for row in rows]
    return table(title, caption, FEATURES, shown, role=_role, relation="rpt_waste")


def _member(row: Row) -> str:
    return "All features" if row["dimension"] == "all" else str(row["member"])


def _role(row: Row) -> str:
    return "total" if row["dimension"] == "all" else ""
