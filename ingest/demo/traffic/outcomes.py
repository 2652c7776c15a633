"""How tasks are judged: by the business system, by people, by a model; early, late or never."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from zlib import crc32

from ingest.demo.clock import DAY, HOUR, SECOND, ZONE, day_start, local, micros
from ingest.demo.company.incidents import REGRESSED_SUCCESS, REGRESSION
from ingest.demo.company.task_types import TASK_TYPES, WITHDRAWN, TaskType
from ingest.demo.company.workloads import TENANTS, Workload

BUSINESS, HUMAN, MODEL = "business_system", "human", "model"

LABELS = {
    "support_ticket": {"success": "resolved", "failure": "escalated", "reopened": "reopened"},
    "invoice": {"success": "posted", "failure": "rejected", "reopened": "reopened"},
    "contract": {"success": "resolved", "failure": "rejected", "reopened": "reopened"},
    "proposal": {"success": "resolved", "failure": "rejected", "reopened": "reopened"},
    "research_brief": {"success": "resolved", "failure": "rejected", "reopened": "reopened"},
    "code_patch": {"success": "merged", "failure": "closed_unmerged", "reopened": "reverted"},
}
"""The business system's word for each outcome; a `pending` task is `waiting` there."""

NEVER = 0.06
MODEL_SHARE, HUMAN_SHARE = 0.33, 0.06
AGREES = 0.86
REOPENED, SOLVED_AGAIN = 0.05, 0.6
WAITS_FIRST = 0.08
UNASSISTED_A_DAY = 3


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation of one task; `outcome` as the canonical contract names it."""

    task_id: str
    task_type: str
    tenant: str
    judged_us: int
    evaluator: str
    outcome: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be said about a task, and when more work on it starts (None: never)."""

    evaluations: tuple[Evaluation, ...]
    more_work_us: int | None = None


def judge(
    rng: Random, load: Workload, task_id: str, tenant: str, started_us: int, last_day: date
) -> Plan:
    """Draw the evaluations of one task; those after `last_day` (local) are not known yet."""

    def say(at_us: int, evaluator: str, outcome: str, score: float | None = None) -> Evaluation:
        whole = at_us - at_us % SECOND
        return Evaluation(task_id, load.task_type, tenant, whole, evaluator, outcome, score)

    if rng.random() < NEVER:
        return Plan(())
    good = rng.random() < _success_chance(load, started_us)
    said: list[Evaluation] = []
    more_work = None
    if rng.random() < load.business:
        business, more_work = _business(rng, started_us, good)
        said = [say(at_us, BUSINESS, outcome) for at_us, outcome in business]
    if not said or rng.random() < MODEL_SHARE:
        thinks = good if rng.random() < AGREES else not good
        score = round(rng.uniform(0.6, 0.99) if thinks else rng.uniform(0.05, 0.5), 3)
        at_us = started_us + HOUR + rng.randrange(2 * HOUR)
        said.append(say(at_us, MODEL, _word(thinks), score))
    if rng.random() < HUMAN_SHARE:
        thinks = good if rng.random() < AGREES else not good
        said.append(say(started_us + rng.randrange(DAY, 5 * DAY), HUMAN, _word(thinks)))
    known = tuple(item for item in said if local(item.judged_us).date() <= last_day)
    return Plan(known, more_work if more_work and local(more_work).date() <= last_day else None)


def in_vain(plan: Plan) -> Plan:
    """The same evaluations at the same times, of a task that nobody calls a success."""
    return replace(
        plan,
        evaluations=tuple(
            item
            if item.outcome in ("failure", "pending")
            else replace(
                item,
                outcome="failure",
                score=None if item.score is None else round(1 - item.score, 3),
            )
            for item in plan.evaluations
        ),
    )


def unassisted(rng: Random, day: int) -> list[Evaluation]:
    """Tickets that people closed without any model call: outcomes of no known task."""
    return [
        Evaluation(
            f"tkt-manual-{day:03d}-{number}",
            "support_ticket",
            rng.choice(TENANTS),
            day_start(day) + 9 * HOUR + rng.randrange(8 * 3600) * SECOND,
            BUSINESS,
            "success",
        )
        for number in range(UNASSISTED_A_DAY)
    ]


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a task, and when.

    Attributes:
        status: `success`, `failure` or `neutral`.
        closed_us: of the evaluation that decided.
        taken_back_us: of a success, when the same judge last said otherwise before; or None.
        reversed_us: of a success that had held, when it was reopened; or None.
    """

    status: str
    closed_us: int
    taken_back_us: int | None = None
    reversed_us: int | None = None


def decide(evaluations: list[Evaluation]) -> Decision | None:
    """The task's decision; None when nobody but `pending` has spoken.

    The most trusted type that spoke decides (business system, then human, then model), and
    within it the latest evaluation. A reopened task has failed until it is closed again, unless
    its success had held for the days of its type by then.
    """
    for evaluator in (BUSINESS, HUMAN, MODEL):
        spoken = sorted(
            (e for e in evaluations if e.evaluator == evaluator and e.outcome != "pending"),
            key=lambda e: e.judged_us,
        )
        if spoken:
            return _decide(evaluations, spoken)
    return None


def _decide(evaluations: list[Evaluation], spoken: list[Evaluation]) -> Decision:
    rule = TASK_TYPES.get(spoken[0].task_type, TaskType())
    last, taken_back, reversed_us = spoken[0], None, None
    for item in spoken:
        held = rule.hold_us is not None and item.judged_us >= last.judged_us + rule.hold_us
        if item.outcome == "reopened" and last.outcome == "success" and held:
            reversed_us = item.judged_us
            break
        if item.outcome != "success":
            taken_back = item.judged_us
        last = item
    scores = [e.score for e in evaluations if e.score is not None]
    if meaning(last) == "neutral":
        return Decision("neutral", last.judged_us)
    too_low = rule.min_score is not None and bool(scores) and scores[0] < rule.min_score
    if last.outcome != "success" or too_low:
        return Decision("failure", last.judged_us)
    return Decision("success", last.judged_us, taken_back, reversed_us)


def meaning(evaluation: Evaluation) -> str:
    """What an evaluation means under the rule of its type."""
    rule = TASK_TYPES.get(evaluation.task_type, TaskType())
    neutral = rule.neutral is not None and label(evaluation) == rule.neutral
    return "neutral" if neutral else evaluation.outcome


def label(evaluation: Evaluation) -> str:
    """The business system's word for an evaluation; nobody else uses words."""
    if evaluation.evaluator != BUSINESS:
        return ""
    known = LABELS[evaluation.task_type]
    ticket = evaluation.task_type == "support_ticket" and evaluation.outcome == "failure"
    if ticket and crc32(evaluation.task_id.encode()) % WITHDRAWN == 0:
        return "withdrawn"
    return known.get(evaluation.outcome, "waiting")


def _word(good: bool) -> str:
    return "success" if good else "failure"


def _success_chance(load: Workload, started_us: int) -> float:
    if load.feature == REGRESSION.scope["feature"] and REGRESSION.active(started_us):
        return REGRESSED_SUCCESS
    return load.success


def _business(rng: Random, started_us: int, good: bool) -> tuple[list[tuple[int, str]], int | None]:
    """The business system's entries, oldest first, and when reopened work starts."""
    said: list[tuple[int, str]] = []
    closed = _business_time(started_us + _delay(rng))
    if rng.random() < WAITS_FIRST:
        said.append((_business_time(started_us + 15 * 60 * SECOND), "pending"))
    said.append((closed, _word(good)))
    if not good or rng.random() >= REOPENED:
        return said, None
    reopened = _business_time(closed + rng.randrange(DAY, 8 * DAY))
    said.append((reopened, "reopened"))
    if rng.random() < SOLVED_AGAIN:
        said.append((_business_time(reopened + rng.randrange(DAY, 3 * DAY)), "success"))
    return said, reopened + rng.randrange(HOUR // 6, 3 * HOUR)


def _delay(rng: Random) -> int:
    """Most tasks close within hours, a quarter within days, some after up to 20 days."""
    roll = rng.random()
    if roll < 0.72:
        return rng.randrange(2 * HOUR, 20 * HOUR)
    if roll < 0.96:
        return rng.randrange(20 * HOUR, 6 * DAY)
    return rng.randrange(6 * DAY, 20 * DAY)


def _business_time(us: int) -> int:
    """Whole seconds, and never between 2 and 3 o'clock local time.

    The business system writes local times without an offset, and that hour happens twice on the
    night summer time ends; nobody closes tickets then.
    """
    at = local(us).replace(microsecond=0, tzinfo=None)
    if at.hour == 2:
        at += timedelta(hours=2)
    return micros(datetime.combine(at.date(), at.time(), ZONE))
