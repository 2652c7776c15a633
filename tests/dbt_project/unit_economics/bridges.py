"""Periods of made tasks, and their bridges by independent arithmetic: LMDI and Shapley values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ingest.reference.guardrails.owners import DRIVERS

CLASSES = (
    "input_uncached", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other",
    "input_audio", "output", "output_audio",
)  # fmt: skip
NOTHING: dict[str, Any] = {
    "model_id": None, "tool_name": None, "tasks": 0, "successes": 0, "calls": 0,
    "cached_calls": 0, "unpriced_calls": 0, "estimate_usd": Decimal(0),
    "human_tasks": 0, "human_minutes": Decimal(0), "human_usd": Decimal(0),
    **{f"{name}_tokens": 0 for name in CLASSES}, **{f"{name}_usd": Decimal(0) for name in CLASSES},
}  # fmt: skip


@dataclass(frozen=True)
class Calls:
    """Calls of one model or tool in one feature and period.

    Attributes:
        tokens: by class, in millions.
        price: USD per million tokens by class; of a tool, of a call.
    """

    calls: int
    tokens: Mapping[str, float] = field(default_factory=dict)
    price: Mapping[str, float] | float = 0.0
    cached: int = 0
    unpriced: int = 0

    def usd(self, token_class: str) -> Decimal:
        assert isinstance(self.price, Mapping)
        usd = self.tokens.get(token_class, 0) * self.price.get(token_class, 0)
        return Decimal(usd).quantize(Decimal("1e-9"))


@dataclass(frozen=True)
class Work:
    """People's work on the tasks of one feature: of how many it is known, and USD a minute."""

    tasks: int
    minutes: Decimal
    rate: Decimal

    @property
    def usd(self) -> Decimal:
        return (self.minutes * self.rate).quantize(Decimal("1e-9"))


@dataclass(frozen=True)
class Cohort:
    """Tasks of one feature that closed in one period, what they called, and who worked on them."""

    tasks: int
    successes: int
    models: Mapping[str, Calls] = field(default_factory=dict)
    tools: Mapping[str, Calls] = field(default_factory=dict)
    work: Work = Work(0, Decimal(0), Decimal(0))


Period = Mapping[str, Cohort]
"""By feature."""


def rows(member: str, day: date, period: Period) -> Iterable[dict[str, Any]]:
    """Rows of `fct_task_costs_daily` for a period; the member is a tenant."""
    for feature, cohort in period.items():
        of = {"closed_date": day, "task_type": "t", "feature": feature, "tenant_id": member}
        yield of | {
            "cost_kind": "task", "tasks": cohort.tasks, "successes": cohort.successes,
            "human_tasks": cohort.work.tasks, "human_minutes": cohort.work.minutes,
            "human_usd": cohort.work.usd,
        }  # fmt: skip
        for model, made in cohort.models.items():
            classes: dict[str, Any] = {}
            for name in CLASSES:
                classes[f"{name}_tokens"] = round(made.tokens.get(name, 0) * 10**6)
                classes[f"{name}_usd"] = made.usd(name)
            yield of | classes | {
                "cost_kind": "model", "model_id": model, "calls": made.calls,
                "cached_calls": made.cached, "unpriced_calls": made.unpriced,
                "estimate_usd": sum(made.usd(name) for name in CLASSES),
            }  # fmt: skip
        for tool, made in cohort.tools.items():
            priced = made.calls - made.cached - made.unpriced
            assert isinstance(made.price, float)
            yield of | {
                "cost_kind": "tool", "tool_name": tool, "calls": made.calls,
                "cached_calls": made.cached, "unpriced_calls": made.unpriced,
                "estimate_usd": Decimal(priced * made.price).quantize(Decimal("1e-9")),
            }  # fmt: skip


def chain(cohort: Cohort, whole: tuple[int, int], measure: str) -> dict[tuple[str, ...], Any]:
    """Of each cell, its quantities from the whole down to dollars, by driver."""
    units, all_units = (
        (cohort.tasks, whole[0]) if measure == "total_cost" else (cohort.successes, whole[1])
    )
    start = [("volume", all_units), ("task_mix", units), ("success_rate", cohort.tasks)]
    found: dict[tuple[str, ...], Any] = {}
    models = cohort.models.values()
    calls = sum(made.calls for made in models)
    provider = calls - sum(made.cached for made in models)
    priced = provider - sum(made.unpriced for made in models)
    for model, made in cohort.models.items():
        own = made.calls - made.cached - made.unpriced
        tokens = sum(round(count * 10**6) for count in made.tokens.values())
        for name in CLASSES:
            found["model", model, name] = [
                *start, ("loops", calls), ("response_cache", provider), ("price_coverage", priced),
                ("model_mix", own), ("tokens_per_call", tokens),
                ("cache_mix", round(made.tokens.get(name, 0) * 10**6)),
                ("price", float(made.usd(name))),
            ]  # fmt: skip
    for tool, made in cohort.tools.items():
        asked = made.calls - made.cached
        own = asked - made.unpriced
        found["tool", tool] = [
            *start, ("tool_calls", made.calls), ("response_cache", asked), ("price_coverage", own),
            ("tool_price", float(Decimal(own * made.price).quantize(Decimal("1e-9")))),  # type: ignore[operator]
        ]  # fmt: skip
    if measure == "cost_per_success_with_people":
        found["human",] = [
            *start, ("price_coverage", cohort.work.tasks),
            ("human_minutes", float(cohort.work.minutes)), ("human_rate", float(cohort.work.usd)),
        ]  # fmt: skip
    return found


def lmdi(before: Period, after: Period, measure: str) -> dict[str, float]:
    """Additive LMDI-I, cell by cell."""
    sides = []
    for period in (before, after):
        whole = (sum(c.tasks for c in period.values()), sum(c.successes for c in period.values()))
        cells = {}
        for feature, cohort in period.items():
            for cell, quantities in chain(cohort, whole, measure).items():
                cells[feature, *cell] = (quantities, whole)
        sides.append(cells)
    effects = dict.fromkeys(DRIVERS, 0.0)
    for cell in sides[0].keys() | sides[1].keys():
        stated = [side.get(cell) for side in sides]
        costs = []
        for side in stated:
            usd = side[0][-1][1] if side else 0.0
            costs.append(usd / side[1][1] if side and measure != "total_cost" else usd)
        if not all(side and all(value > 0 for _, value in side[0]) for side in stated):
            effects["entry_exit"] += costs[1] - costs[0]
            continue
        assert stated[0]
        assert stated[1]
        mean = costs[0]
        if abs(costs[1] - costs[0]) > 1e-12 * costs[0]:
            mean = (costs[1] - costs[0]) / math.log(costs[1] / costs[0])
        grown = [
            (driver, math.log(later / earlier))
            for (driver, earlier), (_, later) in zip(stated[0][0], stated[1][0], strict=True)
        ]
        for (driver, growth), (_, before_it) in zip(grown[1:], grown, strict=False):
            effects[driver] += mean * (growth - before_it)
        if measure == "total_cost":
            effects["volume"] += mean * grown[0][1]
    return effects


def total(period: Period, measure: str = "total_cost") -> Decimal:
    """What a period cost."""
    usd = Decimal(0)
    if measure == "cost_per_success_with_people":
        usd += sum(cohort.work.usd for cohort in period.values())
    for cohort in period.values():
        usd += sum(made.usd(name) for made in cohort.models.values() for name in CLASSES)
        for made in cohort.tools.values():
            own = made.calls - made.cached - made.unpriced
            usd += Decimal(own * made.price).quantize(Decimal("1e-9"))  # type: ignore[operator]
    return usd


def shapley(before: Cohort, after: Cohort) -> dict[str, float]:
    """Shapley value of each driver of one feature's cost per success."""
    factors: list[dict[str, tuple[float, float]]] = []
    chains = [chain(c, (c.tasks, c.successes), "cost_per_success") for c in (before, after)]
    for cell, first in chains[0].items():
        steps = list(zip(first, chains[1][cell], strict=True))
        if not all(earlier and later for (_, earlier), (_, later) in steps):
            continue
        factors.append({
            driver: (earlier / steps[n][0][1], later / steps[n][1][1])
            for n, ((driver, earlier), (_, later)) in enumerate(steps[1:])
        })  # fmt: skip
    drivers = sorted({driver for cell in factors for driver in cell})

    def cost(changed: frozenset[str]) -> float:
        return sum(
            math.prod(pair[driver in changed] for driver, pair in cell.items()) for cell in factors
        )

    values = dict.fromkeys(drivers, 0.0)
    for size in range(len(drivers)):
        weight = 1 / (len(drivers) * math.comb(len(drivers) - 1, size))
        for group in itertools.combinations(drivers, size):
            for driver in set(drivers) - set(group):
                with_it = frozenset({*group, driver})
                values[driver] += weight * (cost(with_it) - cost(frozenset(group)))
    return values
