"""What calls an hour of simulated spend is made of, and what its incidents do to them.

A task makes four calls of 4,000 tokens in, of which a prefix cache gives seven tenths, and 200 out.
Spend says how many tokens there are; each incident moves its own driver by as much as it costs. No
draw of the series depends on these.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from ingest.simulator.series import Hour, Plan

CALLS, TOKENS_IN, TOKENS_OUT, FROM_CACHE = 4.0, 4000.0, 200.0, 0.7
"""Of a task, of a call, and the share of its input that a prefix cache gives."""

TOOL_CALLS = 10
"""Calls of the tool that spikes in an hour, by hour of usual spend that it adds."""

OWNERS = (
    ("loops", "Agent Platform"),
    ("tokens_per_call", "Prompt Guild"),
    ("cache_mix", "Cache Team"),
    ("price", "FinOps"),
    ("tool_calls", "Tools Team"),
    ("volume", "Product"),
    ("any", "Nobody in particular"),
)
"""Who acts on which driver, as `config/owners.csv` has it."""


@dataclass(frozen=True)
class Work:
    """Calls, tokens and tools of one hour."""

    calls: int
    tool_calls: int
    input_tokens: int
    cache_read_tokens: int
    output_tokens: int
    tool_usd: float


def work_of(plan: Plan, hours: Sequence[Hour], seed: int) -> list[Work]:
    """The work of each hour of a series."""
    rng = Random(f"work-{seed}-{plan.name}")  # noqa: S311 - a simulation
    return [_of_hour(plan, hour, rng) for hour in hours]


def _of_hour(plan: Plan, hour: Hour, rng: Random) -> Work:
    factors = {"loops": 1.0, "price": 1.0, "cache_mix": 1.0, "tokens_per_call": 1.0}
    added = 0.0
    for planted in plan.incidents:
        age, kind = hour.hour - planted.start, planted.kind
        added += kind.added_hours(age)
        if kind.driver in factors:
            factors[kind.driver] *= kind.unit_factor(age)
    tool_usd = added * plan.tasks_per_hour * plan.usd_per_task
    calls = round(hour.tasks * CALLS * factors["loops"] * math.exp(rng.gauss(0, 0.1)))
    from_cache = min(max(FROM_CACHE + rng.gauss(0, 0.03), 0), 1)
    # what the cache no longer gives makes a call dearer by its factor
    plain = TOKENS_IN + 4 * TOKENS_OUT
    dearer = (plain - 0.9 * TOKENS_IN * from_cache) * factors["cache_mix"]
    from_cache = max((plain - dearer) / (0.9 * TOKENS_IN), 0)
    usual_weight = CALLS * (plain - 0.9 * TOKENS_IN * FROM_CACHE)
    price = plan.usd_per_task / usual_weight * factors["price"]
    weight = max(hour.usd - tool_usd, 0) / price
    size = weight / (calls * (plain - 0.9 * TOKENS_IN * from_cache)) if calls else 0.0
    tokens_in = round(calls * TOKENS_IN * size)
    return Work(
        calls=calls + round(added * TOOL_CALLS),
        tool_calls=round(added * TOOL_CALLS),
        input_tokens=tokens_in,
        cache_read_tokens=round(tokens_in * from_cache),
        output_tokens=round(calls * TOKENS_OUT * size),
        tool_usd=tool_usd,
    )
