"""What the demo's applications state of a call beside its usage, and what follows from it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from zlib import crc32

from ingest.demo.clock import day_index, local
from ingest.demo.company.prices import LARGE, MID, cost_nano, rates_at
from ingest.demo.money import usd_text
from ingest.demo.traffic.agents import PayerTotals
from ingest.demo.traffic.calls import Call
from ingest.demo.traffic.outcomes import Decision
from ingest.demo.traffic.prompts.cached_answers import CacheTotals, stale_minutes, stated_of_cache
from ingest.demo.traffic.prompts.price_modifiers import ModifierTotals
from ingest.demo.traffic.prompts.prompt_lengths import LengthTotals, uncompressed_tokens
from ingest.demo.traffic.prompts.prompt_prefixes import PrefixTotals, stated_of_prefix
from ingest.demo.traffic.prompts.searches import SearchTotals
from ingest.demo.traffic.prompts.shared_prefixes import PremiumTotals
from ingest.demo.traffic.scenarios.strategies import StrategyTotals

BASELINE = MID
"""What the support assistant asked before it had a router; the router says so with each call."""

TOOL_SCHEMA_TOKENS, SYSTEM_TOKENS = 9_000, 13_000
"""Static start of the review bot's prompts."""

AUDITS = 3
"""One pull request in so many is an audit that nobody waits for."""


def is_interactive(call: Call) -> bool | None:
    """Whether somebody waits for the answer; the scanners' team and scripts do not say."""
    owner = call.owner
    if owner.task_id is None or owner.traffic_class or owner.feature == "invoice_capture":
        return None
    return owner.task_type != "code_patch" or crc32(owner.task_id.encode()) % AUDITS > 0


def stated(call: Call) -> dict[str, Any]:
    """What goes into the metadata of a call."""
    waits = is_interactive(call)
    said = {
        "is_interactive": waits,
        "traffic_class": call.owner.traffic_class,
        "sample_group": call.sample_group,
        "uncompressed_input_tokens": uncompressed_tokens(call),
        **prompt_parts(call),
        **stated_of_prefix(call),
    }
    known = {name: value for name, value in said.items() if value is not None}
    return stated_of_cache(call) | known


def prompt_parts(call: Call) -> dict[str, int | None]:
    """What the review bot's prompts hold: tools that it never calls, and what it said before."""
    if call.owner.feature != "code_review_bot" or call.operation != "chat":
        return {}
    return {
        "tool_schema_tokens": TOOL_SCHEMA_TOKENS,
        "system_tokens": SYSTEM_TOKENS,
        "history_tokens": call.history_tokens if any(call.tokens) else None,
    }


def _scope_beside(call: Call) -> str | None:
    """What a call is part of that serves no customer; None of the product's."""
    owner = call.owner
    return owner.traffic_class or ("non_production" if owner.environment != "prod" else None)


def is_routed(call: Call) -> bool:
    """Whether the router chose the model: of the support assistant's chats."""
    return call.owner.task_type == "support_ticket" and call.operation == "chat"


def routing_decision(call: Call) -> dict[str, Any] | None:
    """What LiteLLM's router states of a call that it routed."""
    if not is_routed(call):
        return None
    return {
        "router_model_name": "support-router",
        "router_type": "complexity",
        "routed_model": MID if call.model == LARGE else call.model,
        "cause": "heuristic_scorer",
        "tier": route_tier(call),
        "savings_baseline_model": f"openai/{BASELINE}",
    }


def route_tier(call: Call) -> str:
    """The router's word; a large model serves only where the mid one that it chose is down."""
    return "COMPLEX" if call.model in (MID, LARGE) else "SIMPLE"


def _routing_saving(call: Call) -> int | None:
    """Nano-dollars of the baseline model without a cache, less those of the model that served."""
    uncached, read, write_5m, write_1h, output = call.tokens
    plain = (uncached + read + write_5m + write_1h, 0, 0, 0, output)
    served = cost_nano(call.model, "standard", call.started_us, plain)
    baseline = cost_nano(BASELINE, "standard", call.started_us, plain)
    return None if served is None or baseline is None else baseline - served


@dataclass(frozen=True, slots=True, order=True)
class _Answer:
    """An answer of a routed task."""

    started_us: int
    month: str
    tier: str
    list_price: int | None


@dataclass
class ContextTotals:
    """Totals of calls by what was stated of them, by local month.

    Attributes:
        offload: nano-dollars of calls at the standard tier that nobody waited for, by feature.
        offload_calls: how many they are.
        routing: nano-dollars that the router saved, by its tier.
        routed_calls: attempts that it routed, by its tier.
        beside: calls and nano-dollars of what serves no customer, by its scope and feature.
        caches: totals of cached answers and repeated prompts.
        prefixes: totals of prompts by how they begin.
        premiums: totals of what sharing a provider's cache moves.
        lengths: totals of prompts that became longer or shorter.
        modifiers: totals of calls that do not cost the standard price.
        strategies: totals of the tasks that are answered in several ways.
        payers: totals of calls by who stated their payer.
        searches: totals of the cache of searches.
        fallbacks: nano-dollars of each answer that the large model gave for the mid one, by task.
    """

    offload: Counter[tuple[str, str]] = field(default_factory=Counter)
    offload_calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    routing: Counter[tuple[str, str]] = field(default_factory=Counter)
    routed_calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    beside: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    caches: CacheTotals = field(default_factory=CacheTotals)
    prefixes: PrefixTotals = field(default_factory=PrefixTotals)
    premiums: PremiumTotals = field(default_factory=PremiumTotals)
    lengths: LengthTotals = field(default_factory=LengthTotals)
    modifiers: ModifierTotals = field(default_factory=ModifierTotals)
    strategies: StrategyTotals = field(default_factory=StrategyTotals)
    payers: PayerTotals = field(default_factory=PayerTotals)
    searches: SearchTotals = field(default_factory=SearchTotals)
    fallbacks: dict[str, list[int]] = field(default_factory=dict)
    _answers: dict[tuple[str, int], list[_Answer]] = field(default_factory=dict)

    def add(self, call: Call) -> None:
        """Add one call."""
        self.caches.add(call)
        self.prefixes.add(call)
        self.premiums.add(call)
        self.lengths.add(call)
        self.modifiers.add(call)
        self.strategies.add(call)
        self.payers.add(call)
        if call.operation == "retrieval":
            self.searches.add(call, is_stale=stale_minutes(call) is not None)
        if call.tier == "standard" and call.estimate_nano and is_interactive(call) is False:
            key = f"{local(call.started_us):%Y-%m}", call.owner.feature or ""
            self.offload[key] += call.estimate_nano
            self.offload_calls[key] += 1
        if is_routed(call) and not call.gateway_hit:
            self._add_routed(call)
        if scope := _scope_beside(call):
            month = f"{local(call.started_us):%Y-%m}"
            spent = self.beside.setdefault((month, scope, call.owner.feature or ""), [])
            spent.append(call.estimate_nano or 0)
        if call.fallbacks and call.owner.task_id:
            self.fallbacks.setdefault(call.owner.task_id, []).append(call.estimate_nano or 0)

    def _add_routed(self, call: Call) -> None:
        month, tier = f"{local(call.started_us):%Y-%m}", route_tier(call)
        self.routed_calls[month, tier] += 1
        self.routing[month, tier] += _routing_saving(call) or 0
        if call.status == "ok":
            rates = rates_at(call.model, "standard", 0)
            answer = _Answer(call.started_us, month, tier, rates and rates[4])
            task = call.owner.task_id or "", day_index(call.started_us)
            self._answers.setdefault(task, []).append(answer)

    def _overridden(self) -> Counter[tuple[str, str]]:
        """Answers by month and tier after which a model with a dearer list price answered."""
        found: Counter[tuple[str, str]] = Counter()
        for answers in self._answers.values():
            for first, later in pairwise(sorted(answers)):
                if first.list_price and later.list_price and later.list_price > first.list_price:
                    found[first.month, first.tier] += 1
        return found

    def _degraded(
        self, closed: Iterable[tuple[str, str, Decision]]
    ) -> Iterator[Mapping[str, object]]:
        """Closed tasks with a fallback by local closing month and feature."""
        found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for task_id, feature, decision in closed:
            if answers := self.fallbacks.get(task_id):
                totals = found[f"{local(decision.closed_us):%Y-%m}", feature]
                totals["tasks"] += 1
                totals["successes"] += decision.status == "success"
                totals["calls"] += len(answers)
                totals["nano"] += sum(answers)
        for (month, feature), totals in sorted(found.items()):
            usd = usd_text(totals.pop("nano"))
            yield {"month": month, "feature": feature, **totals, "usd": usd}

    def as_truth(self, closed: Iterable[tuple[str, str, Decision]]) -> Mapping[str, object]:
        """The known answers; batch is half of the standard tier for every model of these calls.

        Args:
            closed: closed tasks, with the feature and how each was decided.
        """
        overridden, closed = self._overridden(), list(closed)
        return {
            **self.caches.as_truth(closed),
            "changed_prefixes": list(self.prefixes.as_truth()),
            **self.lengths.as_truth(task for task, _, _ in closed),
            "price_modifiers": list(self.modifiers.as_truth()),
            "stated_payers": self.payers.as_truth(),
            "retrieval_cache": self.searches.as_truth(),
            "strategies": self.strategies.as_truth(closed),
            "fallbacks": list(self._degraded(closed)),
            "routing": [
                {
                    "month": month,
                    "route_decision": tier,
                    "calls": calls,
                    "saving_usd": usd_text(self.routing[month, tier]),
                    "overridden_calls": overridden[month, tier],
                }
                for (month, tier), calls in sorted(self.routed_calls.items())
            ],
            "beside_product": [
                {
                    "month": month,
                    "cost_scope": scope,
                    "feature": feature,
                    "calls": len(spent),
                    "usd": usd_text(sum(spent)),
                }
                for (month, scope, feature), spent in sorted(self.beside.items())
            ],
            "offload": [
                {
                    "month": month,
                    "feature": feature,
                    "calls": self.offload_calls[month, feature],
                    "standard_usd": usd_text(nano),
                    "batch_usd": usd_text(nano // 2),
                }
                for (month, feature), nano in sorted(self.offload.items())
            ],
        }
