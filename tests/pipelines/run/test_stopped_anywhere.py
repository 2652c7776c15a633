"""A command that a power cut or a kill stops anywhere: the next run ends as if nothing had.

Between two flushes nothing that counts changes but within databases, whose engines are tried by
`tests/incremental/test_cut_off_builds.py` statement by statement. So each flush of a run is a place
to stop at: before it, with only the disk's content left (a cut) or with everything (a kill). A
seeded sample of ten is tried: four of a run, one of each other command that changes a workspace.
`python -m tests.bench kills` tries fifty, and `OUTLAY_KILLS=every` each flush and rename.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.lake import landing
from pipelines.month_close import close
from pipelines.operations import salt_rotation
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.built import built_once
from tests.support.power_cut import Disk
from tests.support.workspaces import operated
from tests.support.workspaces.small import CALLS, drop

pytestmark = pytest.mark.slow

SAMPLE = 2
LATE = CALLS.splitlines()[0] + "\nc9,t9,2025-10-07T13:00:00Z,house-1,3000,0\n"
AGAIN = CALLS.replace("4000,500", "5000,500")
"""The first file as it is delivered again: its days are rewritten, old parts go."""


def run(workspace: Workspace) -> None:
    result = outlay("run", "--workspace", workspace.root)
    assert result.exit_code == 0, result.output


def deliver(workspace: Workspace) -> None:
    drop(workspace, "bot/late.csv", LATE)
    drop(workspace, "bot/2025-10.csv", AGAIN)


def contents(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """Marts and reports row by row, less when a file landed."""
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        names = con.execute(
            "select table_schema || '.' || table_name from information_schema.tables where"
            " table_schema in ('marts', 'reports') and table_name not in"
            " ('dim_sources', 'rpt_source_health') order by 1"
        ).fetchall()
        return {name: con.execute(f"from {name} order by all").fetchall() for (name,) in names}


def pages(workspace: Workspace) -> dict[str, str]:
    """The pages, less when the last run ended."""
    ended = re.compile(r"finished [^,]+, \d\d:\d\d UTC")
    return {file.name: ended.sub("", file.read_text()) for file in workspace.site.glob("*.html")}


@pytest.fixture(scope="module")
def stopped(
    built: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Workspace, list[Path]]:
    """The workspace after an undisturbed run, and what stops at some flushes of it would leave."""
    folder = tmp_path_factory.mktemp("stopped")
    counted = Workspace(folder / "counted" / "acme")
    shutil.copytree(built.root, counted.root)
    deliver(counted)
    flush, flushes, one = os.fsync, 0, threading.Lock()  # files are flushed by several threads

    def count(descriptor: int) -> None:
        nonlocal flushes
        with one:
            flushes += 1
        flush(descriptor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", count)
        run(counted)
    assert flushes > 20
    dice = random.Random(11)
    cuts, kills = (sorted(dice.sample(range(flushes), SAMPLE)) for _ in range(2))

    whole = Workspace(folder / "whole" / "acme")
    shutil.copytree(built.root, whole.root)
    deliver(whole)
    disk, at, left = Disk(whole.root, folder / "pins"), 0, []

    def stop(descriptor: int) -> None:
        nonlocal at
        with one:
            if at in cuts:
                left.append(disk.after_a_cut(folder / f"cut-{at}"))
            if at in kills:
                left.append(Path(shutil.copytree(whole.root, folder / f"kill-{at}")))
            at += 1
            flush(descriptor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", stop)
        with disk.watched():
            run(whole)
    assert len(left) == 2 * SAMPLE
    return whole, left


@pytest.mark.parametrize("number", range(2 * SAMPLE))
def test_the_next_run_ends_as_an_undisturbed_one(
    stopped: tuple[Workspace, list[Path]], number: int
) -> None:
    whole, left = stopped
    found = Workspace(left[number])
    run(found)
    assert contents(found) == contents(whole)
    assert pages(found) == pages(whole)


def typed(workspace: Workspace, *words: str) -> None:
    result = outlay(*words, "--workspace", workspace.root)
    assert result.exit_code in (0, 1), result.output


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files land and months close at one moment, and a salt is always the same one."""
    for module in (landing, close):
        monkeypatch.setattr(module, "datetime", operated.StandingClock)
    monkeypatch.setattr(salt_rotation, "new_salt", lambda: "added")


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize(
    ("name", "is_cut"),
    [("close", True), ("reopen", False), ("reprice", True), ("promote", False),
     ("rotate-salt", True), ("pull", False)],
)  # fmt: skip
def test_a_command_that_stopped_is_ended_by_the_next_run_or_by_itself(
    name: str, is_cut: bool, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def make(folder: Path) -> None:
        typed(operated.make_operated(folder / "acme"), *operated.RUN)

    made = built_once("operated", tmp_path_factory, make)
    command = operated.commands(made)[name]
    whole = Workspace(tmp_path / "whole" / "acme")
    shutil.copytree(made / "acme", whole.root)
    if command.before:
        typed(whole, *command.before)
    disk, dice = Disk(whole.root, tmp_path / "pins"), random.Random(f"11 {name}")
    flush, one, flushes, left = os.fsync, threading.Lock(), 0, tmp_path / "left" / "acme"

    def stop(descriptor: int) -> None:
        nonlocal flushes
        with one:
            flushes += 1
            if dice.randrange(flushes) == 0:  # in the end each flush is as likely as any other
                shutil.rmtree(left, ignore_errors=True)
                left.parent.mkdir(exist_ok=True)
                disk.after_a_cut(left) if is_cut else shutil.copytree(whole.root, left)
            flush(descriptor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", stop)
        with disk.watched():
            typed(whole, *command.words)
    assert flushes
    operated.finish(whole, command, typed)
    operated.cure(Workspace(left), command, typed)
    assert operated.seen(Workspace(left)) == operated.seen(whole)
