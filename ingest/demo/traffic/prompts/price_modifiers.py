"""Calls of scripts that cost more or less than the standard price: tier, region, long context.

No task claims them, so that no success becomes dearer or cheaper by them; and no draw depends on
them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.demo.clock import day_index, day_start, local, utc
from ingest.demo.company.prices import LONG_FROM, MID, SONNET, Tokens, cost_nano
from ingest.demo.company.slips import TOUCHED
from ingest.demo.money import usd_text
from ingest.demo.traffic.calls import Call, Owner

FLEX_FROM = utc("2026-07-13")
"""Staging asks the mid model at the flex tier from this Monday on."""

PRIORITY_FROM, PRIORITY_TENANTS = utc("2026-07-15"), ("brightwater", "castellan")
"""The untagged scripts of these customers ask it at the priority tier."""

US_FROM, US = utc("2026-07-20"), "us"
"""Untagged scripts in production ask Claude Sonnet to stay in the United States."""

LONG_SINCE, ARCHIVES, ARCHIVE_TOKENS = utc("2026-07-21"), 8, 280_000
"""One script of nobody in so many gives the mid model an archive to read, of so many tokens."""

FIRST_MOMENTS = {
    ("service_tier", "batch"): day_start(0),
    ("service_tier", "flex"): FLEX_FROM,
    ("service_tier", "priority"): PRIORITY_FROM,
    ("region", US): US_FROM,
    ("context_window", f"from {LONG_FROM} tokens"): LONG_SINCE,
}
"""When each is first used, by dimension and member; nightly batches are as old as the demo."""


def with_archive(owner: Owner, model: str, tokens: Tokens, at_us: int) -> Tokens:
    """The tokens of an untagged request, with those of an archive where it reads one."""
    reads = _is_modified(model, at_us) and _is_nobodys(owner) and model == MID
    if not reads or at_us < LONG_SINCE or at_us % ARCHIVES:
        return tokens
    return (tokens[0] + ARCHIVE_TOKENS, *tokens[1:])


def with_modifiers(call: Call) -> Call:
    """The attempt at the tier and in the region that its script asks for."""
    owner, at_us = call.owner, call.started_us
    if not any(call.tokens) or not _is_modified(call.model, at_us):
        return call
    if call.model == MID and owner.environment == "staging" and at_us >= FLEX_FROM:
        return replace(call, tier="flex")
    if call.model == MID and owner.tenant in PRIORITY_TENANTS and at_us >= PRIORITY_FROM:
        return replace(call, tier="priority")
    if call.model == SONNET and owner.environment == "prod" and at_us >= US_FROM:
        return replace(call, region=US)
    return call


def _is_nobodys(owner: Owner) -> bool:
    return owner.tenant is None and owner.feature is None


def _is_modified(model: str, at_us: int) -> bool:
    """Days on which a bill says otherwise than the calls are left alone."""
    return (day_index(at_us), model) not in TOUCHED


@dataclass
class ModifierTotals:
    """Calls, nano-dollars and those without the modifier, by local month, dimension and member."""

    months: dict[tuple[str, str, str], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )

    def add(self, call: Call) -> None:
        """Add one call."""
        if call.gateway_hit:
            return
        size = sum(call.tokens[:4])
        tier, region, at_us = call.tier, call.region, call.started_us
        if tier != "standard":
            plain = cost_nano(call.model, "standard", at_us, call.tokens, region)
            self._add(call, "service_tier", tier, plain or 0)
        if region is not None:
            self._add(call, "region", region, cost_nano(call.model, tier, at_us, call.tokens) or 0)
        if call.model == MID and size >= LONG_FROM:
            plain = cost_nano(call.model, tier, at_us, call.tokens, region, size=0)
            self._add(call, "context_window", f"from {LONG_FROM} tokens", plain or 0)

    def _add(self, call: Call, dimension: str, member: str, plain: int) -> None:
        totals = self.months[f"{local(call.started_us):%Y-%m}", dimension, member]
        totals["calls"] += 1
        totals["nano"] += call.estimate_nano or 0
        totals["plain"] += plain

    def as_truth(self) -> Iterator[dict[str, Any]]:
        """`price_modifiers` of truth.json."""
        for (month, dimension, member), totals in sorted(self.months.items()):
            yield {
                "month": month, "dimension": dimension, "member": member,
                "calls": totals["calls"], "usd": usd_text(totals["nano"]),
                "modifier_usd": usd_text(totals["nano"] - totals["plain"]),
            }  # fmt: skip
