"""`outlay demo`: into a new folder or a demo's, and into nobody's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.cli import demo as demo_command
from pipelines.cli import start
from pipelines.workspace.init import init_workspace
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def unrun(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo that is made and not run."""
    monkeypatch.setattr(demo_command, "run_demo", lambda _: 0)
    monkeypatch.setattr(start, "write_statements", lambda *_: None)


@pytest.mark.slow
def test_a_small_demo_runs_and_a_second_one_keeps_its_data(tmp_path: Path) -> None:
    first = outlay("demo", tmp_path / "demo", "--days", "4")
    assert first.exit_code in (0, 1), first.output
    assert f"pages: {tmp_path}/demo/site/index.html" in first.output
    made = (tmp_path / "demo" / "truth.json").stat().st_mtime_ns
    again = outlay("demo", tmp_path / "demo", "--days", "4")
    assert again.exit_code == first.exit_code
    assert "read 0 new files" in again.output
    assert (tmp_path / "demo" / "truth.json").stat().st_mtime_ns == made


@pytest.mark.slow
@pytest.mark.usefixtures("unrun")
def test_a_demo_of_other_days_is_made_anew_with_nothing_left_of_the_former(tmp_path: Path) -> None:
    assert outlay("demo", tmp_path / "made", "--days", "5").exit_code == 0
    assert outlay("demo", tmp_path / "made", "--days", "4").exit_code == 0
    assert outlay("demo", tmp_path / "fresh", "--days", "4").exit_code == 0
    assert contents(tmp_path / "made" / "inbox") == contents(tmp_path / "fresh" / "inbox")
    assert json.loads((tmp_path / "made" / "truth.json").read_text())["days"] == 4


@pytest.mark.usefixtures("unrun")
def test_half_a_demo_is_made_again(tmp_path: Path) -> None:
    assert outlay("demo", tmp_path / "made", "--days", "4").exit_code == 0
    whole = contents(tmp_path / "made" / "inbox")
    (tmp_path / "made" / "truth.json").unlink()
    next((tmp_path / "made" / "inbox").rglob("*.gz")).unlink()
    assert outlay("demo", tmp_path / "made", "--days", "4").exit_code == 0
    assert contents(tmp_path / "made" / "inbox") == whole


@pytest.mark.parametrize("with_calls", [False, True])
def test_a_workspace_of_somebody_is_refused_and_left_as_it_is(
    with_calls: bool, tmp_path: Path
) -> None:
    init_workspace(tmp_path / "acme")
    if with_calls:
        (tmp_path / "acme" / "inbox" / "litellm" / "calls.jsonl").write_text("{}")
    before = contents(tmp_path / "acme")
    result = outlay("demo", tmp_path / "acme", "--days", "4")
    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert "acme is a workspace that no demo made" in line
    assert line.endswith(f"name an empty or a new folder: outlay demo {tmp_path}/acme-demo")
    assert contents(tmp_path / "acme") == before


def test_a_folder_of_something_else_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("x")
    result = outlay("demo", tmp_path)
    assert result.exit_code == 2
    assert "holds other files and is no workspace; name an empty or a new folder" in result.output
    assert contents(tmp_path) == {"thesis.doc": b"x"}


@pytest.mark.usefixtures("unrun")
@pytest.mark.parametrize("added", ["inbox/mine/calls.csv", "config/sources/mine.toml"])
def test_a_demo_with_a_source_of_the_users_is_not_thrown_away(added: str, tmp_path: Path) -> None:
    demo = tmp_path / "made"
    assert outlay("demo", demo, "--days", "4").exit_code == 0
    (demo / added).parent.mkdir(exist_ok=True)
    (demo / added).write_text("x")
    before = contents(demo)
    result = outlay("demo", demo, "--days", "5")
    assert result.exit_code == 2
    assert f"{demo} is a demo with a source 'mine' of your own" in result.output
    assert contents(demo) == before
    assert outlay("demo", demo, "--days", "4").exit_code == 0


@pytest.mark.usefixtures("unrun")
def test_a_demo_that_a_run_works_on_is_not_made_anew(tmp_path: Path) -> None:
    demo = Workspace(tmp_path / "made")
    assert outlay("demo", demo.root, "--days", "4").exit_code == 0
    with workspace_lock(demo.state):
        result = outlay("demo", demo.root, "--days", "5")
    assert result.exit_code == 2
    assert "another run is working on this workspace" in result.output
    assert (demo.root / "truth.json").is_file()
