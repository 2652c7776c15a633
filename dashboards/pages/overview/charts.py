"""Charts of the overview page. Each value drawn is a report value; plotly stacks, we do not add."""

from __future__ import annotations

import datetime as dt

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.kit.formatting import (
    ALL_TYPES,
    chart_text,
    count,
    day,
    money,
    month,
    ratio,
    task_type,
)
from dashboards.kit.formatting import unit_cost as format_unit_cost
from dashboards.kit.reports import Reports, Row
from dashboards.kit.theme import (
    DAY_BAR_MS,
    DOLLARS,
    GRID,
    INK,
    Chart,
    Style,
    chart,
    day_axis,
    line_mode,
    plotted,
    styles,
)

MAX_LINES = 8
"""Task types that a chart draws, dearest first: more lines cannot be told apart."""

LAYERS = {"gateway": Style("#0072b2"), "provider prefix": Style("#e69f00")}


def task_types(reports: Reports, oldest: Row) -> dict[str, Style]:
    """Choose the task types to draw, dearest first, and how each looks on every chart."""
    rows = reports.rows(
        "select task_type from reports.rpt_unit_cost_summary where period_grain = 'month'"
        " and cost_basis = 'estimate' and period_start >= ?"
        " and task_type <> 'all' group by task_type"
        " order by max(cost_usd) desc nulls last, task_type limit ?",
        (oldest["month"], MAX_LINES),
    )
    names = [row["task_type"] for row in rows]
    look = styles(names)
    return {name: look[name] for name in names}


def unit_cost(reports: Reports, oldest: Row, grain: str, types: dict[str, Style]) -> Chart:
    """Draw cost per successful task and, beside it, the success rate, by task type."""
    rows = reports.rows(
        "select task_type, period_start, tasks_closed, success_ratio, cost_per_success_usd"
        " from reports.rpt_unit_cost_summary where period_grain = ?"
        " and cost_basis = 'estimate' and period_start >= ? order by period_start",
        (grain, oldest["month" if grain == "month" else "first_day"]),
    )
    look = {**types, ALL_TYPES: Style(INK)}
    figure = _unit_cost_panels(rows, look, grain) if rows else None
    caption = (
        "Left: what one success costs. Right: how often tasks succeed. Read them together: cheaper"
        " is only better while the success rate holds. The black line is all task types together."
        f" At most {MAX_LINES} types are drawn, those that cost most; the table has them all."
    )
    word = {"month": "by month", "day": "by day"}[grain]
    return chart(f"unit-cost-{grain}", f"Cost per successful task, {word}", caption, figure)


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
    figure.update_yaxes(tickformat=".0%", range=[0, 1.02], row=1, col=2)
    return figure


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


def loop_depth(reports: Reports, headline: Row, types: dict[str, Style]) -> Chart:
    """Draw how many rounds tasks took, and what a success cost at each depth."""
    rows = reports.rows(
        "select task_type, loop_depth_label, tasks, success_ratio, cost_per_success_usd"
        " from reports.rpt_loop_depth where month = ? order by loop_depth, task_type",
        (headline["month"],),
    )
    figure = _depth_panels(rows, types) if rows else None
    caption = (
        "Left: how many tasks needed how many rounds of model calls. Right: what a success cost at"
        " that depth. Where the right-hand line climbs, further rounds stop paying."
    )
    return chart("loop-depth", f"Loop depth, {month(headline['month'])}", caption, figure)


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
        f"<br>Cost per success: {format_unit_cost(row['cost_per_success_usd'])}"
    )


def cache(reports: Reports, oldest: Row) -> Chart:
    """Draw daily hit rates of both caches and what they saved, net of their own cost."""
    rows = reports.rows(
        "select day, layer, hits, lookups, hit_ratio, saved_usd from reports.rpt_cache_daily"
        " where day >= ? order by layer, day",
        (oldest["first_day"],),
    )
    figure = _cache_panels(rows) if rows else None
    caption = (
        "Left: how often each cache answers (gateway: share of calls; provider prefix: share of"
        " input tokens). Right: what that saved. Below zero, keeping the cache cost more than it"
        " saved. Savings are estimates."
    )
    return chart("cache", "Caches: hit rate and net saving", caption, figure)


def _cache_panels(rows: list[Row]) -> go.Figure:
    titles = ("Hit rate", "Net saving per day")
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.08, subplot_titles=titles)
    for layer, style in LAYERS.items():
        mine = [row for row in rows if row["layer"] == layer]
        shared = {
            "name": f"{layer.capitalize()} cache",
            "legendgroup": layer,
            "hoverinfo": "text",
            "x": [row["day"].isoformat() for row in mine],
            "hovertext": [_cache_hover(row) for row in mine],
        }
        hits = [plotted(row["hit_ratio"]) for row in mine]
        saved = [plotted(row["saved_usd"]) for row in mine]
        line = {"color": style.colour, "width": 1.8}
        rates = go.Scatter(y=hits, mode=line_mode(len(mine)), line=line, **shared)
        figure.add_trace(rates, row=1, col=1)
        colour = {"color": style.colour}
        bars = go.Bar(y=saved, marker=colour, width=DAY_BAR_MS, showlegend=False, **shared)
        figure.add_trace(bars, row=1, col=2)
    day_axis(figure, (row["day"] for row in rows))
    figure.update_yaxes(type="linear", gridcolor=GRID)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(tickformat=DOLLARS, row=1, col=2)
    figure.update_layout(barmode="relative")
    return figure


def _cache_hover(row: Row) -> str:
    return (
        f"<b>{row['layer'].capitalize()} cache</b>, {day(row['day'])}"
        f"<br>Hit rate: {ratio(row['hit_ratio'])} ({count(row['hits'])} of {count(row['lookups'])})"
        f"<br>Saved: {money(row['saved_usd'])}"
    )
