"""The operations page: what waited, failed and took long, beside what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.kit.formatting import count, exact_money, moment, money, month, number, seconds
from dashboards.kit.marks import marks
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, Table, table
from dashboards.kit.theme import COLOURS, DOLLARS, Chart, chart, plotted

HOURS_SHOWN = 12
"""Hours of features that are listed, those first in which most was turned away."""

DAYS_SHOWN = 14
HOPS_SHOWN = 30
"""Hops that are listed, queues above and then the dearest."""

HOURS = (
    Column("period_start", "Hour", "moment"),
    Column("member", "Feature"),
    Column("queue_depth_max", "Most", "number", "Waiting", "Of the queue with the most."),
    Column("oldest_wait_seconds_max", "Oldest", "seconds", "Waiting"),
    Column("calls", "All", "count", "Calls", "Attempts of every kind."),
    Column("timed_out_calls", "Timed out", "count", "Calls"),
    Column("refused_calls", "Refused", "count", "Calls", "By a rate limit or a budget."),
    Column("shed_calls", "Shed", "count", "Calls", "By an overloaded server."),
    Column("retries", "Tried again", "count", "Calls", "After a failed attempt."),
    Column("model_p50_seconds", "Half within", "seconds", "Answers of models"),
    Column("model_p95_seconds", "95 % within", "seconds", "Answers of models"),
    Column("estimate_usd", "All", "money", "Cost"),
    Column("failed_usd", "Failed", "money", "Cost", "Of attempts without a usable answer."),
)

DAYS = (
    Column("period_start", "Day, UTC", "day"),
    Column("queue_depth", "Mean", "number", "Waiting", "Of all queues together."),
    Column("queue_depth_max", "Most", "number", "Waiting", "Of the queue with the most."),
    Column("queue_shed", "Dropped", "count", "Waiting", "By queues, where they count it."),
    Column("calls", "All", "count", "Calls", "Attempts of every kind."),
    Column("turned_away_calls", "Turned away", "count", "Calls", "Timed out, refused or shed."),
    Column("first_token_p95_seconds", "First token", "seconds", "95 % within"),
    Column("model_p95_seconds", "Models", "seconds", "95 % within"),
    Column("tool_p95_seconds", "Tools", "seconds", "95 % within"),
    Column("retrieval_p95_seconds", "Retrieval", "seconds", "95 % within"),
    Column("embedding_p95_seconds", "Embeddings", "seconds", "95 % within"),
    Column("estimate_usd", "All", "money", "Cost"),
    Column("failed_usd", "Failed", "money", "Cost", "Of attempts without a usable answer."),
)

HOPS = (
    Column("hop_kind", "Kind"),
    Column("hop", "Model, tool or queue"),
    Column("provider", "Provider"),
    Column("queue_depth", "Waiting", "number", help="Mean of a queue's samples."),
    Column("queue_depth_max", "At most", "number"),
    Column("calls", "Calls", "count"),
    Column("turned_away", "Turned away", "count", help="Timed out, refused, shed or rejected."),
    Column("p50_seconds", "Half within", "seconds"),
    Column("p95_seconds", "95 % within", "seconds"),
    Column("first_token_p95_seconds", "First token", "seconds", help="95 % begin within."),
    Column("estimate_usd", "Cost", "money"),
    Column("failed_usd", "Failed", "money", help="Of attempts without a usable answer."),
)


STORAGE = (
    Column("source_name", "Source"),
    Column("landed_bytes", "Landed", "count", "Bytes", "In the month, as they came."),
    Column("kept_bytes", "Kept", "count", "Bytes", "On average over the month."),
    Column("usd_per_gb_month", "A GB and month", "unit_cost", "Cost"),
    Column("storage_usd", "Month", "money", "Cost", "To the newest day."),
    Column("retention_days", "Stated", "count", "Kept for, days", "Unknown: for good."),
    Column("keep_at_least_days", "At least", "count", "Kept for, days", "By policy."),
    Column("keep_at_most_days", "At most", "count", "Kept for, days", "By policy."),
    Column("state", "Policy", "phrase"),
)


def operations_page(reports: Reports) -> dict[str, Any]:
    """Collect what the template prints; `has_data` is False before there was a call or sample."""
    days = _rows(
        reports,
        DAYS,
        "period_grain = 'day' and dimension = 'all'",
        f"period_start desc limit {DAYS_SHOWN}",
    )
    if not days:
        return {"has_data": False}
    return {
        "has_data": True,
        "hours": _chart(reports),
        "worst": _worst(reports),
        "days": table(
            "Day by day",
            "All features. Unknown is what nobody measures: queues without samples, answers"
            " without an end.",
            DAYS,
            days,
            relation="rpt_operations",
        ),
        "hops": _hops(reports),
        "storage": _storage(reports),
    }


def _rows(reports: Reports, columns: Sequence[Column], where: str, order: str) -> Sequence[Row]:
    return reports.rows(
        f"select {_fields(columns)} from reports.rpt_operations where {where} order by {order}"
    )


def _fields(columns: Sequence[Column]) -> str:
    """Select list of columns; levels and seconds are no money, so no exact decimals."""
    plain = ("number", "seconds")
    return ", ".join(
        f"cast({column.field} as double) as {column.field}"
        if column.kind in plain
        else column.field
        for column in columns
    )


def _worst(reports: Reports) -> Table:
    rows = _rows(
        reports,
        HOURS,
        "period_grain = 'hour' and dimension = 'feature' and turned_away_calls > 0",
        "turned_away_calls desc, failed_usd desc nulls last, period_start desc, member"
        f" limit {HOURS_SHOWN}",
    )
    return table(
        "Hours in which most was turned away",
        "Of the newest 14 days, by feature: calls that timed out, were refused or shed, with the"
        " queue before them and what the attempts that failed cost.",
        HOURS,
        rows,
        empty="None: every call was answered in time.",
        relation="rpt_operations",
    )


def _hops(reports: Reports) -> Table:
    rows = reports.rows(
        f"select {_fields(HOPS)} from reports.rpt_operation_hops"
        " order by hop_kind <> 'queue', estimate_usd desc nulls last, calls desc, hop_kind, hop,"
        f" provider limit {HOPS_SHOWN}"
    )
    return table(
        "Hop by hop",
        "Every queue, model and tool that requests of the product went through in the newest 35"
        f" days. At most {HOPS_SHOWN} lines, queues first and then the dearest.",
        HOPS,
        rows,
        relation="rpt_operation_hops",
    )


def _storage(reports: Reports) -> Table:
    newest = "month = (select max(month) from reports.rpt_log_storage)"
    rows = reports.rows(
        f"select {', '.join(of.field for of in STORAGE)}, month, row_kind"
        f" from reports.rpt_log_storage where {newest}"
        " order by row_kind = 'total', storage_usd desc nulls last, source_name"
    )
    of = f", {month(rows[0]['month'])}" if rows else ""
    return table(
        f"What the logs themselves cost{of}",
        "Files as they were landed, at the price and for the days that config/log_storage.csv"
        " states. Too long and too short are against the policy that stands beside.",
        STORAGE,
        rows,
        role=lambda row: "total" if row["row_kind"] == "total" else "",
        empty="No file has come yet.",
        relation="rpt_log_storage",
    )


PANELS = (
    ("queue_depth_max", "Requests that wait"),
    ("model_p95_seconds", "95 % of models' answers within, seconds"),
    ("failed_usd", "Cost of failed attempts, an hour"),
)


def _chart(reports: Reports) -> Chart:
    """Wait, latency and lost cost of all features, hour by hour, one above the other."""
    rows = reports.rows(
        "select period_start, cast(queue_depth_max as double) as queue_depth_max,"
        " cast(model_p95_seconds as double) as model_p95_seconds, failed_usd, timed_out_calls,"
        " retries from reports.rpt_operations"
        " where period_grain = 'hour' and dimension = 'all' order by period_start"
    )
    figure = make_subplots(
        rows=len(PANELS),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.09,
        subplot_titles=tuple(title for _, title in PANELS),
    )
    for number_of, (field, title) in enumerate(PANELS, start=1):
        figure.add_trace(
            go.Scatter(
                x=[row["period_start"].isoformat() for row in rows],
                y=[plotted(row[field]) for row in rows],
                name=title,
                mode="lines",
                line={"color": COLOURS[number_of - 1]},
                showlegend=False,
                hoverinfo="text",
                hovertext=[_said(row) for row in rows],
            ),
            row=number_of,
            col=1,
        )
    figure.update_xaxes(type="date")
    figure.update_yaxes(rangemode="tozero")
    figure.update_yaxes(tickformat=DOLLARS, row=len(PANELS))
    return chart(
        "operations-hours",
        "What waits, how long it takes, what failing costs",
        "All features, hour by hour, UTC. A gap is an hour of which nobody knows.",
        figure if rows else None,
        height=480,
        relation="rpt_operations",
        marked=marks(reports, (row["period_start"].date() for row in rows)),
    )


def _said(row: Row) -> str:
    return (
        f"<b>{moment(row['period_start'])}</b><br>{number(row['queue_depth_max'])} waited at most"
        f"<br>95 % of answers within {seconds(row['model_p95_seconds'])}"
        f"<br>{count(row['timed_out_calls'])} timed out, {count(row['retries'])} tried again"
        f"<br>failed attempts: {money(row['failed_usd'])} ({exact_money(row['failed_usd'])})"
    )
