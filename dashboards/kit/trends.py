"""Cost per successful task over time, by task type, as more than one page draws it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.kit.formatting import ALL_TYPES, chart_text, count, day, month, ratio, task_type
from dashboards.kit.formatting import unit_cost as format_unit_cost
from dashboards.kit.marks import marks
from dashboards.kit.reports import Reports, Row
from dashboards.kit.theme import (
    DOLLARS,
    INK,
    Chart,
    Style,
    chart,
    day_axis,
    line_mode,
    plotted,
    styles,
)

FAR_APART = 20
"""Times that the dearest success costs the cheapest, beyond which a scale is logarithmic."""

TENFOLD = " Each line of its scale is ten times the one below."
"""Said of such a scale."""

MAX_LINES = 8
"""Task types that a chart draws, dearest first: more lines cannot be told apart."""


def task_types(reports: Reports, since: dt.date) -> dict[str, Style]:
    """Choose the task types to draw, dearest first, and how each looks on every chart."""
    rows = reports.rows(
        "select task_type from reports.rpt_unit_cost_summary where period_grain = 'month'"
        " and cost_basis = 'estimate' and period_start >= ?"
        " and task_type <> 'all' group by task_type"
        " order by max(cost_usd) desc nulls last, task_type limit ?",
        (since, MAX_LINES),
    )
    names = [row["task_type"] for row in rows]
    look = styles(names)
    return {name: look[name] for name in names}


def unit_cost(reports: Reports, since: dt.date, grain: str, types: dict[str, Style]) -> Chart:
    """Draw cost per successful task and, beside it, the success rate, by task type."""
    rows = reports.rows(
        "select task_type, period_start, tasks_closed, success_ratio, cost_per_success_usd"
        " from reports.rpt_unit_cost_summary where period_grain = ?"
        " and cost_basis = 'estimate' and period_start >= ? order by period_start",
        (grain, since),
    )
    look = {**types, ALL_TYPES: Style(INK)}
    drawn = [row for row in rows if row["task_type"] in look]
    figure = _unit_cost_panels(drawn, look, grain) if rows else None
    far = TENFOLD if _far_apart(drawn) else ""
    caption = (
        f"Left: what one success costs.{far} Right: how often tasks succeed. Read both: cheaper"
        " is only better while the success rate holds. The thick line is all task types together."
        f" At most {MAX_LINES} types are drawn, those that cost most; the table has them all."
    )
    word = {"month": "by month", "day": "by day"}[grain]
    return chart(
        f"unit-cost-{grain}",
        f"Cost per successful task, {word}",
        caption,
        figure,
        relation="rpt_unit_cost_summary",
        marked=marks(reports, [since] if figure and grain == "day" else []),
    )


def _unit_cost_panels(rows: list[Row], look: dict[str, Style], grain: str) -> go.Figure:
    titles = ("Cost per successful task", "Success rate")
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.08, subplot_titles=titles)
    shown = month if grain == "month" else day
    for name, style in look.items():
        mine = [row for row in rows if row["task_type"] == name]
        label = chart_text(task_type(name))
        hover = [f"<b>{label}</b>, {shown(row['period_start'])}{_unit_hover(row)}" for row in mine]
        for column, field in enumerate(("cost_per_success_usd", "success_ratio"), start=1):
            trace = go.Scatter(
                name=label,
                legendgroup=name_key(name),
                showlegend=column == 1,
                mode=line_mode(len(mine)),
                x=[_position(row["period_start"], grain) for row in mine],
                y=[plotted(row[field]) for row in mine],
                line={"color": style.colour, "width": 3 if name == ALL_TYPES else 1.8},
                hovertext=hover,
                hoverinfo="text",
            )
            figure.add_trace(trace, row=1, col=column)
    if grain == "month":
        figure.update_xaxes(type="category")
    else:
        day_axis(figure, (row["period_start"] for row in rows))
    figure.update_yaxes(type="linear", rangemode="tozero")
    figure.update_yaxes(tickformat=DOLLARS, row=1, col=1)
    if _far_apart(rows):
        figure.update_yaxes(type="log", dtick=1, row=1, col=1)
    figure.update_yaxes(tickformat=".0%", range=[0, 1.02], row=1, col=2)
    return figure


def _far_apart(rows: Sequence[Row]) -> bool:
    """Whether the cheapest could not be read off a scale that has room for the dearest."""
    return far_apart(row["cost_per_success_usd"] for row in rows)


def far_apart(values: Iterable[Any]) -> bool:
    """Whether the smallest value above 0 could not be read where there is room for the largest."""
    known = [value for value in values if value]
    return bool(known) and max(known) > FAR_APART * min(known)


def name_key(name: str) -> str:
    """Return the key that ties a name's traces together in the legend."""
    return f"series {name}"


def _position(start: dt.date, grain: str) -> str:
    return month(start) if grain == "month" else start.isoformat()


def _unit_hover(row: Row) -> str:
    return (
        f"<br>Cost per success: {format_unit_cost(row['cost_per_success_usd'])}"
        f"<br>Success rate: {ratio(row['success_ratio'])}"
        f"<br>Closed tasks: {count(row['tasks_closed'])}"
    )
