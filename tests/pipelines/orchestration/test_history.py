"""What stays of Dagster's history when runs are many: each run, each filled partition."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from functools import partial

import dagster as dg
import pytest

from pipelines.orchestration import published_assets
from pipelines.orchestration.history import open_instance, prune_history, quick_history
from pipelines.orchestration.keys import relation_key
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.workspaces.small import CALLS, drop

CALLS_MART = relation_key("marts.fct_calls")


def run(workspace: Workspace) -> None:
    result = outlay("run", "--workspace", workspace.root)
    assert result.exit_code == 0, result.output


def filled(workspace: Workspace) -> set[str]:
    with open_instance(workspace) as instance:
        return instance.get_materialized_partitions(CALLS_MART)


def events(workspace: Workspace) -> int:
    index = workspace.dagster_home / "history" / "runs" / "index.db"
    with closing(sqlite3.connect(index)) as con:
        ((logged,),) = con.execute("select count(*) from event_logs").fetchall()
        ((checked,),) = con.execute("select count(*) from asset_check_executions").fetchall()
    return int(logged) + int(checked)


def logs(workspace: Workspace) -> set[str]:
    folder = workspace.dagster_home / "history" / "runs"
    return {file.stem for file in folder.glob("*.db")} - {"index"}


@pytest.mark.slow
def test_runs_and_filled_partitions_stay_and_old_events_go(own: Workspace) -> None:
    drop(own, "bot/more.csv", CALLS.splitlines()[0] + "\nc5,t4,2025-10-08T13:00:00Z,house-1,9,0\n")
    run(own)
    run(own)
    before = filled(own)
    assert "2025-10-05" in before
    assert "2025-10-08" in before
    assert len(logs(own)) == 3
    many = events(own)
    assert prune_history(own, kept=1) == 2
    assert prune_history(own, kept=1) == 0
    assert len(logs(own)) == 1
    assert events(own) < many / 2
    assert filled(own) == before
    with open_instance(own) as instance:
        runs = instance.get_runs()
        assert [one.status for one in runs] == [dg.DagsterRunStatus.SUCCESS] * 3
        assert {runs[0].run_id} == logs(own)
        assert instance.all_logs(runs[0].run_id)
        assert instance.get_latest_materialization_event(CALLS_MART) is not None


@pytest.mark.slow
def test_runs_with_nothing_new_stop_growing(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published_assets, "prune_history", partial(prune_history, kept=2))
    counts = []
    for _ in range(4):
        run(own)
        counts.append((events(own), len(logs(own))))
    assert counts[-1] == counts[-2]


def test_a_job_on_other_storage_finds_no_file_of_sqlite_and_makes_none(own: Workspace) -> None:
    shutil.rmtree(own.dagster_home / "history")
    with quick_history(own):
        assert not (own.dagster_home / "history").exists()
    assert not (own.dagster_home / "history").exists()


def test_other_storage_is_left_alone(own: Workspace) -> None:
    (own.dagster_home / "history" / "runs.db").unlink()
    assert prune_history(own, kept=0) == 0
    assert len(logs(own)) == 1
