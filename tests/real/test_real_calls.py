"""Real calls, real outcomes, known answers: nothing here was made up by us."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.warehouse import Workspace

TAU2_CALLS = """
format = "mapped"
file_type = "jsonl"
[fields]
call_id = ["session_id", "call_index"]
task_id = "session_id"
task_type = "suite"
started_at = "ts"
provider = { constant = "openai" }
request_model = "model"
reported_cost_usd = "cost_usd"
[tokens]
input = "input_tokens"
input_includes_cache = true
cache_read = "cache_read_tokens"
output = "output_tokens"
"""

TAU2_OUTCOMES = """
format = "outcomes"
file_type = "csv"
[fields]
task_id = "session_id"
task_type = "suite"
feature = "agent_model"
judged_at = "closed_at"
outcome = { path = "success", values = { true = "success", false = "failure" } }
evaluator_type = { constant = "business_system" }
evaluator_name = { constant = "tau2 reward" }
"""

DEEPSEEK = """
format = "mapped"
file_type = "jsonl"
[fields]
call_id = "response.id"
provider_response_id = "response.id"
task_id = ["run", "instance_id"]
task_type = { constant = "code_patch" }
started_at = { path = "response.created", time = "epoch_s" }
provider = { constant = "deepseek" }
request_model = "response.model"
reported_cost_usd = "cost_usd"
[tokens]
input = "response.usage.prompt_tokens"
input_includes_cache = true
cache_read = "response.usage.prompt_tokens_details.cached_tokens"
output = "response.usage.completion_tokens"
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Workspace:
    workspace = Workspace(
        tmp_path_factory.mktemp("real"),
        settings={"reporting_timezone": "UTC", "cap_curve_days": 3650},
        models=("rpt_unit_cost", "rpt_cap_curve"),
    )
    real = shared / "real"
    for source, toml, name in (
        ("tau2", TAU2_CALLS, "tau2_calls.jsonl.gz"),
        ("tau2-outcomes", TAU2_OUTCOMES, "tau2_outcomes.csv"),
        ("deepseek", DEEPSEEK, "deepseek_chat_completions.jsonl.gz"),
    ):
        workspace.configure(source, toml)
        workspace.drop(source, name, (real / name).read_bytes())
    workspace.prices(
        "deepseek,deepseek-chat,standard,input_uncached,0.28,2025-01-01,,,list price of the run",
        "deepseek,deepseek-chat,standard,cache_read,0.028,2025-01-01,,,list price of the run",
        "deepseek,deepseek-chat,standard,output,0.42,2025-01-01,,,list price of the run",
    )
    workspace.build()
    return workspace


def tau2_answers(shared: Path) -> list[dict[str, str]]:
    with (shared / "real" / "tau2_known_answers.csv").open() as stream:
        return list(csv.DictReader(stream))


def test_tau2_cost_per_success_equals_the_published_answers(
    workspace: Workspace, shared: Path
) -> None:
    found = {
        (row[0], row[1]): row[2:]
        for row in workspace.query(
            "select task_type, feature, sum(tasks_closed), sum(successes), sum(calls),"
            " sum(cost_usd) from reports.rpt_unit_cost"
            " where cost_basis = 'reported' and task_type like 'tau2%' group by all"
        )
    }
    answers = tau2_answers(shared)
    assert len(found) == len(answers) == 8
    for answer in answers:
        tasks, successes, calls, cost = found[answer["suite"], answer["agent_model"]]
        assert (tasks, successes, calls) == (
            int(answer["tasks"]), int(answer["successes"]), int(answer["calls"])
        )  # fmt: skip
        assert abs(cost - Decimal(answer["cost"])) < Decimal("1e-9")
        assert abs(cost / successes - Decimal(answer["cost_per_success"])) < Decimal("1e-9")


def test_one_day_of_tau2_states_the_same_cost_per_success_as_its_parts(
    workspace: Workspace,
) -> None:
    wrong = workspace.query(
        "select * from reports.rpt_unit_cost where successes > 0 and"
        " abs(cost_per_success_usd * successes - cost_usd) > 0.000001"
    )
    assert wrong == []


def test_steps_and_waste_of_tau2_are_those_of_its_tasks_counted_one_by_one(
    workspace: Workspace,
) -> None:
    """The n-th call of a task is its n-th step; what a task cost that failed is waste."""
    calls: dict[tuple[str, str, str, bool], list[Decimal]] = {}
    for *task, usd in workspace.query(
        "select t.task_type, t.feature, task_id, t.status = 'success',"
        " coalesce(c.estimate_usd, 0)"
        " from marts.fct_calls c join marts.fct_tasks t using (task_id)"
        " where t.closed_date is not null order by task_id, c.started_at, c.call_id"
    ):
        calls.setdefault((task[0], task[1], task[2], task[3]), []).append(usd)
    steps: dict[tuple[str, str, int], list[Decimal | int]] = {}
    waste: dict[tuple[str, str], Decimal] = {}
    for (task_type, feature, _, succeeded), costs in calls.items():
        for number, usd in enumerate(costs, start=1):
            step = steps.setdefault((task_type, feature, number), [0, 0, 0, Decimal(0)])
            step[2] += 1
            step[3] += usd
        last = steps[task_type, feature, len(costs)]
        last[0] += 1
        last[1] += succeeded
        lost = Decimal(0) if succeeded else sum(costs, Decimal(0))
        waste[task_type, feature] = waste.get((task_type, feature), Decimal(0)) + lost
    found = {
        row[:3]: list(row[3:])
        for row in workspace.query(
            "select task_type, feature, step, sum(tasks_ended), sum(successes_ended), sum(calls),"
            " sum(estimate_usd) from marts.fct_task_steps_daily group by all"
        )
    }
    assert len(steps) > 200
    assert found == steps
    assert len(waste) > 5
    assert waste == {
        row[:2]: row[2]
        for row in workspace.query(
            "select task_type, feature, sum(waste_usd) from reports.rpt_unit_cost"
            " where cost_basis = 'estimate' and tasks_closed > 0 group by all"
        )
    }


def test_caps_on_tau2_save_and_lose_what_cutting_its_tasks_would(workspace: Workspace) -> None:
    """Each task is cut call by call here; each of its calls is a request of its own, answered."""
    tasks: dict[tuple[str, str], dict[str, list[Decimal]]] = {}
    for task_type, feature, task, usd in workspace.query(
        "select t.task_type, t.feature, task_id, coalesce(c.estimate_usd, 0)"
        " from marts.fct_calls c join marts.fct_tasks t using (task_id)"
        " where t.closed_date is not null order by task_id, c.started_at, c.call_id"
    ):
        tasks.setdefault((task_type, feature), {}).setdefault(task, []).append(usd)
    succeeded = {
        task for (task,) in workspace.query(
            "select task_id from marts.fct_tasks where status = 'success'"
        )
    }  # fmt: skip
    found = {
        (row[0], row[1], row[2]): row[3:]
        for row in workspace.query(
            "select task_type, feature, cap, tasks_cut, saved_usd, lost_successes"
            " from reports.rpt_cap_curve where hours = 'all'"
        )
    }
    expected = {}
    for (task_type, feature), calls in tasks.items():
        steps = {len(costs) for costs in calls.values()}
        for cap in range(1, max(steps)):
            cut = {task: costs[cap:] for task, costs in calls.items() if len(costs) > cap}
            expected[task_type, feature, cap] = (
                len(cut),
                sum((sum(c) for c in cut.values()), Decimal(0)),
                len(cut.keys() & succeeded),
            )
    assert len(expected) > 200
    assert found == expected


def test_fine_tuned_models_are_unpriced_on_the_estimate_basis(
    workspace: Workspace, shared: Path
) -> None:
    calls = workspace.query(
        "select count(*), count(estimate_usd), sum(reported_cost_usd) from marts.fct_calls"
        " where response_model like 'ft:%'"
    )
    agent_calls = sum(
        1
        for line in _lines(shared / "real" / "tau2_calls.jsonl.gz")
        if json.loads(line)["model"].startswith("ft:")
    )
    assert calls == [(agent_calls, 0, Decimal("0E-9"))]
    assert (
        workspace.value(
            "select sum(unpriced_calls) from reports.rpt_unit_cost"
            " where cost_basis = 'estimate' and feature like 'ft:%'"
        )
        == agent_calls
    )


def test_deepseek_calls_tokens_and_cost_equal_the_known_answers_exactly(
    workspace: Workspace, shared: Path
) -> None:
    known = json.loads((shared / "real" / "known_answers.json").read_text())
    answer: dict[str, Any] = known["deepseek_chat_completions.jsonl.gz"]
    assert workspace.query(
        "select count(*), sum(input_tokens), sum(cache_read_tokens), sum(output_tokens),"
        " sum(estimate_usd) from marts.fct_calls where source_name = 'deepseek'"
    ) == [
        (
            answer["calls"],
            answer["prompt_tokens"],
            answer["cache_read_tokens"],
            answer["output_tokens"],
            Decimal(answer["computed_cost_usd"]),
        )
    ]


def test_tasks_that_nobody_judged_are_unknown_and_claim_no_cost_per_success(
    workspace: Workspace,
) -> None:
    statuses = workspace.query(
        "select distinct status from marts.fct_tasks where task_type = 'code_patch'"
    )
    assert set(statuses) <= {("unknown",), ("pending",)}
    assert (
        workspace.query("select * from reports.rpt_unit_cost where task_type = 'code_patch'") == []
    )


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt") as stream:
        yield from stream
