"""What the demo's gateway cache states of its answers, which prompts repeat, and what follows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from ingest.demo.clock import SECOND, day_index, local, utc
from ingest.demo.money import usd_text
from ingest.demo.traffic.calls import Call
from ingest.demo.traffic.outcomes import Decision

SEMANTIC = 3
"""One cached answer to a support ticket that succeeds in so many was found by similarity; all of
those to one that fails were."""

FAILING, LASTING = (800, 100), (840, 150)
"""Lowest similarity in thousandths, and its width, of answers in tasks that fail, and in others:
from 90 percent on no answer is wrong, and below most are."""

REPEATED, COMMON_PROMPTS = 40, 12
"""One question in so many is one of the common ones, which no cache is asked about."""

PUBLISHED_FEATURE = "support_assistant"
PUBLISHES = (utc("2026-07-14T12:00"), utc("2026-08-04T09:00"), utc("2026-09-22T12:00"))
"""When the help pages that the assistant answers from were published anew; nobody emptied the
cache."""

MISTAKEN = (utc("2026-08-05"), utc("2026-08-10"))
"""For so long every wrong cached answer to a ticket is one and the same, which never expires."""

FORGOTTEN = 50
"""One entry in so many never expires."""


@dataclass
class Mistake:
    """The entry that answers wrongly for some days: the first wrong answer of them."""

    origin: tuple[str, str | None] | None = None
    origin_us: int | None = None

    def repeat(self, call: Call, fails: bool) -> None:
        """Make a cached answer to a ticket that fails one of this entry."""
        is_ticket = call.owner.task_type == "support_ticket"
        if not fails or not is_ticket or not MISTAKEN[0] <= call.started_us < MISTAKEN[1]:
            return
        if self.origin is None:
            self.origin, self.origin_us = call.origin, call.origin_us
        call.origin, call.origin_us, call.is_mistaken = self.origin, self.origin_us, True


def similarity_of(request_id: str, task_type: str | None, fails: bool) -> int | None:
    """Similarity of a cached answer in thousandths; None of one to the very same prompt.

    Drawn from the request itself, so that no other draw depends on it.
    """
    number = crc32(request_id.encode())
    if task_type != "support_ticket" or (number % SEMANTIC and not fails):
        return None
    lowest, width = FAILING if fails else LASTING
    return lowest + number // SEMANTIC % width


def prompt_key(call: Call) -> str | None:
    """What stands for the text of a prompt; embeddings and what no task claims have none."""
    if call.operation != "chat" or call.owner.task_type != "support_ticket":
        return None
    is_same = call.origin is not None and call.similarity is None
    request = call.origin[0] if call.origin and is_same else call.request_id
    number = crc32(request.encode())
    return request if number % REPEATED else f"common-{number // REPEATED % COMMON_PROMPTS}"


def is_never_expiring(call: Call) -> bool:
    """Whether the entry that answered has no lifetime."""
    return call.is_mistaken or crc32(call.request_id[::-1].encode()) % FORGOTTEN == 0


def age_seconds(call: Call) -> int | None:
    """Whole seconds since the cached answer was made."""
    return None if call.origin_us is None else (call.started_us - call.origin_us) // SECOND


def stale_minutes(call: Call) -> int | None:
    """Minutes after the newest publish event that an answer of before it was given; None of others.

    Clocks tell minutes by their hands: from 12:00:59 to 12:01:00 it is one.
    """
    before = [at_us for at_us in PUBLISHES if at_us <= call.started_us]
    age = age_seconds(call)
    if not before or age is None or call.owner.feature != PUBLISHED_FEATURE:
        return None
    if call.started_us - age * SECOND >= before[-1]:
        return None
    return call.started_us // (60 * SECOND) - before[-1] // (60 * SECOND)


def scope(call: Call) -> str:
    """Answers about a customer's own invoices are that customer's; the others are for all."""
    return "tenant" if call.owner.task_type == "invoice" else "shared"


def stated_of_cache(call: Call) -> dict[str, Any]:
    """What goes into the metadata of a call about its prompt and, of a hit, the cached answer."""
    key = prompt_key(call)
    stated: dict[str, Any] = {"prompt_hash": key} if key else {}
    if call.origin is None:
        return stated
    request, tenant = call.origin
    stated |= {
        "cache_source_call_id": request,
        "cache_source_tenant_id": tenant,
        "cache_key_scope": scope(call),
        "cache_ttl_seconds": 0 if is_never_expiring(call) else 86400,
        "is_cache_encrypted": True,
        "cache_age_seconds": age_seconds(call),
    }
    if call.similarity is not None:
        stated["cache_similarity"] = call.similarity / 1000
    return stated


@dataclass
class CacheTotals:
    """Totals of cached answers and of repeated prompts.

    Attributes:
        found: hits by local month, feature and finding, `hits` among them.
        lag_minutes: longest time after a publish event that an answer of before it was given.
        missed: nano-dollars of repeated prompts that no cache answered, by local month and model.
        missed_calls: how many they are.
        written: tasks that were given the answer of each call, by its request.
        semantic: least similarity of the semantic hits of each task, with their number and nanos.
    """

    found: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    lag_minutes: int = 0
    missed: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed_calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    written: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    semantic: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    _asked: dict[tuple[int, str, str], list[tuple[int, str, Call]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, call: Call) -> None:
        """Add one call."""
        month = f"{local(call.started_us):%Y-%m}"
        if call.origin_us is not None:
            feature = call.owner.feature or ""
            self.found[month, feature, "hits"] += 1
            if call.origin:
                is_leak = scope(call) == "tenant" and call.origin[1] != call.owner.tenant
                self.found[month, feature, "cross_tenant"] += is_leak
                self.found[month, feature, "no_lifetime"] += is_never_expiring(call)
            minutes = stale_minutes(call)
            self.found[month, feature, "stale"] += minutes is not None
            if minutes is not None:
                self.lag_minutes = max(self.lag_minutes, minutes)
        if call.origin and call.owner.task_id:
            self.written[call.origin[0]].add(call.owner.task_id)
        if call.similarity is not None and call.owner.task_id:
            least, hits, nano = self.semantic.get(call.owner.task_id, (1000, 0, 0))
            self.semantic[call.owner.task_id] = (
                min(least, call.similarity), hits + 1, nano + call.avoided_nano
            )  # fmt: skip
        key = prompt_key(call)
        if key and call.status == "ok":
            asked = self._asked[day_index(call.started_us), call.model, key]
            asked.append((call.started_us, call.request_id, call))

    def _count_missed(self) -> None:
        for asked in self._asked.values():
            for _, _, call in sorted(asked, key=lambda item: item[:2])[1:]:
                if not call.gateway_hit:
                    key = f"{local(call.started_us):%Y-%m}", call.model
                    self.missed_calls[key] += 1
                    self.missed[key] += call.estimate_nano or 0

    def _sweep(self, closed: Iterable[tuple[str, str, Decision]]) -> Iterator[Mapping[str, object]]:
        """Closed tasks with semantic hits by the percent of the least similar one."""
        found: dict[int, Counter[str]] = defaultdict(Counter)
        for task_id, _, decision in closed:
            if task_id in self.semantic:
                least, hits, nano = self.semantic[task_id]
                totals = found[least // 10]
                totals["tasks"] += decision.status != "neutral"
                totals["failures"] += decision.status == "failure"
                totals["hits"] += hits
                totals["nano"] += nano
        for percent, totals in sorted(found.items()):
            usd = usd_text(totals.pop("nano"))
            yield {"similarity_percent": percent, **totals, "avoided_usd": usd}

    def _wrong(self, closed: Iterable[tuple[str, str, Decision]]) -> Iterator[Mapping[str, object]]:
        """Writing calls whose answers went to two tasks or more that failed."""
        decided = {task_id: (feature, decision.status) for task_id, feature, decision in closed}
        for request, tasks in sorted(self.written.items()):
            known = [decided[task] for task in tasks if task in decided]
            for feature in sorted({feature for feature, _ in known}):
                ends = Counter(status for of, status in known if of == feature)
                if ends["failure"] > 1:
                    yield {
                        "call": request, "feature": feature, "failures": ends["failure"],
                        "tasks": ends["success"] + ends["failure"],
                    }  # fmt: skip

    def as_truth(self, closed: Iterable[tuple[str, str, Decision]]) -> Mapping[str, object]:
        """The known answers, given closed tasks with their feature and how each was decided."""
        self._count_missed()
        closed = list(closed)
        return {
            "cache_audit": [
                {"month": month, "feature": feature, "finding": finding, "hits": hits}
                for (month, feature, finding), hits in sorted(self.found.items())
            ],
            "longest_lag_minutes": self.lag_minutes,
            "missed_caches": [
                {"month": month, "model": model, "calls": calls,
                 "usd": usd_text(self.missed[month, model])}
                for (month, model), calls in sorted(self.missed_calls.items())
            ],
            "semantic_hits": list(self._sweep(closed)),
            "wrong_answers": list(self._wrong(closed)),
        }  # fmt: skip
