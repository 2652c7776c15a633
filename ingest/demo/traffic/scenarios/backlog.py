"""Afternoons on which a pool of workers falls behind: requests wait, time out and are made again.

No draw of other traffic depends on it: calls are delayed after they were made up, and which of them
time out follows from their own identifiers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

from ingest.demo.clock import HOUR, SECOND, iso_z
from ingest.demo.company.incidents import BACKLOGS, Incident
from ingest.demo.company.prices import IN_HOUSE
from ingest.demo.money import usd_text
from ingest.demo.traffic.calls import Call

QUEUE = "answer-workers"
WORKERS = 32
DEEPEST = 240
"""Requests that wait when it is worst, half-way through the afternoon."""

ONE_TAKES = 3 * SECOND
"""Time in which a worker answers one of the requests that wait."""

TIMEOUT = 60 * SECOND
ONE_IN = 2
"""While more than half as many wait as at worst, one request in so many times out once."""


def waiting(at_us: int) -> int:
    """Requests that wait for a worker at a moment: up to the deepest and down again in lines."""
    for backlog in BACKLOGS:
        if backlog.active(at_us):
            half = (backlog.end_us - backlog.start_us) // 2
            away = abs(at_us - backlog.start_us - half)
            return DEEPEST * (half - away) // half
    return 0


def slowed(calls: Iterable[Call]) -> Iterator[Call]:
    """The calls of a day, those of a backlog later and some of them tried twice."""
    for call in calls:
        ahead = waiting(call.started_us) if _waits(call) else 0
        if not ahead:
            yield call
            continue
        if ahead > DEEPEST // 2 and crc32(call.request_id.encode()) % ONE_IN == 0:
            yield replace(
                call,
                response_id=call.request_id,
                ended_us=call.started_us + TIMEOUT,
                first_token_us=call.started_us + TIMEOUT,
                tokens=(*call.tokens[:4], max(1, call.tokens[4] // 2)),
                reasoning=0,
                stream=False,
                status="error",
                error="timeout",
            )
            again = TIMEOUT + SECOND
            call = replace(
                call,
                started_us=call.started_us + again,
                ended_us=call.ended_us + again,
                first_token_us=call.first_token_us + again,
                retries=1,
            )
        wait = ahead * ONE_TAKES // WORKERS
        yield replace(
            call, ended_us=call.ended_us + wait, first_token_us=call.first_token_us + wait
        )


def _waits(call: Call) -> bool:
    of = BACKLOGS[0].scope["feature"]
    is_answer = call.operation == "chat" and call.status == "ok" and call.model != IN_HOUSE
    is_own = call.owner.feature == of and call.owner.task_id and not call.owner.traffic_class
    return bool(is_answer and is_own and not call.gateway_hit and not call.is_second_answer)


@dataclass
class BacklogTotals:
    """What the calls of the backlogs' hours say: how long they took, and what timed out cost."""

    took: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    timed_out: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, call: Call) -> None:
        """Add a call of the product's feature; others and hits of a cache say nothing."""
        hour = call.started_us // HOUR * HOUR
        of = [item for item in BACKLOGS if item.active(hour)]
        if not of or call.owner.feature != of[0].scope["feature"] or call.operation != "chat":
            return
        if call.owner.environment != "prod" or call.owner.traffic_class or call.gateway_hit:
            return
        if call.status == "ok" or call.error == "timeout":
            self.took[hour].append(call.ended_us - call.started_us)
        if call.error == "timeout":
            self.timed_out[hour].append(call.estimate_nano or 0)

    def as_truth(self) -> dict[str, Any]:
        """`backlogs`, an hour a line."""
        return {"backlogs": [self._hour(item, hour) for item in BACKLOGS for hour in _hours(item)
                             if hour in self.took]}  # fmt: skip

    def _hour(self, backlog: Incident, hour: int) -> dict[str, Any]:
        took, lost = sorted(self.took[hour]), self.timed_out[hour]
        return {
            "hour": iso_z(hour), "queue": QUEUE, "feature": backlog.scope["feature"],
            "timed_out_calls": len(lost), "timed_out_usd": usd_text(sum(lost)),
            "answers": len(took), "p95_us": took[-(-95 * len(took) // 100) - 1],
        }  # fmt: skip


def _hours(backlog: Incident) -> range:
    return range(backlog.start_us, backlog.end_us, HOUR)
