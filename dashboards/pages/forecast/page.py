"""The forecast page: what is to come, how sure that is, and what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboards.kit.formatting import day, exact_money, money, month
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, fields, table, with_whose
from dashboards.kit.theme import COLOURS, DOLLARS, Chart, chart, day_axis, plotted

SHOWN = 60
"""Rows of a table, the company above and then the dearest; all of them are in the report."""

GRAINS = {"30_days": "Next 30 days", "month": "Month"}

SUMS = (
    Column("whose", "Whose"),
    Column("period", "Period"),
    Column("forecast_usd", "Forecast", "money"),
    Column("low_usd", "From", "money", help="Four times in five between from and to."),
    Column("high_usd", "To", "money"),
    Column("method", "Method", help="The one that did best in the series' own past."),
    Column("backtest_error", "Was off by", "ratio", help="Mean of the same forecasts of before."),
)

DRIVERS = (
    Column("whose", "Whose"),
    Column("forecast_usd", "Next 30 days", "money"),
    Column("tasks", "Tasks", "number"),
    Column("calls_per_task_ratio", "Calls a task", "number"),
    Column("tokens_per_call_ratio", "Tokens a call", "number"),
    Column("usd_per_mtok", "A million tokens", "unit_cost"),
    Column("announced_usd", "Announced prices", "signed_money", help="What they add or save."),
    Column("next_price_on", "Next one", "day"),
)


PEAKS = (
    Column("whose", "Quota of"),
    Column("unit", "Counts", "phrase"),
    Column("event", "At", help="A planned event (config/calendar.csv), or the days without one."),
    Column("peak_on", "Peak", "day"),
    Column("usual_per_minute", "Busiest minute so far", "count"),
    Column("expected_per_minute", "Expected", "number"),
    Column("quota_per_minute", "Quota a minute", "count"),
    Column("used_ratio", "Used", "ratio"),
    Column("missing_per_minute", "Missing", "number"),
    Column("cache_per_minute", "Cache could take", "number", help="As on its best day."),
    Column("router_per_minute", "Router could move", "number", help="To models with room left."),
    Column("short_per_minute", "Then short", "number"),
    Column("needed_by", "Ask for more by", "day"),
    Column("owner", "Owner"),
    Column("state", "State", "phrase"),
)

USUAL_DAYS = "other days"


def forecast_page(reports: Reports) -> dict[str, Any]:
    """Collect what the template prints; `has_data` is False before anything is forecast."""
    own = "scope, member, period_grain, period_start, forecast_usd, low_usd, high_usd"
    rows = reports.rows(
        f"select {own}, made_on, method, cast(backtest_error as double) as backtest_error"
        " from reports.rpt_forecast order by scope <> 'company', scope,"
        " max(forecast_usd) over (partition by scope, member) desc, member, period_grain,"
        " period_start"
    )
    if not rows:
        return {"has_data": False}
    return {
        "has_data": True,
        "made_on": day(rows[0]["made_on"]),
        "days": _days([r for r in rows if r["scope"] == "company" and r["period_grain"] == "day"]),
        "sums": table(
            "In sum",
            "Of the company, of features and of tenants. Parts are forecast by themselves, and do"
            " not add up to the whole.",
            SUMS,
            [
                {**row, "period": _period(row)}
                for row in with_whose(rows) if row["period_grain"] in GRAINS
            ][:SHOWN],
        relation="rpt_forecast"),
        "drivers": table(
            "What it is made of",
            "As the four weeks before were: tasks, times calls of a task, times tokens of a call,"
            " times their price.",
            DRIVERS,
            with_whose(_drivers(reports)),
        relation="rpt_forecast_drivers"),
        "peaks": table(
            "Peaks and quotas",
            "The busiest minute of the four weeks before, times what each feature is forecast to"
            " grow by, beside what a provider lets through in a minute (config/limits.csv, period"
            " minute).",
            PEAKS,
            _peaks(reports),
            empty="No quota is stated.",
        relation="rpt_peak_plan"),
    }  # fmt: skip


def _drivers(reports: Reports) -> Sequence[Row]:
    rows = reports.rows(
        f"select {fields(DRIVERS).replace('whose', 'scope, member')}"
        " from reports.rpt_forecast_drivers"
        f" order by scope <> 'company', scope, forecast_usd desc nulls last, member limit {SHOWN}"
    )
    return [{**row, "tasks": None if row["tasks"] is None else float(row["tasks"])} for row in rows]


def _peaks(reports: Reports) -> Sequence[Row]:
    rows = reports.rows(
        f"select {fields(PEAKS).replace('whose', 'scope, member')} from reports.rpt_peak_plan"
        " order by short_per_minute desc, missing_per_minute desc, used_ratio desc, scope, member,"
        f" unit, event nulls last, peak_on limit {SHOWN}"
    )
    exact = [column.field for column in PEAKS if column.kind == "number"]
    return [
        {
            **row,
            "event": row["event"] or USUAL_DAYS,
            **{name: None if row[name] is None else float(row[name]) for name in exact},
        }
        for row in with_whose(rows)
    ]


def _period(row: Row) -> str:
    if row["period_grain"] == "month":
        return month(row["period_start"])
    return f"{GRAINS[row['period_grain']]}, from {day(row['period_start'])}"


def _days(rows: Sequence[Row]) -> Chart:
    """Each coming day of the company, with its interval as a band."""
    figure = go.Figure() if rows else None
    if figure is not None:
        days = [row["period_start"] for row in rows]
        for end, fill in (("high_usd", None), ("low_usd", "tonexty")):
            figure.add_trace(
                go.Scatter(
                    x=[of.isoformat() for of in days],
                    y=[plotted(row[end]) for row in rows],
                    name="Four times in five",
                    mode="lines",
                    line={"width": 0},
                    fill=fill,
                    fillcolor="rgba(0, 114, 178, 0.15)",
                    showlegend=fill is not None,
                    hoverinfo="skip",
                )
            )
        figure.add_trace(
            go.Scatter(
                x=[of.isoformat() for of in days],
                y=[plotted(row["forecast_usd"]) for row in rows],
                name="Forecast",
                mode="lines+markers",
                line={"color": COLOURS[0]},
                hoverinfo="text",
                hovertext=[
                    f"<b>{day(row['period_start'])}</b><br>{money(row['forecast_usd'])}"
                    f" ({exact_money(row['forecast_usd'])})<br>{money(row['low_usd'])} to"
                    f" {money(row['high_usd'])}"
                    for row in rows
                ],
            )
        )
        day_axis(figure, days)
        figure.update_yaxes(tickformat=DOLLARS, rangemode="tozero")
    return chart(
        "forecast-days",
        "The company, day by day",
        "The line is the forecast; the day's spend lies in the band four times in five.",
        figure,
        height=300,
        relation="rpt_forecast",
    )
