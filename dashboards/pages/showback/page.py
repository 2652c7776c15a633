"""The showback page: who caused the bill, month by month, by feature and by tenant."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from dashboards.kit.formatting import chart_text, money, month, ratio
from dashboards.kit.reports import Reports, Row, month_shown
from dashboards.kit.tables import Cell, Column, Line, Table, cell, fields, report_table
from dashboards.kit.theme import DOLLARS, INK, Chart, Style, chart, plotted, styles
from dashboards.kit.views import MONTHS_SHOWN, Control, Option, Part, view
from dashboards.pages.showback.billed_unit_cost import billed_unit_cost_tables
from dashboards.pages.showback.cross_subsidy import bearing_tables, untagged_tables
from dashboards.pages.showback.months import DIMENSIONS, Month
from dashboards.pages.showback.readiness import readiness_table

ALWAYS = ("feature", "tenant")
"""Shown even without a member; teams and cost centres only where somebody names them."""

MAX_MEMBERS = 12
"""Members a chart draws, largest first; the table below it lists every one."""

UNALLOCATED = "unallocated"
TOTAL = "Total = the bill"

COLUMNS = (
    Column("member", "", "text"),
    Column("charge_usd", "Billed charge", "money", bars=True),
    Column("share_ratio", "Share of bill", "ratio"),
    Column("previous_month_usd", "Month before", "money"),
    Column("change_usd", "Change", "signed_money"),
    Column("change_ratio", "Change %", "signed_ratio"),
    Column("tasks_closed", "Tasks closed", "count"),
    Column("successes", "Successes", "count"),
    Column("cost_per_success_usd", "Cost per success", "unit_cost"),
)

ESTIMATES = (
    Column("month", "Month", "month"),
    Column("feature", "Feature"),
    Column("cost_scope", "Part of", "phrase"),
    Column("calls", "Calls", "count"),
    Column("estimate_usd", "Estimate", "money"),
    Column("unpriced_calls", "Unpriced calls", "count"),
)

OUTCOMES = COLUMNS[-3:]
"""Columns about tasks; they do not apply to the unallocated and the total line."""


def showback_page(reports: Reports) -> dict[str, Any]:
    """Collect what the showback template prints; `has_data` is False for an empty warehouse."""
    rows = reports.rows(
        f"select month, dimension, row_kind, {fields(COLUMNS)}"
        " from reports.rpt_showback_summary where month in (select distinct month"
        f" from reports.rpt_showback_summary order by 1 desc limit {MONTHS_SHOWN})"
        " order by month desc, dimension,"
        " case row_kind when 'member' then 0 when 'unallocated' then 1 else 2 end,"
        " charge_usd desc nulls last, member"
    )
    if not rows:
        return _before_the_first_bill(reports)
    named = {row["dimension"] for row in rows if row["row_kind"] == "member"}
    shown = tuple(name for name in DIMENSIONS if name in ALWAYS or name in named)
    complete = _months(reports, "rpt_overview where is_complete")
    closed = _months(reports, "rpt_statements where close_number is not null group by month")
    months = [
        Month(start, [row for row in rows if row["month"] == start], shown, start in closed,
              start in complete, is_over=any(later > start for later in complete))
        for start in dict.fromkeys(row["month"] for row in rows)
    ]  # fmt: skip
    newest = month_shown(reports, {of.start for of in months})
    return {
        "has_data": True,
        "view": view(
            "showback",
            (Control("month", "Month"), Control("by", "By")),
            [part for month_ in months for part in _parts(reports, month_)],
            (str(newest), shown[0]),
        ),
        "charts": [_chart(reports, dimension, rows) for dimension in shown],
        "untagged": untagged_tables(reports),
        "readiness": readiness_table(reports),
    }


def _before_the_first_bill(reports: Reports) -> dict[str, Any]:
    """What calls cost by the price list, while no bill says what is charged for them."""
    estimates = report_table(
        reports,
        "Estimate by feature and month",
        "Tokens times the price list: what a bill is likely to charge for calls. Shared cost, tax"
        " and credits come with it, and who pays them.",
        ESTIMATES,
        "reports.rpt_cost_scopes order by month desc, estimate_usd desc nulls last, feature,"
        " cost_scope",
    )
    return {
        "has_data": bool(estimates.lines),
        "view": None,
        "estimates": estimates,
        "charts": [],
        "untagged": untagged_tables(reports),
        "readiness": readiness_table(reports),
    }


Details = dict[tuple[str, str], list[Row]]
"""Lines of a month by dimension and member."""


def _details(reports: Reports, start: dt.date) -> Details:
    rows = reports.rows(
        "select dimension, member, line, pool, provider, charge_usd"
        " from reports.rpt_showback where month = ?"
        " order by dimension, member, charge_usd desc, line, pool, provider",
        (start,),
    )
    details: Details = defaultdict(list)
    for row in rows:
        details[row["dimension"], row["member"]].append(row)
    return details


def _months(reports: Reports, which: str) -> set[dt.date]:
    rows = reports.rows(f"select month from reports.{which}")
    return {row["month"] for row in rows}


def _parts(reports: Reports, of: Month) -> Iterator[Part]:
    """A part for each dimension: the bill, and what is known of its members besides."""
    details = _details(reports, of.start)
    more = billed_unit_cost_tables(reports, of.start) + bearing_tables(reports, of.start)
    for dimension in of.dimensions:
        heading = DIMENSIONS[dimension]
        yield Part(
            options=(
                Option(of.start.isoformat(), month(of.start)),
                Option(dimension, heading),
            ),
            tables=(
                _table(dimension, of.rows, details),
                *(table for about, table in more if about == dimension),
            ),
            file=f"{of.start.isoformat()}-{dimension.replace('_', '-')}",
            title=month(of.start),
            badge=of.badge,
            note=(of.sentence, "agrees" if of.agrees else "differs"),
        )


def _table(dimension: str, rows: Sequence[Row], details: Details) -> Table:
    lines: list[Line] = []
    for row in rows:
        if row["dimension"] != dimension:
            continue
        lines.append(_summary_line(row))
        if row["row_kind"] != "total":
            lines += [_detail_line(line) for line in details[dimension, row["member"]]]
    heading = DIMENSIONS[dimension]
    columns = (Column("member", heading, "text"), *COLUMNS[1:])
    caption = (
        f"Each {heading.lower()}'s part of the month's bill; the indented lines say what it is made"
        f" of, by provider. Unallocated is what no call explains, and calls without a"
        f" {heading.lower()}."
    )
    return Table(
        f"By {heading.lower()}", caption, columns, tuple(lines), relation="rpt_showback_summary"
    )


def _summary_line(row: Row) -> Line:
    kind = row["row_kind"]
    first = {"total": Cell(TOTAL), UNALLOCATED: Cell("Unallocated")}.get(
        kind, cell(COLUMNS[0], row)
    )
    css = "" if kind == "member" else kind
    figures = [cell(column, row) for column in COLUMNS[1:]]
    if kind != "member":
        figures[-len(OUTCOMES) :] = [_outcome(column, row) for column in OUTCOMES]
    return Line((first, *figures), css)


def _outcome(column: Column, row: Row) -> Cell:
    shown = cell(column, row)
    return replace(shown, tooltip="does not apply") if row[column.field] is None else shown


def _detail_line(row: Row) -> Line:
    charge = cell(COLUMNS[1], row)
    pool = f" ({cell(_POOL, row).text})" if row["pool"] is not None else ""
    name = Cell(f"{row['line']}{pool}, {_provider(row)}")
    blank = tuple(Cell("", numeric=True) for _ in COLUMNS[2:])
    return Line((name, charge, *blank), "detail")


def _provider(row: Row) -> str:
    return "provider not known" if row["provider"] is None else cell(_PROVIDER, row).text


_PROVIDER = Column("provider", "Provider")
_POOL = Column("pool", "Pool")


def _chart(reports: Reports, dimension: str, rows: Sequence[Row]) -> Chart:
    word = DIMENSIONS[dimension].lower()
    mine = [row for row in rows if row["dimension"] == dimension]
    names = _members_by_size(reports, dimension)
    look = styles(names[:MAX_MEMBERS])
    figure = _stack(mine, {name: look[name] for name in names[:MAX_MEMBERS]}) if mine else None
    caption = (
        f"Each bar is one month's bill, split by {word}; grey is unallocated. The mark is the"
        " month's total."
    )
    if len(names) > MAX_MEMBERS:
        caption += (
            f" Only the {MAX_MEMBERS} largest are drawn: the space up to the mark belongs to"
            " smaller ones, all of them in the tables below."
        )
    return chart(
        f"showback-{dimension}",
        f"Bill by {word} and month",
        caption,
        figure,
        360,
        relation="rpt_showback_summary",
    )


def _members_by_size(reports: Reports, dimension: str) -> list[str]:
    rows = reports.rows(
        "select member from reports.rpt_showback_summary where dimension = ?"
        " and row_kind = 'member' group by member order by max(abs(charge_usd)) desc, member",
        (dimension,),
    )
    return [row["member"] for row in rows]


def _stack(rows: list[Row], look: dict[str, Style]) -> go.Figure:
    figure = go.Figure()
    for name, style in look.items():
        members = [row for row in rows if row["row_kind"] == "member" and row["member"] == name]
        figure.add_trace(_bars(chart_text(name), members, style))
    rest = [row for row in rows if row["row_kind"] == UNALLOCATED]
    figure.add_trace(_bars("Unallocated", rest, styles([UNALLOCATED])[UNALLOCATED]))
    totals = [row for row in rows if row["row_kind"] == "total"]
    figure.add_trace(_marks(totals))
    ordered = [month(start) for start in sorted({row["month"] for row in rows})]
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=ordered)
    figure.update_yaxes(type="linear", tickformat=DOLLARS)
    figure.update_layout(barmode="relative")
    return figure


def _bars(label: str, rows: list[Row], style: Style) -> go.Bar:
    return go.Bar(
        name=label,
        marker=style.marker,
        hoverinfo="text",
        width=0.5,
        x=[month(row["month"]) for row in rows],
        y=[plotted(row["charge_usd"]) for row in rows],
        hovertext=[_hover(label, row) for row in rows],
    )


def _marks(rows: list[Row]) -> go.Scatter:
    return go.Scatter(
        name="Total = the bill",
        mode="markers",
        hoverinfo="text",
        marker={"symbol": "line-ew", "size": 44, "line": {"color": INK, "width": 2}},
        x=[month(row["month"]) for row in rows],
        y=[plotted(row["charge_usd"]) for row in rows],
        hovertext=[_hover("Total", row) for row in rows],
    )


def _hover(label: str, row: Row) -> str:
    return (
        f"<b>{label}</b>, {month(row['month'])}<br>{money(row['charge_usd'])}"
        f" ({ratio(row['share_ratio'])} of the bill)"
    )
