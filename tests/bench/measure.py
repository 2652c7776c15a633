"""Running something as a process of its own and reading what the system says it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.conftest import REPOSITORY


@dataclass(frozen=True)
class Took:
    """A finished process: wall and processor seconds, peak resident memory in MB."""

    wall: float
    cpu: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.wall:6.2f} s wall {self.cpu:6.2f} s cpu {self.peak_mb:6.0f} MB peak"


def run(*arguments: str) -> Took:
    """Run one command of this environment's Python to its end.

    Raises:
        RuntimeError: it failed; its output is in the message.
    """
    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output = child.stdout.read() if child.stdout else ""
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if child.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {child.returncode}:\n{output}")
    return Took(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def typical(runs: Sequence[Took]) -> Took:
    """Medians, figure by figure."""
    return Took(
        median(r.wall for r in runs), median(r.cpu for r in runs), median(r.peak_mb for r in runs)
    )
