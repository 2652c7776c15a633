"""What an experiment is to show is said before it begins, and not changed afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipelines.config_history.ledger import recorded
from pipelines.config_history.registrations import RegistrationError
from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.support.workspaces.configured import notice, write

START = datetime(2026, 8, 3)
BEFORE = datetime(2026, 7, 20)
MOMENT = timedelta(microseconds=1)
ROW = "e,old,new,as good,task,0.02,,,,5000,14,Ann,2026-08-03,2026-08-17,"
LATER = "f,old,new,as good,task,0.02,,,,5000,14,Ann,2026-09-03,2026-09-17,"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace in which one experiment was registered before it began."""
    init_workspace(tmp_path / "acme", company="Acme")
    workspace = Workspace(tmp_path / "acme")
    notice(workspace, BEFORE)
    write(workspace, "experiments", ROW)
    assert len(notice(workspace, START - MOMENT)) == 1
    return workspace


def test_until_it_begins_an_experiment_may_change(workspace: Workspace) -> None:
    write(workspace, "experiments", ROW.replace("0.02", "0.03"))
    assert len(notice(workspace, START - MOMENT)) == 1


@pytest.mark.parametrize(
    "rows",
    [
        (ROW.replace("0.02", "0.03"),),
        (ROW.replace("2026-08-17", "2026-08-24"),),
        (),
        (ROW, ROW.replace("new", "newer")),
    ],
    ids=["another margin", "a later deadline", "taken out", "registered late"],
)
def test_from_its_start_on_nothing_of_it_may_change(
    workspace: Workspace, rows: tuple[str, ...]
) -> None:
    write(workspace, "experiments", *rows)
    with pytest.raises(RegistrationError, match=r"^config/experiments.csv: e \(newe?r?\) began"):
        notice(workspace, START)
    assert recorded(workspace)[-1].noticed_at == START - MOMENT


def test_notes_and_experiments_to_come_may_change_at_any_time(workspace: Workspace) -> None:
    write(workspace, "experiments", f"{ROW}seen by Ann", LATER)
    assert len(notice(workspace, START)) == 1


def test_a_reason_lets_it_through_and_is_recorded(workspace: Workspace) -> None:
    write(workspace, "experiments", ROW.replace("0.02", "0.03"))
    notice(workspace, START, override_freeze="the margin was a slip of the pen")
    assert recorded(workspace)[-1].override == "the margin was a slip of the pen"
