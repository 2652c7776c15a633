"""Experiments of the demo: one that proves what it was to show, one that nobody took back in time.

Variants are names on tasks: they change no call and no outcome. Which task gets which name follows
its cost or its outcome, so that the variants differ by a known size.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingest.demo.clock import day_index, iso_z, utc
from ingest.demo.money import usd_text
from ingest.demo.traffic.calls import Owner, dice
from ingest.demo.traffic.outcomes import Decision

HEADER = (
    "experiment,control,candidate,hypothesis,unit,success_margin,cost_goal,cost_limit,"
    "cost_cap_usd,planned_tasks,looks,owner,valid_from,valid_to,note\n"
)


@dataclass(frozen=True)
class Experiment:
    """One registered experiment, and how likely a task is on trial.

    Attributes:
        task_prefix: of the workload whose tasks take part.
        until_us: when the last task with a variant begins; the deadline lies at `end_us`.
        of_steps: chance of the candidate by the task's first number of steps.
        of_failure: chance of the candidate for a task that fails.
    """

    name: str
    control: str
    candidate: str
    task_prefix: str
    start_us: int
    end_us: int
    until_us: int
    rules: str
    of_steps: Mapping[int, float]
    of_failure: float | None = None

    @property
    def row(self) -> str:
        """Its row of `config/experiments.csv`."""
        hypothesis, rest = self.rules.split("|")
        period = f"{iso_z(self.start_us)},{iso_z(self.end_us)}"
        return f"{self.name},{self.control},{self.candidate},{hypothesis},{rest},{period},\n"

    def chance(self, steps: int, fails: bool) -> float:
        """How likely a task is given the candidate."""
        if fails and self.of_failure is not None:
            return self.of_failure
        return self.of_steps.get(steps, 0.5)


SHORT_ANSWERS = Experiment(
    "short-answers",
    "full",
    "short",
    "inv",
    utc("2026-07-06"),
    utc("2026-08-03"),
    utc("2026-08-03"),
    "Shorter answers cost less and post as many invoices|"
    "task,0.03,1,1.3,,2000,14,Document Processing",
    {1: 0.58, 2: 0.5, 3: 0.42},
)

SMALL_FIRST = Experiment(
    "small-first",
    "routed",
    "small-first",
    "tkt",
    utc("2026-07-20"),
    utc("2026-08-10"),
    utc("2027-01-01"),
    "The small model resolves as many tickets when it answers first|"
    "task,0.03,,1.3,,2000,14,Gateway Team",
    {2: 0.46, 3: 0.46, 4: 0.46, 5: 0.46},
    0.66,
)
"""It loses success from its first day on, is taken back, and is still on when the data end."""

EXPERIMENTS = (SHORT_ANSWERS, SMALL_FIRST)


def experiments_csv() -> str:
    """`config/experiments.csv`."""
    return HEADER + "".join(one.row for one in EXPERIMENTS)


def with_variant(owner: Owner, prefix: str, at_us: int, steps: int, fails: bool) -> Owner:
    """The owner of a new task's calls, with the variant that the task is given."""
    for one in EXPERIMENTS:
        if one.task_prefix == prefix and one.start_us <= at_us < one.until_us:
            on_trial = dice("experiment", owner.task_id).random() < one.chance(steps, fails)
            variant = one.candidate if on_trial else one.control
            return replace(owner, experiment=one.name, variant=variant)
    return owner


@dataclass(frozen=True, slots=True)
class Trial:
    """A task that takes part in an experiment."""

    experiment: str
    variant: str
    started_us: int
    cost_nano: int
    decision: Decision


def experiments_truth(trials: Iterable[Trial], days: int) -> list[dict[str, Any]]:
    """What each variant did by its deadline, of experiments whose last look is in the data."""
    totals: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    by_name = {one.name: one for one in EXPERIMENTS}
    for trial in trials:
        one = by_name[trial.experiment]
        if trial.started_us < one.end_us and trial.decision.closed_us < one.end_us:
            total = totals[trial.experiment, trial.variant]
            total["tasks"] += trial.decision.status != "neutral"
            total["successes"] += trial.decision.status == "success"
            total["cost"] += trial.cost_nano
    return [
        {
            "experiment": one.name,
            "variant": variant,
            "tasks": totals[one.name, variant]["tasks"],
            "successes": totals[one.name, variant]["successes"],
            "cost_usd": usd_text(totals[one.name, variant]["cost"]),
        }
        for one in EXPERIMENTS
        if day_index(one.end_us) < days
        for variant in (one.control, one.candidate)
    ]
