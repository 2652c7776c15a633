"""The review of a week: what moved and who acts on it, and what became of the week before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from dashboards.kit.drivers import DRIVERS
from dashboards.kit.formatting import UNKNOWN, exact_money, money, phrase, signed_unit_cost, text

DRIVERS_SHOWN = 5
IDLE_DAYS = 30
"""Days without a call after which a key counts as idle."""
KEYS_SHOWN = 20

Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Review:
    """One week's review; `markdown` begins with the title."""

    title: str
    markdown: str


def weekly_review(con: duckdb.DuckDBPyConnection, company: str, day: date | None) -> Review:
    """Collect the review of a week, Monday to Sunday.

    Args:
        con: a published file.
        company: for the title.
        day: any day of the week; None: the newest week that is over.
    """
    ((newest,),) = con.execute("select max(utc_day) from marts.fct_usage_daily").fetchall()
    as_of: date = newest or date(1970, 1, 1)
    monday = _monday(day) if day else _monday(as_of + timedelta(days=1)) - timedelta(days=7)
    title = f"{company}: LLM spend, week of {monday:%Y-%m-%d}"
    sections = [
        ("What moved the cost of a success", _moved(con, monday)),
        ("Incidents of the week", _incidents(con, monday, monday + timedelta(days=7))),
        (
            "Incidents of the week before, and what became of them",
            _incidents(con, monday - timedelta(days=7), monday),
        ),
        ("Experiments", _experiments(con, monday)),
        (f"Keys without a call for {IDLE_DAYS} days", _idle_keys(con, as_of)),
    ]
    parts = [f"# {title}", *(f"## {heading}\n\n{body}" for heading, body in sections)]
    return Review(title, "\n\n".join(parts))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _moved(con: duckdb.DuckDBPyConnection, monday: date) -> str:
    rows = con.execute(
        "select driver, effect_usd, owner, change_event, previous_usd, current_usd"
        " from reports.rpt_cost_bridge where period_grain = 'week' and period_start = $1"
        " and dimension = 'all' and measure = 'cost_per_success' and driver <> 'residual'"
        " and effect_usd <> 0 order by abs(effect_usd) desc, driver limit $2",
        [monday, DRIVERS_SHOWN],
    ).fetchall()
    if not rows:
        return "Nothing: no task closed in one of both weeks."
    *_, before, now = rows[0]
    table = _table(
        ("Driver", "Effect", "Owner", "Change"),
        [(DRIVERS[driver][0], signed_unit_cost(effect), owner, change)
         for driver, effect, owner, change, *_ in rows],
    )  # fmt: skip
    return f"From {exact_money(before)} to {exact_money(now)}.\n\n{table}"


def _incidents(con: duckdb.DuckDBPyConnection, first: date, end: date) -> str:
    rows = con.execute(
        "select started_at, replace(scope, '_', ' ') || ' ' || member, measure, excess_usd,"
        " driver, owner, status, marked_by from reports.rpt_incidents"
        " where started_at >= $1 and started_at < $2"
        " order by excess_usd desc, incident_id",
        [first, end],
    ).fetchall()
    if not rows:
        return "None."
    return _table(
        ("Since (UTC)", "Whose", "What", "Excess", "Moved", "Owner", "Status", "Said by"),
        [(f"{since:%Y-%m-%d %H:%M}", whose, phrase(measure), money(excess),
          DRIVERS[driver][0], owner, phrase(status), by)
         for since, whose, measure, excess, driver, owner, status, by in rows],
    )  # fmt: skip


def _experiments(con: duckdb.DuckDBPyConnection, monday: date) -> str:
    rows = con.execute(
        "select experiment, candidate, owner, state, reason, decided_at, alarm"
        " from reports.rpt_experiments where alarm is not null or state = 'running'"
        " or (decided_at >= $1 and decided_at < $2) order by experiment, candidate",
        [monday, monday + timedelta(days=7)],
    ).fetchall()
    if not rows:
        return "None runs, and none was decided."
    return _table(
        ("Experiment", "Candidate", "Owner", "State", "Because", "Decided", "Alarm"),
        [(name, candidate, owner, phrase(state), reason and phrase(reason),
          decided and f"{decided:%Y-%m-%d}", alarm and phrase(alarm))
         for name, candidate, owner, state, reason, decided, alarm in rows],
    )  # fmt: skip


def _idle_keys(con: duckdb.DuckDBPyConnection, as_of: date) -> str:
    rows = con.execute(
        "select api_key_id, max(team_tag), max(utc_day), sum(estimate_usd)"
        " from marts.fct_key_usage_daily where api_key_id is not null group by api_key_id"
        " having max(utc_day) < $1 order by max(utc_day), api_key_id limit $2",
        [as_of - timedelta(days=IDLE_DAYS), KEYS_SHOWN],
    ).fetchall()
    if not rows:
        return "None."
    return _table(
        ("Key", "Team", "Last call", "Cost so far"),
        [(key, team, f"{last:%Y-%m-%d}", money(usd)) for key, team, last, usd in rows],
    )


def _table(heading: Sequence[str], rows: Rows) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(value: Any) -> str:
    return text(UNKNOWN if value is None else value).replace("|", "\\|")
