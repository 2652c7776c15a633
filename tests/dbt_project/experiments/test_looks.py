"""Looks at experiments: two of them worked by hand, and thousands of simulated ones."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest

from ingest.reference.guardrails.sequential_bounds import sequential_bounds
from tests.dbt_project.experiments.planted import START, Task, ended, judged, row, tasks_of


def test_a_look_worked_by_hand(models: dict[str, Any]) -> None:
    """450 of 500 and 440 of 500; a failed task costs as much as another: 625 / 440 a success.

    Variance of a rate by tasks: p (1 - p) / 499.
    """
    ((n, p_0, p_1, z, per, ratio_, decision, reason),) = judged(
        models,
        row(goal="1.5"),
        [*tasks_of("old", 450, 50), *tasks_of("new", 440, 60, "1.25")],
        columns="candidate_tasks, control_success_ratio, candidate_success_ratio,"
        " success_z_ratio, candidate_cost_per_success_usd, cost_ratio, decision, reason",
    )
    se = sqrt(0.9 * 0.1 / 499 + 0.88 * 0.12 / 499)
    assert (n, p_0, p_1) == (500, 0.9, 0.88)
    assert z == pytest.approx((-0.02 + 0.05) / se)
    assert z == pytest.approx(1.515, abs=0.001)
    assert per == Decimal("1.420454545")
    assert ratio_ == pytest.approx(1.25 * 450 / 440)
    # 1.515 standard errors are fewer than the 1.96 of a single look
    assert (decision, reason) == ("roll_back", "deadline")


def test_success_and_cost_must_both_be_proven(models: dict[str, Any]) -> None:
    tasks = [*tasks_of("old", 450, 50), *tasks_of("new", 450, 50, "1.25")]
    decided = "decision, reason"
    assert judged(models, row(), tasks, columns=decided) == [("ship", "proven")]
    assert judged(models, row(goal="1.4"), tasks, columns=decided) == [("ship", "proven")]
    assert judged(models, row(goal="1.27"), tasks, columns=decided) == [("roll_back", "deadline")]


@pytest.mark.slow
def test_a_candidate_is_taken_back_where_it_is_too_dear_or_has_cost_what_it_may(
    models: dict[str, Any],
) -> None:
    """Cost per success by tasks: variance of its logarithm is (1 - p) / s x n / (n - 1) here."""
    tasks = [*tasks_of("old", 450, 50), *tasks_of("new", 450, 50, "1.25")]
    columns = "cost_low_ratio, reason"
    ((low, reason),) = judged(models, row(limit="1.15"), tasks, columns=columns)
    nu = 2 * 7.93615 * 500 / 1000
    width = sqrt(2 * (nu + 1) / nu * log(1 + sqrt(nu + 1) / 0.05))
    se = sqrt(2 * (0.1 / 450) * 500 / 499)
    assert low == pytest.approx(exp(log(1.25) - width * se), rel=1e-5)
    assert (round(low, 3), reason) == (1.172, "too_dear")
    assert judged(models, row(limit="1.2"), tasks, columns="reason") == [("proven",)]
    assert judged(models, row(cap="625"), tasks, columns="reason") == [("cost_cap",)]
    assert judged(models, row(cap="625.01"), tasks, columns="reason") == [("proven",)]


def test_tasks_of_a_tenant_count_as_one_where_tenants_are_given_a_variant(
    models: dict[str, Any],
) -> None:
    """Of ten tenants with 50 tasks half have 40 successes and half 50: p is 0.9, and a tenant's
    influence 5 tasks: variance 10 x 25 / 500^2 x 10 / 9 in each variant."""

    def spread(variant: str) -> list[Task]:
        return [
            (f"{variant}{t}-{n}", f"{variant}{t}", variant,
             "success" if n < 40 + 10 * (t % 2) else "failure", START,
             START + timedelta(hours=1), Decimal(1))
            for t in range(10) for n in range(50)
        ]  # fmt: skip

    tasks = [*spread("old"), *spread("new")]
    by = {
        unit: judged(models, row().replace("task,", f"{unit},"), tasks, columns="success_z_ratio")
        for unit in ("task", "tenant")
    }
    assert by["task"][0][0] == pytest.approx(0.05 / sqrt(2 * 0.09 / 499))
    assert by["tenant"][0][0] == pytest.approx(0.05 / sqrt(2 * 250 / 250_000 * 10 / 9))


def test_looks_lie_at_even_distances_and_see_what_was_closed_before_them(
    models: dict[str, Any],
) -> None:
    tasks = [*tasks_of("old", 45, 5), *tasks_of("new", 45, 5), *tasks_of("new", 40, 10, day=8)]
    found = judged(
        models, row().replace("1000,1,", "1000,2,"), tasks, columns="look, look_at, candidate_tasks"
    )
    assert found == [(1, datetime(2026, 8, 10), 50), (2, datetime(2026, 8, 17), 100)]
    early = judged(
        models, row().replace("1000,1,", "1000,2,"), tasks, as_of="2026-08-16", columns="look"
    )
    assert early == [(1,)]


def test_nothing_is_concluded_from_fewer_than_thirty_tasks(models: dict[str, Any]) -> None:
    worse = [*tasks_of("old", 60, 0), *tasks_of("new", 5, 24)]
    assert judged(models, row(), worse, columns="reason") == [("deadline",)]
    enough = [*tasks_of("old", 60, 0), *tasks_of("new", 5, 25)]
    assert judged(models, row(), enough, columns="reason") == [("success_lost",)]


@pytest.mark.slow
def test_the_report_says_where_a_decision_was_not_carried_out(models: dict[str, Any]) -> None:
    """Decided at the look of the 10th; the newest day is the 20th: tasks count from the 17th on."""
    two = row().replace("1000,1,", "1000,2,")
    columns = "state, reason, decided_at, alarm, required_tasks"
    worse = [*tasks_of("old", 90, 10), *tasks_of("new", 50, 50)]
    shown = {"as_of": "2026-08-20", "columns": columns, "of": "reports.rpt_experiments"}
    # 15.6978 x 0.9 x 0.1 / 0.05^2 = 565.1
    taken_back = ("rolled_back", "success_lost", datetime(2026, 8, 10))
    assert judged(models, two, worse, **shown) == [(*taken_back, None, 566)]
    still = [*worse, *tasks_of("new", 1, 0, day=15)]
    assert judged(models, two, still, **shown) == [(*taken_back, "still_on", 566)]
    good = [*tasks_of("old", 900, 100), *tasks_of("new", 900, 100)]
    shipped = ("shipped", "proven", datetime(2026, 8, 10))
    assert judged(models, two, good, **shown) == [(*shipped, None, 566)]
    kept = [*good, *tasks_of("new", 1, 0, day=15), *tasks_of("old", 1, 0, day=16)]
    assert judged(models, two, kept, **shown) == [(*shipped, "lingers", 566)]
    later = two.replace("2026-08-03,2026-08-17", "2026-08-21,2026-09-17")
    assert [found[0] for found in judged(models, later, [], **shown)] == ["planned"]


def simulated(
    rate: float, difference: float, margin: float, tasks: int, looks: int, of: int, seed: int
) -> dict[str, float]:
    """Share of so many experiments that end for each reason, all at the models' own SQL."""
    rng = np.random.default_rng(seed)
    steps = np.diff(np.round(np.linspace(0, tasks, looks + 1))).astype(int)
    number = np.tile(np.arange(of), looks)
    counted = np.repeat(np.cumsum(steps), of).astype(float)
    columns = {
        "experiment": number, "candidate": number, "registration": number,
        "look": np.repeat(np.arange(1, looks + 1), of), "look_at": number,
        "looks": np.full(len(number), looks), "planned_tasks": np.full(len(number), tasks),
        "success_margin": np.full(len(number), margin),
        "bound_ratio": np.repeat(sequential_bounds(looks), of),
    }  # fmt: skip
    for side, of_side in enumerate((rate, rate + difference)):
        drawn = np.cumsum([rng.binomial(step, of_side, of) for step in steps], axis=0)
        good = drawn.ravel().astype(float)
        for name in ("m", "n", "nn", "c", "cc"):
            columns[f"{name}_{side}"] = counted
        for name in ("s", "ss", "sn", "cs"):
            columns[f"{name}_{side}"] = good
        for name in ("e", "ee", "ek", "x", "xx", "xt"):
            columns[f"{name}_{side}"] = counted * 0
        for name in ("k", "kk", "t", "tt"):
            columns[f"{name}_{side}"] = counted
        columns[f"q_{side}"] = columns[f"r_{side}"] = counted * 0
        columns[f"p_{side}"] = good / counted
        columns[f"unpriced_tasks_{side}"] = counted * 0
    return ended(columns, of)


def test_fourteen_looks_ship_what_is_worse_by_the_margin_in_one_of_forty() -> None:
    """Judged at each look as if it were the only one, it would be one of nine.

    Of 40,000 experiments the share strays by 0.0024, three standard errors.
    """
    at_margin = simulated(0.9, -0.02, 0.02, 5000, 14, 40_000, seed=11)
    assert at_margin["proven"] == pytest.approx(0.025, abs=0.0024)
    assert at_margin["success_lost"] >= 0.55
    lower_rate = simulated(0.6, -0.03, 0.03, 5000, 14, 40_000, seed=12)
    assert lower_rate["proven"] == pytest.approx(0.025, abs=0.0024)


def test_what_is_as_good_is_shipped_and_what_is_far_worse_taken_back_at_once() -> None:
    equal = simulated(0.9, 0, 0.02, 5000, 14, 2_000, seed=13)
    assert equal["proven"] >= 0.88
    assert equal.get("success_lost", 0) <= 0.01
    worse = simulated(0.9, -0.04, 0.02, 5000, 14, 2_000, seed=14)
    assert worse["success_lost"] >= 0.99
