"""Hit rates of caches day by day, and what they saved. Each value drawn is a report value."""

from __future__ import annotations

import datetime as dt

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.kit.formatting import count, day, money, ratio
from dashboards.kit.marks import marks
from dashboards.kit.reports import Reports, Row
from dashboards.kit.theme import (
    DAY_BAR_MS,
    DAYS_SHOWN,
    DOLLARS,
    GRID,
    Chart,
    Style,
    chart,
    day_axis,
    line_mode,
    plotted,
)

LAYERS = {"gateway": Style("#0072b2"), "provider prefix": Style("#e69f00")}


def cache_chart(reports: Reports, newest: dt.date) -> Chart:
    """Draw daily hit rates of both caches and what they saved, net of their own cost."""
    rows = reports.rows(
        "select day, layer, hits, lookups, hit_ratio, saved_usd from reports.rpt_cache_daily"
        " where day >= ? order by layer, day",
        (newest - dt.timedelta(days=DAYS_SHOWN),),
    )
    figure = _cache_panels(rows) if rows else None
    caption = (
        "Left: how often each cache answers (gateway: share of calls; provider prefix: share of"
        " input tokens). Right: what that saved. Below zero, keeping the cache cost more than it"
        " saved. Savings are estimates."
    )
    return chart(
        "cache",
        "Caches: hit rate and net saving",
        caption,
        figure,
        relation="rpt_cache_daily",
        marked=marks(reports, (row["day"] for row in rows)),
    )


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
