"""Candidates that fail or lag: two of them worked by hand, and hundreds of simulated ones."""

from __future__ import annotations

from decimal import Decimal
from math import log, sqrt
from typing import Any

import numpy as np
import pytest

from ingest.reference.guardrails.sequential_bounds import sequential_bounds
from tests.dbt_project.experiments.planted import ended, judged, row, tasks_of

RULED = row().rstrip("\n") + ",{errors},{slow}\n"


@pytest.mark.slow
def test_more_errors_than_the_margin_take_a_candidate_back(models: dict[str, Any]) -> None:
    """Each of 500 tasks makes 4 calls; one of the control's fails in 20 tasks, in 100 of the
    candidate's: .01 and .05. A task's influence is e - q k: of 100 tasks 1 - .2, of 400 -.2.
    """
    tasks = [*tasks_of("old", 450, 50), *tasks_of("new", 450, 50)]
    work = {
        task[0]: (4, int(int(task[0].split("-")[1]) < (20 if task[2] == "old" else 100)), 1000)
        for task in tasks
    }
    columns = "control_error_ratio, candidate_error_ratio, error_low_ratio, decision, reason"
    ((old, new, low, *decided),) = judged(
        models, RULED.format(errors="0.02", slow=""), tasks, columns=columns, work=work
    )
    assert (old, new) == (pytest.approx(0.01), pytest.approx(0.05))
    variance = sum(
        (few * (1 - share) ** 2 + (500 - few) * share**2) / 2000**2 * 500 / 499
        for few, share in ((20, 0.04), (100, 0.2))
    )
    nu = 2 * 7.93615 * 500 / 1000
    width = sqrt(2 * (nu + 1) / nu * log(1 + sqrt(nu + 1) / 0.05))
    assert low == pytest.approx(0.04 - width * sqrt(variance), rel=1e-4)
    assert decided == ["roll_back", "too_many_errors"]
    for margin in ("0.05", ""):
        looked = judged(models, RULED.format(errors=margin, slow=""), tasks, columns="reason",
                        work=work)  # fmt: skip
        assert looked == [("proven",)], margin


@pytest.mark.slow
def test_a_candidate_whose_p95_is_beyond_the_limit_is_taken_back(models: dict[str, Any]) -> None:
    """The control takes 1 to 500 ms, p95 475; the candidate twice that: a quarter of it is beyond
    1.5 x 475 = 712.5, the 144 tasks from 357 on."""
    tasks = [*tasks_of("old", 450, 50), *tasks_of("new", 450, 50)]
    work = {
        task[0]: (1, 0, (int(task[0].split("-")[1]) + 1) * (1 if task[2] == "old" else 2))
        for task in tasks
    }
    columns = "control_p95_seconds, candidate_p95_seconds, slow_low_ratio, reason"
    ((old, new, low, reason),) = judged(
        models, RULED.format(errors="", slow="1.5"), tasks, columns=columns, work=work
    )
    assert (old, new, reason) == (Decimal("0.475"), Decimal("0.950"), "too_slow")
    nu = 2 * 7.93615 * 500 / 1000
    width = sqrt(2 * (nu + 1) / nu * log(1 + sqrt(nu + 1) / 0.05))
    se = sqrt(0.288 * 0.712 / 499 + 0.05 * 0.95 / 499)
    assert low == pytest.approx(0.288 - 0.05 - width * se, rel=1e-4)
    # at its own p95 it is as fast as it may be
    for limit in ("2", ""):
        looked = judged(models, RULED.format(errors="", slow=limit), tasks, columns="reason",
                        work=work)  # fmt: skip
        assert looked == [("proven",)], limit


def slow_sums(factor: float, limit: float, of: int, seed: int) -> dict[str, Any]:
    """Sums of experiments of 2,000 tasks in 14 looks, whose candidate takes `factor` as long."""
    tasks, looks = 2000, 14
    rng = np.random.default_rng(seed)
    taken = [rng.lognormal(7, 0.8, (of, tasks)), factor * rng.lognormal(7, 0.8, (of, tasks))]
    made: dict[str, list[Any]] = {}
    for look, seen in enumerate(np.round(np.linspace(0, tasks, looks + 1)).astype(int)[1:], 1):
        p95 = np.sort(taken[0][:, :seen], axis=1)[:, int(np.ceil(0.95 * seen)) - 1]
        columns = {"experiment": range(of), "look": [look] * of, "looks": [looks] * of,
                   "planned_tasks": [tasks] * of, "success_margin": [0.02] * of,
                   "bound_ratio": [sequential_bounds(looks)[look - 1]] * of}  # fmt: skip
        columns |= {name: range(of) for name in ("candidate", "registration", "look_at")}
        for side, times in enumerate((1, limit)):
            slow = (taken[side][:, :seen] > (p95 * times)[:, None]).sum(axis=1).astype(float)
            full, none = np.full(of, float(seen)), np.zeros(of)
            for name in ("m", "n", "nn", "c", "cc", "k", "kk", "t", "tt"):
                columns[f"{name}_{side}"] = full
            # as many successes as failures: nothing is proven before the deadline
            for name in ("s", "ss", "sn", "cs"):
                columns[f"{name}_{side}"] = full * 0.5
            for name in ("e", "ee", "ek", "q", "unpriced_tasks"):
                columns[f"{name}_{side}"] = none
            for name in ("x", "xx", "xt"):
                columns[f"{name}_{side}"] = slow
            columns |= {f"p_{side}": full * 0 + 0.5, f"r_{side}": slow / seen}
        for name, values in columns.items():
            made.setdefault(name, []).extend(values)
    return made


def test_a_p95_at_its_limit_is_hardly_ever_called_slow_and_one_far_beyond_always() -> None:
    """400 experiments each: at most 2.5 % on a side, and .8 % more by chance."""
    at_limit = ended(slow_sums(1.3, 1.3, 400, seed=21), 400, 1.3)
    assert at_limit.get("too_slow", 0) <= 0.033
    assert ended(slow_sums(2.0, 1.3, 400, seed=22), 400, 1.3)["too_slow"] >= 0.99
