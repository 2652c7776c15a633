"""What must be looked at as of the published data: an alert for each, with its owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from dashboards.kit.drivers import DRIVERS
from dashboards.kit.formatting import whose

OF_RUNS = ("check ", "run ")
"""What keys of alerts begin with that are of a run, not of its numbers."""

_STATES = {"over": "reached", "projected_over": "will be reached"}


@dataclass(frozen=True)
class Alert:
    """One thing that somebody should act on.

    Attributes:
        key: names it for good; it is told once under this name.
        owner: who acts on it; None where `config/owners.csv` names nobody.
        title: what is the matter, with its number, in one line.
        text: evidence, and what can be done.
        page: the page that shows it.
    """

    key: str
    owner: str | None
    title: str
    text: str
    page: str


def open_alerts(con: duckdb.DuckDBPyConnection) -> list[Alert]:
    """What is open in a published file: incidents, the dearest above, limits, experiments, checks.

    What a guardrail run publishes has no checks.
    """
    checks = _checks(con) if has_checks(con) else []
    return [*_incidents(con), *_limits(con), *_experiments(con), *checks]


def has_checks(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether a published file says which checks passed."""
    return bool(
        con.execute(
            "select 1 from duckdb_tables() where schema_name = 'ops' and table_name = 'checks'"
        ).fetchall()
    )


def failed_run(started_at: datetime, reason: str) -> Alert:
    """The alert that a run published nothing.

    Args:
        reason: what stopped it, and its cure.
    """
    return Alert(
        f"{OF_RUNS[1]}failed",
        None,
        f"the run of {started_at:%Y-%m-%d %H:%M} UTC published nothing",
        f"{reason}\nPages and published figures are those of the run before.",
        "data-quality.html",
    )


def _incidents(con: duckdb.DuckDBPyConnection) -> list[Alert]:
    rows = con.execute(
        "select incident_id, scope, member, replace(measure, '_', ' '), started_at, last_at,"
        " actual, expected, excess_usd, driver, owner, change_event"
        " from reports.rpt_incidents where status = 'open' order by excess_usd desc, incident_id"
    ).fetchall()
    found = []
    for (name, scope, member, measure, since, until, actual, usual, excess, driver, owner,
         change) in rows:  # fmt: skip
        heading, meaning = DRIVERS[driver]
        lines = [
            f"From {since:%Y-%m-%d %H}:00 to {until:%Y-%m-%d %H}:59 UTC: ${excess:,.2f} beyond the"
            " usual.",
            f"What moved: {heading}. {meaning}",
            f"The change before it: {change}." if change else "No change is known just before it.",
            f"If it is known, planned or a false alarm, add to config/incident_marks.csv:"
            f" {name},acknowledged,<you>,,",
        ]
        title = f"{measure} of {_whose(scope, member)}: ${actual:,.2f}, usual ${usual:,.2f}"
        found.append(Alert(f"incident {name}", owner, title, "\n".join(lines), "incidents.html"))
    return found


def _limits(con: duckdb.DuckDBPyConnection) -> list[Alert]:
    """Limits that are reached, will be, or burn; a new period is a new alert."""
    rows = con.execute(
        "select scope, member, period, kind, period_start, state, reason, owner, recommendation,"
        " rule, evidence, unit from reports.rpt_budget_state"
        " where state in ('over', 'projected_over') or recommendation <> 'none'"
        " order by state, spent_usd desc nulls last, scope, member, period, kind, unit"
    ).fetchall()
    found = []
    for (scope, member, period, kind, since, state, reason, owner, recommended, rule,
         evidence, unit) in rows:  # fmt: skip
        matter = _STATES.get(state, "burns")
        # of money as ever, so that nobody is told twice of what was told before
        what = "" if unit == "usd" else f" {unit}"
        advice = f"\nThe gateway had better {recommended}: {evidence}." if evidence else ""
        found.append(
            Alert(
                f"limit {scope} {member} {period} {kind}{what} {since:%Y-%m-%dT%H} {rule or state}",
                owner,
                f"{kind} limit of {_whose(scope, member)} for the {period}: {matter}",
                reason + advice,
                "budgets.html",
            )
        )
    return found


def _whose(scope: str, member: str) -> str:
    return "the company" if scope == "company" else whose(scope, member)


def _experiments(con: duckdb.DuckDBPyConnection) -> list[Alert]:
    rows = con.execute(
        "select experiment, candidate, control, owner, alarm, decided_at, replace(reason, '_', ' ')"
        " from reports.rpt_experiments where alarm is not null order by experiment, candidate"
    ).fetchall()
    found = []
    for name, candidate, control, owner, alarm, decided, reason in rows:
        was, loser = ("taken back", candidate) if alarm == "still_on" else ("shipped", control)
        found.append(
            Alert(
                f"experiment {name} {candidate} {alarm}",
                owner,
                f"experiment {name}: {candidate} was {was}, and tasks still begin in {loser}",
                f"Decided on {decided:%Y-%m-%d} ({reason}). Send its tasks to the variant that"
                " stays.",
                "experiments.html",
            )
        )
    return found


def _checks(con: duckdb.DuckDBPyConnection) -> list[Alert]:
    """Checks that turned the run red."""
    rows = con.execute(
        "select name, detail, cure from ops.checks where not passed and severity = 'error'"
        " order by name"
    ).fetchall()
    return [
        Alert(
            f"{OF_RUNS[0]}{name}",
            None,
            f"check {name} is red",
            f"{detail}\nCure: {cure}",
            "data-quality.html",
        )
        for name, detail, cure in rows
    ]
