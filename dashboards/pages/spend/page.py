"""The spend page: what calls cost, by any period and by whatever they are known by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from dashboards.kit.reports import Reports, Row, month_shown
from dashboards.kit.tables import Column, fields, table
from dashboards.kit.theme import UNATTRIBUTED
from dashboards.kit.views import (
    GRAINS,
    PREVIOUS,
    YEAR_BEFORE,
    Control,
    Option,
    Part,
    beside,
    newest_periods,
    period_name,
    view,
)
from dashboards.pages.spend.calendar import spend_calendar

CONTROLS = (Control("grain", "Period"), Control("period", "of"), Control("by", "By"))

DIMENSIONS = {
    "feature": "Feature",
    "team": "Team",
    "cost_centre": "Cost centre",
    "tenant": "Tenant",
    "model": "Model",
    "provider": "Provider",
    "key": "Key",
    "environment": "Environment",
}
MANY = ("tenant", "key")
"""Dimensions of many members: by day they would be a page of megabytes a month."""


COMPARISONS = (PREVIOUS, YEAR_BEFORE, Option("budget", "the budget"))

COLUMNS = (
    Column("member_name", "Member"),
    Column("estimate_usd", "Estimate", "money", bars=True),
    Column("share_ratio", "Share", "ratio"),
    *(column for option in COMPARISONS for column in beside(option, "_usd", "money")),
    Column("calls", "Calls", "count"),
    Column("unpriced_calls", "Unpriced calls", "count"),
)


def spend_page(reports: Reports) -> dict[str, Any]:
    """Collect what the spend template prints; `has_data` is False for an empty warehouse."""
    first = month_shown(reports)
    parts = [part for grain in GRAINS for part in _parts(reports, grain)]
    if first is None or not parts:
        return {"has_data": False}
    return {
        "has_data": True,
        "view": view("spend", CONTROLS, parts, ("month", str(first), "feature"), COMPARISONS),
        "calendar": spend_calendar(reports),
    }


def _parts(reports: Reports, grain: str) -> Iterator[Part]:
    """A part for each period and dimension in which somebody is named."""
    rows = newest_periods(
        reports,
        "reports.rpt_spend_by_member",
        grain,
        f"dimension, member, {fields(COLUMNS)}",
        "dimension, estimate_usd desc nulls last, member",
    )
    found = {key: list(lines) for key, lines in groupby(rows, key=_choice)}
    named = {row["dimension"] for row in rows if row["member"] != UNATTRIBUTED}
    for start in dict.fromkeys(row["period_start"] for row in rows):
        for dimension in DIMENSIONS:
            lines = found.get((start, dimension), [])
            if lines and dimension in named and (grain != "day" or dimension not in MANY):
                yield _part(grain, start, dimension, [*lines, *found[start, "all"]])


def _choice(row: Row) -> tuple[dt.date, str]:
    return row["period_start"], row["dimension"]


def _part(grain: str, start: dt.date, dimension: str, rows: Sequence[Row]) -> Part:
    heading, period = DIMENSIONS[dimension], period_name(grain, start)
    named = [
        {**row, "member_name": "All" if row["dimension"] == "all" else row["member_name"]}
        for row in rows
    ]
    return Part(
        options=(
            Option(grain, GRAINS[grain]),
            Option(start.isoformat(), period),
            Option(dimension, heading),
        ),
        tables=(
            table(
                f"Spend by {heading.lower()}, {period}",
                "Tokens times the price list in force: what calls cost, known the next day. What"
                " bills charge, by whom, stands on Showback.",
                (Column("member_name", heading), *COLUMNS[1:]),
                named,
                role=lambda row: "total" if row["dimension"] == "all" else "",
                relation="rpt_spend_by_member",
            ),
        ),
        file=f"{grain}-{start.isoformat()}-{dimension.replace('_', '-')}",
    )
