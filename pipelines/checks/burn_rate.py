"""Burn rate: what burns more than it should as of the newest hour, from `rpt_incidents`."""

from __future__ import annotations

import duckdb

from pipelines.checks.check import Check

_SHOWN = 3
"""Incidents that the check spells out; all of them are in the report."""


def burn_rate(con: duckdb.DuckDBPyConnection) -> Check:
    """No incident is open: none that alerted in the newest hours and that nobody has marked.

    It warns: what burns says nothing of whether the run is sound.
    """
    rows = con.execute(
        "select incident_id, scope, member, measure, started_at, actual, expected, excess_usd,"
        " driver, coalesce(owner, 'nobody'), change_event"
        " from reports.rpt_incidents where status = 'open' order by excess_usd desc, incident_id"
    ).fetchall()
    if not rows:
        return Check("burn_rate", True, "nothing burns more than it should: no open incident")
    found = "; ".join(
        f"{measure} of {scope} {member} since {started:%Y-%m-%d %H}:00 UTC: ${actual:,.2f}, usual"
        f" ${expected:,.2f}, mostly {driver}, of {owner}" + (f", after {change}" if change else "")
        for _, scope, member, measure, started, actual, expected, _, driver, owner, change in rows[
            :_SHOWN
        ]
    )
    more = f"; and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return Check(
        "burn_rate",
        False,
        found + more,
        "see them: outlay sql \"from reports.rpt_incidents where status = 'open'\"; stop what"
        " burns: hours of usual spend close it; or say that it is acknowledged, planned or a"
        f" false alarm: add {rows[0][0]},acknowledged,<you>,, to config/incident_marks.csv; or,"
        " where such amounts are not worth a look, raise thresholds.incident_floor_usd in"
        " outlay.toml",
        is_error=False,
    )
