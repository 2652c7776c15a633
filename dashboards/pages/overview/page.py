"""The overview page: the newest complete month at a glance, then how it came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.kit.commentary import commentary
from dashboards.kit.formatting import (
    count,
    exact_money,
    money,
    month,
    number,
    ratio,
    signed_money,
    signed_ratio,
    unit_cost,
)
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import tooltip
from dashboards.kit.trends import task_types
from dashboards.kit.trends import unit_cost as cost_trend
from dashboards.pages.overview import tables
from dashboards.pages.overview.spend_chart import daily_spend
from dashboards.pages.overview.story import stories
from dashboards.pages.overview.waste import waste_by_feature, waste_chart

WINDOW_MONTHS = 6
"""Months that daily charts and month tables show: two quarters still read well on a page."""

COLUMNS = (
    "month",
    "first_day",
    "last_day",
    "is_complete",
    "charge_usd",
    "charge_previous_usd",
    "charge_change_ratio",
    "estimate_usd",
    "reported_usd",
    "tie_out_charge_usd",
    "tie_out_estimate_usd",
    "tie_out_gap_usd",
    "tie_out_gap_ratio",
    "tasks_closed",
    "successes",
    "success_ratio",
    "cost_per_success_usd",
    "cost_per_success_previous_usd",
    "cost_per_success_change_ratio",
    "billed_cost_per_success_usd",
    "waste_usd",
    "waste_ratio",
    "gateway_cache_hit_ratio",
    "provider_cache_hit_ratio",
    "avoided_usd",
    "avg_loop_depth",
    "p95_loop_depth",
    "unallocated_usd",
    "unallocated_ratio",
    "unpriced_calls",
    "unpriced_ratio",
    "pending_tasks",
    "unknown_tasks",
)
"""What the page reads of the overview report; naming each makes a missing one a clear error."""


@dataclass(frozen=True)
class Tile:
    """One headline figure.

    Attributes:
        label: name of the metric, as in the glossary.
        term: glossary key.
        value: the formatted figure.
        tooltip: its unrounded amount, or that it is not known.
        detail: what it compares with or is made of.
        basis: billed charge, estimate or count: where the figure comes from.
    """

    label: str
    term: str
    value: str
    tooltip: str
    detail: str
    basis: str


def overview_page(reports: Reports) -> dict[str, Any]:
    """Collect what the overview template prints; `has_data` is False for an empty warehouse."""
    months = reports.rows(
        f"select {', '.join(COLUMNS)} from reports.rpt_overview order by month desc limit ?",
        (WINDOW_MONTHS,),
    )
    if not months:
        return {"has_data": False}
    headline = headline_month(months)
    oldest = months[-1]
    types = task_types(reports, oldest["month"])
    return {
        "has_data": True,
        "month": month(headline["month"]),
        "is_complete": headline["is_complete"],
        "tiles": tiles(headline),
        "commentary": commentary(reports, headline["month"]),
        "stories": stories(reports, headline),
        "months": tables.months(months),
        "spend": daily_spend(reports, oldest),
        "unit_cost_monthly": cost_trend(reports, oldest["month"], "month", types),
        "unit_cost_table": tables.unit_cost(reports, headline),
        "waste": waste_chart(reports, oldest),
        "waste_table": waste_by_feature(reports, headline),
        "beside_the_product": tables.beside_the_product(reports, headline),
    }


def headline_month(months: Sequence[Row]) -> Row:
    """Return the newest complete month; the newest month when none is complete yet."""
    return next((row for row in months if row["is_complete"]), months[0])


def tiles(row: Row) -> list[Tile]:
    """Word the headline figures of one month."""
    return [*_unit_tiles(row), *_efficiency_tiles(row), *_trust_tiles(row)]


def _unit_tiles(row: Row) -> list[Tile]:
    cost, charge = row["cost_per_success_usd"], row["charge_usd"]
    success = row["success_ratio"]
    return [
        Tile(
            "Cost per successful task",
            "cost-per-success",
            unit_cost(cost),
            exact_money(cost),
            _change(
                row["cost_per_success_change_ratio"],
                unit_cost(row["cost_per_success_previous_usd"]),
            ),
            f"Estimate. Not in it: {count(row['pending_tasks'])} tasks pending,"
            f" {count(row['unknown_tasks'])} without a verdict",
        ),
        Tile(
            "Billed spend",
            "charge",
            money(charge),
            exact_money(charge),
            _change(row["charge_change_ratio"], money(row["charge_previous_usd"])),
            "Billed charge",
        ),
        Tile(
            "Success rate",
            "success-rate",
            ratio(success),
            _known(success),
            f"{count(row['successes'])} of {count(row['tasks_closed'])} closed tasks",
            "Task outcomes",
        ),
        Tile(
            "Waste",
            "waste",
            money(row["waste_usd"]),
            exact_money(row["waste_usd"]),
            f"{ratio(row['waste_ratio'])} of the estimated cost of tasks",
            "Estimate",
        ),
    ]


def _efficiency_tiles(row: Row) -> list[Tile]:
    gateway, provider = row["gateway_cache_hit_ratio"], row["provider_cache_hit_ratio"]
    depth = row["avg_loop_depth"]
    return [
        Tile(
            "Gateway cache hit rate",
            "gateway-hit-rate",
            ratio(gateway),
            _known(gateway),
            f"{money(row['avoided_usd'])} of calls avoided",
            "Count of calls; avoided cost is an estimate",
        ),
        Tile(
            "Provider prefix-cache hit rate",
            "provider-hit-rate",
            ratio(provider),
            _known(provider),
            "of input tokens came from the cache",
            "Count of tokens",
        ),
        Tile(
            "Average loop depth",
            "loop-depth",
            number(depth),
            _known(depth),
            f"p95: {number(row['p95_loop_depth'])}",
            "Rounds of calls for each closed task",
        ),
    ]


def _trust_tiles(row: Row) -> list[Tile]:
    gap = row["tie_out_gap_usd"]
    return [
        Tile(
            "Tie-out gap",
            "tie-out",
            signed_ratio(row["tie_out_gap_ratio"]),
            _known(row["tie_out_gap_ratio"]),
            f"{signed_money(gap)}: billed {money(row['tie_out_charge_usd'])},"
            f" estimated {money(row['tie_out_estimate_usd'])}",
            "Usage on billed days; fees, tax and credits stand on the Tie-out page",
        ),
        Tile(
            "Unallocated share",
            "unallocated",
            ratio(row["unallocated_ratio"]),
            _known(row["unallocated_ratio"]),
            f"{money(row['unallocated_usd'])} of the bill that no call explains",
            "Billed charge; calls that name nobody stand on the Showback page",
        ),
        Tile(
            "Unpriced share",
            "unpriced",
            ratio(row["unpriced_ratio"]),
            _known(row["unpriced_ratio"]),
            f"{count(row['unpriced_calls'])} calls of unknown cost",
            "Count of calls",
        ),
    ]


def _change(change: float | None, previous: str) -> str:
    if change is None:
        return "No month before to compare with"
    return f"{signed_ratio(change)} on the month before ({previous})"


def _known(value: object) -> str:
    return tooltip(value, ratio(None)) if value is None else ""
