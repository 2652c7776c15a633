"""Static starts of the demo's prompts: each version has one, and sup-12 another every minute."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ingest.demo.clock import SECOND, day_index
from ingest.demo.company.incidents import PREFIX_BREAK
from ingest.demo.company.prices import rates_at
from ingest.demo.money import usd_text
from ingest.demo.traffic.calls import Call

BROKEN = PREFIX_BREAK.scope["prompt_version"]
"""The version that begins with the time of day."""

DAYS_BEFORE = 7
"""Days of the version before that say what is usually read from the provider's cache."""


def stated_of_prefix(call: Call) -> dict[str, Any]:
    """What goes into the metadata of a call about its template and how its prompt begins."""
    version = call.owner.prompt_version
    if call.operation != "chat" or version is None or call.owner.task_id is None:
        return {}
    start = f"{call.owner.feature} {version}"
    if version == BROKEN:
        start += f" {call.started_us // (60 * SECOND)}"
    return {"prompt_name": f"{call.owner.feature}-answer", "prompt_prefix_hash": start}


@dataclass
class PrefixTotals:
    """Answers of each version by model and day: calls, tokens in, tokens read, nanos that saved."""

    days: dict[tuple[str, str, str], dict[int, Counter[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counter))
    )

    def add(self, call: Call) -> None:
        """Add one call."""
        rates = rates_at(call.model, call.tier, call.started_us)
        asked = stated_of_prefix(call) and call.status == "ok" and not call.gateway_hit
        if not asked or rates is None or call.tier != "standard":
            return
        key = call.owner.feature or "", call.owner.prompt_version or "", call.model
        totals = self.days[key][day_index(call.started_us)]
        totals["calls"] += 1
        totals["input"] += sum(call.tokens[:4])
        totals["read"] += call.tokens[1]
        totals["saved"] += call.tokens[1] * (rates[0] - rates[1])

    def as_truth(self) -> Iterator[Mapping[str, object]]:
        """What the broken version did not read, by model, that the version before would have."""
        for (feature, version, model), days in sorted(self.days.items()):
            before = self.days.get((feature, "sup-11", model), {})
            if version != BROKEN:
                continue
            usual = sum((before[d] for d in range(min(days) - DAYS_BEFORE, min(days))
                         if d in before), Counter[str]())  # fmt: skip
            if not usual["read"]:
                continue  # nothing is usual of a model that had not answered before
            now = sum(days.values(), Counter[str]())
            missed = Fraction(usual["read"], usual["input"]) * now["input"] - now["read"]
            nano = missed * Fraction(usual["saved"], usual["read"])
            yield {
                "feature": feature, "prompt_version": version, "model": model,
                "calls": now["calls"], "calls_before": usual["calls"],
                "usd": usd_text(round(nano)),
            }  # fmt: skip
