"""Two features of the demo that answer their tasks in several ways, of known cost and success.

Contracts are checked once, or by a vote of three or five samples; proposals are written
by the mid model, by the large one, or by the mid one from a small one's draft. The ways take turns,
so that they differ in nothing else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

from ingest.demo.clock import SECOND
from ingest.demo.company.prices import HAIKU, OPUS, PRO, SONNET, Tokens
from ingest.demo.company.workloads import TENANT_WEIGHTS, TENANTS, Workload
from ingest.demo.money import usd_text
from ingest.demo.traffic.attempts import TOKEN_US
from ingest.demo.traffic.calls import Call, Owner, hex_id, uuid_text
from ingest.demo.traffic.outcomes import Decision, Evaluation, judge
from ingest.demo.traffic.tokens import around


@dataclass(frozen=True)
class Strategy:
    """One way to answer a task.

    Attributes:
        turns: tasks of twenty that are answered so.
        models: of its calls, one after another; of a vote, of each sample.
        success: share of judged tasks that succeed.
    """

    name: str
    turns: int
    models: tuple[str, ...]
    success: float

    @property
    def samples(self) -> int:
        """Answers that are voted on; 1 where there is no vote."""
        return len(self.models) if self.name == "voting" else 1


CONTRACTS = Workload(
    "ctr", "contract_check", "contract", "Finance Automation", 46, (1, 1), (),
    0, 122_000, 0, 15_000, stream=0.0, repeat=0.0, success=0.0, business=0.9,
)  # fmt: skip

PROPOSALS = Workload(
    "prp", "proposal_writer", "proposal", "Finance Automation", 30, (1, 1), (),
    0, 110_000, 0, 7_000, stream=0.0, repeat=0.0, success=0.0, business=0.9,
)  # fmt: skip

STRATEGIES: Mapping[str, tuple[Strategy, ...]] = {
    "contract_check": (
        Strategy("single", 8, (PRO,), 0.66),
        Strategy("voting", 7, (PRO,) * 3, 0.88),
        Strategy("voting", 5, (PRO,) * 5, 0.87),
    ),
    "proposal_writer": (
        Strategy("single", 8, (SONNET,), 0.66),
        Strategy("draft_polish", 7, (HAIKU, SONNET), 0.88),
        Strategy("single", 5, (OPUS,), 0.7),
    ),
}
"""Three samples are worth their price, five bring no more; a small model's draft is, too."""

TURNS = 20


def strategy_of(feature: str, task_id: str) -> Strategy:
    """How a task is answered: its id ends in its turn."""
    turns = [way for way in STRATEGIES[feature] for _ in range(way.turns)]
    # 7 and 20 have no divisor in common: each way comes again soon
    return turns[int(task_id[-2:]) * 7 % TURNS]


def tasks(
    rng: Random, load: Workload, starts: Sequence[int], first_turn: int, last_day: date
) -> Iterator[tuple[list[Call], tuple[Evaluation, ...]]]:
    """The calls and evaluations of each task; no draw of another generator depends on them."""
    for turn, at_us in enumerate(starts, start=first_turn):
        tenant = rng.choices(TENANTS, TENANT_WEIGHTS)[0]
        task_id = f"{load.prefix}-{hex_id(rng, 8)}{turn % TURNS:02d}"
        owner = Owner(tenant, load.feature, load.task_type, task_id, None, load.team, "prod", None)
        way = strategy_of(load.feature, task_id)
        plan = judge(rng, replace(load, success=way.success), task_id, tenant, at_us, last_day)
        yield list(_answers(rng, load, owner, at_us, way)), plan.evaluations


def _answers(
    rng: Random, load: Workload, owner: Owner, at_us: int, way: Strategy
) -> Iterator[Call]:
    """Samples of one prompt at one moment, or one call after another with what came before."""
    prompt = around(rng, load.fresh_tokens)
    for model in way.models:
        output = around(rng, load.output_tokens)
        call = _answer(rng, owner, at_us, model, (prompt, 0, 0, 0, output))
        if way.samples > 1:
            call.sample_group = f"{owner.task_id}-vote"
        else:
            prompt, at_us = prompt + output, call.ended_us + SECOND
        yield call


def _answer(rng: Random, owner: Owner, at_us: int, model: str, tokens: Tokens) -> Call:
    request = uuid_text(rng)
    ended = at_us + rng.randint(300_000, 900_000) + tokens[4] * rng.randint(*TOKEN_US)
    return Call(
        owner, request, f"msg_{hex_id(rng, 24)}", at_us, ended, model, tokens,
        first_token_us=ended,
    )  # fmt: skip


@dataclass
class StrategyTotals:
    """Nano-dollars of every call of these features, by task."""

    nano: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, call: Call) -> None:
        """Add one call."""
        if call.owner.feature in STRATEGIES and call.owner.task_id:
            self.nano[call.owner.task_id].append(call.estimate_nano or 0)

    def as_truth(self, closed: Iterable[tuple[str, str, Decision]]) -> list[Mapping[str, object]]:
        """Closed tasks by feature and strategy, given tasks with their feature and decision."""
        found: dict[tuple[str, str, int, str], Counter[str]] = defaultdict(Counter)
        for task_id, feature, decision in closed:
            if task_id in self.nano:
                way = strategy_of(feature, task_id)
                totals = found[feature, way.name, way.samples, " ".join(way.models)]
                totals["tasks"] += 1
                totals["judged_tasks"] += decision.status != "neutral"
                totals["successes"] += decision.status == "success"
                totals["nano"] += sum(self.nano[task_id])
        return [
            {
                "feature": feature, "strategy": name, "samples": samples, "models": models,
                "tasks": totals["tasks"], "judged_tasks": totals["judged_tasks"],
                "successes": totals["successes"], "usd": usd_text(totals["nano"]),
            }
            for (feature, name, samples, models), totals in sorted(found.items())
        ]  # fmt: skip
