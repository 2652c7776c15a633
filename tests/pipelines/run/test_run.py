"""`outlay run`, whole: what it builds, what it leaves alone, and how it ends."""

from __future__ import annotations

import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.config_history.runs import past_runs
from pipelines.dbt_models import dbt_command
from pipelines.dbt_models.build import build_models
from pipelines.dbt_models.data_tests import FailedTest
from pipelines.dbt_models.dbt_command import BuildError
from pipelines.run import steps
from pipelines.workspace.init import init_workspace
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import silent
from tests.pipelines.conftest import Said, outlay
from tests.support.workspaces.small import CALLS, SPENT_USD, drop, make_small


def published(workspace: Workspace, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        return con.execute(sql).fetchall()


def marts(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """Every published mart and report, row by row."""
    tables = published(
        workspace,
        "select table_schema || '.' || table_name from information_schema.tables"
        " where table_schema in ('marts', 'reports') and table_name not in"
        " ('dim_sources', 'rpt_source_health') order by 1",
    )
    return {t: published(workspace, f"select * from {t} order by all") for (t,) in tables}


def test_a_first_run_builds_publishes_and_renders(first_run: tuple[Workspace, Said]) -> None:
    workspace, result = first_run
    assert result.exit_code == 0, result.output
    assert "read 2 new files: 6 rows, 0 quarantined" in result.output
    assert published(workspace, "select sum(estimate_usd) from marts.fct_calls") == [(SPENT_USD,)]
    assert published(
        workspace, "select task_id, status, estimate_usd from marts.fct_tasks order by 1"
    ) == [
        ("t1", "success", Decimal("0.005")),
        ("t2", "failure", Decimal("0.005")),
        ("t3", "pending", Decimal("0.001")),
    ]
    assert "Acme &amp; Co" in (workspace.site / "index.html").read_text()


def test_the_run_its_checks_and_its_files_are_published_with_the_numbers(built: Workspace) -> None:
    assert published(built, "select status, as_of_day from ops.runs") == [
        ("good", date(2025, 10, 7))
    ]
    assert published(built, "select count(*) > 10, bool_and(passed) from ops.checks") == [
        (True, True)
    ]
    assert published(
        built, "select source_name, status, rows_loaded from ops.files order by 1"
    ) == [("bot", "loaded", 4), ("outcomes", "loaded", 2)]
    assert published(
        built,
        "select count(*) from duckdb_columns() where schema_name = 'ops' and comment is null"
        " and table_name in ('runs', 'checks', 'files')",
    ) == [(0,)]


def test_every_table_and_column_says_what_it_is(built: Workspace) -> None:
    assert (
        published(
            built,
            "select schema_name, table_name, column_name from duckdb_columns()"
            " where schema_name in ('marts', 'reports') and comment is null",
        )
        == []
    )
    assert published(
        built,
        "select comment from duckdb_columns() where schema_name = 'marts'"
        " and table_name = 'fct_tasks' and column_name = 'task_id'",
    ) == [("Unit of work whose outcome is judged.",)]
    assert published(
        built, "select table_name from duckdb_tables() where schema_name = 'marts'"
        " and comment is null",
    ) == []  # fmt: skip


@pytest.mark.slow
def test_a_second_run_computes_nothing_and_changes_nothing(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = marts(own)

    def unexpected(*_: object, **__: object) -> None:
        raise AssertionError("dbt ran although nothing is new")

    monkeypatch.setattr(steps, "build_models", unexpected)
    monkeypatch.setattr(steps, "run_data_tests", unexpected)
    assert outlay("run", "--workspace", own.root).exit_code == 0
    assert marts(own) == before
    assert [run["status"] for run in past_runs(own)] == ["good", "good"]
    assert published(own, "select passed from ops.checks where name = 'data_tests'") == [(True,)]


@pytest.mark.slow
@pytest.mark.usefixtures("whole_run")
def test_a_deleted_warehouse_is_made_again_from_the_lake(own: Workspace) -> None:
    before = marts(own)
    own.warehouse.unlink()
    own.showback.unlink()
    assert outlay("run", "--workspace", own.root).exit_code == 0
    assert marts(own) == before


@pytest.mark.slow
@pytest.mark.usefixtures("whole_run")
def test_days_that_are_asked_for_are_computed_although_nothing_arrived(own: Workspace) -> None:
    result = outlay("run", "-w", own.root, "--from", "2025-10-06", "--to", "2025-10-06")
    assert result.exit_code == 0, result.output
    with duckdb.connect(str(own.warehouse)) as con:
        days = con.execute(
            "select distinct utc_day from raw.changed_days order by utc_day"
        ).fetchall()
    # the 6th in Berlin's summer begins at 22:00 UTC of the 5th
    assert days == [(date(2025, 10, 5),), (date(2025, 10, 6),)]
    assert published(own, "select sum(estimate_usd) from marts.fct_calls") == [(SPENT_USD,)]


@pytest.mark.slow
def test_a_file_that_cannot_be_read_ends_in_exit_code_1_and_the_rest_loads(
    own: Workspace,
) -> None:
    drop(own, "bot/empty.csv", "")
    drop(own, "bot/more.csv", CALLS.splitlines()[0] + "\nc5,t4,2025-10-07T13:00:00Z,house-1,9,0\n")
    result = outlay("run", "--workspace", own.root)
    assert result.exit_code == 1
    assert (
        "failed failed_files: 1 file could not be read: inbox/bot/empty.csv: the file is empty"
        in result.output
    )
    assert "-> deliver them again" in result.output
    assert published(own, "select count(*) from marts.fct_calls") == [(5,)]
    assert published(
        own, "select files_failed from reports.rpt_source_health where source_name = 'bot'"
    ) == [(1,)]
    assert past_runs(own)[-1]["status"] == "checks failed"


@pytest.mark.slow
def test_only_a_failed_file_refreshes_the_account_of_files_and_nothing_else(
    own: Workspace,
) -> None:
    before = marts(own)
    drop(own, "bot/empty.csv", "")
    assert outlay("run", "--workspace", own.root).exit_code == 1
    assert published(
        own, "select files_failed from reports.rpt_source_health where source_name = 'bot'"
    ) == [(1,)]
    assert marts(own) == before


@pytest.mark.slow
def test_a_failing_data_test_turns_the_run_red_and_still_publishes(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(own, "bot/more.csv", CALLS.splitlines()[0] + "\nc5,t4,2025-10-07T13:00:00Z,house-1,9,0\n")
    monkeypatch.setattr(
        steps,
        "run_data_tests",
        lambda *_: [
            FailedTest("showback_equals_bill", "Got 2 results", True),
            FailedTest("odd_models", "Got 1 result", False),
        ],
    )
    result = outlay("run", "--workspace", own.root)
    assert result.exit_code == 1
    assert "failed data_tests: 1 data test failed: showback_equals_bill" in result.output
    assert "warning data_test__odd_models: Got 1 result" in result.output
    assert published(own, "select name, severity from ops.checks where not passed order by 1") == [
        ("data_test__odd_models", "warning"),
        ("data_test__showback_equals_bill", "error"),
        ("data_tests", "error"),
    ]
    assert published(own, "select count(*) from marts.fct_calls") == [(5,)]


def test_a_model_that_fails_is_named_and_nothing_is_published(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = own.showback.read_bytes()
    settings, _ = load_workspace(own)
    with duckdb.connect(str(own.warehouse)) as con:
        con.execute("drop view raw.billing_charges")
    with pytest.raises(BuildError, match=r"(?s)model \w+ failed: .*billing_charges"):
        build_models(own, settings, full_refresh=True, progress=silent)
    drop(own, "bot/more.csv", CALLS.splitlines()[0] + "\nc5,t4,2025-10-07T13:00:00Z,house-1,9,0\n")

    def broken(*_: object, **__: object) -> None:
        raise BuildError("model fct_calls failed: Binder Error")

    monkeypatch.setattr(steps, "build_models", broken)
    result = outlay("run", "--workspace", own.root)
    assert result.exit_code == 2
    assert "model fct_calls failed: Binder Error" in result.output
    assert own.showback.read_bytes() == before
    assert past_runs(own)[-1]["status"] == "failed"


def test_a_project_that_dbt_cannot_parse_says_why(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dbt_command, "PROJECT", own.root / "config")  # there is no project in it
    settings, _ = load_workspace(own)
    with pytest.raises(BuildError, match=r"(?s)could not parse its project: .*dbt_project\.yml"):
        build_models(own, settings, full_refresh=False, progress=silent)


@pytest.mark.slow
@pytest.mark.usefixtures("whole_run")
def test_a_run_after_a_killed_build_ends_where_an_undisturbed_one_does(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = marts(own)
    own.warehouse.unlink()

    def killed(*_: object, **__: object) -> None:
        raise BuildError("killed between landing and models")

    with monkeypatch.context() as patch:
        patch.setattr(steps, "build_models", killed)
        assert outlay("run", "--workspace", own.root).exit_code == 2
    assert outlay("run", "--workspace", own.root).exit_code == 0
    assert marts(own) == before


def test_a_second_run_at_the_same_time_is_refused_and_told_who_holds_the_lock(
    built: Workspace,
) -> None:
    with workspace_lock(built.state):
        holder = json.loads((built.state / "lock.json").read_text())
        result = outlay("run", "--workspace", built.root)
    assert result.exit_code == 2
    assert "another run is working on this workspace" in result.output
    assert f"process {holder['pid']}, started {holder['started_at']}" in result.output
    assert len(past_runs(built)) == 1


@pytest.mark.slow
def test_real_litellm_logs_run_as_they_are_and_unpriced_models_turn_the_run_red(
    shared: Path, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "acme")
    init_workspace(workspace.root)
    sample = shared / "samples" / "gateway" / "litellm_slp_cases.jsonl.gz"
    shutil.copy(sample, workspace.lake.inbox / "litellm")
    result = outlay("run", "--workspace", workspace.root)
    assert result.exit_code == 1
    assert "read 1 new files: 58 rows, 0 quarantined" in result.output
    # four calls of two in-house models that no price book knows
    assert "6.90% of the calls of the newest 7 days have no price" in result.output
    assert "acme-inhouse-7b, acme-inhouse-7b-v2" in result.output
    assert published(
        workspace, "select count(*), count(*) filter (where is_unpriced) from marts.fct_calls"
    ) == [(58, 4)]


def test_a_workspace_without_files_has_nothing_to_do(tmp_path: Path) -> None:
    init_workspace(tmp_path / "new")
    result = outlay("run", "--workspace", tmp_path / "new")
    assert result.exit_code == 0
    assert "nothing to do yet: drop files into" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "2025-10-07", "--to", "2025-10-05"], "lies after --to 2025-10-05; swap them"),
        (["--from", "2020-01-01"], "first_day: is 2024-01-01; set it to 2020-01-01 or earlier"),
        (["--to", "2999-01-01"], "--to 2999-01-01 has not ended"),
    ],
)
def test_days_that_cannot_be_computed_are_refused(
    built: Workspace, arguments: list[str], message: str
) -> None:
    before = past_runs(built)
    result = outlay("run", "--workspace", built.root, *arguments)
    assert result.exit_code == 2
    assert message in result.output
    # a wrong argument is no run that failed, after which `reprice` and `shadow` would refuse
    assert past_runs(built) == before


def test_wrong_settings_could_not_run(tmp_path: Path) -> None:
    workspace = make_small(tmp_path / "acme")
    (workspace.sources_dir / "bot.toml").write_text('format = "maped"\n')
    result = outlay("run", "--workspace", workspace.root)
    assert result.exit_code == 2
    assert "bot.toml: format: 'maped' is none of" in result.output
