"""Commands that change a workspace, stopped at seeded places: fifty of fifty end as undisturbed.

Half of the places are flushes and renames, the others removals, new names and statements of
databases, in the middle of which a process is stopped. What stands on the disk while it is stopped
is what SIGKILL leaves. Then comes what an operator does: the next run, and the command again where
it is not done. `OUTLAY_KILLS=every` stops at every flush and rename.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import pkgutil
import random
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from typer.testing import CliRunner

import dashboards
import ingest
import pipelines
from ingest.lake import landing
from pipelines.cli.app import app
from pipelines.month_close import close
from pipelines.operations import salt_rotation
from pipelines.workspace.paths import Workspace
from tests.bench.measure import Promises
from tests.support.stopping import DURABLE, Place, in_process, of_calls, places, stopped
from tests.support.workspaces import operated

SEED = 16
RUN, OTHERS = 20, 5
"""Places of a run, and of each of six other commands: fifty."""

STAGES = ("landing", "build", "ops", "publish", "render")

Digest = dict[str, str]


def measure(folder: Path, promises: Promises) -> None:
    """Print every kill and what it came to."""
    print("Killed: outlay and six of its commands, each kill followed by the next run")
    _import_all()
    every = os.environ.get("OUTLAY_KILLS") == "every"
    bench = _Bench(folder, every=every)
    tried = [is_equal for name in bench.commands for is_equal in bench.tried(name)]
    promises.promise(f"{sum(tried)} of {len(tried)} kills end as undisturbed", all(tried))


class _Bench:
    """One workspace, always under the same path: dbt prepares its models once."""

    def __init__(self, folder: Path, *, every: bool) -> None:
        self.folder = folder
        self.every = every
        self.said = folder / "said.txt"
        self.here = Workspace(folder / "here" / "acme")
        self.here.root.parent.mkdir()
        self.commands = operated.commands(self.here.root.parent)
        in_process(partial(_make, self.here.root), self.said)
        self._keep("base")

    def _keep(self, name: str) -> None:
        shutil.copytree(self.here.root, self.folder / name, symlinks=True)

    def _back_to(self, name: str) -> None:
        shutil.rmtree(self.here.root)
        shutil.copytree(self.folder / name, self.here.root, symlinks=True)

    def _does(self, *words: str) -> Callable[[], object]:
        return partial(_outlay, self.here, *words)

    def tried(self, name: str) -> Iterator[bool]:
        """Stop one command at some of its places; yield of each whether it ended as undisturbed."""
        command, dice = self.commands[name], random.Random(f"{SEED} {name}")
        self._back_to("base")
        if command.before:
            in_process(self._does(*command.before), self.said)
        command.deliver(self.here)
        self._keep("before")
        found = places(self._does(*command.words), self.said)
        expected = in_process(partial(_undisturbed, self.here, command), self.said)
        durable = of_calls(found, DURABLE)
        print(f"  {name}: {len(durable)} flushes and renames, {len(found)} places", flush=True)
        chosen = durable if self.every else _sample(found, RUN if name == "run" else OTHERS, dice)
        self._back_to("before")
        stopped(
            self._does(*command.words), self.said, {place.number for place in chosen},
            lambda: dice.random() / 50, lambda number: self._keep(f"left-{number}"),
        )  # fmt: skip
        for place in chosen:
            self._back_to(f"left-{place.number}")
            shutil.rmtree(self.folder / f"left-{place.number}")
            wrong = self._wrong(command, expected)
            print(f"    {place}{f': OTHERWISE: {wrong}' if wrong else ''}", flush=True)
            yield not wrong
        shutil.rmtree(self.folder / "before")

    def _wrong(self, command: operated.Command, expected: Digest) -> list[str]:
        """What is not as after the undisturbed command."""
        try:
            ended = in_process(partial(_cured, self.here, command), self.said)
        except RuntimeError as error:
            return [str(error)]
        return sorted(key for key in expected | ended if expected.get(key) != ended.get(key))


def _sample(found: list[Place], number: int, dice: random.Random) -> list[Place]:
    """Places of each stage, or of a command without any, half of them flushes and renames."""
    chosen: list[Place] = []
    parts = [[one for one in found if one.stage == stage] for stage in STAGES]
    if number < RUN:
        parts = [found]
    for part in parts:
        share = number // len(parts)
        durable = of_calls(part, DURABLE)
        first = dice.sample(durable, min(len(durable), (share + 1) // 2))
        others = [one for one in part if one not in durable]
        chosen += first + dice.sample(others, min(len(others), share - len(first)))
    return sorted(chosen, key=lambda place: place.number)


def _outlay(workspace: Workspace, *words: str) -> int:
    """Type a command, at one moment for landing and closing, with one and the same salt to add.

    Raises:
        RuntimeError: it could not do its work.
    """
    salt_rotation.new_salt = lambda: "added"
    landing.datetime = close.datetime = operated.StandingClock  # type: ignore[misc]
    result = CliRunner().invoke(app, [*words, "--workspace", str(workspace.root)])
    print(result.output, flush=True)
    if result.exit_code not in (0, 1):
        raise RuntimeError(f"{' '.join(words)} ended with {result.exit_code}")
    return result.exit_code


def _make(base: Path) -> None:
    _outlay(operated.make_operated(base), *operated.RUN)


def _undisturbed(workspace: Workspace, command: operated.Command) -> Digest:
    operated.finish(workspace, command, _outlay)
    return _digest(workspace)


def _cured(workspace: Workspace, command: operated.Command) -> Digest:
    operated.cure(workspace, command, _outlay)
    return _digest(workspace)


def _digest(workspace: Workspace) -> Digest:
    return {
        name: hashlib.sha256(repr(value).encode()).hexdigest()
        for name, value in operated.seen(workspace).items()
    }


def _import_all() -> None:
    """Have every module in this process, so that no forked one has to read it."""
    for room in (pipelines, ingest, dashboards):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if not module.name.startswith(("ingest.demo", "pipelines.definitions")):
                importlib.import_module(module.name)
