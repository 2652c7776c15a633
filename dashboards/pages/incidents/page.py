"""The incidents page: what burns more than it should, whose it is, and what did so before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboards.kit.drivers import DRIVERS
from dashboards.kit.formatting import chart_text, exact_money, moment, money, phrase
from dashboards.kit.marks import marks
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, fields, table, with_whose
from dashboards.kit.theme import DOLLARS, PAGE, Chart, chart, plotted, styles

INCIDENTS_SHOWN = 60
"""Incidents of the past, the newest first; all of them are in the report."""

NOBODY = "nobody"

INCIDENTS = (
    Column("started_at", "Since", "moment"),
    Column("last_at", "Until", "moment", help="Last hour that added to the excess."),
    Column("whose", "Whose"),
    Column("measure", "What is off", "phrase"),
    Column("expected", "Usual", "money", help="What was to be expected of these hours."),
    Column("actual", "Actual", "money"),
    Column("excess_usd", "Excess", "signed_money", help="Of a saving, what is missing of it."),
    Column("driver", "Moved", help="What moved most beside the same hours of four weeks before."),
    Column("change_event", "After", help="Nearest change in the three days before."),
    Column("owner", "Owner"),
    Column("status", "Status", "phrase"),
)

MARKED = (*INCIDENTS, Column("marked_by", "Said by"))


def incidents_page(reports: Reports) -> dict[str, Any]:
    """Collect what the template prints; `has_data` is False before anything was spent."""
    if not reports.rows("select day from reports.rpt_spend_daily limit 1"):
        return {"has_data": False}
    rows = reports.rows(
        f"select {fields(MARKED).replace('whose', 'scope, member')} from reports.rpt_incidents"
        " order by started_at desc, incident_id"
    )
    worded = [{**row, "driver": DRIVERS[row["driver"]][0]} for row in with_whose(rows)]
    return {
        "has_data": True,
        "open": table(
            "Open incidents",
            "They alerted in the newest hours, and nobody has said that they are known, planned or"
            " a false alarm (config/incident_marks.csv). The owner of what moved acts.",
            INCIDENTS,
            sorted(
                (row for row in worded if row["status"] == "open"),
                key=lambda row: -row["excess_usd"],
            ),
            empty="None: nothing burns more than it should.",
            relation="rpt_incidents",
        ),
        "timeline": _timeline(reports, worded),
        "past": table(
            "Incidents that are over, or that somebody marked",
            "Hours that cost far more than is usual for the member at that hour of the week, or"
            f" than its tasks usually cost. At most {INCIDENTS_SHOWN}, the newest first.",
            MARKED,
            [row for row in worded if row["status"] != "open"][:INCIDENTS_SHOWN],
            empty="None so far.",
            relation="rpt_incidents",
        ),
    }


def _timeline(reports: Reports, rows: Sequence[Row]) -> Chart:
    """Each incident as a point: when it began and what it cost beyond the usual."""
    figure = go.Figure()
    look = styles(row["owner"] or NOBODY for row in rows)
    for owner, style in look.items():
        own = [row for row in rows if (row["owner"] or NOBODY) == owner]
        figure.add_trace(
            go.Scatter(
                x=[row["started_at"].isoformat() for row in own],
                y=[plotted(row["excess_usd"]) for row in own],
                name=chart_text(owner),
                mode="markers",
                marker={"color": style.colour, "size": 11, "line": {"color": PAGE, "width": 1}},
                hoverinfo="text",
                hovertext=[_hover(row) for row in own],
            )
        )
    figure.update_xaxes(type="date")
    figure.update_yaxes(type="log", tickformat=DOLLARS, dtick=1)
    return chart(
        "incidents",
        "Incidents by start and excess",
        "Each line of the scale is ten times the one below. The colour is the owner of what moved."
        " Dotted lines are changes.",
        figure if rows else None,
        height=280,
        relation="rpt_incidents",
        marked=marks(reports, (row["started_at"].date() for row in rows), incidents=False),
    )


def _hover(row: Row) -> str:
    return (
        f"<b>{chart_text(row['whose'])}</b>, {phrase(row['measure'])}<br>"
        f"{moment(row['started_at'])}: {money(row['excess_usd'])} beyond the usual"
        f" ({exact_money(row['excess_usd'])})<br>{row['driver']}, of"
        f" {chart_text(row['owner'] or NOBODY)}"
    )
