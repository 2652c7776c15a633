"""Running something as a process of its own and reading what the system says it took."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.conftest import REPOSITORY

_WORK, _CPU, _PEAK = "seconds of work: ", "seconds of processor: ", "peak kilobytes: "
# The system counts what a parent holds when it starts a process as held by that process too: the
# one that is measured gets a parent that holds next to nothing.
_PARENT = f"""
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{_CPU}{{used.ru_utime + used.ru_stime}}")
print(f"{_PEAK}{{used.ru_maxrss}}")
sys.exit(code)
"""


@dataclass
class Promises:
    """What was promised, and what of it did not hold in this run."""

    broken: list[str] = field(default_factory=list)

    def promise(self, what: str, holds: bool) -> None:
        """Print a promise and whether it held; the bench goes on, and fails at its end."""
        print(f"            {'kept' if holds else 'BROKEN'}: {what}")
        if not holds:
            self.broken.append(what)


@dataclass(frozen=True)
class Took:
    """A finished process.

    Attributes:
        wall, cpu: seconds of the whole process.
        peak_mb: its peak resident memory.
        work: seconds of what it did inside `working`; the rest is Python that starts.
    """

    wall: float
    cpu: float
    peak_mb: float
    work: float

    def __str__(self) -> str:
        return f"{self.wall:6.2f} s wall {self.cpu:6.2f} s cpu {self.peak_mb:6.0f} MB peak"


def least_peak(peak_mb: Callable[[Path, int], float], folder: Path, size_mb: int) -> float:
    """The lesser peak of two runs, MB: how much of its buffers DuckDB gives back differs."""
    return min(peak_mb(folder / f"{size_mb}-{number}", size_mb) for number in range(2))


@contextmanager
def working() -> Iterator[None]:
    """Time the work of a process that `run` started, its imports left out."""
    started = time.perf_counter()
    yield
    print(f"{_WORK}{time.perf_counter() - started}")


def machine() -> str:
    """Which machine the figures are of."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    load = os.getloadavg()[0]
    return f"{len(names)} x {names[0] if names else platform.machine()}, load {load:.1f} at start"


def run(*arguments: str) -> Took:
    """Run one command of this environment's Python to its end.

    Raises:
        RuntimeError: it failed; its output is in the message.
    """
    started = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-S", "-c", _PARENT, sys.executable, *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - started
    if ended.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {ended.returncode}:\n{ended.stdout}")
    cpu, kilobytes, work = (_stated(ended.stdout, label) for label in (_CPU, _PEAK, _WORK))
    if cpu is None or kilobytes is None:
        raise RuntimeError(f"{' '.join(arguments)} was not measured:\n{ended.stdout}")
    return Took(wall, cpu, kilobytes / 1024, wall if work is None else work)


def _stated(output: str, label: str) -> float | None:
    """The last figure that was printed under a label."""
    stated = [line for line in output.splitlines() if line.startswith(label)]
    return float(stated[-1].removeprefix(label)) if stated else None


def typical(runs: Sequence[Took]) -> Took:
    """Medians, figure by figure."""
    figures = zip(*((r.wall, r.cpu, r.peak_mb, r.work) for r in runs), strict=True)
    return Took(*(median(figure) for figure in figures))


def fastest(runs: Sequence[Took]) -> Took:
    """The run whose work took least."""
    return min(runs, key=lambda took: took.work)
