"""`outlay backup` and `outlay restore`: what no run makes again comes back, whole or not at all."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.warehouse.closed_months import read_closes
from pipelines.closed_months.store import verify_closes
from pipelines.config_history.ledger import recorded
from pipelines.config_history.runs import past_runs
from pipelines.month_close.close import close_month
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.workspaces.two_months import OCTOBER, built_books


def published(workspace: Workspace, table: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        return con.execute(f"from {table} order by all").fetchall()


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*") if path.is_file()
    }  # fmt: skip


@pytest.fixture
def tar(own: Workspace, tmp_path: Path) -> Path:
    made = outlay("backup", tmp_path / "acme.tar", "--workspace", own.root)
    assert made.exit_code == 0, made.output
    assert "read back as written" in made.output
    return tmp_path / "acme.tar"


@pytest.mark.slow
def test_a_restored_workspace_runs_to_the_same_figures(
    own: Workspace, tar: Path, tmp_path: Path
) -> None:
    assert tar.stat().st_mode & 0o077 == 0
    (tmp_path / "new").mkdir()
    said = outlay("restore", tar, tmp_path / "new")
    assert said.exit_code == 0, said.output
    new = Workspace(tmp_path / "new")
    assert not new.warehouse.exists()
    assert new.salt_file.stat().st_mode & 0o077 == 0
    assert files(new.config) == files(own.config)
    assert (recorded(new), past_runs(new)) == (recorded(own), past_runs(own))
    shutil.rmtree(new.lake.inbox)  # what was landed is in the lake
    assert outlay("run", "--workspace", new.root).exit_code == 0
    for table in ("marts.fct_calls", "reports.rpt_unit_cost", "marts.fct_usage_daily"):
        assert published(new, table) == published(own, table)
        assert published(new, table)
    assert outlay("doctor", "--workspace", new.root).exit_code == 0


def test_closed_months_come_back_as_they_were_written(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    books = Workspace(built_books(tmp_path / "acme", tmp_path_factory).root)
    close_month(books, OCTOBER, {})
    assert outlay("backup", tmp_path / "b.tar", "--no-inbox", "-w", books.root).exit_code == 0
    assert outlay("restore", tmp_path / "b.tar", tmp_path / "new").exit_code == 0
    new = Workspace(tmp_path / "new")
    ((close, wrong),) = verify_closes(new)
    assert (close.month, wrong) == (OCTOBER, [])
    assert read_closes(new.closes)[0].facts == read_closes(books.closes)[0].facts
    assert files(new.statements) == files(books.statements)
    assert not new.lake.inbox.exists()


@pytest.mark.parametrize("where", [0.1, 0.5, 0.9])
def test_a_damaged_backup_is_refused_and_leaves_nothing(
    tar: Path, tmp_path: Path, where: float
) -> None:
    whole = tar.read_bytes()
    with tarfile.open(tar) as archive:
        members = [member for member in archive if member.size > 600]
    damaged = bytearray(whole)
    member = members[int(len(members) * where)]
    damaged[member.offset_data + member.size // 2] ^= 1
    for content in (bytes(damaged), whole[: int(len(whole) * where)], b"no archive"):
        tar.write_bytes(content)
        said = outlay("restore", tar, tmp_path / "new")
        assert said.exit_code == 2
        assert "take another one" in " ".join(said.output.split())
        assert [path.name for path in tmp_path.iterdir() if "new" in path.name] == []


def test_nothing_is_overwritten(own: Workspace, tar: Path) -> None:
    before = tar.read_bytes()
    again = outlay("backup", tar, "--workspace", own.root)
    assert (again.exit_code, tar.read_bytes()) == (2, before)
    inside = outlay("backup", own.root / "b.tar", "--workspace", own.root)
    assert "lies in the workspace" in " ".join(inside.output.split())
    onto = outlay("restore", tar, own.root)
    assert "holds files; name a new folder" in " ".join(onto.output.split())
    missing = outlay("restore", tar.with_name("none.tar"), tar.with_name("new"))
    assert (missing.exit_code, "none.tar cannot be read" in missing.output) == (2, True)
