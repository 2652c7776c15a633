"""Commands in forked processes that stand still at any place where the disk may change.

A place is a call that flushes, renames, removes or makes a name, or a statement of a database. The
process that forks may have started no threads: it imports, forks, waits and reads what was written.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import duckdb
import pytest

from tests.conftest import REPOSITORY

DURABLE = frozenset({"fsync", "rename", "replace"})
"""What makes something count."""

_NAMES = DURABLE | {"unlink", "remove", "rmdir", "mkdir", "link"}
_STATEMENTS = frozenset({"execute", "executemany"})
_LONGEST_SECONDS = 0.02
"""How far into a statement its process may come."""

_STAGES = (
    ("dashboards/", "render"),
    ("pipelines/run/publish.py", "publish"),
    ("pipelines/run/blocks.py", "publish"),
    ("pipelines/checks/", "ops"),
    ("pipelines/run/ops_tables.py", "ops"),
    ("pipelines/dbt_models/data_tests.py", "ops"),
    ("pipelines/dbt_models/", "build"),
    ("ingest/warehouse/", "build"),
    ("ingest/", "landing"),
    ("pipelines/config_history/", "ops"),
    ("pipelines/run/", "ops"),
    ("pipelines/orchestration/", "ops"),
)
"""Stages of a run by what is on the stack, the first that is found."""


@dataclass(frozen=True)
class Place:
    """One place of a command.

    Attributes:
        number: the how-many-th it is.
        call: the function that is called there.
        stage: of a run; empty where it is of none.
        where: the innermost line of the project.
    """

    number: int
    call: str
    stage: str
    where: str

    def __str__(self) -> str:
        """The place, for a line of a report."""
        return f"{self.number:>4} {self.stage or '-':<8} {self.call:<8} {self.where}"


def in_process(do: Callable[[], object], said: Path) -> Any:
    """Do something in a forked process.

    Args:
        said: file that gets what it prints.

    Returns:
        What it returned, by way of JSON.

    Raises:
        RuntimeError: it failed or was killed; what it printed is in the message.
    """
    _, status = os.waitpid(_fork(do, said), 0)
    if code := os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"ended with {code}:\n{said.read_text()[-3000:]}")
    return json.loads(said.with_suffix(".json").read_text())


def stopped(
    do: Callable[[], object],
    said: Path,
    at: Collection[int],
    seconds: Callable[[], float],
    look: Callable[[int], object],
) -> None:
    """Do something in a process that is stopped at places, all its threads, as a kill would.

    What is on the disk then is what SIGKILL leaves there; the process goes on after each look.

    Args:
        at: the numbers of the places.
        seconds: how far into a statement, where it is one.
        look: gets the number of the place while the process stands still.

    Raises:
        RuntimeError: it failed; what it printed is in the message.
    """
    reached = said.with_suffix(".at")

    def stand_still(number: int) -> None:
        reached.write_text(str(number))
        os.kill(os.getpid(), signal.SIGSTOP)

    def stop(place: Place) -> None:
        if place.number in at:
            if place.call in _STATEMENTS:
                later = min(seconds(), _LONGEST_SECONDS)
                threading.Timer(later, stand_still, (place.number,)).start()
            else:
                stand_still(place.number)

    def act() -> None:
        with _Watch(stop):
            do()
            time.sleep(2 * _LONGEST_SECONDS)  # the last statement's stop is on its way

    child = _fork(act, said)
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            break
        look(int(reached.read_text()))
        os.kill(child, signal.SIGCONT)
    if code := os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"ended with {code}:\n{said.read_text()[-3000:]}")


def places(do: Callable[[], object], said: Path) -> list[Place]:
    """The places of something that is done undisturbed in a process of its own."""
    found: list[Place] = []

    def act() -> list[tuple[Any, ...]]:
        with _Watch(found.append):
            do()
        return [(one.number, one.call, one.stage, one.where) for one in found]

    return [Place(*one) for one in in_process(act, said)]


def _fork(do: Callable[[], object], said: Path) -> int:
    """Fork a process that does something, prints to a file and answers in one beside it."""
    if threading.active_count() > 1:
        raise RuntimeError("a process with threads cannot be forked")
    child = os.fork()
    if not child:
        code = 1
        try:
            stream = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(stream, 1)
            os.dup2(stream, 2)
            said.with_suffix(".json").write_text(json.dumps(do()))
            code = 0
        except BaseException as error:
            print(repr(error), flush=True)
        finally:
            sys.stdout.flush()
            os._exit(code)
    return child


class _Watch:
    """Tells somebody of every place that this process comes to, in any of its threads."""

    def __init__(self, tell: Callable[[Place], None]) -> None:
        self._tell = tell
        self._one = threading.Lock()
        self._count = 0
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> None:
        for owner, names in ((os, _NAMES), (duckdb.DuckDBPyConnection, _STATEMENTS)):
            for name in names:
                self._patch.setattr(owner, name, self._telling(name, getattr(owner, name)))

    def __exit__(self, *_: object) -> None:
        self._patch.undo()

    def _telling(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def told(*arguments: Any, **named: Any) -> Any:
            with self._one:
                self._tell(Place(self._count, name, *_stage_of(sys._getframe(1))))
                self._count += 1
            return call(*arguments, **named)

        return told


def _stage_of(frame: FrameType | None) -> tuple[str, str]:
    """Stage and innermost line of the project of what is under way."""
    own: list[str] = []
    lines: list[str] = []
    while frame:
        path = frame.f_code.co_filename
        if path.startswith(_ROOT) and "/.venv/" not in path:
            own.append(path.removeprefix(_ROOT))
            lines.append(f"{own[-1]}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    callers = [path for path in own if path != "ingest/files.py"]  # everybody flushes there
    stage = next((name for part, name in _STAGES if any(o.startswith(part) for o in callers)), "")
    return stage, lines[0] if lines else ""


_ROOT = f"{REPOSITORY}/"


def of_calls(found: Collection[Place], calls: Collection[str]) -> list[Place]:
    """Those of some places that are such calls."""
    return [place for place in found if place.call in calls]
