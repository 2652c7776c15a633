"""The commitments page: what was promised or bought ahead, what is used of it, when it runs out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.kit.formatting import chart_text, day, money, text
from dashboards.kit.marks import marks
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, Table, fields, table
from dashboards.kit.theme import DOLLARS, Chart, Style, chart, day_axis, line_mode, plotted, styles

STANDING = (
    Column("commitment", "Commitment"),
    Column("kind", "Kind", "phrase"),
    Column("valid_to", "Ends before", "day"),
    Column("committed_usd", "Committed", "money"),
    Column("drawn_usd", "Drawn", "money", help="Taken off it so far, at effective cost."),
    Column("remaining_usd", "Left", "money"),
    Column(
        "exhausted_on",
        "Runs out",
        "day",
        help="At the pace of the newest 28 complete days; empty when it outlasts its term.",
    ),
    Column(
        "unused_at_end_usd",
        "Lost at the end",
        "money",
        help="Shortfall of a spend agreement, or what expires of a credit, at that pace.",
    ),
    Column("billed_usd", "Billed (cash)", "money"),
    Column(
        "effective_usd",
        "Effective (consumed)",
        "money",
        help="Never to be added to the cash; over the whole life both are equal.",
    ),
)

USE = (
    Column("commitment", "Commitment"),
    Column("month", "Month", "month"),
    Column("as_of_day", "Data until", "day"),
    Column("utilisation_ratio", "Used", "ratio", help="Used part of what the month bought."),
    Column(
        "break_even_ratio",
        "Break-even",
        "ratio",
        help="Utilisation at which it costs what on demand would.",
    ),
    Column(
        "coverage_ratio",
        "Coverage",
        "ratio",
        help="On-demand cost of what it covered, of all that it could have covered.",
    ),
    Column(
        "effective_usd_per_mtok",
        "Paid per 1M tokens",
        "unit_cost",
        help="With the idle rest on it.",
    ),
    Column("on_demand_usd_per_mtok", "On demand per 1M tokens", "unit_cost"),
    Column("idle_usd", "Idle cost so far", "money"),
    Column(
        "saving_usd",
        "Saved so far",
        "signed_money",
        help="On-demand cost minus used and idle cost; below zero it is a loss.",
    ),
)

IDLE = (
    Column("month", "Month", "month"),
    Column("dimension", "By", "phrase"),
    Column("member", "Who"),
    Column("pool", "Pool"),
    Column("provider", "Provider"),
    Column("charge_usd", "Bears", "money"),
)

IDLE_MONTHS = 3

NONE_YET = "No data yet: neither config/commitments.csv nor a bill names a commitment."


def commitments_page(reports: Reports) -> dict[str, Any]:
    """Collect what the commitments template prints."""
    columns = fields(tuple({column.field: column for column in (*STANDING, *USE)}.values()))
    rows = reports.rows(
        f"select {columns} from reports.rpt_commitments order by commitment, valid_from"
    )
    return {
        "has_data": True,  # without any, the tables say what to do
        "charts": [_burn_down(reports)],
        "tables": [_standing(rows), _use(rows), *_idle(reports)],
    }


def _standing(rows: Sequence[Row]) -> Table:
    caption = (
        "What each commitment is worth, what is left of it, and whether it lasts. A straight line"
        " through the newest 28 complete days; nothing is said with fewer than 7."
    )
    return table(
        "Where each stands", caption, STANDING, rows, empty=NONE_YET, relation="rpt_commitments"
    )


def _use(rows: Sequence[Row]) -> Table:
    caption = (
        "Used, break-even, coverage and prices are of the newest month, idle cost and saving of"
        " the whole term so far. Used above break-even saves money; below, on demand is cheaper."
    )
    return table(
        "What they are used for", caption, USE, rows, empty=NONE_YET, relation="rpt_commitments"
    )


def _idle(reports: Reports) -> list[Table]:
    """Who pays for what lay idle, where a bill states what that cost."""
    idle = "reports.rpt_showback where line = 'idle commitment'"
    rows = reports.rows(
        f"select {fields(IDLE)} from {idle} and dimension in ('team', 'feature')"
        f" and month in (select distinct month from {idle} order by month desc"
        f" limit {IDLE_MONTHS}) order by month desc, dimension desc, charge_usd desc, member, pool"
    )
    if not rows:
        return []
    caption = (
        "Billed for capacity that nobody used, by who bears it: those whom a rule of"
        " config/allocation.csv names, else nobody. Teams and features each sum to the whole."
    )
    return [table("Who pays for what lay idle", caption, IDLE, rows, relation="rpt_showback")]


def _burn_down(reports: Reports) -> Chart:
    rows = reports.rows(
        "select commitment, day, remaining_usd from reports.rpt_commitment_burn_down"
        " order by commitment, valid_from, day"
    )
    names = list(dict.fromkeys(row["commitment"] for row in rows))
    caption = "Dollars left of each commitment at the end of each day, as far as bills reach."
    return chart(
        "burn-down",
        "Burn-down",
        caption,
        _panels(names, rows) if rows else None,
        height=90 + 125 * max(1, len(names)),
        relation="rpt_commitment_burn_down",
        marked=marks(reports, (row["day"] for row in rows)),
    )


def _panels(names: Sequence[str], rows: Sequence[Row]) -> go.Figure:
    """A panel for each commitment: a small one would lie on the axis of a large one."""
    figure = make_subplots(
        rows=len(names), cols=1, shared_xaxes=True, vertical_spacing=min(0.1, 0.3 / len(names))
    )
    look = styles(names)
    for position, name in enumerate(names, start=1):
        mine = [row for row in rows if row["commitment"] == name]
        figure.add_trace(_line(name, mine, look[name]), row=position, col=1)
    figure.update_yaxes(type="linear", tickformat=DOLLARS, rangemode="tozero")
    day_axis(figure, [row["day"] for row in rows])
    return figure


def _line(name: str, rows: Sequence[Row], style: Style) -> go.Scatter:
    label = chart_text(name)
    return go.Scatter(
        name=label,
        mode=line_mode(len(rows)),
        hoverinfo="text",
        line={"color": style.colour, "shape": "hv"},
        showlegend=True,
        x=[row["day"].isoformat() for row in rows],
        y=[plotted(row["remaining_usd"]) for row in rows],
        hovertext=[
            f"<b>{label}</b>, {text(day(row['day']))}<br>{money(row['remaining_usd'])} left"
            for row in rows
        ],
    )
