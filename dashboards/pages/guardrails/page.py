"""The guardrails page: what burns more than it should, whose it is, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboards.kit.drivers import DRIVERS
from dashboards.kit.formatting import chart_text, exact_money, moment, money, phrase, whose
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, fields, table
from dashboards.kit.theme import DOLLARS, PAGE, Chart, chart, plotted, styles

INCIDENTS_SHOWN = 60
"""Incidents of the past, the newest first; all of them are in the report."""

LIMITS_SHOWN, CAPS_SHOWN = 40, 40
"""Limits and rows of the cap audit; all of them are in the reports."""

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

LIMITS = (
    Column("whose", "Whose"),
    Column("period", "In a"),
    Column("kind", "Limit"),
    Column("limit_usd", "USD", "money"),
    Column("spent_usd", "Spent", "money"),
    Column("remaining_usd", "Left", "money"),
    Column("expected_usd", "Usual", "money", help="What the same hours usually spend."),
    Column(
        "projected_usd", "By its end", "money", help="Spent, and as usual for the hours to come."
    ),
    Column("projected_low_usd", "From", "money", help="Four times in five between from and to."),
    Column("projected_high_usd", "To", "money"),
    Column("exhausted_on", "Reached", "day"),
    Column("state", "State", "phrase"),
)

PLANS = (
    Column("whose", "Whose"),
    Column("period", "In a"),
    Column("kind", "Limit"),
    Column("limit_quantity", "At most", "quantity"),
    Column("unit", "Of", "phrase", help="Uncached tokens leave out what a prefix cache gave."),
    Column("used_quantity", "Used", "quantity"),
    Column("used_ratio", "Share", "ratio"),
    Column("pace_ratio", "Pace", "ratio", help="Beside an even use of the limit up to now."),
    Column("projected_quantity", "By its end", "quantity", help="As usual for the hours to come."),
    Column("exhausted_at", "Reached", "moment", help="Or will be, as usual."),
    Column("exhausted_at_burn", "At this pace", "moment", help="Of the newest two hours."),
    Column("state", "State", "phrase"),
)

REASONS = (
    Column("whose", "Whose"),
    Column("reason", "What to tell who asks"),
    Column("recommendation", "The gateway had better"),
    Column("expires_at", "Until", "moment"),
    Column("owner", "Owner"),
)

CAPS = (
    Column("whose", "Whose"),
    Column("period", "In a"),
    Column("period_start", "Since", "moment"),
    Column("limit_usd", "Limit", "money"),
    Column("reached_at", "Reached", "moment"),
    Column("direction", "What", help="Passed after it was reached, or refused below it."),
    Column("cause", "Cause", "phrase"),
    Column("usd", "USD", "money", help="What passed; of refusals, what was left at the first."),
    Column("calls", "Calls", "count"),
    Column("minutes", "Minutes", "count"),
    Column("graceful_ratio", "Answered after all", "ratio"),
    Column("owner", "Owner"),
)

MARKED = (*INCIDENTS, Column("marked_by", "Said by"))


def guardrails_page(reports: Reports) -> dict[str, Any]:
    """Collect what the template prints; `has_data` is False before anything was spent."""
    if not reports.rows("select day from reports.rpt_spend_daily limit 1"):
        return {"has_data": False}
    rows = reports.rows(
        f"select {fields(MARKED).replace('whose', 'scope, member')} from reports.rpt_incidents"
        " order by started_at desc, incident_id"
    )
    worded = [{**row, "driver": DRIVERS[row["driver"]][0]} for row in _named(rows)]
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
        "timeline": _timeline(worded),
        "past": table(
            "Incidents that are over, or that somebody marked",
            "Hours that cost far more than is usual for the member at that hour of the week, or"
            f" than its tasks usually cost. At most {INCIDENTS_SHOWN}, the newest first.",
            MARKED,
            [row for row in worded if row["status"] != "open"][:INCIDENTS_SHOWN],
            empty="None so far.",
            relation="rpt_incidents",
        ),
        **_limits(reports),
    }


def _limits(reports: Reports) -> dict[str, Any]:
    """Tables of limits: where each stands, what to say of it, and whether it held."""
    columns = dict.fromkeys(column.field for column in (*LIMITS, *PLANS, *REASONS))
    named = ", ".join(columns).replace("whose", "scope, member")
    rows = _named(
        reports.rows(
            f"select {named} from reports.rpt_budget_state"
            " order by array_position(['over', 'projected_over', 'unknown', 'warn', 'ok'], state),"
            " spent_usd desc nulls last, scope, member, period, kind, unit"
        )
    )
    caps = reports.rows(
        f"select {fields(CAPS).replace('whose', 'scope, member')} from reports.rpt_cap_audit"
        f" order by period_start desc, scope, member, direction, usd desc limit {CAPS_SHOWN}"
    )
    advised = [
        {
            **row,
            "recommendation": None if row["recommendation"] == "none" else row["recommendation"],
        }
        for row in rows
        if row["state"] != "ok" or row["recommendation"] != "none"
    ]
    return {
        "limits": table(
            "Limits",
            "Spend of the period so far by the price book, and where it will end as usual. A hard"
            " limit is the gateway's to enforce, a soft one warns (config/limits.csv,"
            " config/budgets.csv).",
            LIMITS,
            [row for row in rows if row["unit"] == "usd"][:LIMITS_SHOWN],
            empty="None is set: config/limits.csv.",
            relation="rpt_budget_state",
        ),
        "plans": table(
            "Plans: limits of tokens and requests",
            "What is used of a plan's window. Five hours move along: an hour that passes leaves"
            " them, and its room comes back.",
            PLANS,
            [row for row in rows if row["unit"] != "usd"][:LIMITS_SHOWN],
            relation="rpt_budget_state",
        ),
        "reasons": table(
            "What to say about them",
            "Of the limits that are reached, will be, warn or burn.",
            REASONS,
            advised[:LIMITS_SHOWN],
            empty="Every limit is as it should be.",
            relation="rpt_budget_state",
        ),
        "caps": table(
            "Caps that did not hold, or held too early",
            "This period and the one before: what passed after a hard limit was reached, and what"
            " the gateway refused although the limit was not. Each cause has its own cure.",
            CAPS,
            _named(caps),
            empty="Every hard limit held, or none was reached.",
            relation="rpt_cap_audit",
        ),
    }


def _named(rows: Sequence[Row]) -> list[Row]:
    return [{**row, "whose": whose(row["scope"], row["member"])} for row in rows]


def _timeline(rows: Sequence[Row]) -> Chart:
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
        "Each line of the scale is ten times the one below. The colour is the owner of what moved.",
        figure if rows else None,
        height=280,
        relation="rpt_incidents",
    )


def _hover(row: Row) -> str:
    return (
        f"<b>{chart_text(row['whose'])}</b>, {phrase(row['measure'])}<br>"
        f"{moment(row['started_at'])}: {money(row['excess_usd'])} beyond the usual"
        f" ({exact_money(row['excess_usd'])})<br>{row['driver']}, of"
        f" {chart_text(row['owner'] or NOBODY)}"
    )
