"""Whoever writes a prompt's start into a provider's cache pays more, whoever reads it less."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from ingest.demo.clock import day_date, day_index
from ingest.demo.company.prices import rates_at
from ingest.demo.money import usd_text
from ingest.demo.traffic.calls import Call

LAG_DAYS = 2
"""The newest days, of which nothing is billed yet."""

Shared = tuple[int, str, str]
"""A day, model and prompt version: what shares a cache."""


@dataclass
class PremiumTotals:
    """By what shares a cache and by tenant: nano-dollars of writing beyond plain, tokens read."""

    premiums: dict[Shared, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    reads: dict[Shared, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, call: Call) -> None:
        """Add one call."""
        rates = rates_at(call.model, call.tier, call.started_us)
        if rates is None or call.gateway_hit or call.owner.prompt_version is None:
            return
        key = day_index(call.started_us), call.model, call.owner.prompt_version
        tenant = call.owner.tenant or "unattributed"
        _, read, short, long, _ = call.tokens
        self.reads[key][tenant] += read
        self.premiums[key][tenant] += (
            max(rates[2] - rates[0], 0) * short + max(rates[3] - rates[0], 0) * long
        )

    def as_truth(self, days: int) -> Iterator[Mapping[str, object]]:
        """What each tenant owes, or is owed below 0, by UTC month: the premiums by what is read."""
        owed: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
        for key, reads in self.reads.items():
            every, premiums = sum(reads.values()), self.premiums[key]
            if not every or key[0] >= days - LAG_DAYS:
                continue
            for tenant in {*reads, *premiums}:
                share = Fraction(sum(premiums.values()) * reads[tenant], every)
                owed[f"{day_date(key[0]):%Y-%m}", tenant] += share - premiums[tenant]
        for (month, tenant), nano in sorted(owed.items()):
            yield {"month": month, "tenant_id": tenant, "usd": usd_text(round(nano))}
