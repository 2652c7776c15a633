"""Days that come one by one give the looks at experiments that one build of everything gives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.incremental.arrivals import FIRST_DAY, LOG, OUTCOMES, lines
from tests.support.warehouse import Workspace

ARMS = 'experiment = { constant = "tone" }\nvariant = "arm"\n'
ROW = "tone,old,new,{words},task,0.2,,,,80,4,Ann,2026-07-03,2026-07-11,"
LOOKS = "from marts.fct_experiment_looks order by look"


def days(first: int, last: int, seed: int = 0) -> dict[str, list[dict[str, Any]]]:
    """Ten tasks a day of each arm, a call each; every tenth fails, in the new arm every fifth."""
    made: dict[str, list[dict[str, Any]]] = {"log": [], "outcomes": []}
    for day in range(first, last):
        start = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), UTC)
        for n in range(20):
            task, arm = f"t{seed}-{day}-{n}", "new" if n % 2 else "old"
            at = start + timedelta(minutes=60 * n)
            fails = n // 2 % (5 if arm == "new" else 10) == 0
            made["log"].append({
                "id": f"c{task}", "request": f"r{task}", "task": task, "ts": at.isoformat(),
                "model": "gpt-4.1", "status": "ok", "hit": False, "op": "chat", "tool": None,
                "tenant": "ada", "feature": "chat", "in": 900, "cached": 0, "out": 100,
                "usd": 0.003, "arm": arm,
            })  # fmt: skip
            made["outcomes"].append({
                "task": task, "at": (at + timedelta(minutes=30)).isoformat(),
                "outcome": "failure" if fails else "success", "by": "human",
            })  # fmt: skip
    return made


def drop(workspace: Workspace, name: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    for source, records in rows.items():
        workspace.drop(source, f"{name}.jsonl", lines(records))


def judged(tmp_path: Path, words: str = "as good") -> Workspace:
    workspace = Workspace(tmp_path, {"reporting_timezone": "UTC"}, models=("rpt_experiments",))
    workspace.configure("log", LOG.replace("[tokens]", ARMS + "[tokens]"))
    workspace.configure("outcomes", OUTCOMES)
    workspace.experiments(ROW.format(words=words))
    return workspace


@pytest.mark.slow
def test_days_late_ones_and_a_new_registration_give_the_looks_of_a_fresh_build(
    tmp_path: Path,
) -> None:
    workspace = judged(tmp_path / "grown")
    drop(workspace, "first", days(0, 4))
    workspace.build()
    assert workspace.query(LOOKS) == []
    seen = []
    for first, last in ((4, 5), (5, 7), (7, 14)):
        drop(workspace, f"{first:02}", days(first, last))
        assert not workspace.build().full_refresh
        seen.append(workspace.query("select max(look), max(candidate_tasks)"
                                    " from marts.fct_experiment_looks")[0])  # fmt: skip
    # two days between two looks; the newest day is never whole
    assert seen == [(1, 20), (2, 40), (4, 80)]
    drop(workspace, "late", days(6, 7, seed=1))
    assert not workspace.build().full_refresh
    assert workspace.query("select candidate_tasks " + LOOKS) == [(20,), (40,), (70,), (90,)]
    before = workspace.query("select distinct registration from marts.fct_experiment_looks")
    workspace.experiments(ROW.format(words="better"))
    workspace.build()
    assert workspace.query("select distinct registration from marts.fct_experiment_looks") != before
    same_as_fresh(workspace, tmp_path / "changed")
    workspace.experiments()
    workspace.build()
    assert workspace.query(LOOKS) == []


def same_as_fresh(workspace: Workspace, root: Path) -> None:
    root.mkdir()
    fresh = workspace.fresh(root)
    assert date.fromisoformat("2026-07-14") == fresh.value(
        "select as_of_day from marts.dim_experiments"
    )
    for name in ("marts.fct_experiment_looks", "reports.rpt_experiments"):
        rows = fresh.query(f"from {name} order by all")
        assert rows
        assert workspace.query(f"from {name} order by all") == rows
