"""A power cut right after a command: everything that the command has done counts afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.lake import file_entries
from ingest.lake.catalog import transaction
from ingest.warehouse.closed_months import read_closes
from pipelines.closed_months.store import finish_closes, verify_closes
from pipelines.config_history.ledger import recorded
from pipelines.config_history.runs import past_runs
from pipelines.month_close.close import close_month
from pipelines.workspace.paths import Workspace
from tests.ingest.lake.people import lay
from tests.pipelines.conftest import outlay
from tests.support.power_cut import Disk
from tests.support.workspaces.small import drop
from tests.support.workspaces.two_months import OCTOBER, built_books
from tests.support.workspaces.two_teams import candidate, make_two_teams

pytestmark = pytest.mark.slow

LATE = "id,task,at,model,in,out\nc9,t9,2025-10-07T13:00:00Z,house-1,3000,0\n"
REPORTS = (
    "select table_schema || '.' || table_name from information_schema.tables"
    " where table_schema in ('marts', 'reports', 'ops') order by 1"
)


def ran(workspace: Workspace, *arguments: object) -> None:
    result = outlay(*arguments, "--workspace", workspace.root)
    assert result.exit_code in (0, 1), result.output


def cut_after(workspace: Workspace, do: Callable[[], object]) -> Workspace:
    """Do something to a workspace, and return what a power cut right after it leaves."""
    beside = workspace.root.parent
    disk = Disk(workspace.root, beside / "pins")
    with disk.watched():
        do()
    return Workspace(disk.after_a_cut(beside / "left"))


def contents(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        names = [name for (name,) in con.execute(REPORTS).fetchall()]
        return {name: con.execute(f"from {name} order by all").fetchall() for name in names}


def files_below(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_what_a_run_landed_published_and_rendered_is_there(own: Workspace) -> None:
    drop(own, "bot/late.csv", LATE)
    left = cut_after(own, lambda: ran(own, "run"))
    assert contents(left) == contents(own)
    assert files_below(left.site) == files_below(own.site)
    assert past_runs(left) == past_runs(own)
    ran(left, "run", "--full-refresh")
    assert contents(left)["marts.fct_calls"] == contents(own)["marts.fct_calls"]
    assert len(contents(left)["marts.fct_calls"]) == 5


def test_a_first_run_leaves_whole_settings_for_dagster(own: Workspace) -> None:
    shutil.rmtree(own.dagster_home)
    left = cut_after(own, lambda: ran(own, "run"))
    assert "telemetry" in (left.dagster_home / "dagster.yaml").read_text()


def test_the_lake_is_whole_where_the_inbox_is_empty_after_a_rotation(own: Workspace) -> None:
    lay(own.root)
    ran(own, "run")
    shutil.rmtree(own.lake.inbox)
    own.lake.inbox.mkdir()
    before = contents(own)
    left = cut_after(own, lambda: ran(own, "rotate-salt"))
    ran(left, "run", "--full-refresh")
    after = contents(left)
    assert len(after["marts.fct_calls"]) == len(before["marts.fct_calls"]) > 4
    assert after["marts.fct_usage_daily"] == before["marts.fct_usage_daily"]


def test_parts_are_on_the_disk_before_the_catalog_counts_on_them(
    own: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(own, "bot/late.csv", LATE)
    disk = Disk(own.root, tmp_path / "pins")
    left: list[Path] = []

    class Cut(transaction):
        def __exit__(self, *raised: Any) -> None:
            super().__exit__(*raised)
            left.append(disk.after_a_cut(tmp_path / f"left-{len(left)}"))

    monkeypatch.setattr(file_entries, "transaction", Cut)
    with disk.watched():
        ran(own, "run")
    assert left
    for root in left:
        lake = Workspace(root).lake
        with duckdb.connect(str(lake.catalog)) as con:
            counted = [path for (path,) in con.execute("select path from parts").fetchall()]
            assert counted
            for part in counted:
                assert con.execute("from read_parquet(?)", [str(lake.lake / part)]).fetchall()


def test_a_closed_month_is_closed_with_its_statements(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    books = Workspace(built_books(tmp_path / "acme", tmp_path_factory).root)
    left = cut_after(books, lambda: close_month(books, OCTOBER, {}))
    finish_closes(left)
    ((close, wrong),) = verify_closes(left)
    assert (close.month, wrong) == (OCTOBER, [])
    assert read_closes(left.closes)[0].facts == read_closes(books.closes)[0].facts
    assert files_below(left.exports) == files_below(books.exports)


def test_a_promotion_and_a_repricing_are_kept(tmp_path: Path) -> None:
    own = make_two_teams(tmp_path / "acme")
    ran(own, "run")
    prices = candidate(tmp_path / "drafts")
    reprice = ("reprice", "--from", "2025-09-01", "--to", "2025-10-31", "--prices")

    def decide() -> None:
        ran(own, "shadow", "contract", "--config", prices)
        ran(own, "promote", "contract", "--note", "CFO")
        ran(own, "run")
        ran(own, *reprice, prices / "prices.csv")

    left = cut_after(own, decide)
    assert recorded(left) == recorded(own)
    assert files_below(left.config) == files_below(own.config)
    before = contents(own)
    assert before["ops.repriced_daily"]
    left.warehouse.unlink()
    ran(left, "run")
    after = contents(left)
    assert after["ops.repriced_daily"] == before["ops.repriced_daily"]
    assert after["ops.config_changes"] == before["ops.config_changes"]
