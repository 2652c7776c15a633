"""Generated tasks, and what their waste and worth are by a second, plain reckoning."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

START = datetime(2026, 9, 1)
DAYS = 40
JUDGES = ("business_system", "human", "model")

LOG = """
format = "mapped"
file_type = "jsonl"
[fields]
call_id = "id"
request_id = "request"
task_id = "task"
task_type = "kind"
started_at = "ts"
operation = { constant = "chat" }
provider = { constant = "own" }
request_model = { constant = "own-1" }
status = "status"
reported_cost_usd = "usd"
feature = { constant = "chat" }
"""

OUTCOMES = """
format = "outcomes"
file_type = "jsonl"
[fields]
task_id = "task"
task_type = "kind"
judged_at = "at"
outcome = "outcome"
outcome_label = "word"
evaluator_type = "by"
score = "score"
human_minutes = "minutes"
"""


@dataclass(frozen=True)
class Rule:
    """One row of `config/task_types.csv`, from a day to before another."""

    kind: str
    success: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()
    neutral: tuple[str, ...] = ()
    floor: str = ""
    hold: str = ""
    minutes: str = ""
    rate: str = ""
    value: str = ""
    baseline: str = ""
    first: str = ""
    end: str = ""

    @property
    def row(self) -> str:
        words = (" | ".join(w) for w in (self.success, self.failure, self.neutral))
        return ",".join(
            [self.kind, *words, self.floor, self.hold, self.minutes, self.rate, self.value,
             self.baseline, self.first, self.end, ""]
        )  # fmt: skip

    def holds(self, at: datetime) -> bool:
        first = datetime.fromisoformat(self.first or "1970-01-01")
        return first <= at < datetime.fromisoformat(self.end or "9999-12-31")


def make_calls(dice: random.Random, tasks: int) -> list[dict[str, Any]]:
    """Calls of some tasks on one to three days each; every amount is a sum of other powers."""
    found = []
    for task in range(tasks):
        at = START + timedelta(minutes=dice.randrange(DAYS * 1440 // 2))
        for number in range(dice.randint(1, 7)):
            at += timedelta(seconds=dice.choice([20, 300, 86_000]))
            found.append({
                "id": f"c{task}-{number}", "task": f"t{task}", "ts": f"{at.isoformat()}Z",
                "request": f"r{task}-{dice.randrange(4)}",
                "kind": ("ticket", "patch", None)[task % 3],
                "status": dice.choice(["ok", "ok", "ok", "error", "aborted"]),
                "usd": dice.randrange(1, 10**6) / 10**6,
            })  # fmt: skip
    return found


def make_evaluations(dice: random.Random, tasks: int) -> list[dict[str, Any]]:
    """Up to six evaluations a task, of all judges, no two of one second."""
    found = []
    for task in range(tasks):
        at = START + timedelta(seconds=dice.randrange(DAYS * 86_400 // 2))
        for _ in range(dice.randint(0, 6)):
            at += timedelta(seconds=dice.randrange(1, 5 * 86_400))
            found.append({
                "task": f"t{task}", "kind": dice.choice(["ticket", "patch"]),
                "at": f"{at.isoformat()}Z", "by": dice.choice(JUDGES),
                "outcome": dice.choice(["success", "success", "failure", "reopened", "pending"]),
                "word": dice.choice([None, "Good", "bad", "Spam", "other"]),
                "score": dice.choice([None, 0.2, 0.5, 0.9]),
                "minutes": dice.choice([None, None, 3, 4.5]),
            })  # fmt: skip
    return found


@dataclass(frozen=True)
class Verdict:
    """What became of a task."""

    status: str
    at: datetime
    kind: str | None
    taken_back: datetime | None
    reversed: datetime | None
    human: Decimal
    value: Decimal | None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))


def _later(text: str, days: str) -> datetime:
    return _moment(text) + timedelta(days=int(days))


def _rule(rules: Sequence[Rule], kind: str | None, at: datetime) -> Rule:
    return next((r for r in rules if r.kind == kind and r.holds(at)), Rule("none"))


def _says(rule: Rule, evaluation: dict[str, Any]) -> str:
    word = (evaluation["word"] or evaluation["outcome"]).lower()
    for outcome in ("success", "failure", "neutral"):
        if word in getattr(rule, outcome):
            return outcome
    return str(evaluation["outcome"])


def verdict_of(
    rules: Sequence[Rule], own: str | None, said: Sequence[dict[str, Any]]
) -> Verdict | None:
    """Walk through what each judge said, the highest first, and stop at the first who decided."""
    said = sorted(said, key=lambda e: _moment(e["at"]))
    for judge in JUDGES:
        standing: dict[str, Any] | None = None
        outcome, taken_back, reversal = "", None, None
        for one in (e for e in said if e["by"] == judge):
            at = _moment(one["at"])
            rule = _rule(rules, own or one["kind"], at)
            says = _says(rule, one)
            if says == "pending":
                continue
            held = rule.hold and standing and at >= _later(standing["at"], rule.hold)
            if says == "reopened" and outcome == "success" and held:
                reversal = at
                break
            taken_back = at if says in ("failure", "reopened") else taken_back
            standing, outcome = one, says
        if standing:
            return _closed(rules, own, said, standing, outcome, taken_back, reversal)
    return None


def _closed(
    rules: Sequence[Rule], own: str | None, said: Sequence[dict[str, Any]],
    standing: dict[str, Any], outcome: str, taken_back: datetime | None, reversal: datetime | None,
) -> Verdict:  # fmt: skip
    at, kind = _moment(standing["at"]), own or standing["kind"]
    rule = _rule(rules, kind, at)
    scored = [e for e in said if e["score"] is not None]
    newest = sorted(scored, key=lambda e: (-JUDGES.index(e["by"]), e["at"]))[-1:]
    if outcome == "success" and rule.floor and newest and newest[0]["score"] < float(rule.floor):
        outcome = "failure"
    status = {"success": "success", "neutral": "neutral"}.get(outcome, "failure")
    stated = [Decimal(str(e["minutes"])) for e in said if e["minutes"] is not None]
    minutes = sum(stated, Decimal(0)) if stated else Decimal(rule.minutes or 0)
    value = Decimal(rule.value) if rule.value else None
    won = status == "success"
    return Verdict(
        status, at, kind, taken_back if won else None, reversal if won else None,
        round(minutes * Decimal(rule.rate or 0) / 60, 9),
        None if value is None else value if won else Decimal(0),
    )  # fmt: skip


def waste_of(verdict: Verdict, calls: Sequence[dict[str, Any]]) -> dict[str, Decimal]:
    """A task's waste, call by call."""
    calls = sorted(calls, key=lambda c: (_moment(c["ts"]), c["id"]))
    whole = sum((Decimal(str(c["usd"])) for c in calls), Decimal(0))
    left = calls[-1]["status"] == "aborted"
    if verdict.status != "success":
        failed = "abandoned" if left else "failed"
        return {"judged_neutral" if verdict.status == "neutral" else failed: whole}
    found: dict[str, Decimal] = defaultdict(Decimal)
    answered: set[str] = set()
    again = verdict.taken_back and _moment(calls[-1]["ts"]) >= verdict.taken_back
    for call in calls:
        part = {"error": "retried", "aborted": "abandoned"}.get(call["status"])
        if part is None and call["request"] in answered:
            part = "duplicate"
        elif part is None:
            answered.add(call["request"])
            if again and _moment(call["ts"]) < verdict.taken_back:
                part = "superseded"
        if part:
            found[part] += Decimal(str(call["usd"]))
    return found


Waste = dict[tuple[str, date, str], tuple[Decimal, int]]


def reckoned(
    rules: Sequence[Rule], calls: Iterable[dict[str, Any]], said: Iterable[dict[str, Any]]
) -> tuple[Waste, dict[tuple[str, date], tuple[Any, ...]]]:
    """Waste by task type, closing day and part; and each type's day in one row."""
    of_task, about = defaultdict(list), defaultdict(list)
    for call in calls:
        of_task[call["task"]].append(call)
    for one in said:
        about[one["task"]].append(one)
    waste: dict[tuple[str, date, str], list[Decimal]] = defaultdict(list)
    days: dict[tuple[str, date], list[Any]] = defaultdict(lambda: [0, 0, 0, 0, 0, Decimal(0), None])
    for task, own in of_task.items():
        verdict = verdict_of(rules, own[0]["kind"], about[task])
        if verdict is None:
            continue
        kind = verdict.kind or "unattributed"
        for part, usd in waste_of(verdict, own).items():
            waste[kind, verdict.at.date(), part].append(usd)
        won = verdict.status == "success"
        row = days[kind, verdict.at.date()]
        row[0] += 1
        row[1] += won
        row[2] += verdict.status == "neutral"
        row[3] += won and verdict.taken_back is None
        row[5] += verdict.human
        if verdict.value is not None:
            cost = sum((Decimal(str(c["usd"])) for c in own), Decimal(0))
            row[6] = (row[6] or 0) + verdict.value - cost - verdict.human
        if verdict.reversed:
            days[kind, verdict.reversed.date()][4] += 1
    return (
        {key: (sum(usd, Decimal(0)), len(usd)) for key, usd in waste.items()},
        {key: tuple(row) for key, row in days.items()},
    )
