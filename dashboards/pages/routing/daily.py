"""What a router saved day by day, and how often a dearer model had to follow."""

from __future__ import annotations

import datetime as dt

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.kit.formatting import count, day, money, ratio, signed_money
from dashboards.kit.marks import marks
from dashboards.kit.reports import Reports, Row
from dashboards.kit.theme import (
    COLOURS,
    DAY_BAR_MS,
    DAYS_SHOWN,
    DOLLARS,
    Chart,
    chart,
    day_axis,
    line_mode,
    plotted,
)


def routing_chart(reports: Reports, newest: dt.date) -> Chart:
    """Draw the share of answers that were overridden, and what routing saved."""
    since = newest - dt.timedelta(days=DAYS_SHOWN)
    rows = reports.rows(
        "select * from reports.rpt_routing_daily where day >= ? order by day", (since,)
    )
    return chart(
        "routing-daily",
        "Routing by day",
        "Left: of the answers that another answer followed, those after which a dearer model had to"
        " answer. Right: what the router's choices saved; below zero they cost more than the model"
        " that it would otherwise have taken. Savings are estimates.",
        _panels(rows) if rows else None,
        relation="rpt_routing_daily",
        marked=marks(reports, (row["day"] for row in rows)),
    )


def _panels(rows: list[Row]) -> go.Figure:
    titles = ("Overridden", "Saved per day")
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.08, subplot_titles=titles)
    shared = {
        "hoverinfo": "text",
        "showlegend": False,
        "x": [row["day"].isoformat() for row in rows],
        "hovertext": [_hover(row) for row in rows],
    }
    line = go.Scatter(
        name="Overridden",
        y=[plotted(row["override_ratio"]) for row in rows],
        mode=line_mode(len(rows)),
        line={"color": COLOURS[1], "width": 1.8},
        **shared,
    )
    figure.add_trace(line, row=1, col=1)
    bars = go.Bar(
        name="Saved",
        y=[plotted(row["routing_saving_usd"]) for row in rows],
        marker={"color": COLOURS[0]},
        width=DAY_BAR_MS,
        **shared,
    )
    figure.add_trace(bars, row=1, col=2)
    day_axis(figure, (row["day"] for row in rows))
    figure.update_yaxes(type="linear")
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(tickformat=DOLLARS, row=1, col=2)
    return figure


def _hover(row: Row) -> str:
    return (
        f"<b>{day(row['day'])}</b>, {count(row['calls'])} routed calls"
        f"<br>Overridden: {count(row['overridden_calls'])} ({ratio(row['override_ratio'])})"
        f"<br>Saved: {signed_money(row['routing_saving_usd'])},"
        f" at least {money(row['low_saving_usd'])}"
    )
