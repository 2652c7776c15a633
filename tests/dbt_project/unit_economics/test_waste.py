"""Waste, success and worth of generated tasks, against a second reckoning and a fresh build."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tests.dbt_project.unit_economics.task_worlds import (
    LOG,
    OUTCOMES,
    Rule,
    make_calls,
    make_evaluations,
    reckoned,
)
from tests.support.warehouse import Workspace

TASKS = 400

FIRST = (
    Rule("ticket", ("good",), ("bad",), ("spam",), floor="0.5", hold="5", minutes="2", rate="45",
         value="3", baseline="4", end="2026-09-20"),
    Rule("ticket", failure=("other",), hold="1", minutes="1", rate="50", first="2026-09-20"),
)  # fmt: skip

SECOND = (FIRST[0], Rule("ticket", hold="3", rate="10", value="0.5", first="2026-09-20"))
"""Another row from the 20th on: what was judged before stays."""

Made = tuple[Workspace, list[dict[str, object]], list[dict[str, object]]]


def lines(records: list[dict[str, object]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A workspace without any rule, built once."""
    dice = random.Random(20261129)
    calls, said = make_calls(dice, TASKS), make_evaluations(dice, TASKS)
    workspace = Workspace(tmp_path_factory.mktemp("tasks") / "grown",
                          models=("rpt_waste", "rpt_unit_cost"))  # fmt: skip
    workspace.configure("log", LOG)
    workspace.configure("outcomes", OUTCOMES)
    workspace.drop("log", "calls.jsonl", lines(calls))
    workspace.drop("outcomes", "said.jsonl", lines(said))
    workspace.build()
    return workspace, calls, said


def check(made: Made, rules: tuple[Rule, ...]) -> None:
    """Compare the warehouse with the reckoning, value by value."""
    workspace, calls, said = made
    waste, days = reckoned(rules, calls, said)
    assert {part for _, _, part in waste} >= {
        "failed", "abandoned", "retried", "duplicate", "superseded",
    } | ({"judged_neutral"} if rules else set())  # fmt: skip
    found = workspace.query(
        "select member, period_start, part, waste_usd, tasks from reports.rpt_waste"
        " where period_grain = 'day' and dimension = 'task_type' and cost_basis = 'reported'"
        " and tasks > 0"
    )
    assert {row[:3]: row[3:] for row in found} == waste
    found = workspace.query(
        "select task_type, day, tasks_closed, successes, judged_neutral_tasks,"
        " coalesce(round(first_pass_ratio * (tasks_closed - judged_neutral_tasks)), 0)::int,"
        " reversals, coalesce(human_usd, 0), task_margin_usd"
        " from reports.rpt_unit_cost where cost_basis = 'reported'"
    )
    assert {row[:2]: row[2:] for row in found} == days


def test_without_a_rule_waste_is_what_the_sources_settings_make_of_outcomes(made: Made) -> None:
    check(made, ())


@pytest.mark.slow
def test_a_changed_rule_judges_again_the_days_on_which_it_holds(made: Made, tmp_path: Path) -> None:
    workspace, _, _ = made
    workspace.task_types(*(rule.row for rule in FIRST))
    assert not workspace.build().full_refresh
    check(made, FIRST)
    workspace.task_types(*(rule.row for rule in SECOND))
    changes = workspace.build()
    assert not changes.full_refresh
    assert min(changes.days).isoformat() == "2026-09-20"
    check(made, SECOND)
    (tmp_path / "fresh").mkdir()
    assert workspace.fresh(tmp_path / "fresh").contents() == workspace.contents()


def late(numbers: range, reopened: str) -> list[dict[str, object]]:
    """Tickets that succeed in November and are reopened weeks after."""
    return [
        {"task": f"t{number}", "kind": "ticket", "at": f"{day}T10:00:00Z",
         "by": "business_system", "outcome": outcome, "word": None, "score": None, "minutes": None}
        for number in numbers
        for day, outcome in (("2026-11-01", "success"), (reopened, "reopened"))
    ]  # fmt: skip


def test_a_reversal_that_comes_late_and_goes_again_leaves_its_day_as_it_was(made: Made) -> None:
    """The corrected file has one task's, of another day."""
    workspace, calls, said = made
    counted = "select sum(reversals) from reports.rpt_unit_cost where cost_basis = 'reported'"
    workspace.task_types(*(rule.row for rule in SECOND))
    workspace.build()
    before = workspace.value(counted)
    for more in (late(range(0, 60, 3), "2026-11-22"), late(range(60, 61), "2026-11-25")):
        workspace.drop("outcomes", "late.jsonl", lines(more))
        assert not workspace.build().full_refresh
        check((workspace, calls, [*said, *more]), SECOND)
    assert workspace.value(counted) == before + 1
