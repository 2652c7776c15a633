"""Running total of the open month against what may be spent in it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import plotly.graph_objects as go

from dashboards.kit.formatting import chart_text, day, money, month, ratio, whose
from dashboards.kit.marks import marks
from dashboards.kit.reports import Reports, Row
from dashboards.kit.theme import (
    QUIET,
    Chart,
    chart,
    day_axis,
    line_mode,
    plotted,
    styles,
)

MAX_LINES = 8
"""Members that the chart draws, those first that used most of what they may."""


def running_totals(reports: Reports) -> Chart:
    """Draw how much of its monthly budget or limit each member has used by each day."""
    rows = reports.rows(
        "select dimension, member, member_name, period_start, running_usd, month_budget_usd,"
        " running_budget_ratio from reports.rpt_spend_by_member"
        " where period_grain = 'day' and running_budget_ratio is not null"
        " and date_trunc('month', period_start) = (select max(period_start)"
        " from reports.rpt_spend_by_member where period_grain = 'month')"
        " order by max(running_budget_ratio) over (partition by dimension, member) desc,"
        " dimension, member, period_start"
    )
    title = "Running total against budget"
    if rows:
        title += f", {month(rows[0]['period_start'])}"
    return chart(
        "running-total",
        title,
        "Spent of the month so far, as a share of what may be spent in all of it"
        " (config/limits.csv, config/budgets.csv). Above the dashed line it is overspent."
        f" At most {MAX_LINES} are"
        " drawn, those that used most; Spend has the others.",
        _figure(rows) if rows else None,
        relation="rpt_spend_by_member",
        marked=marks(reports, (row["period_start"].replace(day=1) for row in rows)),
    )


def _figure(rows: Sequence[Row]) -> go.Figure:
    figure = go.Figure()
    members = [list(lines) for _, lines in groupby(rows, key=_whose)][:MAX_LINES]
    look = styles(_whose(lines[0]) for lines in members)
    for lines in members:
        name = _whose(lines[0])
        figure.add_trace(
            go.Scatter(
                name=chart_text(name),
                mode=line_mode(len(lines)),
                x=[row["period_start"].isoformat() for row in lines],
                y=[plotted(row["running_budget_ratio"]) for row in lines],
                line={"color": look[name].colour, "width": 2},
                hoverinfo="text",
                hovertext=[_hover(name, row) for row in lines],
            )
        )
    day_axis(figure, (row["period_start"] for row in rows))
    figure.update_yaxes(type="linear", tickformat=".0%", rangemode="tozero")
    figure.add_hline(y=1, line={"color": QUIET, "width": 1, "dash": "dash"})
    return figure


def _whose(row: Row) -> str:
    scope = "company" if row["dimension"] == "all" else row["dimension"]
    return whose(scope, row["member_name"])


def _hover(name: str, row: Row) -> str:
    return (
        f"<b>{chart_text(name)}</b>, {day(row['period_start'])}<br>{money(row['running_usd'])} of"
        f" {money(row['month_budget_usd'])} ({ratio(row['running_budget_ratio'])})"
    )
