"""`inbox/queues`: samples of the pools of workers, every ten minutes, a file a month."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from ingest.demo.clock import DAY, SECOND, day_start, iso_z, local
from ingest.demo.company.incidents import BACKLOGS
from ingest.demo.traffic.calls import dice
from ingest.demo.traffic.scenarios.backlog import DEEPEST, ONE_TAKES, QUEUE, WORKERS, waiting

EVERY = 600 * SECOND
HEADER = "pool,at,waiting,busy,workers,oldest_s,shed,timeouts,feature\n"

POOLS = {QUEUE: (WORKERS, BACKLOGS[0].scope["feature"]), "vector-search": (16, "")}
"""Workers and feature of each pool; everybody searches in the vector database."""

SHED = 4
"""Requests that are dropped between two samples while nearly as many wait as at worst."""


def write_queues(inbox: Path, seed: int, days: int) -> None:
    """Write the samples of `days` days."""
    months = defaultdict(list)
    for day in range(days):
        rng = dice(seed, "queues", day)
        for at_us in range(day_start(day), day_start(day) + DAY, EVERY):
            office = 8 <= local(at_us).hour < 18
            for pool, (workers, feature) in POOLS.items():
                ahead = waiting(at_us) if pool == QUEUE else 0
                busy = workers if ahead else rng.randint(1, workers // 2 if office else 3)
                depth = ahead or int(rng.random() < (0.2 if office else 0.02))
                oldest = ahead * (ONE_TAKES // SECOND) // workers
                shed = SHED if ahead > DEEPEST * 9 // 10 else 0
                timeouts = ahead // 30 if ahead > DEEPEST // 2 else 0
                months[iso_z(at_us)[:7]].append(
                    f"{pool},{iso_z(at_us)},{depth},{busy},{workers},{oldest},{shed},{timeouts},"
                    f"{feature}\n"
                )
    folder = inbox / "queues"
    folder.mkdir(parents=True, exist_ok=True)
    for month, lines in months.items():
        (folder / f"{month}.csv").write_text(HEADER + "".join(lines), encoding="utf-8")
