"""Searches in an outside index of help pages, with a cache of what was found before.

Its entries live six days and are thrown away when pages are published anew; once they were not: for
some days searches are answered with what stood there before.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ingest.demo.clock import DAY, HOUR, SECOND, day_start, local
from ingest.demo.company.incidents import CACHE_OUTAGE
from ingest.demo.company.prices import HELP_SEARCH, NO_TOKENS
from ingest.demo.company.workloads import TENANT_WEIGHTS, TENANTS
from ingest.demo.money import usd_text
from ingest.demo.traffic.calls import Call, Owner, dice, uuid_text
from ingest.demo.traffic.prompts.cached_answers import PUBLISHED_FEATURE, PUBLISHES

A_DAY = 20
HITS = 0.55
TTL_SECONDS = 6 * 86_400

FORGOTTEN = (PUBLISHES[1], PUBLISHES[1] + 4 * DAY)
"""After this publish event nobody emptied the cache for four days."""


def searches(seed: int, scale: float, day: int) -> list[Call]:
    """Searches of a UTC day in their order; no draw of other traffic depends on them."""
    rng = dice(seed, "searches", day)
    owner_of = {
        tenant: Owner(tenant, PUBLISHED_FEATURE, None, None, None, "Customer Support", "prod", None)
        for tenant in TENANTS
    }
    found = []
    for _ in range(max(1, round(A_DAY * scale))):
        at_us = day_start(day) + 6 * HOUR + rng.randrange(12 * HOUR)
        owner = owner_of[rng.choices(TENANTS, TENANT_WEIGHTS)[0]]
        request, is_hit = uuid_text(rng), rng.random() < HITS and not CACHE_OUTAGE.active(at_us)
        age = rng.randrange(60, TTL_SECONDS) * SECOND
        before = [at for at in PUBLISHES if at <= at_us]
        if before and not FORGOTTEN[0] <= at_us < FORGOTTEN[1]:
            age = min(age, (at_us - before[-1]) // SECOND * SECOND)
        took = rng.randint(2_000, 9_000) if is_hit else rng.randint(300_000, 1_500_000)
        found.append(
            Call(
                owner,
                request,
                request,
                at_us,
                at_us + took,
                HELP_SEARCH,
                NO_TOKENS,
                operation="retrieval",
                gateway_hit=is_hit,
                origin_us=at_us - age if is_hit else None,
            )
        )
    return sorted(found, key=lambda call: (call.started_us, call.request_id))


@dataclass
class SearchTotals:
    """Lookups, hits, stale hits and nano-dollars that hits avoided, by local month."""

    months: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, call: Call, *, is_stale: bool) -> None:
        """Add one search."""
        totals = self.months.setdefault(f"{local(call.started_us):%Y-%m}", Counter())
        totals["lookups"] += 1
        totals["hits"] += call.gateway_hit
        totals["avoided"] += call.avoided_nano
        totals["stale_hits"] += is_stale
        totals["stale"] += call.avoided_nano if is_stale else 0

    def as_truth(self) -> list[dict[str, Any]]:
        """`retrieval_cache`, a month a line."""
        return [
            {"month": month, "lookups": t["lookups"], "hits": t["hits"],
             "stale_hits": t["stale_hits"], "saved_usd": usd_text(t["avoided"]),
             "stale_usd": usd_text(t["stale"])}
            for month, t in sorted(self.months.items())
        ]  # fmt: skip
