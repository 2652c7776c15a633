"""`outlay gate`: intervals that others published, or worked out another way; verdicts; words."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from math import log, sqrt

import pytest

from ingest.errors import OutlayError
from pipelines.queries.cost_bridge import parse_period
from pipelines.queries.cost_gate import (
    CostGate,
    TaskSet,
    as_markdown,
    judge,
    parse_selection,
    wilson,
)
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay

Tasks = list[tuple[float, bool]]


def task_set(tasks: Tasks, name: str = "variant=a", unpriced: int = 0) -> TaskSet:
    """The sums of tasks, given as (cost, whether it succeeded)."""
    won = [cost for cost, is_success in tasks if is_success]
    return TaskSet(
        name, len(tasks) + unpriced, len(won), unpriced, len(tasks), len(won),
        Decimal(sum(cost for cost, _ in tasks)), Decimal(sum(cost**2 for cost, _ in tasks)),
        Decimal(sum(won)),
    )  # fmt: skip


def rated(successes: int, tasks: int, name: str = "variant=a") -> TaskSet:
    """Tasks that cost a dollar each."""
    return task_set([(1.0, number < successes) for number in range(tasks)], name)


def gate(old: TaskSet, new: TaskSet, dearer: float = 0.05, rarer: float = 0.02) -> CostGate:
    return judge(old, new, dearer, rarer)


def test_the_interval_of_two_rates_is_newcombes() -> None:
    """Newcombe 1998, table II, example (a), method 10: 56/70 less 48/80 is 0.0524 to 0.3339."""
    _, rate = gate(rated(48, 80), rated(56, 70)).comparisons
    assert rate.low is not None
    assert rate.high is not None
    assert (round(rate.low, 4), round(rate.high, 4)) == (0.0524, 0.3339)


def test_the_interval_of_a_rate_is_wilsons() -> None:
    """Newcombe 1998, table I, method 3: 81/263 is 0.2553 to 0.3662, 0/20 is 0 to 0.1611."""
    assert [round(bound, 4) for bound in wilson(81, 263)] == [0.2553, 0.3662]
    assert [round(bound, 4) for bound in wilson(0, 20)] == [0, 0.1611]


def test_tasks_of_one_cost_differ_by_their_success_alone() -> None:
    """A dollar each: cost per success is 1 / p, and the variance of its logarithm
    (1 - p) / (p (n - 1)): 0.25 / (0.75 x 399) and 0.4 / (0.6 x 499)."""
    cost, _ = gate(rated(300, 400), rated(300, 500)).comparisons
    assert (cost.baseline, cost.candidate) == (pytest.approx(4 / 3), pytest.approx(5 / 3))
    assert cost.change == pytest.approx(0.25)
    assert cost.low is not None
    assert cost.high is not None
    reach = 1.959963985 * sqrt(0.25 / (0.75 * 399) + 0.4 / (0.6 * 499))
    assert (log(1 + cost.high) - log(1 + cost.low)) / 2 == pytest.approx(reach)


def test_the_interval_of_a_cost_is_that_of_resampled_tasks() -> None:
    """Costs of two kinds of task, dearer where they fail: 2,000 bootstrap samples of each set."""
    draw = random.Random(13)

    def tasks(scale: float, count: int) -> Tasks:
        wins = [draw.random() < 0.8 for _ in range(count)]
        return [(scale * draw.gammavariate(2, 1 if won else 2), won) for won in wins]

    def logs(of: Tasks) -> list[float]:
        samples = (draw.choices(of, k=len(of)) for _ in range(2_000))
        return [log(sum(cost for cost, _ in s) / sum(won for _, won in s)) for s in samples]

    old, new = tasks(1.0, 250), tasks(1.3, 200)
    cost, _ = gate(task_set(old), task_set(new)).comparisons
    assert cost.low is not None
    assert cost.high is not None
    ratios = sorted(b - a for a, b in zip(logs(old), logs(new), strict=True))
    assert log(1 + cost.low) == pytest.approx(ratios[50], abs=0.03)
    assert log(1 + cost.high) == pytest.approx(ratios[1949], abs=0.03)


@pytest.mark.parametrize(
    ("old", "new", "cost", "rate", "whole"),
    [
        # as good, and enough of both to know
        ((8000, 10000), (8010, 10000), "pass", "pass", "pass"),
        # 0.80 to 0.72: an eighth dearer a success, eight points rarer
        ((8000, 10000), (7200, 10000), "fail", "fail", "fail"),
        # 0.80 to 0.79: worse, within both limits
        ((8000, 10000), (7950, 10000), "pass", "pass", "pass"),
        ((80, 100), (79, 100), "inconclusive", "inconclusive", "inconclusive"),
    ],
)
def test_a_verdict_needs_the_whole_interval_on_one_side(
    old: tuple[int, int], new: tuple[int, int], cost: str, rate: str, whole: str
) -> None:
    found = gate(rated(*old), rated(*new))
    assert [of.verdict for of in found.comparisons] == [cost, rate]
    assert found.verdict == whole


def test_one_that_fails_outweighs_one_that_cannot_tell() -> None:
    dear = task_set([(1.0 if number < 50 else 9.0, number % 5 > 0) for number in range(100)])
    found = gate(rated(80, 100), dear)
    assert [of.verdict for of in found.comparisons] == ["fail", "inconclusive"]
    assert found.verdict == "fail"


def test_too_few_tasks_are_not_judged_and_too_few_prices_only_by_their_success() -> None:
    found = gate(rated(80, 100), rated(20, 29, "variant=b"))
    assert found.doubts == ["variant=b: 29 closed tasks and 20 successes, of 30 and 10 at least"]
    assert {of.verdict for of in found.comparisons} == {"inconclusive"}
    unpriced = task_set([(1.0, number < 8000) for number in range(9400)], "variant=b", unpriced=600)
    found = gate(rated(8000, 10000), unpriced)
    assert [of.verdict for of in found.comparisons] == ["inconclusive", "pass"]
    assert found.doubts == ["cost of variant=b: 600 of 10,000 tasks have calls without a price"]
    assert "Not judged: cost of variant=b: 600" in as_markdown(found)


def test_the_comment_says_verdict_measures_and_counts() -> None:
    said = as_markdown(gate(rated(8000, 10000), rated(7200, 10000, "variant=b"))).splitlines()
    assert said == [
        "**The cost gate fails.** Baseline `variant=a`, candidate `variant=b`.",
        "",
        "| | Baseline | Candidate | Change | 95 % interval | Limit | |",
        "|---|---:|---:|---:|---:|---:|---|",
        "| Cost per success | 1.250000 USD | 1.388889 USD | +11.1% | +9.4% to +12.9% | +5.0%"
        " | fail |",
        "| Success rate | 80.0% | 72.0% | -8.0 points | -9.2 to -6.8 points | -2.0 points | fail |",
        "",
        "Baseline: 10,000 closed tasks, 8,000 successes, 0 with calls without a price. Candidate:"
        " 10,000 closed tasks, 7,200 successes, 0 with calls without a price.",
    ]  # fmt: skip


ON_ONE_DAY = ("--baseline", "feature=bot,closed=2025-10-05", "--candidate", "closed=2025-10-06")


def test_the_command_counts_closed_tasks_and_ends_with_1_when_it_cannot_tell(
    built: Workspace,
) -> None:
    result = outlay("gate", *ON_ONE_DAY, "--json", "-w", built.root)
    assert result.exit_code == 1, result.output
    cost, rate = json.loads(result.stdout)
    assert (cost["measure"], cost["baseline"], cost["candidate"]) == (
        "cost_per_success", 0.005, None,
    )  # fmt: skip
    assert (rate["baseline"], rate["candidate"], rate["verdict"]) == (1, 0, "inconclusive")
    result = outlay("gate", *ON_ONE_DAY, "--allow-inconclusive", "-w", built.root)
    assert result.exit_code == 0
    assert "1 closed tasks and 1 successes, of 30 and 10 at least" in " ".join(
        result.output.split()
    )
    result = outlay("gate", *ON_ONE_DAY, "--markdown", "-w", built.root)
    assert result.stdout.startswith("**The cost gate is inconclusive.**")


def test_json_holds_the_figures_that_are_printed(built: Workspace) -> None:
    cost, rate = json.loads(outlay("gate", *ON_ONE_DAY, "--json", "-w", built.root).stdout)
    comment = outlay("gate", *ON_ONE_DAY, "--markdown", "-w", built.root).stdout
    (of_cost,) = [line for line in comment.splitlines() if "Cost per success" in line]
    (of_rate,) = [line for line in comment.splitlines() if "Success rate" in line]
    assert f"{cost['baseline']:,.6f} USD" in of_cost
    assert (cost["candidate"], cost["change"], cost["low"]) == (None, None, None)
    assert "unknown" in of_cost
    assert f"{cost['limit']:+.1%}" in of_cost
    for value in (rate["baseline"], rate["candidate"]):
        assert f"{value:.1%}" in of_rate
    known = [value for name, value in rate.items() if name in ("change", "low", "high", "limit")]
    for value in known:
        assert "unknown" in of_rate if value is None else f"{100 * value:+.1f}" in of_rate
    assert cost["verdict"] in of_cost
    assert rate["verdict"] in of_rate


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("featur=bot", "variant=b", "tasks have no 'featur'; did you mean 'feature'?"),
        ("feature=bto", "feature=bot", "no task of feature 'bto'; did you mean 'bot'?"),
        ("feature=bot", "feature=bot", "baseline and candidate are the same tasks: feature=bot"),
        ("feature=", "feature=bot", "state feature once, for example variant=b,closed=2026-09"),
        ("closed=2026-09", "feature=bot", "no closed task has closed=2026-09"),
        ("closed=soon", "feature=bot", "'soon' is no period"),
    ],
)
def test_a_wrong_selection_is_refused_with_the_cure(
    built: Workspace, old: str, new: str, reason: str
) -> None:
    result = outlay("gate", "--baseline", old, "--candidate", new, "-w", built.root)
    assert result.exit_code == 2
    assert reason in " ".join(result.stderr.split())


def test_a_selection_is_a_value_for_each_key() -> None:
    assert parse_selection("variant=b, closed=2026-W38") == {
        "variant": "b", "closed": parse_period("2026-W38"),
    }  # fmt: skip
    with pytest.raises(OutlayError, match="state variant once"):
        parse_selection("variant=a,variant=b")
