"""Verdicts and cohorts, worked out again by brute force from the files."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ingest.demo import write_workspace_data
from ingest.demo.traffic.outcomes import Evaluation, decide
from tests.ingest.demo.plain import BERLIN, Demo, PlainCall

Said = list[tuple[str, str, datetime]]


HOLD = {"support_ticket": timedelta(days=4)}
FLOOR = {"invoice": 0.15}
"""As the demo's `config/task_types.csv` states them."""


def decided(said: Said, kind: str, score: float | None = None) -> tuple[str, datetime] | None:
    """The rule once more, written differently: walk down the trust, keep the latest."""
    trust = {"business_system": 3, "human": 2, "model": 1}
    heard = [(trust[who], at, outcome) for who, outcome, at in said if outcome != "pending"]
    if not heard:
        return None
    best = max(rank for rank, _, _ in heard)
    story = sorted((at, outcome) for rank, at, outcome in heard if rank == best)
    for (before, was), (at, now) in pairwise(story):
        if (was, now) == ("success", "reopened") and kind in HOLD and at - before >= HOLD[kind]:
            story = [one for one in story if one[0] < at]
            break
    at, outcome = story[-1]
    if outcome == "success" and score is not None and score < FLOOR.get(kind, 0):
        outcome = "failure"
    return "failure" if outcome == "reopened" else outcome, at


def by_brute_force(demo: Demo) -> tuple[Counter[str], dict[tuple[str, ...], dict[str, Any]]]:
    said: dict[str, Said] = defaultdict(list)
    for task, evaluator, outcome, at in demo.evaluations():
        said[task].append((evaluator, outcome, at))
    calls: dict[str, list[PlainCall]] = defaultdict(list)
    for call in demo.calls:
        # what mirrors a task is no part of it
        if call.task is not None and call.traffic_class is None:
            calls[call.task].append(call)
    scores = demo.scores()
    statuses: Counter[str] = Counter()
    cohorts: dict[tuple[str, ...], dict[str, Any]] = {}
    for task, mine in calls.items():
        closing = decided(said[task], str(mine[0].task_type), scores.get(task))
        if closing is None:
            age = date.fromisoformat(demo.truth["as_of_day"]) - max(call.day for call in mine)
            statuses["pending" if age.days <= 14 else "unknown"] += 1
            continue
        statuses[closing[0]] += 1
        tags = {(call.task_type, call.feature, call.tenant) for call in mine}
        assert len(tags) == 1
        day = closing[1].astimezone(BERLIN).date()
        key = (day.isoformat(), *(str(tag) for tag in tags.pop()))
        cohort = cohorts.setdefault(
            key,
            {
                "closed": 0,
                "neutral": 0,
                "won": 0,
                "cost": Decimal(0),
                "won_cost": Decimal(0),
                "depth": 0,
            },
        )
        won = closing[0] == "success"
        cost = sum((call.cost() or Decimal(0) for call in mine), Decimal(0))
        cohort["closed"] += 1
        cohort["neutral"] += closing[0] == "neutral"
        cohort["won"] += won
        cohort["cost"] += cost
        cohort["won_cost"] += cost if won else 0
        cohort["depth"] += len(
            {call.request for call in mine if call.operation == "chat" and call.status == "ok"}
        )
    return statuses, cohorts


def stated(truth: dict[str, Any]) -> dict[tuple[str, ...], dict[str, Any]]:
    return {
        (row["closed_day"], row["task_type"], row["feature"], row["tenant_id"]): {
            "closed": row["tasks_closed"],
            "neutral": row["neutral"],
            "won": row["successes"],
            "cost": Decimal(row["cost_usd"]),
            "won_cost": Decimal(row["cost_of_successful_usd"]),
            "depth": row["loop_depth_sum"],
        }
        for row in truth["unit_cost"]
        if row["tasks_closed"]
    }


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Forty thin days: long enough for late evaluations, reopened and unknown tasks."""
    folder: Path = tmp_path_factory.mktemp("month")
    return Demo(folder, write_workspace_data(folder, days=40, scale=0.1).document)


@pytest.mark.parametrize("which", ["demo", "month"])
def test_cohorts_and_statuses_are_those_worked_out_from_the_files(
    which: str, request: pytest.FixtureRequest
) -> None:
    demo: Demo = request.getfixturevalue(which)
    statuses, cohorts = by_brute_force(demo)
    truth = demo.truth["tasks"]
    assert truth == {"total": statuses.total(), "unknown": 0, **statuses}
    assert truth["neutral"] > 0
    assert stated(demo.truth) == cohorts


def test_a_longer_history_has_every_status_and_reopened_tasks_with_more_calls(
    month: Demo,
) -> None:
    assert all(
        month.truth["tasks"][status] for status in ("success", "failure", "pending", "unknown")
    )
    reopened = {task: at for task, _, outcome, at in month.evaluations() if outcome == "reopened"}
    more = [
        call for call in month.calls if call.task in reopened and call.moment > reopened[call.task]
    ]
    assert more


def test_evaluations_come_up_to_twenty_days_late_and_several_to_a_task(month: Demo) -> None:
    began = {call.task: call.moment for call in reversed(month.calls)}
    delays = [at - began[task] for task, _, _, at in month.evaluations() if task in began]
    assert 15 < max(delays).days <= 30
    counts = Counter(task for task, _, _, _ in month.evaluations())
    assert max(counts.values()) >= 3


def test_outcome_counts_are_those_in_the_files(demo: Demo) -> None:
    said, truth = demo.evaluations(), demo.truth["outcomes"]
    tasks = {call.task for call in demo.calls}
    assert truth["evaluations"] == len(said)
    assert truth["by_evaluator"] == dict(Counter(evaluator for _, evaluator, _, _ in said))
    assert truth["by_outcome"] == dict(Counter(outcome for _, _, outcome, _ in said))
    judged = {task for task, _, _, _ in said}
    assert truth["judged_tasks_without_calls"] == len(judged - tasks) == 30


def test_no_evaluation_is_later_than_the_last_local_day(demo: Demo) -> None:
    last = max(at for _, _, _, at in demo.evaluations())
    assert last.astimezone(BERLIN).date().isoformat() <= demo.truth["as_of_day"]


def test_some_tasks_close_on_a_local_day_that_is_not_the_utc_day(month: Demo) -> None:
    days = {
        (at.date(), at.astimezone(BERLIN).date())
        for _, who, _, at in month.evaluations()
        if who == "business_system"
    }
    assert any(utc != local for utc, local in days)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([("model", "success", 9)], ("success", 9)),
        ([("model", "success", 9), ("human", "failure", 3)], ("failure", 3)),
        ([("business_system", "success", 1), ("human", "failure", 5)], ("success", 1)),
        ([("business_system", "success", 1), ("business_system", "reopened", 4)], ("failure", 4)),
        ([("business_system", "pending", 8), ("human", "success", 2)], ("success", 2)),
        ([("business_system", "pending", 8)], None),
    ],
)
def test_the_most_trusted_and_then_the_latest_evaluation_decides(
    said: list[tuple[str, str, int]], expected: tuple[str, int] | None
) -> None:
    evaluations = [Evaluation("t", "invoice", "dunmore", at, who, what) for who, what, at in said]
    decision = decide(evaluations)
    assert (decision and (decision.status, decision.closed_us)) == expected
