"""Publish events that come late make the answers stale that a fresh build finds stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.incremental.arrivals import LOG, calls, lines
from tests.incremental.test_changes_arrive import CHANGES, change
from tests.support.warehouse import Workspace

DAYS = 30
AGED = LOG.replace("[tokens]", 'cache_age_seconds = { constant = "72000" }\n[tokens]')
STALE = (
    "select utc_day, sum(stale_hits), sum(stale_unstated_hits), max(longest_lag_minutes)"
    " from marts.fct_cache_audit_daily group by utc_day order by utc_day"
)


@pytest.mark.slow
def test_a_publish_event_told_of_late_is_as_if_it_had_been_known(tmp_path: Path) -> None:
    """Answers are twenty hours old: stale are those of the twenty hours after a publish event."""
    workspace = Workspace(tmp_path / "grown", models=("fct_cache_audit_daily",))
    for source, settings in (("log", AGED), ("changes", CHANGES)):
        workspace.configure(source, settings)
    for day in range(DAYS):
        workspace.drop("log", f"{day:02}.jsonl", lines(calls(day)))
    workspace.drop("changes", "first.jsonl", lines([change("a", 2, "publish", None, "terms")]))
    workspace.build()
    before = workspace.query(STALE)
    workspace.drop("changes", "late.jsonl", lines([
        change(f"p{day}", day, "publish", "chat", "handbook") for day in range(10, 20)
    ]))  # fmt: skip
    assert not workspace.build().full_refresh
    after = workspace.query(STALE)
    (tmp_path / "fresh").mkdir()
    assert after == workspace.fresh(tmp_path / "fresh").query(STALE)
    found, once = (sum(stale for _, stale, *_ in rows) for rows in (after, before))
    assert found > once
    assert all(lag is None or lag <= 1200 for *_, lag in after)
