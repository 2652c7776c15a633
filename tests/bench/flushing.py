"""What it costs that a command which has returned has everything on the disk.

The same daily run, with the flushes and with none: on the disk of this checkout, in turn.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.bench.daily_run import SHORT, built, one_more_day, run_of
from tests.bench.measure import Promises, Took, typical
from tests.bench.run_workspace import WITHOUT_FLUSHES

RUNS = 5
MOST_SECONDS = 1.0
"""Wall clock of a daily run; on a virtual disk the difference was within that of two runs."""


def measure(folder: Path, promises: Promises) -> None:
    """Print both, and what the flushes add."""
    print("Daily run after 7 days, with flushes and without: outlay run")
    built(folder, SHORT)
    took: dict[str, list[Took]] = {"with": [], "without": []}
    for number in range(RUNS):
        for name, options in (("with", ()), ("without", (WITHOUT_FLUSHES,))):
            day = one_more_day(folder, SHORT, f"{name}-{number}")
            took[name].append(run_of(day, *options))
            shutil.rmtree(day)
    figures = {name: typical(runs) for name, runs in took.items()}
    for name, figure in figures.items():
        print(f"  {name:7s} flushes {figure}")
    cost = figures["with"].wall - figures["without"].wall
    promises.promise(
        f"flushes add {cost:.2f} s to a daily run (at most {MOST_SECONDS:.1f} s)",
        cost <= MOST_SECONDS,
    )
