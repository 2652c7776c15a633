"""The gateway's traffic, one UTC day at a time: tasks, their requests, and untagged calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random

from ingest.demo.clock import DAY, HOUR, SECOND, day_date, day_index, day_start
from ingest.demo.company.incidents import (
    CACHE_OUTAGE,
    LEAKED_CALLS,
    LEAKED_KEY,
    RUNAWAY,
    RUNAWAY_FACTOR,
)
from ingest.demo.company.prices import IN_HOUSE, LARGE, MID, PREVIEW
from ingest.demo.company.slips import UNPRICED
from ingest.demo.company.workloads import (
    GROWTH_PER_DAY,
    TENANT_WEIGHTS,
    TENANTS,
    UNTAGGED_A_DAY,
    UNTAGGED_MODELS,
    WEEKDAY_SHARE,
    WORKLOADS,
    Workload,
    deepest_success,
    prompt_version,
)
from ingest.demo.traffic.attempts import attempts, embedding, repeat_of, second_answer
from ingest.demo.traffic.calls import Call, Owner, dice, hex_id
from ingest.demo.traffic.outcomes import Evaluation, decide, in_vain, judge
from ingest.demo.traffic.prompts.cached_answers import Mistake, similarity_of
from ingest.demo.traffic.prompts.price_modifiers import with_archive, with_modifiers
from ingest.demo.traffic.scenarios.backlog import slowed
from ingest.demo.traffic.scenarios.eaten_month import again
from ingest.demo.traffic.scenarios.experiments import with_variant
from ingest.demo.traffic.scenarios.limits import refused
from ingest.demo.traffic.scenarios.new_key import by_new_key
from ingest.demo.traffic.scenarios.shadow import mirrored
from ingest.demo.traffic.scenarios.strategies import CONTRACTS, PROPOSALS, tasks
from ingest.demo.traffic.tokens import request_tokens

REMEMBERED = 60
"""Answers that the gateway's cache holds for one kind of task, in this model of it."""

MORE_STEPS = 2
"""Requests of a task on which work goes on after it was reopened."""

Recent = dict[str, list[Call]]
"""Answers in the gateway's cache, by prefix of the workload."""


def busy(day: int, usual: int, scale: float, rng: Random) -> int:
    """Number of things that happen on UTC day `day` where `usual` is a working day's number."""
    share = WEEKDAY_SHARE[day % 7] * (1 + GROWTH_PER_DAY * day)
    return int(usual * share * scale * (0.94 + 0.12 * rng.random()) + rng.random())


def day_time(rng: Random) -> int:
    """A time of day in microseconds: mostly European office hours, some at any hour."""
    if rng.random() < 0.15:
        return rng.randrange(DAY)
    return int(min(max(rng.gauss(11.5, 3.0), 0.05), 23.95) * HOUR) + rng.randrange(SECOND)


def pick(rng: Random, weighted: tuple[tuple[str, int], ...]) -> str:
    """One of the weighted names."""
    return rng.choices([name for name, _ in weighted], [weight for _, weight in weighted])[0]


@dataclass
class Traffic:
    """Generates days in order; work that runs past midnight is kept for its own day."""

    seed: int
    scale: float
    days: int
    evaluations: list[Evaluation] = field(default_factory=list)
    _mistake: Mistake = field(default_factory=Mistake)
    _carried: dict[int, list[Call]] = field(default_factory=dict)
    _more_work: dict[int, list[tuple[Workload, Owner, int]]] = field(default_factory=dict)

    @property
    def last_day(self) -> date:
        """The last day of data."""
        return day_date(self.days - 1)

    def day(self, day: int) -> list[Call]:
        """All attempts that start on UTC day `day`, in the order in which they end."""
        rng = dice(self.seed, "traffic", day)
        recent: dict[str, list[Call]] = {}
        starts = [
            (day_start(day) + day_time(rng), load)
            for load in WORKLOADS
            for _ in range(busy(day, load.tasks, self.scale, rng))
        ]
        for start, load in sorted(starts, key=lambda item: item[0]):
            self._keep(self._task(rng, load, start, recent))
        for load, owner, start in self._more_work.pop(day, ()):
            self._keep(_requests(rng, load, owner, start, MORE_STEPS, recent))
        self._several_ways(day)
        self._keep(_untagged(rng, day, busy(day, UNTAGGED_A_DAY, self.scale, rng)))
        if day == day_index(LEAKED_KEY.start_us):
            self._keep(_leaked(dice(self.seed, "leaked key"), round(LEAKED_CALLS * self.scale)))
        self._keep(by_new_key(self.seed, day, self.scale))
        calls = self._carried.pop(day, [])
        calls += again(self.seed, day, self.days, self.scale, tuple(calls))
        calls += mirrored(self.seed, day, tuple(calls))
        calls += refused(self.seed, day, self.days)
        return sorted(slowed(calls), key=lambda call: (call.ended_us, call.request_id))

    def _several_ways(self, day: int) -> None:
        """Tasks of the features that answer theirs in several ways."""
        rng = dice(self.seed, "strategies", day)
        for load in (CONTRACTS, PROPOSALS):
            count = busy(day, load.tasks, self.scale, rng)
            starts = sorted(day_start(day) + day_time(rng) for _ in range(count))
            for calls, evaluations in tasks(rng, load, starts, day * 13, self.last_day):
                self.evaluations.extend(evaluations)
                self._keep(iter(calls))

    def _keep(self, calls: Iterator[Call]) -> None:
        for call in calls:
            day = day_index(call.started_us)
            if day < self.days:
                self._carried.setdefault(day, []).append(call)

    def _task(self, rng: Random, load: Workload, start: int, recent: Recent) -> Iterator[Call]:
        owner = task_owner(rng, load, start)
        steps = rng.randint(*load.steps)
        runs_away = load.feature == RUNAWAY.scope["feature"] and RUNAWAY.active(start)
        plan = judge(rng, load, owner.task_id or "", owner.tenant or "", start, self.last_day)
        if runs_away:
            steps, plan = steps * RUNAWAY_FACTOR, in_vain(plan)
        self.evaluations.extend(plan.evaluations)
        decision = decide(list(plan.evaluations))
        fails = decision is not None and decision.status == "failure"
        owner = with_variant(owner, load.prefix, start, steps, fails)
        if plan.more_work_us is not None:
            day = day_index(plan.more_work_us)
            self._more_work.setdefault(day, []).append((load, owner, plan.more_work_us))
        if load.retrieves:
            yield embedding(rng, owner, start)
            start += 200_000
        calls = _requests(rng, load, owner, start, steps, recent)
        most = deepest_success(load.feature, start)
        if most and decision is not None and decision.status == "success":
            calls = _first_steps(calls, most - (MORE_STEPS if plan.more_work_us else 0))
        for call in calls:
            if call.origin:
                self._mistake.repeat(call, fails)
                call.similarity = similarity_of(call.request_id, owner.task_type, fails)
            yield call


def task_owner(rng: Random, load: Workload, start: int) -> Owner:
    """A new task of `load` for one of the tenants."""
    tenant = rng.choices(TENANTS, TENANT_WEIGHTS)[0]
    return Owner(
        tenant,
        load.feature,
        load.task_type,
        f"{load.prefix}-{hex_id(rng, 10)}",
        prompt_version(load.feature, start),
        load.team,
        "prod",
        f"{tenant}-u{rng.randint(1, 40)}",
    )


def _requests(
    rng: Random, load: Workload, owner: Owner, at_us: int, steps: int, recent: Recent
) -> Iterator[Call]:
    """The requests of a task one after another; `recent` is the gateway cache's content."""
    answers = recent.setdefault(load.prefix, [])
    for step in range(steps):
        stream = rng.random() < load.stream
        hit = step == 0 and rng.random() < load.repeat and not CACHE_OUTAGE.active(at_us)
        known = [call for call in answers if call.ended_us < at_us] if hit else []
        if known:
            done = [repeat_of(rng, rng.choice(known), owner, at_us, stream)]
        else:
            model = pick(rng, load.models)
            tokens = request_tokens(rng, load, model, min(step, 20), at_us)
            done = list(attempts(rng, owner, at_us, model, tokens, stream))
            for call in done:
                call.history_tokens = min(step, 20) * load.growth_tokens
        yield from done
        answer = done[-1]
        if again := second_answer(answer):
            yield again
        if step == 0 and load.repeat and not known and answer.status == "ok":
            _remember(answers, answer)
        at_us = answer.ended_us + rng.randint(SECOND, 14 * SECOND)


def _first_steps(calls: Iterator[Call], most: int) -> Iterator[Call]:
    """The calls of the first requests; the others are drawn as well, so that all else stays."""
    requests: set[str] = set()
    for call in list(calls):
        requests.add(call.request_id)
        if len(requests) <= most:
            yield call


def _remember(answers: list[Call], answer: Call) -> None:
    if answer.model != IN_HOUSE:
        answers.append(answer)
        del answers[:-REMEMBERED]


def _untagged(rng: Random, day: int, count: int) -> Iterator[Call]:
    """Calls outside any task: of a customer but no feature, of a staging feature, of nobody."""
    for _ in range(count):
        at_us = day_start(day) + day_time(rng)
        load = rng.choice(WORKLOADS)
        roll = rng.random()
        if roll < 0.4:
            tenant = rng.choices(TENANTS, TENANT_WEIGHTS)[0]
            owner = Owner(tenant, None, None, None, None, load.team, "prod", None)
        elif roll < 0.7:
            version = prompt_version(load.feature, at_us)
            owner = Owner(None, load.feature, None, None, version, load.team, "staging", None)
        else:
            owner = Owner(None, None, None, None, None, None, "prod", None)
        model = pick(rng, UNTAGGED_MODELS)
        if (day, PREVIEW) == UNPRICED and model in (MID, LARGE):
            model = PREVIEW
        tokens = with_archive(owner, model, request_tokens(rng, load, model, 0, at_us), at_us)
        tries = attempts(rng, owner, at_us, model, tokens, rng.random() < 0.3)
        yield from map(with_modifiers, tries)


def _leaked(rng: Random, count: int) -> Iterator[Call]:
    """Calls of a stranger with a team's key, spread over the time of the leak."""
    owner = Owner(None, None, None, None, None, LEAKED_KEY.scope["team"], "prod", None)
    for _ in range(count):
        at_us = rng.randrange(LEAKED_KEY.start_us, LEAKED_KEY.end_us - SECOND)
        tokens = request_tokens(rng, WORKLOADS[0], LARGE, 0, at_us)
        yield from attempts(rng, owner, at_us, LARGE, tokens, False)
