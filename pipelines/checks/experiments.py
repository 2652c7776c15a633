"""Decisions of experiments that nobody carried out, from `rpt_experiments`."""

from __future__ import annotations

import duckdb

from pipelines.checks.check import Check

_WORDS = {
    "still_on": "was taken back on {day} ({reason}), and tasks still begin in it",
    "lingers": "was shipped on {day}, and tasks still begin in its control",
}


def experiments(con: duckdb.DuckDBPyConnection) -> Check:
    """No experiment goes on after it was decided.

    It warns: an experiment says nothing of whether the run is sound.
    """
    rows = con.execute(
        "select experiment, candidate, owner, alarm, decided_at, replace(reason, '_', ' ')"
        " from reports.rpt_experiments where alarm is not null order by experiment, candidate"
    ).fetchall()
    if not rows:
        return Check("experiments", True, "every experiment that was decided is over")
    found = "; ".join(
        f"{candidate} of {name} {_WORDS[alarm].format(day=f'{at:%Y-%m-%d}', reason=reason)}, of"
        f" {owner}"
        for name, candidate, owner, alarm, at, reason in rows
    )
    return Check(
        "experiments",
        False,
        found,
        "its owner sends all tasks to the variant that won, or to the control where the candidate"
        " was taken back; the alarm ends three days after the last task",
        is_error=False,
    )
