"""A workspace states whose evaluation counts, and a changed order changes every verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.incremental.arrivals import LOG, OUTCOMES, calls, lines
from tests.support.warehouse import Workspace

VERDICTS = "select status, evaluator_type, closed_at::date::varchar from marts.fct_tasks"


@pytest.mark.slow
def test_a_changed_order_of_judges_decides_tasks_anew(tmp_path: Path) -> None:
    """A model passes the task, then a ticket system fails it, then a person passes it."""
    workspace = Workspace(tmp_path, models=("fct_tasks",))
    workspace.configure("log", LOG)
    workspace.configure("outcomes", OUTCOMES)
    workspace.drop("log", "a.jsonl", lines([calls(1)[0] | {"task": "t1"}]))
    said = [("model", "03", "success"), ("business_system", "04", "failure"),
            ("human", "05", "success")]  # fmt: skip
    workspace.drop("outcomes", "a.jsonl", lines([
        {"task": "t1", "at": f"2026-07-{day}T10:00:00Z", "outcome": outcome, "by": by}
        for by, day, outcome in said
    ]))  # fmt: skip
    workspace.build()
    assert workspace.query(VERDICTS) == [("failure", "business_system", "2026-07-04")]
    for order, verdict in {
        ("human", "business_system", "model"): ("success", "human", "2026-07-05"),
        ("model", "business_system", "human"): ("success", "model", "2026-07-03"),
    }.items():
        workspace.settings["evaluator_precedence"] = list(order)
        assert workspace.build().reason == "a setting that models read changed"
        assert workspace.query(VERDICTS) == [verdict]
