"""`outlay gate`: did a candidate make a successful task dearer, or rarer, than the baseline?

Cost per success is a ratio of two sums over tasks, so its interval is the delta method's, each task
one draw; that of two success rates is Newcombe's (1998, method 10, of two Wilson intervals). A set
that is too small, or of which too much has no price, is not judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import exp, log, sqrt
from statistics import NormalDist
from typing import Literal

import duckdb

from ingest.errors import OutlayError, nearest
from pipelines.queries.cost_bridge import FILTERS, Period, parse_period
from pipelines.queries.status import open_showback
from pipelines.workspace.paths import Workspace

Verdict = Literal["pass", "fail", "inconclusive"]

COLUMNS = {"variant": "variant", **FILTERS, "team": "team_tag"}
"""What a set of tasks can be asked for, with its column in `fct_tasks`; `closed` is a period."""

LEAST_TASKS, LEAST_SUCCESSES = 30, 10
"""Closed tasks and successes of a set below which the normal distribution says nothing of it."""

MOST_UNPRICED = 0.05
"""Share of a set's tasks with a call without a price above which its cost is not judged."""

_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class TaskSet:
    """Closed tasks that are compared: what was asked for, and its sums.

    Attributes:
        asked: the selection in the words of the command.
        tasks, successes: closed tasks.
        unpriced: tasks with a call without a price, which stand in the success rate alone.
        priced, priced_successes: the others.
        cost: their estimates, USD.
        cost_squares: sum of their squares.
        success_cost: cost of those that succeeded, USD.
    """

    asked: str
    tasks: int
    successes: int
    unpriced: int
    priced: int
    priced_successes: int
    cost: Decimal
    cost_squares: Decimal
    success_cost: Decimal

    @property
    def cost_per_success(self) -> float | None:
        """USD; None without a success."""
        return float(self.cost) / self.priced_successes if self.priced_successes else None

    @property
    def success_rate(self) -> float:
        """Successes over closed tasks."""
        return self.successes / self.tasks

    @property
    def log_variance(self) -> float:
        """Variance of the logarithm of the cost per success, by the delta method."""
        ratio = float(self.cost) / self.priced_successes
        squares = (
            float(self.cost_squares)
            - 2 * ratio * float(self.success_cost)
            + ratio**2 * self.priced_successes
        )
        spread = max(squares, 0.0) / (self.priced - 1)
        return spread * self.priced / float(self.cost) ** 2

    @property
    def is_too_small(self) -> str | None:
        """Why neither measure of it can be judged; None when both can."""
        if self.tasks >= LEAST_TASKS and self.successes >= LEAST_SUCCESSES:
            return None
        return (
            f"{self.asked}: {self.tasks:,} closed tasks and {self.successes:,} successes, of"
            f" {LEAST_TASKS} and {LEAST_SUCCESSES} at least"
        )

    @property
    def lacks_prices(self) -> str | None:
        """Why its cost cannot be judged; None when it can."""
        if self.unpriced > MOST_UNPRICED * self.tasks:
            return (
                f"cost of {self.asked}: {self.unpriced:,} of {self.tasks:,} tasks have calls"
                " without a price"
            )
        if not self.priced_successes or not self.cost:
            return f"cost of {self.asked}: no success has a cost"
        return None


@dataclass(frozen=True)
class Comparison:
    """One measure of both sets.

    Attributes:
        measure: `cost_per_success` or `success_rate`.
        baseline, candidate: its values; None when unknown.
        change, low, high: of cost the ratio less 1, of the rate the difference, with the 95 %
            interval; None when not judged.
        limit: change beyond which it is worse.
    """

    measure: str
    baseline: float | None
    candidate: float | None
    change: float | None
    low: float | None
    high: float | None
    limit: float
    verdict: Verdict


@dataclass(frozen=True)
class CostGate:
    """What the gate says, and why.

    Attributes:
        doubts: why a set was not judged.
    """

    baseline: TaskSet
    candidate: TaskSet
    comparisons: Sequence[Comparison]
    doubts: Sequence[str]

    @property
    def verdict(self) -> Verdict:
        """The worst of the comparisons; an open one outweighs what passes."""
        found = {comparison.verdict for comparison in self.comparisons}
        order: tuple[Verdict, ...] = ("fail", "inconclusive", "pass")
        return next(verdict for verdict in order if verdict in found)


def judge(
    baseline: TaskSet, candidate: TaskSet, max_cost_increase: float, max_success_drop: float
) -> CostGate:
    """Compare two sets.

    Args:
        max_cost_increase: share by which cost per success may rise.
        max_success_drop: by how much the success rate may fall, of 1.
    """
    sets = (baseline, candidate)
    small = [doubt for of in sets if (doubt := of.is_too_small)]
    priceless = [doubt for of in sets if (doubt := of.lacks_prices)]
    doubts = small + priceless
    cost = _cost(baseline, candidate, max_cost_increase, is_judged=not doubts)
    rate = _rate(baseline, candidate, max_success_drop, is_judged=not small)
    return CostGate(baseline, candidate, [cost, rate], doubts)


def _cost(old: TaskSet, new: TaskSet, limit: float, *, is_judged: bool) -> Comparison:
    was, became = old.cost_per_success, new.cost_per_success
    if not is_judged or not was or not became:
        return Comparison("cost_per_success", was, became, None, None, None, limit, "inconclusive")
    middle = log(became / was)
    reach = _Z * sqrt(old.log_variance + new.log_variance)
    change, low, high = (exp(at) - 1 for at in (middle, middle - reach, middle + reach))
    verdict = _verdict(is_well=high <= limit, is_ill=low > limit)
    return Comparison("cost_per_success", was, became, change, low, high, limit, verdict)


def _rate(old: TaskSet, new: TaskSet, limit: float, *, is_judged: bool) -> Comparison:
    was, became = old.success_rate, new.success_rate
    if not is_judged:
        return Comparison("success_rate", was, became, None, None, None, -limit, "inconclusive")
    old_low, old_high = wilson(old.successes, old.tasks)
    new_low, new_high = wilson(new.successes, new.tasks)
    change = became - was
    low = change - sqrt((became - new_low) ** 2 + (old_high - was) ** 2)
    high = change + sqrt((new_high - became) ** 2 + (was - old_low) ** 2)
    verdict = _verdict(is_well=low >= -limit, is_ill=high < -limit)
    return Comparison("success_rate", was, became, change, low, high, -limit, verdict)


def _verdict(*, is_well: bool, is_ill: bool) -> Verdict:
    return "pass" if is_well else "fail" if is_ill else "inconclusive"


def wilson(successes: int, tasks: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (1927)."""
    share, squares = successes / tasks, _Z**2
    middle = (successes + squares / 2) / (tasks + squares)
    reach = _Z / (tasks + squares) * sqrt(tasks * share * (1 - share) + squares / 4)
    return middle - reach, middle + reach


def read_cost_gate(
    workspace: Workspace,
    baseline: str,
    candidate: str,
    max_cost_increase: float,
    max_success_drop: float,
) -> CostGate:
    """Compare the closed tasks of two selections of the published file.

    Args:
        baseline, candidate: as `parse_selection` reads them.

    Raises:
        NothingPublishedError: no run has published yet.
        OutlayError: a selection is wrong, finds no task, or both are the same.
    """
    asked = [parse_selection(baseline), parse_selection(candidate)]
    if asked[0] == asked[1]:
        raise OutlayError(f"baseline and candidate are the same tasks: {baseline}")
    with open_showback(workspace) as con:
        found = [
            _read(con, written, selection)
            for written, selection in zip((baseline, candidate), asked, strict=True)
        ]
    return judge(found[0], found[1], max_cost_increase, max_success_drop)


def parse_selection(written: str) -> Mapping[str, str | Period]:
    """Read `variant=b,feature=chat,closed=2026-09`: what tasks must have, all of it.

    Raises:
        OutlayError: a key is unknown or stated twice, or a value is missing.
    """
    found: dict[str, str | Period] = {}
    for part in written.split(","):
        key, _, value = (word.strip() for word in part.partition("="))
        known = [*COLUMNS, "closed"]
        if key not in known:
            hint = nearest(key, known) or f"; there are {', '.join(known)}"
            raise OutlayError(f"{written!r}: tasks have no {key!r}{hint}")
        if not value or key in found:
            raise OutlayError(
                f"{written!r}: state {key} once, for example variant=b,closed=2026-09"
            )
        found[key] = parse_period(value) if key == "closed" else value
    return found


def _read(
    con: duckdb.DuckDBPyConnection, written: str, selection: Mapping[str, str | Period]
) -> TaskSet:
    tests = ["status in ('success', 'failure')"]
    values: dict[str, object] = {}
    for key, value in selection.items():
        if isinstance(value, Period):
            tests.append("closed_date between $first and $last")
            values |= {"first": value.first, "last": value.last}
        else:
            _refuse_unknown(con, written, key, value)
            tests.append(f"{COLUMNS[key]} = ${key}")
            values[key] = value
    ((tasks, *sums),) = con.execute(
        "select count(*), count(*) filter (where is_success),"
        " count(*) filter (where not is_priced), count(*) filter (where is_priced),"
        " count(*) filter (where is_priced and is_success),"
        " coalesce(sum(usd) filter (where is_priced), 0),"
        " coalesce(sum(cast(usd as double) * usd) filter (where is_priced), 0),"
        " coalesce(sum(usd) filter (where is_priced and is_success), 0)"
        " from (select estimate_usd as usd, status = 'success' as is_success,"
        " estimate_usd is not null and unpriced_calls = 0 as is_priced"
        f" from marts.fct_tasks where {' and '.join(tests)})",
        values,
    ).fetchall()
    if not tasks:
        raise OutlayError(f"no closed task has {written}")
    return TaskSet(written, tasks, *sums)


def _refuse_unknown(con: duckdb.DuckDBPyConnection, written: str, key: str, value: str) -> None:
    column = COLUMNS[key]
    rows = con.execute(
        f"select distinct {column} from marts.fct_tasks where {column} is not null order by 1"
    ).fetchall()
    known = [row[0] for row in rows]
    if value not in known:
        raise OutlayError(f"{written!r}: no task of {key} {value!r}{nearest(value, known)}")


def as_markdown(gate: CostGate) -> str:
    """The gate as a comment on a change: the verdict, both measures, and what is not known."""
    words = {"pass": "passes", "fail": "fails", "inconclusive": "is inconclusive"}
    lines = [
        f"**The cost gate {words[gate.verdict]}.** Baseline `{gate.baseline.asked}`, candidate"
        f" `{gate.candidate.asked}`.",
        "",
        "| | Baseline | Candidate | Change | 95 % interval | Limit | |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for of in gate.comparisons:
        lines.append("| " + " | ".join([*comparison_words(of), of.verdict]) + " |")
    counts = [
        f"{of.tasks:,} closed tasks, {of.successes:,} successes, {of.unpriced:,} with calls without"
        " a price"
        for of in (gate.baseline, gate.candidate)
    ]
    lines += ["", f"Baseline: {counts[0]}. Candidate: {counts[1]}."]
    lines += [f"Not judged: {doubt}." for doubt in gate.doubts]
    return "\n".join(lines)


def comparison_words(of: Comparison) -> list[str]:
    """A comparison as a reader sees it: measure, both values, change, interval, limit."""
    is_cost = of.measure == "cost_per_success"

    def value(number: float | None) -> str:
        if number is None:
            return "unknown"
        return f"{number:,.6f} USD" if is_cost else f"{number:.1%}"

    def change(number: float | None) -> str:
        if number is None:
            return "unknown"
        return f"{number:+.1%}" if is_cost else f"{100 * number:+.1f} points"

    interval = "unknown" if of.low is None else f"{change(of.low)} to {change(of.high)}"
    interval = interval.replace(" points to", " to")
    measure = of.measure.replace("_", " ").capitalize()
    return [
        measure, value(of.baseline), value(of.candidate), change(of.change), interval,
        change(of.limit),
    ]  # fmt: skip
