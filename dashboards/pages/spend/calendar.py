"""Calendar of daily spend: a column a week, a line a day of the week, the darker the dearer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import plotly.graph_objects as go

from dashboards.kit.formatting import count, day, money
from dashboards.kit.reports import Reports, Row
from dashboards.kit.theme import DOLLARS, Chart, chart, plotted

DAYS_SHOWN = 371
"""53 weeks: each day of a year, and the same day of the week a year before."""

_FORTNIGHT_MS = 14 * 86_400_000

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

SCALE = ((0.0, "#d6e6f2"), (0.5, "#4a90c2"), (1.0, "#08305a"))
"""One hue from light to dark: it reads without colours too."""


def spend_calendar(reports: Reports) -> Chart:
    """Draw what calls cost on each day of the last year."""
    rows = reports.rows(
        "select period_start, calls, unpriced_calls, estimate_usd from reports.rpt_spend_by_member"
        " where period_grain = 'day' and dimension = 'all' and estimate_usd is not null"
        " and period_start > (select max(period_start) - cast(? as integer)"
        " from reports.rpt_spend_by_member where period_grain = 'day') order by period_start",
        (DAYS_SHOWN,),
    )
    return chart(
        "spend-calendar",
        "Calendar of spend",
        "What calls cost by the price list on each day: a column a week, the darker the dearer."
        " An empty field is a day without calls, or of unknown cost.",
        _figure(rows) if rows else None,
        300,
        relation="rpt_spend_by_member",
    )


def _figure(rows: Sequence[Row]) -> go.Figure:
    by_day = {row["period_start"]: row for row in rows}
    first, last = (_monday(row["period_start"]) for row in (rows[0], rows[-1]))
    weeks = [first + dt.timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    days = [[week + dt.timedelta(days=n) for week in weeks] for n in range(len(WEEKDAYS))]
    known = [[by_day.get(day) for day in line] for line in days]
    figure = go.Figure(
        go.Heatmap(
            name="Estimate",
            x=[week.isoformat() for week in weeks],
            y=list(WEEKDAYS),
            z=[[row and plotted(row["estimate_usd"]) for row in line] for line in known],
            customdata=[[one.isoformat() for one in line] for line in days],
            colorscale=SCALE,
            colorbar={"tickformat": DOLLARS, "thickness": 12},
            xgap=2,
            ygap=2,
            hoverinfo="text",
            hovertext=[["" if row is None else _hover(row) for row in line] for line in known],
        )
    )
    figure.update_xaxes(
        type="date", showgrid=False, tick0=weeks[0].isoformat(), dtick=_FORTNIGHT_MS
    )
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=list(reversed(WEEKDAYS)),
        showgrid=False,
    )
    return figure


def _monday(one: dt.date) -> dt.date:
    return one - dt.timedelta(days=one.weekday())


def _hover(row: Row) -> str:
    return (
        f"<b>{day(row['period_start'])}</b><br>{money(row['estimate_usd'])}"
        f"<br>Calls: {count(row['calls'])}<br>Unpriced calls: {count(row['unpriced_calls'])}"
    )
