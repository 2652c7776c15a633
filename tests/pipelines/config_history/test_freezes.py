"""Freeze windows: what they stop, on both sides of each edge, and what sets one aside."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from pipelines.config_history.freezes import FrozenError
from pipelines.config_history.ledger import recorded
from pipelines.config_history.runs import past_runs
from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.workspaces.configured import notice, pending, write

OCTOBER = "month end,{scope},2026-11-01,2026-11-05T12:00:00Z,close of October"
START, END = datetime(2026, 11, 1), datetime(2026, 11, 5, 12)
BEFORE = datetime(2026, 10, 20)
MOMENT = timedelta(microseconds=1)

PRICE = "acme,local,,output,4,,,,"
RULE = "team = a,feature = x,,,,"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace that was recorded before anything below."""
    init_workspace(tmp_path / "acme", company="Acme")
    workspace = Workspace(tmp_path / "acme")
    notice(workspace, BEFORE)
    return workspace


def freeze(workspace: Workspace, scope: str) -> None:
    write(workspace, "freezes", OCTOBER.format(scope=scope))
    notice(workspace, BEFORE)


def test_a_change_is_stopped_from_the_first_to_before_the_last_moment(
    workspace: Workspace,
) -> None:
    freeze(workspace, "all")
    for number, at in enumerate((START - MOMENT, END), start=1):
        write(workspace, "prices", f"acme,m{number},,output,4,,,,")
        assert len(notice(workspace, at)) == 1
    write(workspace, "prices", PRICE)
    for at in (START, END - MOMENT):
        with pytest.raises(FrozenError):
            notice(workspace, at)


def test_the_message_names_window_files_rows_and_end(workspace: Workspace) -> None:
    freeze(workspace, "prices")
    write(workspace, "prices", PRICE)
    with pytest.raises(FrozenError) as error:
        notice(workspace, START)
    assert str(error.value) == (
        "the configuration is frozen (month end) until 2026-11-05 12:00:00 UTC, and"
        ' config/prices.csv changed: added {"provider": "acme", "model": "local", "token_class":'
        ' "output", "usd_per_mtok": "4"}. Take the change back, wait, or say why it must be:'
        ' --override-freeze "reason"'
    )


@pytest.mark.parametrize(
    ("scope", "stops"),
    [("prices", {"prices"}), ("rules", {"rules"}), ("all", {"prices", "rules", "records"})],
)
def test_a_window_stops_its_scope_and_nothing_else(
    workspace: Workspace, scope: str, stops: set[str]
) -> None:
    freeze(workspace, scope)
    edits = {
        "prices": lambda: write(workspace, "prices", PRICE),
        "rules": lambda: write(workspace, "attribution", RULE),
        "records": lambda: (workspace.config / "fx_rates.csv").write_text("day\n2026-11-02\n"),
    }
    stopped = set()
    for changed, edit in edits.items():
        edit()
        try:
            notice(workspace, START)
        except FrozenError:
            stopped.add(changed)
            notice(workspace, END)
    assert stopped == stops


def test_without_a_change_a_frozen_run_goes_on(workspace: Workspace) -> None:
    freeze(workspace, "all")
    assert notice(workspace, START) == []


def test_a_window_guards_itself_and_another_may_be_added(workspace: Workspace) -> None:
    freeze(workspace, "prices")
    window = OCTOBER.format(scope="prices")
    for edited in ((), (window.replace("2026-11-05T12", "2026-11-02T12"),)):
        write(workspace, "freezes", *edited)
        with pytest.raises(FrozenError, match="month end"):
            notice(workspace, START)
    write(workspace, "freezes", window.replace("close of October", "reworded"), "next,all,2027,,")
    with pytest.raises(ConfigError, match="valid_from"):
        notice(workspace, START)
    write(workspace, "freezes", window.replace("of October", "reworded"), "next,all,2027-01-01,,")
    assert len(notice(workspace, START)) == 1


def test_a_window_that_came_with_the_change_stops_it(workspace: Workspace) -> None:
    write(workspace, "freezes", OCTOBER.format(scope="prices"))
    write(workspace, "prices", PRICE)
    with pytest.raises(FrozenError):
        notice(workspace, START)


def test_a_stated_reason_sets_a_window_aside_and_is_recorded(workspace: Workspace) -> None:
    freeze(workspace, "all")
    write(workspace, "prices", PRICE)
    (change,) = notice(workspace, START, override_freeze="the list was wrong")
    assert change.override == "the list was wrong"
    write(workspace, "prices")
    (after,) = notice(workspace, END, override_freeze="not needed any more")
    assert after.override is None


@pytest.mark.parametrize(
    ("row", "column"),
    [("x,everything,,,", "scope"), (",all,,,", "name"), ("x,all,,1969,", "valid_to")],
)
def test_a_wrong_window_is_named_by_row_and_column(
    workspace: Workspace, row: str, column: str
) -> None:
    write(workspace, "freezes", row)
    with pytest.raises(ConfigError, match=rf"config/freezes\.csv: row 2, column {column}"):
        notice(workspace, START)


@pytest.mark.slow
def test_a_frozen_run_ends_in_exit_code_2_and_leaves_everything_as_it_was(own: Workspace) -> None:
    write(own, "freezes", "audit,rules,,,")
    assert outlay("run", "--workspace", own.root).exit_code == 0
    before, known, runs = own.showback.read_bytes(), recorded(own), len(past_runs(own))
    write(own, "attribution", RULE)
    result = outlay("run", "--workspace", own.root)
    assert result.exit_code == 2
    assert "frozen (audit) until 9999-12-31 00:00:00 UTC, and config/attribution.csv" in (
        result.output.replace("\n", " ")
    )
    assert own.showback.read_bytes() == before
    assert (recorded(own), len(past_runs(own))) == (known, runs)
    result = outlay("run", "--workspace", own.root, "--override-freeze", "agreed with audit")
    assert result.exit_code == 0, result.output
    assert "agreed with audit" in outlay("changes", "--workspace", own.root).output
    assert pending(own) == []
