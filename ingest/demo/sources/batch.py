"""The nightly batch workload: the company's own job log, in a shape no standard knows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date

from ingest.demo.clock import HOUR, SECOND, day_date, day_start
from ingest.demo.company.prices import BATCH_MODEL, NO_TOKENS, Tokens
from ingest.demo.company.workloads import BATCH
from ingest.demo.money import cents_text
from ingest.demo.traffic.calls import Call, Owner, dice
from ingest.demo.traffic.days import busy, task_owner
from ingest.demo.traffic.outcomes import Evaluation, judge
from ingest.demo.traffic.tokens import around

STEPS = ("extract", "verify")
FAILED_SHARE = 0.012

_ENCODE = json.JSONEncoder(separators=(",", ":")).encode


@dataclass
class BatchJobs:
    """Generates the batch calls of each night."""

    seed: int
    scale: float
    days: int
    evaluations: list[Evaluation] = field(default_factory=list)

    def day(self, day: int) -> list[Call]:
        """All batch calls of UTC day `day`, in the order of the job log."""
        rng = dice(self.seed, "batch", day)
        last_day: date = day_date(self.days - 1)
        calls: list[Call] = []
        for number in range(busy(day, BATCH.tasks, self.scale, rng)):
            start = day_start(day) + HOUR + number * 40 * SECOND % (3 * HOUR)
            start += 1000 * rng.randrange(30_000)
            owner = task_owner(rng, BATCH, start)
            plan = judge(rng, BATCH, owner.task_id or "", owner.tenant or "", start, last_day)
            self.evaluations.extend(plan.evaluations)
            job = f"bj-{day_date(day):%Y%m%d}-{number:05d}"
            for step in range(rng.randint(*BATCH.steps)):
                failed = rng.random() < FAILED_SHARE
                known = 14_080 if rng.random() < 0.5 else 0
                tokens: Tokens = (
                    BATCH.prompt_tokens + around(rng, BATCH.fresh_tokens) - known,
                    known,
                    0,
                    0,
                    around(rng, BATCH.output_tokens),
                )
                calls.append(_call(owner, job, step, start, NO_TOKENS if failed else tokens))
                start += 90 * SECOND
        return calls


def _call(owner: Owner, job: str, step: int, start: int, tokens: Tokens) -> Call:
    failed = tokens == NO_TOKENS
    return Call(
        owner,
        f"{job}/{STEPS[step]}",
        f"{job}/{STEPS[step]}",
        start,
        start + 60 * SECOND,
        BATCH_MODEL,
        tokens,
        tier="batch",
        status="error" if failed else "ok",
        error="batch_failed" if failed else "",
    )


def line(call: Call) -> str:
    """One line of the job log, without the newline; times in epoch milliseconds, cost in cents."""
    job, _, step = call.request_id.partition("/")
    owner = call.owner
    uncached, read, _, _, output = call.tokens
    return _ENCODE(
        {
            "ts": call.started_us // 1000,
            "finished": call.ended_us // 1000,
            "job": {
                "id": job,
                "task": owner.task_id,
                "kind": owner.task_type,
                "customer": owner.tenant,
            },
            "step": step,
            "labels": [f"feature:{owner.feature}", f"prompt_version:{owner.prompt_version}"],
            "team": owner.team,
            "model": call.model,
            "result": "completed" if call.status == "ok" else "failed",
            "usage": {"in": uncached + read, "cached": read, "out": output},
            "cost_cents": cents_text(call.reported_nano),
        }
    )
