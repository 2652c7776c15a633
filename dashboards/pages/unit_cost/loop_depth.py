"""How many rounds of calls tasks took, and what a success cost at each depth."""

from __future__ import annotations

import datetime as dt

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.kit.formatting import chart_text, count, month, ratio, unit_cost
from dashboards.kit.reports import Reports, Row
from dashboards.kit.theme import DOLLARS, Chart, Style, chart, plotted
from dashboards.kit.trends import name_key


def loop_depth(reports: Reports, shown: dt.date, types: dict[str, Style]) -> Chart:
    """Draw how many rounds tasks took, and what a success cost at each depth."""
    rows = reports.rows(
        "select task_type, loop_depth_label, tasks, success_ratio, cost_per_success_usd"
        " from reports.rpt_loop_depth where month = ? order by loop_depth, task_type",
        (shown,),
    )
    figure = _depth_panels(rows, types) if rows else None
    caption = (
        "Left: how many tasks needed how many rounds of model calls. Right: what a success cost at"
        " that depth. Where the right-hand line climbs, further rounds stop paying."
    )
    return chart(
        "loop-depth",
        f"Loop depth, {month(shown)}",
        caption,
        figure,
        relation="rpt_loop_depth",
    )


def _depth_panels(rows: list[Row], types: dict[str, Style]) -> go.Figure:
    titles = ("Tasks by loop depth", "Cost per successful task by loop depth")
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.08, subplot_titles=titles)
    for name, style in types.items():
        mine = [row for row in rows if row["task_type"] == name]
        label = chart_text(name)
        shared = {
            "name": label,
            "legendgroup": name_key(name),
            "hoverinfo": "text",
            "x": [row["loop_depth_label"] for row in mine],
            "hovertext": [f"<b>{label}</b>{_depth_hover(row)}" for row in mine],
        }
        tasks = [row["tasks"] for row in mine]
        costs = [plotted(row["cost_per_success_usd"]) for row in mine]
        figure.add_trace(go.Bar(y=tasks, marker=style.marker, **shared), row=1, col=1)
        line = {"color": style.colour, "width": 1.8}
        figure.add_trace(
            go.Scatter(y=costs, mode="lines+markers", line=line, showlegend=False, **shared),
            row=1,
            col=2,
        )
    labels = list(dict.fromkeys(row["loop_depth_label"] for row in rows))
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=labels)
    figure.update_xaxes(title_text="Rounds of model calls in one task")
    figure.update_yaxes(type="linear", rangemode="tozero")
    figure.update_yaxes(tickformat=DOLLARS, row=1, col=2)
    figure.update_layout(barmode="stack")
    return figure


def _depth_hover(row: Row) -> str:
    return (
        f"<br>Depth {row['loop_depth_label']}: {count(row['tasks'])} tasks"
        f"<br>Success rate: {ratio(row['success_ratio'])}"
        f"<br>Cost per success: {unit_cost(row['cost_per_success_usd'])}"
    )
