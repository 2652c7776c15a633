"""Changes and days that come late give the impacts that one build of everything gives."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.incremental.arrivals import FIRST_DAY, LOG, OUTCOMES, calls, evaluations, lines
from tests.support.warehouse import Workspace

DAYS = 75

CHANGES = """
format = "change_events"
file_type = "jsonl"
[fields]
event_id = "id"
occurred_at = "at"
change_kind = "kind"
name = "name"
feature = "feature"
"""


def change(identifier: str, day: int, kind: str, feature: str | None, name: str) -> dict[str, Any]:
    at = f"{FIRST_DAY + timedelta(days=day)}T09:00:00Z"
    return {"id": identifier, "at": at, "kind": kind, "name": name, "feature": feature}


@pytest.mark.slow
def test_late_changes_and_late_calls_give_the_impacts_of_a_fresh_build(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "grown", models=("fct_change_impacts",))
    for source, settings in (("log", LOG), ("outcomes", OUTCOMES), ("changes", CHANGES)):
        workspace.configure(source, settings)
    for day in range(DAYS):
        workspace.drop("log", f"{day:02}.jsonl", lines(calls(day)))
        workspace.drop("outcomes", f"{day:02}.jsonl", lines(evaluations(day)))
    workspace.drop("changes", "first.jsonl", lines([
        change("a", 20, "deploy", "chat", "one"), change("b", 70, "flag", None, "two"),
    ]))  # fmt: skip
    workspace.build()
    before = workspace.query("select event_id, count(*) from marts.fct_change_impacts group by 1")
    assert {event for event, _ in before} == {"a", "b"}
    workspace.drop("changes", "late.jsonl", lines([
        change("a", 20, "deploy", "chat", "one, renamed"), change("c", 35, "price", None, "m"),
    ]))  # fmt: skip
    workspace.drop("log", "late.jsonl", lines(calls(33, seed=1)))
    assert not workspace.build().full_refresh
    (tmp_path / "fresh").mkdir()
    fresh = workspace.fresh(tmp_path / "fresh")
    for table in ("fct_change_events", "fct_driver_shifts", "fct_change_impacts"):
        found = workspace.query(f"from marts.{table} order by all")
        assert found == fresh.query(f"from marts.{table} order by all"), table
    assert {name for (name,) in workspace.query(
        "select distinct change_event from marts.fct_change_impacts"
    )} == {"deploy one, renamed", "flag two", "price m"}  # fmt: skip
