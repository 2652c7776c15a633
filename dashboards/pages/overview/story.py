"""What a reader of the overview should know and do: four short lists, each line a report's row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from dashboards.kit.drivers import DRIVERS
from dashboards.kit.formatting import (
    count,
    day,
    exact_money,
    money,
    month,
    phrase,
    signed_money,
    signed_unit_cost,
    text,
    whose,
)
from dashboards.kit.reports import Reports, Row

DRIVERS_SHOWN, INCIDENTS_SHOWN, LIMITS_SHOWN, ACTIONS_SHOWN = 4, 3, 6, 6

NOBODY = "nobody"


@dataclass(frozen=True)
class Point:
    """One line: what it is, its amount, and who acts on it.

    Attributes:
        figure: the amount as the reader sees it.
        tooltip: the same with all its digits.
        words: what it is the amount of.
        owner: who acts on it; "" where nobody has to.
    """

    figure: str
    tooltip: str
    words: str
    owner: str = ""


def _point(
    usd: Decimal, words: str, owner: str | None, shown: Callable[[Decimal], str] = money
) -> Point:
    """A line on which somebody acts, or ought to."""
    return Point(shown(usd), exact_money(usd), words, text(owner or NOBODY))


@dataclass(frozen=True)
class Story:
    """A short list: its heading, the page that says more, and what to say when it is empty."""

    heading: str
    page: str
    caption: str
    points: tuple[Point, ...]
    empty: str


def stories(reports: Reports, headline: Row) -> list[Story]:
    """What moved the month, where budgets stand, what is to come, and what to do first."""
    start = headline["month"]
    moved = (*_drivers(reports, start), *_incidents(reports, headline))
    return [
        Story(
            f"What moved {month(start)}",
            "why.html",
            "Cost per success against the month before, and the dearest incidents.",
            moved,
            "Nothing to compare it with yet.",
        ),
        Story(
            "Budgets at the newest hour",
            "budgets.html",
            "Limits that are reached, or will be as usual.",
            tuple(_limits(reports)),
            "Every limit will hold, or none is set (config/limits.csv, config/budgets.csv).",
        ),
        Story(
            "What is to come",
            "forecast.html",
            "Spend by the price book, with its interval.",
            tuple(_forecast(reports)),
            "No forecast yet: it needs four weeks of days.",
        ),
        Story(
            "Do this first",
            "savings.html",
            f"What is at stake: of {month(start)}, if nothing else is said.",
            tuple(_actions(reports, start)),
            "Nothing stands out.",
        ),
    ]


def _drivers(reports: Reports, start: dt.date) -> Iterator[Point]:
    """The largest drivers of cost per success against the month before."""
    rows = reports.rows(
        "select driver, effect_usd, owner, change_event from reports.rpt_cost_bridge"
        " where period_grain = 'month' and period_start = ? and dimension = 'all'"
        " and measure = 'cost_per_success' and effect_usd <> 0"
        " order by abs(effect_usd) desc, driver limit ?",
        (start, DRIVERS_SHOWN),
    )
    for row in rows:
        change = f", after {text(row['change_event'])}" if row["change_event"] else ""
        words = f"a success: {_moved(row)}{change}"
        yield _point(row["effect_usd"], words, row["owner"], signed_unit_cost)


def _incidents(reports: Reports, headline: Row) -> Iterator[Point]:
    """The dearest incidents that began in the month."""
    rows = reports.rows(
        "select started_at, scope, member, measure, excess_usd, driver, owner"
        " from reports.rpt_incidents where cast(started_at as date) between ? and ?"
        " order by excess_usd desc, incident_id limit ?",
        (headline["first_day"], headline["last_day"], INCIDENTS_SHOWN),
    )
    for row in rows:
        words = f"incident of {day(row['started_at'].date())}: {_named(row)}, {_moved(row)}"
        yield _point(row["excess_usd"], words, row["owner"], signed_money)


def _limits(reports: Reports) -> Iterator[Point]:
    """Limits that are reached, or will be before their period ends."""
    rows = reports.rows(
        "select scope, member, period, limit_usd, spent_usd, projected_usd, exhausted_on, state,"
        " owner from reports.rpt_budget_state where unit = 'usd'"
        " and state in ('over', 'projected_over')"
        " order by state, projected_usd desc nulls last, scope, member, period limit ?",
        (LIMITS_SHOWN,),
    )
    for row in rows:
        name, period, limit = _named(row), phrase(row["period"]), money(row["limit_usd"])
        if row["state"] == "over":
            words = f"spent by {name} this {period}: over its limit of {limit}"
            yield _point(row["spent_usd"], words, row["owner"])
        else:
            words = (
                f"{name}, by the end of the {period}: its limit of {limit} is reached on"
                f" {day(row['exhausted_on'])}"
            )
            yield _point(row["projected_usd"], words, row["owner"])


def _forecast(reports: Reports) -> Iterator[Point]:
    """What the open month and the next 30 days will cost the company."""
    rows = reports.rows(
        "select period_grain, period_start, forecast_usd, low_usd, high_usd"
        " from reports.rpt_forecast where scope = 'company' and period_grain <> 'day'"
        " order by period_grain desc, period_start"
    )
    for row in rows:
        what = (
            month(row["period_start"])
            if row["period_grain"] == "month"
            else f"30 days from {day(row['period_start'])}"
        )
        yield Point(
            money(row["forecast_usd"]),
            exact_money(row["forecast_usd"]),
            f"{what}: {money(row['low_usd'])} to {money(row['high_usd'])}, four times in five",
        )


def _actions(reports: Reports, start: dt.date) -> list[Point]:
    """What saves most, dearest first: measured over the month, or over what a report covers."""
    found = [*_open_incidents(reports), *_caps(reports), *_offloads(reports, start),
             *_caches(reports, start), *_missed(reports, start)]  # fmt: skip
    found.sort(key=lambda action: (-action[0], action[1]))
    return [_point(*action) for action in found[:ACTIONS_SHOWN]]


Action = tuple[Decimal, str, str | None]
"""Dollars at stake, what to do, and who does it."""


def _open_incidents(reports: Reports) -> Iterator[Action]:
    rows = reports.rows(
        "select scope, member, excess_usd, driver, owner from reports.rpt_incidents"
        " where status = 'open' order by excess_usd desc, incident_id limit ?",
        (ACTIONS_SHOWN,),
    )
    for row in rows:
        name = text(whose(row["scope"], row["member"]))
        words = (
            f"burnt beyond the usual and still open: {name}, {DRIVERS[row['driver']][0].lower()}"
        )
        yield row["excess_usd"], words, row["owner"]


def _caps(reports: Reports) -> Iterator[Action]:
    rows = reports.rows(
        "select task_type, feature, hours, cap, saved_usd, lost_successes, successes"
        " from reports.rpt_cap_curve where is_recommended and saved_usd > 0"
    )
    for row in rows:
        when = "" if row["hours"] == "all" else f" in {phrase(row['hours'])} hours"
        words = (
            f"a cap of {row['cap']} steps on {text(row['feature'])}{when} would have saved so far,"
            f" for {count(row['lost_successes'])} of {count(row['successes'])} successes"
        )
        yield row["saved_usd"], words, row["feature"]


def _offloads(reports: Reports, start: dt.date) -> Iterator[Action]:
    rows = reports.rows(
        "select feature, model_id, offload_tier, offload_saving_usd, owner"
        " from reports.rpt_offload where month = ? and offload_saving_usd > 0"
        " order by offload_saving_usd desc, feature, model_id limit ?",
        (start, ACTIONS_SHOWN),
    )
    for row in rows:
        words = (
            f"{text(row['feature'])} on {text(row['model_id'])} could wait for"
            f" {phrase(row['offload_tier'])}"
        )
        yield row["offload_saving_usd"], words, row["owner"]


def _caches(reports: Reports, start: dt.date) -> Iterator[Action]:
    rows = reports.rows(
        "select layer, model_id, -net_saving_usd as costs_usd from reports.rpt_cache_value"
        " where month = ? and net_saving_usd < 0 order by 3 desc, layer, model_id limit ?",
        (start, ACTIONS_SHOWN),
    )
    for row in rows:
        words = (
            f"the {phrase(row['layer'])} cache of {text(row['model_id'])} costs more than it saves"
        )
        yield row["costs_usd"], words, None


def _missed(reports: Reports, start: dt.date) -> Iterator[Action]:
    rows = reports.rows(
        "select cause, feature, model_id, missed_usd, owner from reports.rpt_missed_caches"
        " where month = ? and missed_usd > 0 order by missed_usd desc, feature, model_id limit ?",
        (start, ACTIONS_SHOWN),
    )
    for row in rows:
        feature, model = text(row["feature"]), text(row["model_id"])
        words = f"{feature} on {model} misses a cache: {phrase(row['cause'])}"
        yield row["missed_usd"], words, row["owner"]


def _named(row: Row) -> str:
    return text(whose(row["scope"], row["member"]))


def _moved(row: Row) -> str:
    """What moved, in the words of the page that explains it."""
    driver = row["driver"]
    return DRIVERS[driver][0].lower() if driver in DRIVERS else phrase(driver)
