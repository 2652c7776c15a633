"""Waste, reversals and worth of the demo as published, against what its generator planted."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import pytest

from ingest.demo.company.task_types import TASK_TYPES
from tests.demo.conftest import Published

PARTS = {"failed", "abandoned", "retried", "duplicate", "superseded", "judged_neutral"}


def test_every_part_of_every_feature_is_what_was_planted(published: Published) -> None:
    planted = {
        (row["month"], row["feature"], row["part"]): (Decimal(row["usd"]), row["tasks"])
        for row in published.truth["waste"]
    }
    assert {part for _, _, part in planted} == PARTS
    assert all(usd > 0 for usd, _ in planted.values())
    found = published.workspace.query(
        "select strftime(period_start, '%Y-%m'), member, part, waste_usd, tasks"
        " from reports.rpt_waste where period_grain = 'month' and dimension = 'feature'"
        " and cost_basis = 'estimate' and tasks > 0"
    )
    assert {row[:3]: row[3:] for row in found} == planted


def test_parts_sum_to_the_waste_of_the_overview(published: Published) -> None:
    planted: dict[str, Decimal] = defaultdict(Decimal)
    for row in published.truth["waste"]:
        planted[row["month"]] += Decimal(row["usd"])
    assert dict(
        published.workspace.query(
            "select strftime(month, '%Y-%m'), waste_usd from reports.rpt_overview"
            " where waste_usd is not null"
        )
    ) == dict(planted)


def test_first_passes_neutral_tasks_and_reversals_of_every_day(published: Published) -> None:
    planted: dict[date, Counter[str]] = defaultdict(Counter)
    for row in published.truth["unit_cost"]:
        day = planted[date.fromisoformat(row["closed_day"])]
        for key in ("tasks_closed", "successes", "neutral", "first_pass", "reversals"):
            day[key] += row[key]
    assert sum(day["reversals"] for day in planted.values()) > 0
    for start, neutral, reversals, success, first_pass in published.workspace.query(
        "select period_start, judged_neutral_tasks, reversals, success_ratio, first_pass_ratio"
        " from marts.fct_unit_cost_periods where period_grain = 'day' and dimension = 'all'"
        " and cost_basis = 'estimate'"
    ):
        day = planted.pop(start)
        assert (neutral, reversals) == (day["neutral"], day["reversals"])
        counted = day["tasks_closed"] - day["neutral"]
        assert success == pytest.approx(day["successes"] / counted, abs=1e-12)
        assert first_pass == pytest.approx(day["first_pass"] / counted, abs=1e-12)
    assert not planted


@pytest.mark.parametrize("kind", TASK_TYPES)
def test_worth_and_peoples_work_of_a_type(published: Published, kind: str) -> None:
    """Each call of these types has a known cost, so that no task stands aside."""
    stated = TASK_TYPES[kind]
    successes = 0
    cost = work = Decimal(0)
    for row in published.truth["unit_cost"]:
        if row["task_type"] == kind:
            day = date.fromisoformat(row["closed_day"])
            work += row["tasks_closed"] * stated.human_usd(day)
            successes += row["successes"]
            cost += Decimal(row["cost_usd"])
    (found,) = published.workspace.query(
        "select sum(human_usd), sum(value_usd), sum(task_margin_usd), sum(baseline_saving_usd)"
        " from reports.rpt_unit_cost_summary where period_grain = 'month'"
        f" and cost_basis = 'estimate' and task_type = '{kind}'"
    )
    value, baseline = (
        None if each is None else successes * Decimal(str(each))
        for each in (stated.value_usd, stated.baseline_usd)
    )
    expected = (
        work, value, None if value is None else value - cost - work,
        None if baseline is None else baseline - cost - work,
    )  # fmt: skip
    # the minutes are those of the day in UTC: a handful of tickets close in the hours between
    room = Decimal(5 if stated.later_minutes else 0)
    for told, planted in zip(found, expected, strict=True):
        assert (told is None) == (planted is None)
        assert told is None or abs(told - planted) <= room
