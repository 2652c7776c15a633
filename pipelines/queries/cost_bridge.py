"""`outlay why`: what moved a cost between any two periods, driver by driver."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import duckdb

from ingest.errors import OutlayError, nearest
from pipelines.queries.status import open_showback
from pipelines.workspace.paths import Workspace

FILTERS = {"task_type": "task_type", "feature": "feature", "tenant": "tenant_id"}
"""What a bridge can be asked for, with its column in `fct_task_costs_daily`."""


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both of them in it, in the reporting calendar."""

    first: date
    last: date

    def __str__(self) -> str:
        """As it is written: `2026-09`, or the days."""
        if self == month_of(self.first):
            return f"{self.first:%Y-%m}"
        return f"{self.first}..{self.last}" if self.first != self.last else str(self.first)

    @property
    def end(self) -> date:
        """The first day after it."""
        return self.last + timedelta(days=1)

    @property
    def before(self) -> Period:
        """The month before a month; before other days as many of them."""
        last = self.first - timedelta(days=1)
        if self == month_of(self.first):
            return month_of(last)
        return Period(last - (self.last - self.first), last)


def month_of(day: date) -> Period:
    """The month of a day."""
    first = day.replace(day=1)
    return Period(first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1))


def parse_period(written: str) -> Period:
    """A month `2026-09`, an ISO week `2026-W38`, a day `2026-09-14`, or days `A..B`.

    Raises:
        OutlayError: it is none of these, or ends before it begins.
    """
    first, _, last = written.partition("..")
    try:
        if re.fullmatch(r"\d{4}-\d{2}", written):
            return month_of(date.fromisoformat(f"{written}-01"))
        if re.fullmatch(r"\d{4}-W\d{2}", written):
            monday = date.fromisoformat(f"{written}-1")
            return Period(monday, monday + timedelta(days=6))
        period = Period(date.fromisoformat(first), date.fromisoformat(last or first))
    except ValueError:
        raise OutlayError(
            f"{written!r} is no period: write a month 2026-09, a week 2026-W38, a day 2026-09-14,"
            " or days 2026-09-01..2026-09-14"
        ) from None
    if period.last < period.first:
        raise OutlayError(f"{written!r} ends before it begins: write the earlier day first")
    return period


@dataclass(frozen=True)
class Effect:
    """What one driver did.

    Attributes:
        effect_usd: part of the change; the effects of a bridge sum to it.
        share: of the change; None when nothing changed.
        owner: who acts on it; None when nobody is named.
        change_event: what was changed in the two periods and explains it; None when none is known.
    """

    driver: str
    effect_usd: Decimal
    share: float | None
    owner: str | None
    change_event: str | None


@dataclass(frozen=True)
class CostBridge:
    """A measure in two periods, and what moved it.

    Attributes:
        effects: of every driver, `residual` too, by size.
    """

    measure: str
    earlier: Period
    later: Period
    previous_usd: Decimal
    current_usd: Decimal
    effects: Sequence[Effect]


def read_cost_bridge(
    workspace: Workspace,
    measure: str,
    earlier: Period | None = None,
    later: Period | None = None,
    wanted: Mapping[str, str] | None = None,
) -> CostBridge:
    """The bridge of closed tasks between two periods.

    Args:
        earlier: without it, the period before the later one.
        later: without it, the newest month whose last day has closed tasks after or on it, else
            the newest month.
        wanted: names by the keys of `FILTERS`.

    Raises:
        NothingPublishedError: no run has published yet.
        OutlayError: the periods overlap, or no task closed in one of them, or no success did.
    """
    wanted = wanted or {}
    with open_showback(workspace) as con:
        for name, value in wanted.items():
            _refuse_unknown(con, name, value)
        later = later or _newest_month(con)
        earlier = earlier or later.before
        if earlier.last >= later.first:
            raise OutlayError(
                f"{earlier} does not end before {later} begins: --from is the earlier"
            )
        filters = "".join(f", of_{name} := ${name}" for name in wanted)
        rows = con.execute(
            "select driver, effect_usd, share, owner, change_event, previous_usd, current_usd"
            f" from reports.cost_bridge($first, $first_end, $second, $second_end{filters})"
            " where measure = $measure order by abs(effect_usd) desc, driver",
            {"first": earlier.first, "first_end": earlier.end, "second": later.first,
             "second_end": later.end, "measure": measure, **wanted},
        ).fetchall()  # fmt: skip
        for period in (earlier, later):
            _refuse_without(con, period, measure, wanted)
    previous, current = rows[0][5:]
    return CostBridge(
        measure, earlier, later, previous, current, [Effect(*row[:5]) for row in rows]
    )


def _where(wanted: Mapping[str, str]) -> str:
    return " and ".join(["true", *(f"{FILTERS[name]} = ${name}" for name in wanted)])


def _refuse_unknown(con: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    column = FILTERS[name]
    rows = con.execute(f"select distinct {column} from marts.fct_task_costs_daily").fetchall()
    known = sorted(row[0] for row in rows)
    if value not in known:
        what = name.replace("_", " ")
        raise OutlayError(f"no task of {what} {value!r} has closed{nearest(value, known)}")


def _newest_month(con: duckdb.DuckDBPyConnection) -> Period:
    ((newest,),) = con.execute("select max(closed_date) from marts.fct_task_costs_daily").fetchall()
    if newest is None:
        raise OutlayError(
            "no task has closed yet: `outlay why` needs outcomes; see ingest/gateways/README.md"
        )
    month = month_of(newest)
    return month if month.last == newest else month.before


def _refuse_without(
    con: duckdb.DuckDBPyConnection, period: Period, measure: str, wanted: Mapping[str, str]
) -> None:
    ((tasks, successes, first, last),) = con.execute(
        "select coalesce(sum(tasks) filter (where closed_date between $first and $last), 0),"
        " coalesce(sum(successes) filter (where closed_date between $first and $last), 0),"
        " min(closed_date), max(closed_date)"
        f" from marts.fct_task_costs_daily where {_where(wanted)}",
        {"first": period.first, "last": period.last, **wanted},
    ).fetchall()
    if not tasks:
        raise OutlayError(f"no task closed in {period}: tasks closed from {first} to {last}")
    if measure != "total_cost" and not successes:
        raise OutlayError(
            f"no task that closed in {period} succeeded, so there is no cost per success: ask for"
            " --measure total_cost"
        )
