"""How deep loops run day by day, and what their further steps cost."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.kit.formatting import chart_text, count, day, money, number, ratio
from dashboards.kit.marks import marks
from dashboards.kit.reports import Reports, Row
from dashboards.kit.theme import (
    DAY_BAR_MS,
    DAYS_SHOWN,
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
from dashboards.kit.trends import TENFOLD, far_apart

LINES_SHOWN = 6
"""Features that are drawn, those first whose further steps cost most on a day."""


def loops_by_day(reports: Reports) -> Chart:
    """Draw the 95th percentile of loop depth, and what the steps after the first one cost."""
    rows = reports.rows(
        "select * from reports.rpt_loops_daily where day >"
        " (select max(day) - cast(? as integer) from reports.rpt_loops_daily)"
        " order by max(further_usd) over (partition by dimension, member) desc, member, day",
        (DAYS_SHOWN,),
    )
    figure = _panels(rows) if rows else None
    return chart(
        "loops-daily",
        "Loops by day",
        "Left: the depth that 95 of 100 tasks stay within, on the day they close; the thick line is"
        f" all tasks together.{TENFOLD if _deep(rows) else ''}"
        " Right: what the steps after the first one cost, by the price list."
        f" At most {LINES_SHOWN} features are drawn, those whose further steps cost most on a day.",
        figure,
        relation="rpt_loops_daily",
        marked=marks(reports, (row["day"] for row in rows)),
    )


def _panels(rows: list[Row]) -> go.Figure:
    titles = ("Loop depth, 95th percentile", "Cost of further steps")
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.08, subplot_titles=titles)
    names = dict.fromkeys(row["member"] for row in rows if row["dimension"] == "feature")
    drawn = list(names)[:LINES_SHOWN]
    look = styles(drawn)
    for name in drawn:
        style = look[name]
        mine = [r for r in rows if r["dimension"] == "feature" and r["member"] == name]
        _draw(figure, chart_text(name), mine, style, 1.8)
        bars = go.Bar(
            y=[plotted(row["further_usd"]) for row in mine],
            marker=style.marker,
            width=DAY_BAR_MS,
            showlegend=False,
            **_shared(chart_text(name), mine),
        )
        figure.add_trace(bars, row=1, col=2)
    _draw(figure, "All features", [r for r in rows if r["dimension"] == "all"], Style(INK), 3)
    day_axis(figure, (row["day"] for row in rows))
    figure.update_yaxes(type="linear", rangemode="tozero")
    figure.update_yaxes(tickformat=DOLLARS, row=1, col=2)
    if _deep(rows):
        figure.update_yaxes(type="log", dtick=1, row=1, col=1)
    figure.update_layout(barmode="stack")
    return figure


def _deep(rows: list[Row]) -> bool:
    """Whether a day ran so deep that usual days could not be read beside it."""
    return far_apart(row["p95_loop_depth"] for row in rows)


def _draw(figure: go.Figure, label: str, rows: list[Row], style: Style, width: float) -> None:
    line = go.Scatter(
        y=[plotted(row["p95_loop_depth"]) for row in rows],
        mode=line_mode(len(rows)),
        line={"color": style.colour, "width": width},
        **_shared(label, rows),
    )
    figure.add_trace(line, row=1, col=1)


def _shared(label: str, rows: list[Row]) -> dict[str, object]:
    return {
        "name": label,
        "legendgroup": f"series {label}",
        "hoverinfo": "text",
        "x": [row["day"].isoformat() for row in rows],
        "hovertext": [_hover(label, row) for row in rows],
    }


def _hover(label: str, row: Row) -> str:
    return (
        f"<b>{label}</b>, {day(row['day'])}"
        f"<br>{count(row['tasks_closed'])} tasks, {number(row['avg_loop_depth'])} steps on average"
        f"<br>95 of 100 within {number(row['p95_loop_depth'])}"
        f"<br>Further steps: {money(row['further_usd'])}, {ratio(row['further_ratio'])} of all"
    )
