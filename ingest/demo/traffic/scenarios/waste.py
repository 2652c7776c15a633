"""Waste of the demo's tasks: which of their calls bought no success, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingest.demo.clock import local
from ingest.demo.money import usd_text
from ingest.demo.traffic.outcomes import Decision


@dataclass(frozen=True, slots=True)
class Spent:
    """One call of a task, as far as waste goes."""

    started_us: int
    request_id: str
    operation: str
    status: str
    cost_nano: int


def waste_of(decision: Decision, calls: Iterable[Spent]) -> Counter[str]:
    """Nano-dollars of a task by part; each call is in one part or in none."""
    in_order = sorted(calls, key=lambda call: call.started_us)
    parts: Counter[str] = Counter()
    if decision.status != "success":
        failed = "abandoned" if in_order[-1].status == "aborted" else "failed"
        part = "judged_neutral" if decision.status == "neutral" else failed
        parts[part] = sum(call.cost_nano for call in in_order)
        return parts
    taken_back = decision.taken_back_us
    if taken_back is not None and in_order[-1].started_us < taken_back:
        taken_back = None  # nobody worked on it again
    answered: set[tuple[str, str]] = set()
    for call in in_order:
        request = (call.request_id, call.operation)
        if call.status != "ok":
            parts["abandoned" if call.status == "aborted" else "retried"] += call.cost_nano
        elif request in answered:
            parts["duplicate"] += call.cost_nano
        elif taken_back is not None and call.started_us < taken_back:
            parts["superseded"] += call.cost_nano
        answered |= {request} if call.status == "ok" else set()
    return +parts


def waste_by_month(
    tasks: Iterable[tuple[str, Decision, Iterable[Spent]]],
) -> list[Mapping[str, object]]:
    """Waste of closed tasks by local closing month, feature and part."""
    found: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for feature, decision, calls in tasks:
        month = f"{local(decision.closed_us):%Y-%m}"
        for part, nano in waste_of(decision, calls).items():
            found[month, feature, part].append(nano)
    return [
        {"month": month, "feature": feature, "part": part, "usd": usd_text(sum(nano)),
         "tasks": len(nano)}
        for (month, feature, part), nano in sorted(found.items())
    ]  # fmt: skip
