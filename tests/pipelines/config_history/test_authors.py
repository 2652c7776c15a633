"""Who changed the configuration: git's author of what is committed, and who ran Outlay."""

from __future__ import annotations

import getpass
import subprocess
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.config_history.authors import author_of, user
from pipelines.config_history.ledger import recorded, show_changes
from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.workspaces.configured import notice, write

MONDAY, TUESDAY = datetime(2026, 10, 5, 5, 15), datetime(2026, 10, 6, 5, 15)
LIST = "acme,local,,output,4,,,,list"


def git(root: Path, *arguments: str) -> None:
    named = ["-c", "user.email=", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *named, *arguments], check=True, capture_output=True)


def commit(root: Path, author: str) -> None:
    git(root, "add", "-A")
    git(root, "-c", f"user.name={author}", "commit", "-m", "change")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace in a folder of a repository."""
    git(tmp_path, "init")
    init_workspace(tmp_path / "finops" / "acme", company="Acme")
    return Workspace(tmp_path / "finops" / "acme")


def test_a_change_has_the_author_of_the_file_as_it_is_committed(workspace: Workspace) -> None:
    write(workspace, "prices", LIST)
    commit(workspace.root, "Ada Lovelace")
    notice(workspace, MONDAY)
    write(workspace, "prices", LIST.replace(",4,", ",3,"))
    commit(workspace.root, "Grace Hopper; $(id) --no 'x' II")
    (change,) = notice(workspace, TUESDAY)
    assert (change.file, change.author) == ("config/prices.csv", "Grace Hopper; $(id) --no 'x' II")
    first = {change.file: change.author for change in recorded(workspace)[:-1]}
    assert first["config/prices.csv"] == first["outlay.toml"] == "Ada Lovelace"
    assert first["genai-prices"] is first["outlay"] is None  # packages are nobody's file


def test_the_command_names_the_author(workspace: Workspace) -> None:
    write(workspace, "prices", LIST)
    commit(workspace.root, "Ada Lovelace")
    notice(workspace, MONDAY)
    assert '"author": "Ada Lovelace"' in outlay("changes", "--json", "-w", workspace.root).output
    assert "Ada Lovelace" in outlay("changes", "-w", workspace.root).output


def test_what_is_not_committed_has_no_author_and_one_who_recorded_it(workspace: Workspace) -> None:
    write(workspace, "prices", LIST)
    commit(workspace.root, "Ada Lovelace")
    notice(workspace, MONDAY)
    write(workspace, "prices", LIST.replace(",4,", ",3,"))
    (change,) = notice(workspace, TUESDAY)
    assert (change.author, change.recorded_by) == (None, getpass.getuser())


def test_a_file_that_is_gone_has_the_author_of_its_deletion(workspace: Workspace) -> None:
    write(workspace, "prices", LIST)
    commit(workspace.root, "Ada Lovelace")
    workspace.prices_csv.unlink()
    assert author_of(workspace.root, "config/prices.csv") is None
    commit(workspace.root, "Grace Hopper")
    assert author_of(workspace.root, "config/prices.csv") == "Grace Hopper"


def test_without_git_nobody_is_named(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(workspace.root, "Ada Lovelace")
    assert author_of(workspace.root, "outlay.toml") == "Ada Lovelace"
    # what a hook of another repository leaves in the environment is not looked at
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    assert author_of(workspace.root, "outlay.toml") == "Ada Lovelace"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert author_of(workspace.root, "outlay.toml") is None


def test_a_user_without_a_name_is_his_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert user().isdigit()


def test_the_published_ledger_says_both_and_of_old_records_nothing(workspace: Workspace) -> None:
    write(workspace, "prices", LIST)
    commit(workspace.root, "Ada Lovelace")
    notice(workspace, MONDAY)
    ledger = workspace.ledger / "changes.jsonl"
    before = ledger.read_text().replace('"author": "Ada Lovelace", ', "", 1).splitlines()
    ledger.write_text(before[0].rsplit(', "recorded_by"', 1)[0] + "}\n" + "\n".join(before[1:]))
    with duckdb.connect() as con:
        con.execute("create schema ops")
        show_changes(con, workspace)
        rows = con.execute(
            "select author, recorded_by from ops.config_changes where file like 'config/%' or"
            " file = 'outlay.toml' order by change_id"
        ).fetchall()
    assert rows[0] == (None, None)
    assert set(rows[1:]) == {("Ada Lovelace", getpass.getuser())}
