"""The unit cost page: what a success costs, by period and by whatever tasks are known by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from dashboards.kit.formatting import ALL_TYPES, month, text
from dashboards.kit.reports import Reports, Row, month_shown
from dashboards.kit.tables import Column, Table, fields, table
from dashboards.kit.theme import UNATTRIBUTED
from dashboards.kit.trends import task_types, unit_cost
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
from dashboards.pages.unit_cost.loop_depth import loop_depth

TREND_DAYS = 155
"""How far before the newest complete month charts begin: at the first of the fifth month back."""

CONTROLS = (
    Control("grain", "Period"),
    Control("period", "of"),
    Control("by", "By"),
    Control("basis", "Cost"),
)
DIMENSIONS = {
    "task_type": "Task type",
    "feature": "Feature",
    "team": "Team",
    "cost_centre": "Cost centre",
    "tenant": "Tenant",
    "model": "Models",
    "key": "Key",
}
MANY = ("tenant", "model", "key")
"""Dimensions of many members: by day they are too many to choose from, and too many to read."""

BASES = {"charge": "on the bill", "estimate": "estimate", "reported": "reported by the gateway"}

COMPARISONS = (PREVIOUS, YEAR_BEFORE, Option("benchmark", "the middle member"))
"""What cost per success can be seen beside; the middle member is a report's median."""

SAID = {
    "charge": "Cost is what the bills charge the tasks that closed, shared cost, tax and credits"
    " included; the estimate where no bill has come yet.",
    "estimate": "Cost is tokens times the price list in force, known the next day.",
    "reported": "Cost is what the gateway wrote into its log.",
}

OF_DIMENSION = {
    "team": " A task is of the team that has its feature on the day it closes.",
    "cost_centre": " A task is of the cost centre that has its team on the day it closes.",
    "model": " A task is of all the models that its turns used, so that its whole cost stands"
    " beside its success: work that two did together is on a line of both. No bill says who worked"
    " together; what each model cost by itself stands on Spend.",
    "key": " A task is of the key of its calls. Bills know keys and no tasks; what each key cost"
    " stands on Spend.",
}
"""What makes a task one of the members, where that is not plain."""

COLUMNS = (
    Column("member_name", "Member"),
    Column("tasks_closed", "Closed", "count", "Tasks"),
    Column("successes", "Successes", "count", "Tasks"),
    Column("success_ratio", "Rate", "ratio", "Tasks"),
    Column("first_pass_ratio", "First pass", "ratio", "Tasks", "Never judged otherwise before."),
    Column("cost_usd", "Total", "money", "Cost", bars=True),
    Column("cost_per_task_usd", "Per task", "unit_cost", "Cost"),
    Column("cost_per_success_usd", "Per success", "unit_cost", "Cost"),
    Column("waste_usd", "Waste", "money", "Cost", "Spend that bought no success; no bill says."),
    Column("large_model_ratio", "Large models", "ratio", "What moves it"),
    Column("gateway_cache_hit_ratio", "Gateway cache", "ratio", "What moves it"),
    Column("provider_cache_hit_ratio", "Prefix cache", "ratio", "What moves it"),
    Column("avg_loop_depth", "Loops", "number", "What moves it"),
    Column("p95_loop_depth", "p95", "number", "What moves it"),
    Column("unpriced_calls", "Unpriced calls", "count"),
    *(
        column
        for option in COMPARISONS
        for column in beside(option, "_per_success_usd", "unit_cost")
    ),
)

WORTH = (
    Column("member", "Task type", "task_type"),
    Column("cost_per_success_usd", "Models", "unit_cost", "Cost per success"),
    Column("human_per_success_usd", "People", "unit_cost", "Cost per success"),
    Column("success_ratio", "Success", "ratio", "Rate"),
    Column("first_pass_ratio", "First pass", "ratio", "Rate", "Never judged otherwise before."),
    Column("judged_neutral_tasks", "Neutral", "count", "Tasks"),
    Column("reversals", "Reversed", "count", "Tasks", "Reopened after they had held."),
    Column("value_usd", "Value", "money", "Successes"),
    Column("task_margin_usd", "Margin", "signed_money", "Successes", "Value less all cost."),
    Column("baseline_saving_usd", "Saved", "signed_money", "Successes", "Against the cost before."),
)


def unit_cost_page(reports: Reports) -> dict[str, Any]:
    """Collect what the unit cost template prints; `has_data` is False for an empty warehouse."""
    first = month_shown(reports)
    parts = [part for grain in GRAINS for part in _parts(reports, grain)]
    if first is None or not parts:
        return {"has_data": False}
    since = (first - dt.timedelta(days=TREND_DAYS)).replace(day=1)
    types = task_types(reports, since)
    return {
        "has_data": True,
        "view": view(
            "unit-cost", CONTROLS, parts, ("month", str(first), "feature", "charge"), COMPARISONS
        ),
        "charts": [
            unit_cost(reports, since, "month", types),
            unit_cost(reports, since, "day", types),
            loop_depth(reports, first, types),
        ],
        "worth": _worth(reports, first),
    }


def _parts(reports: Reports, grain: str) -> list[Part]:
    """A part for each period, dimension and basis in which somebody is named."""
    rows = newest_periods(
        reports,
        "(from reports.rpt_unit_cost_by_member"
        f" where period_grain <> 'day' or dimension not in {MANY})",
        grain,
        f"dimension, member, cost_basis, {fields(COLUMNS)}",
        "dimension, cost_basis, cost_usd desc nulls last, member",
    )
    found = {key: list(lines) for key, lines in groupby(rows, key=_choice)}
    starts = dict.fromkeys(row["period_start"] for row in rows)
    named = {row["dimension"] for row in rows if row["member"] != UNATTRIBUTED}
    dimensions = [dimension for dimension in DIMENSIONS if dimension in named]
    return list(_in_order(found, grain, list(starts), dimensions))


def _choice(row: Row) -> tuple[dt.date, str, str]:
    return row["period_start"], row["dimension"], row["cost_basis"]


def _in_order(
    found: dict[tuple[dt.date, str, str], list[Row]],
    grain: str,
    starts: Sequence[dt.date],
    dimensions: Sequence[str],
) -> Iterator[Part]:
    for start in starts:
        for dimension in dimensions:
            for basis in BASES:
                lines = found.get((start, dimension, basis), [])
                total = found.get((start, "all", basis), [])
                if lines:
                    yield _part(grain, start, dimension, basis, [*lines, *total])


def _part(grain: str, start: dt.date, dimension: str, basis: str, rows: Sequence[Row]) -> Part:
    period = period_name(grain, start)
    heading = DIMENSIONS[dimension]
    named = [{**row, "member_name": _named(row)} for row in rows]
    return Part(
        options=(
            Option(grain, GRAINS[grain]),
            Option(start.isoformat(), period),
            Option(dimension, heading),
            Option(basis, BASES[basis]),
        ),
        tables=(
            table(
                f"Unit cost by {heading.lower()}, {period}",
                f"{SAID[basis]} Tasks count in the period in which they closed, with all that was"
                f" spent on them.{OF_DIMENSION.get(dimension, '')}",
                (Column("member_name", heading), *COLUMNS[1:]),
                named,
                role=lambda row: "total" if row["dimension"] == "all" else "",
                relation="rpt_unit_cost_by_member",
            ),
        ),
        file=f"{grain}-{start.isoformat()}-{dimension.replace('_', '-')}",
    )


def _named(row: Row) -> str:
    return "All" if row["dimension"] == "all" else text(row["member_name"])


def _worth(reports: Reports, first: dt.date) -> Table:
    """What successes cost, models and people, and what they are worth, by task type."""
    rows = reports.rows(
        f"select {fields(WORTH)} from reports.rpt_unit_cost_by_member"
        " where period_grain = 'month' and period_start = ? and cost_basis = 'estimate'"
        " and dimension in ('all', 'task_type')"
        " order by dimension = 'all', cost_usd desc nulls last, member",
        (first,),
    )
    return table(
        f"Value by task type, {month(first)}",
        "What the business gets for it, where config/task_types.csv states minutes of people's"
        " work, the value of a success or its cost before: unknown is not nothing.",
        WORTH,
        rows,
        role=lambda row: "total" if row["member"] == ALL_TYPES else "",
        relation="rpt_unit_cost_by_member",
    )
