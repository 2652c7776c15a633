"""The daily spend chart: what was billed against what our records estimate, by provider."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.kit.formatting import chart_text, count, day, money
from dashboards.kit.marks import marks
from dashboards.kit.reports import Reports, Row
from dashboards.kit.theme import (
    DAY_BAR_MS,
    DOLLARS,
    INK,
    PAGE,
    PROVIDER_COLOURS,
    QUIET,
    Chart,
    Style,
    chart,
    day_axis,
    plotted,
    styles,
)

BILLED, NOT_BILLED, ESTIMATE = "Billed charge", "Not billed yet (estimate)", "Estimate"
Marker = dict[str, Any]


def daily_spend(reports: Reports, oldest: Row) -> Chart:
    """Draw billed charge and estimate by day, one panel per provider."""
    rows = reports.rows(
        "select day, provider, charge_usd, estimate_usd, calls, unpriced_calls"
        " from reports.rpt_spend_daily where day >= ? order by provider, day",
        (oldest["first_day"],),
    )
    providers = list(dict.fromkeys(row["provider"] for row in rows))
    caption = (
        "What providers billed for each day (bars), against what our records estimate (line)."
        " Hatched bars are days whose bill has not arrived: there the estimate stands in."
    )
    height = 90 + 125 * max(1, len(providers))
    figure = _spend_panels(providers, rows) if rows else None
    return chart(
        "spend",
        "Daily spend by provider",
        caption,
        figure,
        height,
        relation="rpt_spend_daily",
        marked=marks(reports, [oldest["first_day"]] if rows else []),
    )


def _spend_panels(providers: Sequence[str], rows: Sequence[Row]) -> go.Figure:
    figure = make_subplots(
        rows=len(providers),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=min(0.06, 0.3 / len(providers)),
    )
    look = styles(providers, PROVIDER_COLOURS)
    for position, provider in enumerate(providers, start=1):
        mine = [row for row in rows if row["provider"] == provider]
        for trace in _spend_traces(mine, look[provider]):
            figure.add_trace(trace, row=position, col=1)
        figure.update_yaxes(title_text=chart_text(provider), row=position, col=1)
    figure.add_traces(_spend_legend())
    figure.update_yaxes(type="linear", tickformat=DOLLARS, rangemode="tozero")
    day_axis(figure, (row["day"] for row in rows))
    figure.update_layout(barmode="overlay")
    return figure


def _spend_traces(rows: list[Row], style: Style) -> list[Any]:
    billed = [row for row in rows if row["charge_usd"] is not None]
    waiting = [row for row in rows if row["charge_usd"] is None]
    return [
        _spend_bars(BILLED, billed, "charge_usd", {"color": style.colour}),
        _spend_bars(NOT_BILLED, waiting, "estimate_usd", _hatched(style.colour)),
        go.Scatter(
            legendgroup=ESTIMATE,
            showlegend=False,
            mode="lines",
            hoverinfo="skip",
            x=[row["day"].isoformat() for row in rows],
            y=[plotted(row["estimate_usd"]) for row in rows],
            line={"color": INK, "width": 1.2},
        ),
    ]


def _spend_bars(group: str, rows: list[Row], field: str, marker: Marker) -> go.Bar:
    return go.Bar(
        legendgroup=group,
        showlegend=False,
        marker=marker,
        hoverinfo="text",
        width=DAY_BAR_MS,
        x=[row["day"].isoformat() for row in rows],
        y=[plotted(row[field]) for row in rows],
        hovertext=[_spend_hover(row) for row in rows],
    )


def _spend_legend() -> list[Any]:
    """Explain the marks in grey, because each provider draws them in its own colour."""
    nothing = {"x": [None], "y": [None]}
    return [
        go.Bar(name=BILLED, legendgroup=BILLED, marker={"color": QUIET}, **nothing),
        go.Bar(name=NOT_BILLED, legendgroup=NOT_BILLED, marker=_hatched(QUIET), **nothing),
        go.Scatter(
            name=ESTIMATE,
            legendgroup=ESTIMATE,
            mode="lines",
            line={"color": INK, "width": 1.2},
            **nothing,
        ),
    ]


def _hatched(colour: str) -> Marker:
    pattern = {"shape": "/", "fgcolor": colour}
    return {"color": PAGE, "line": {"color": colour, "width": 1}, "pattern": pattern}


def _spend_hover(row: Row) -> str:
    billed = "not billed yet" if row["charge_usd"] is None else money(row["charge_usd"])
    return (
        f"<b>{chart_text(row['provider'])}</b>, {day(row['day'])}<br>Billed: {billed}"
        f"<br>Estimate: {money(row['estimate_usd'])}<br>Calls: {count(row['calls'])}"
        f"<br>Unpriced calls: {count(row['unpriced_calls'])}"
    )
