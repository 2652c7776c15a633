"""Limits over days that come one by one, and late, are those of one build of everything."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.incremental.arrivals import FIRST_DAY, LOG, lines
from tests.incremental.test_incidents_arrive import calls
from tests.support.warehouse import Workspace

DAYS = 33
MODELS = ("rpt_budget_state", "rpt_cap_audit")
LIMITS = """scope,member,period,limit_usd,kind,warn_at,owner,valid_from,valid_to,note
company,,month,500,soft,,Ada,,,
feature,chat,week,0.5,hard,,Ada,,,
tenant,*,day,0.05,hard,,Ada,,,
"""


def state(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """What the reports hold."""
    return {name: workspace.query(f"from reports.{name} order by all") for name in MODELS}


@pytest.mark.slow
def test_days_one_by_one_a_late_one_and_a_new_limit_give_a_fresh_builds_limits(
    tmp_path: Path,
) -> None:
    workspace = Workspace(tmp_path / "grown", models=MODELS)
    workspace.configure("log", LOG)
    for day in range(DAYS):
        workspace.drop("log", f"{day:02}.jsonl", lines(calls(day)))
    workspace.build()
    assert state(workspace) == {name: [] for name in MODELS}
    (workspace.root / "config" / "limits.csv").write_text(LIMITS)
    changes = workspace.build()
    assert not changes.full_refresh
    assert not changes.days
    first = state(workspace)
    assert {row[0] for row in first["rpt_budget_state"]} == {"company", "feature", "tenant"}
    for day in range(DAYS, DAYS + 2):
        workspace.drop("log", f"{day:02}.jsonl", lines(calls(day)))
        assert not workspace.build().full_refresh
    workspace.drop("log", "late.jsonl", lines(calls(DAYS - 3, seed=1)))
    assert not workspace.build().full_refresh
    (tmp_path / "fresh").mkdir()
    grown, fresh = state(workspace), state(workspace.fresh(tmp_path / "fresh"))
    for name, rows in fresh.items():
        assert rows, name
        assert grown[name] == rows, name
    assert workspace.value("select max(as_of) from reports.rpt_budget_state").date() == (
        FIRST_DAY + timedelta(days=DAYS + 2)
    )
