"""Shadow traffic of the demo: a candidate model answers beside the one in use, for nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ingest.demo.clock import SECOND, utc
from ingest.demo.company.prices import HAIKU
from ingest.demo.traffic.calls import Call, dice, uuid_text

FEATURE = "code_review_bot"
CANDIDATE = HAIKU

FIRST, END = utc("2026-07-20"), utc("2026-08-03")
"""When answers are mirrored, the end exclusive."""

ONE_IN = 12
"""One answered chat in so many is mirrored."""


def mirrored(seed: int, day: int, calls: Iterable[Call]) -> Iterator[Call]:
    """The calls that mirror some of a UTC day's answers; no draw of another depends on them."""
    rng = dice(seed, "shadow", day)
    for call in calls:
        answers = call.operation == "chat" and call.status == "ok" and not call.gateway_hit
        if call.owner.feature != FEATURE or not answers or not FIRST <= call.started_us < END:
            continue
        if call.owner.task_id is None or rng.randrange(ONE_IN):
            continue
        request, took = uuid_text(rng), rng.randint(2 * SECOND, 9 * SECOND)
        # a model that nobody else uses for this has nothing in its prefix cache
        uncached, read, write_5m, write_1h, output = call.tokens
        yield Call(
            replace(call.owner, traffic_class="shadow"),
            request,
            f"msg_{request.replace('-', '')[:24]}",
            call.started_us,
            call.started_us + took,
            CANDIDATE,
            (uncached + read + write_5m + write_1h, 0, 0, 0, output),
            first_token_us=call.started_us + took,
        )
