"""Running totals of the calls that were written: the numbers that truth.json states."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from ingest.demo.clock import day_date, day_index
from ingest.demo.company.prices import HELP_SEARCH, TOKEN_CLASSES, UNBILLED_PROVIDER
from ingest.demo.sources.bills import LAG_DAYS
from ingest.demo.sources.payers import cost_centre, team_of
from ingest.demo.traffic.calls import Call
from ingest.demo.traffic.context import ContextTotals
from ingest.demo.traffic.plans import PlanTotals
from ingest.demo.traffic.scenarios.backlog import BacklogTotals
from ingest.demo.traffic.scenarios.eaten_month import EatenMonth
from ingest.demo.traffic.scenarios.limits import LimitTotals
from ingest.demo.traffic.scenarios.waste import Spent


@dataclass(slots=True)
class TaskTotals:
    """What one task did: cost of all its calls, requests that succeeded, its last call."""

    task_type: str | None
    feature: str | None
    tenant: str | None
    experiment: str | None = None
    variant: str | None = None
    started_us: int = 0
    cost_nano: int = 0
    loop_depth: int = 0
    last_call_us: int = 0
    calls: list[Spent] = field(default_factory=list)


@dataclass
class MonthTotals:
    """Money (nano-dollars) and counts of the calls that started in one UTC month.

    Attributes:
        searches: help searches that no cache answered, by feature, tenant and team.
    """

    estimate: Counter[str] = field(default_factory=Counter)
    estimate_by_source: Counter[str] = field(default_factory=Counter)
    billed_estimate: Counter[str] = field(default_factory=Counter)
    reported: int = 0
    untagged: Counter[str] = field(default_factory=Counter)
    billed_untagged: Counter[str] = field(default_factory=Counter)
    by_feature: Counter[str] = field(default_factory=Counter)
    by_tenant: Counter[str] = field(default_factory=Counter)
    by_owner: Counter[tuple[str | None, str | None, str | None]] = field(default_factory=Counter)
    searches: Counter[tuple[str | None, str | None, str | None]] = field(default_factory=Counter)
    by_cost_centre: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    avoided: int = 0
    calls_of: Counter[str | None] = field(default_factory=Counter)


@dataclass
class Ledger:
    """All totals; every distinct call is added exactly once.

    Attributes:
        tasks: by task id.
        months: by `YYYY-MM` of the call's UTC start.
        counts: calls by status and kind.
        tokens: by token class, gateway cache hits excluded.
        unbilled: estimate by provider, day and model of the days that no bill covers yet.
        context: totals of calls by what was stated of them.
        limits: what members with a limit spent.
        plans: what features with a plan used.
        eaten: what the feature spent that eats its month in a day.
        backlogs: how calls went while a queue was long.
    """

    days: int
    tasks: dict[str, TaskTotals] = field(default_factory=dict)
    months: dict[str, MonthTotals] = field(default_factory=lambda: defaultdict(MonthTotals))
    counts: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)
    unbilled: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    context: ContextTotals = field(default_factory=ContextTotals)
    limits: LimitTotals = field(default_factory=LimitTotals)
    plans: PlanTotals = field(default_factory=PlanTotals)
    backlogs: BacklogTotals = field(default_factory=BacklogTotals)
    eaten: EatenMonth = field(init=False)

    def __post_init__(self) -> None:
        """Of a demo of so many days."""
        self.eaten = EatenMonth(self.days)

    def add(self, call: Call, source: str) -> None:
        """Add one call of the source `source`."""
        day = day_index(call.started_us)
        month = self.months[f"{day_date(day):%Y-%m}"]
        self._count(call, month)
        self._count_tokens(call, month)
        self._add_to_task(call)
        self.context.add(call)
        self.limits.add(call)
        self.plans.add(call)
        self.eaten.add(call)
        self.backlogs.add(call)
        cost = call.estimate_nano or 0
        month.estimate[call.provider] += cost
        month.calls_of[call.owner.feature] += 1
        month.estimate_by_source[source] += cost
        month.reported += 0 if call.gateway_hit else call.reported_nano
        month.avoided += call.avoided_nano
        if call.model == HELP_SEARCH and not call.gateway_hit:
            owner = call.owner
            team = team_of(owner.feature, owner.team, day_date(day))
            month.searches[owner.feature, owner.tenant, team] += 1
        for kind, member in (("no_feature", call.owner.feature), ("no_tenant", call.owner.tenant)):
            month.untagged[kind] += cost if member is None else 0
        if call.provider == UNBILLED_PROVIDER:
            return  # nothing of it is on a bill
        if day < self.days - LAG_DAYS:
            _allocate(month, call, cost)
        elif cost:
            self.unbilled[call.provider, day, call.model] += cost

    def _count(self, call: Call, month: MonthTotals) -> None:
        kinds = {
            "distinct": True,
            call.status: True,
            "gateway_hits": call.gateway_hit and call.operation == "chat",
            "gateway_lookups": call.operation == "chat"
            and call.tier != "batch"
            and call.asks_cache
            and call.status == "ok",
            "ok_chat": call.operation == "chat" and call.status == "ok",
            "unpriced": call.estimate_nano is None,
        }
        for kind, holds in kinds.items():
            if holds:
                self.counts[kind] += 1
                month.counts[kind] += 1

    def _count_tokens(self, call: Call, month: MonthTotals) -> None:
        tokens = call.billable_tokens
        for name, count in zip(TOKEN_CLASSES, tokens, strict=True):
            self.tokens[name] += count
        self.tokens["reasoning"] += 0 if call.gateway_hit else call.reasoning
        month.counts["cache_read_tokens"] += tokens[1]
        month.counts["input_tokens"] += sum(tokens[:4])
        if call.operation == "chat":
            month.counts["chat_input_tokens"] += sum(tokens[:4])

    def _add_to_task(self, call: Call) -> None:
        owner = call.owner
        if owner.task_id is None or owner.traffic_class:
            return
        task = self.tasks.get(owner.task_id)
        if task is None:
            task = TaskTotals(
                owner.task_type, owner.feature, owner.tenant, owner.experiment, owner.variant,
                call.started_us,
            )  # fmt: skip
            self.tasks[owner.task_id] = task
        task.cost_nano += call.estimate_nano or 0
        answered = call.operation == "chat" and call.status == "ok"
        task.loop_depth += answered and not call.is_second_answer
        task.started_us = min(task.started_us, call.started_us)
        task.last_call_us = max(task.last_call_us, call.started_us)
        task.calls.append(
            Spent(call.started_us, call.request_id, call.operation, call.status,
                  call.estimate_nano or 0)
        )  # fmt: skip


def _allocate(month: MonthTotals, call: Call, cost: int) -> None:
    """Book the estimate of a call on a billed day under its feature and its tenant."""
    owner, day = call.owner, day_date(day_index(call.started_us))
    month.billed_estimate[call.provider] += cost
    month.by_owner[owner.feature, owner.tenant, team_of(owner.feature, owner.team, day)] += cost
    month.by_cost_centre[cost_centre(owner.feature, owner.team, day) or "unallocated"] += cost
    for members, kind, member in (
        (month.by_feature, "no_feature", owner.feature),
        (month.by_tenant, "no_tenant", owner.tenant),
    ):
        if member is None:
            month.billed_untagged[kind] += cost
        else:
            members[member] += cost
