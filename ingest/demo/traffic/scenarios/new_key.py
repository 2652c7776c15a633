"""A key that nobody knew: made one evening by somebody of the support team, for a large export.

It calls the large model for two hours, for no feature and no customer, and is not seen again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ingest.demo.clock import SECOND, day_index, utc
from ingest.demo.company.incidents import Incident
from ingest.demo.company.prices import LARGE
from ingest.demo.company.workloads import WORKLOADS
from ingest.demo.traffic.attempts import attempts
from ingest.demo.traffic.calls import Call, Owner, dice
from ingest.demo.traffic.tokens import request_tokens

NEW_KEY = Incident(
    "new_key",
    utc("2026-07-22T20:00"),
    utc("2026-07-22T22:00"),
    {"team": "Customer Support", "key": "export-once"},
    "a key that nobody knew calls the large model for two hours",
    "untagged calls of a key that no hour before has seen",
    "entry_exit",
    "FinOps",
)

KEY_CALLS = 60


def by_new_key(seed: int, day: int, scale: float) -> Iterator[Call]:
    """Calls of the key on the UTC day, spread over its time; no other draw depends on them."""
    if day != day_index(NEW_KEY.start_us):
        return
    rng = dice(seed, "new key")
    owner = Owner(None, None, None, None, None, NEW_KEY.scope["team"], "prod", None)
    owner = replace(owner, key=NEW_KEY.scope["key"])
    for _ in range(round(KEY_CALLS * scale)):
        at_us = rng.randrange(NEW_KEY.start_us, NEW_KEY.end_us - 60 * SECOND)
        tokens = request_tokens(rng, WORKLOADS[0], LARGE, 0, at_us)
        yield from attempts(rng, owner, at_us, LARGE, tokens, False)
