"""Research agents of the demo, which trace themselves: who pays, only some of the spans say.

A lead agent says whose work it is and asks a scout, who says nothing; below the scout a model and
an outside API do the spending. The report is written by a call that says it again. One lead in some
names no tenant, so that its calls are no tenant's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from ingest.demo.clock import SECOND, day_date, day_index, day_start
from ingest.demo.company.prices import HELP_SEARCH, MARKET_DATA, NO_TOKENS, SONNET, Tokens
from ingest.demo.company.workloads import TENANT_WEIGHTS, TENANTS, Workload
from ingest.demo.money import usd_text
from ingest.demo.traffic.calls import Call, Owner, Span, dice, hex_id
from ingest.demo.traffic.outcomes import Evaluation, judge
from ingest.demo.traffic.tokens import around

RESEARCH = Workload(
    "res", "market_research", "research_brief", "Finance Automation", 6, (1, 1), (),
    0, 90_000, 0, 6_000, stream=0.0, repeat=0.0, success=0.82, business=0.9,
)  # fmt: skip

LEAD, SCOUT = "research-lead", "market-scout"
SILENT = 6
"""One lead in so many names no tenant."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One piece of research: the spans of both agents and their calls, oldest first."""

    owner: Owner
    lead: Span
    scout: Span
    calls: tuple[Call, ...]


@dataclass
class Agents:
    """Generates the traces of each day; no draw of other traffic depends on them."""

    seed: int
    scale: float
    days: int
    evaluations: list[Evaluation] = field(default_factory=list)

    def day(self, day: int) -> list[Trace]:
        """Traces that start on UTC day `day`."""
        rng = dice(self.seed, "agents", day)
        last_day: date = day_date(self.days - 1)
        traces = []
        for number in range(max(1, round(RESEARCH.tasks * self.scale))):
            at_us = day_start(day) + (8 * 3600 + rng.randrange(9 * 3600)) * SECOND
            silent = (day + number) % SILENT == 0
            trace_id = hex_id(rng, 32)
            tenant = rng.choices(TENANTS, TENANT_WEIGHTS)[0]
            task = f"{RESEARCH.prefix}-{hex_id(rng, 10)}"
            owner = Owner(None if silent else tenant, RESEARCH.feature, RESEARCH.task_type, task,
                          None, RESEARCH.team, "prod", None)  # fmt: skip
            if not silent:  # what is nobody's, nobody judges
                plan = judge(rng, RESEARCH, task, tenant, at_us, last_day)
                self.evaluations.extend(plan.evaluations)
            traces.append(_trace(rng, owner, trace_id, at_us))
        return traces


def _trace(rng: Random, owner: Owner, trace_id: str, at_us: int) -> Trace:
    lead = Span(trace_id, hex_id(rng, 16), "", states_payer=True)
    scout = Span(trace_id, hex_id(rng, 16), lead.span)
    calls = []
    for _ in range(2):
        span = Span(trace_id, hex_id(rng, 16), scout.span)
        calls.append(_tool(rng, owner, span, at_us))
        at_us = calls[-1].ended_us + SECOND
    found = Span(trace_id, hex_id(rng, 16), scout.span)
    calls.append(_chat(rng, owner, found, at_us))
    written = Span(trace_id, hex_id(rng, 16), lead.span, states_payer=True)
    calls.append(_chat(rng, owner, written, calls[-1].ended_us + SECOND))
    return Trace(owner, lead, scout, tuple(calls))


def _tool(rng: Random, owner: Owner, span: Span, at_us: int) -> Call:
    return Call(
        owner, f"{span.trace}/{span.span}", span.span, at_us,
        at_us + rng.randint(400_000, 3_000_000), MARKET_DATA, NO_TOKENS, operation="execute_tool",
        span=span,
    )  # fmt: skip


def _chat(rng: Random, owner: Owner, span: Span, at_us: int) -> Call:
    tokens: Tokens = (around(rng, RESEARCH.fresh_tokens), 0, 0, 0,
                      around(rng, RESEARCH.output_tokens))  # fmt: skip
    return Call(
        owner, f"{span.trace}/{span.span}", f"msg_{hex_id(rng, 24)}", at_us,
        at_us + rng.randint(10 * SECOND, 25 * SECOND), SONNET, tokens, asks_cache=False,
        span=span,
    )  # fmt: skip


@dataclass
class PayerTotals:
    """Calls and nano-dollars by UTC month, dimension and who stated its member."""

    calls: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    nano: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, call: Call) -> None:
        """Add one call."""
        month = f"{day_date(day_index(call.started_us)):%Y-%m}"
        itself = call.span is None or call.span.states_payer
        for dimension, member in (("feature", call.owner.feature), ("tenant", call.owner.tenant)):
            by = "call" if itself else "agent"
            if dimension == "feature" and call.model == HELP_SEARCH:
                by = "rule"
            key = month, dimension, by if member else ""
            self.calls[key] += 1
            self.nano[key] += call.estimate_nano or 0

    def as_truth(self) -> list[dict[str, Any]]:
        """`stated_payers`; `stated_by` is null of calls that are nobody's."""
        return [
            {"month": month, "dimension": dimension, "stated_by": stated_by or None,
             "calls": calls, "usd": usd_text(self.nano[month, dimension, stated_by])}
            for (month, dimension, stated_by), calls in sorted(self.calls.items())
        ]  # fmt: skip
