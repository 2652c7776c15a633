"""The command: quick to help, plain in what it prints, honest in its exit codes."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from typer.testing import CliRunner

from pipelines.cli import maintenance
from pipelines.cli import run as run_commands
from pipelines.cli.app import app
from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.workspaces.small import drop

SLOW = ("dagster", "dbt", "great_expectations", "pandas", "plotly", "genai_prices")


@pytest.mark.parametrize(
    "module", ["pipelines.cli.app", "pipelines.queries.status", "pipelines.workspace.init"]
)
def test_help_status_sql_and_init_import_nothing_slow(module: str) -> None:
    code = f"import sys, {module}; print([m for m in {SLOW} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    "command",
    [
        "init",
        "run",
        "pull",
        "rotate-salt",
        "withdraw",
        "retention",
        "forget",
        "status",
        "unattributed",
        "explain",
        "sql",
        "statements",
        "drill",
        "close",
        "reopen",
        "demo",
        "ui",
        "contract",
        "reprice",
        "whatif",
        "shadow",
        "promote",
        "changes",
    ],
)
def test_the_help_of_every_command_teaches_with_an_example(command: str) -> None:
    result = outlay(command, "--help")
    assert result.exit_code == 0
    assert f"Example: outlay {command}" in result.output


def test_init_says_what_to_do_next(tmp_path: Path) -> None:
    result = outlay("init", tmp_path / "acme", "--company", "Acme", "--timezone", "Asia/Tokyo")
    assert result.exit_code == 0
    assert f"then: outlay run --workspace {tmp_path}/acme" in result.output
    text = (tmp_path / "acme" / "outlay.toml").read_text()
    assert 'company = "Acme"' in text
    assert 'reporting_timezone = "Asia/Tokyo"' in text


def test_init_refuses_a_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").touch()
    result = outlay("init", tmp_path)
    assert result.exit_code == 2
    assert "holds other files and is no workspace" in result.output


def test_outside_a_workspace_every_command_says_so(tmp_path: Path) -> None:
    for command in (["run"], ["status"], ["sql", "select 1"]):
        result = outlay(*command, "--workspace", tmp_path)
        assert result.exit_code == 2
        assert "this is no workspace" in result.output


def test_status_shows_sources_freshness_and_the_last_run(built: Workspace) -> None:
    result = outlay("status", "--workspace", built.lake.inbox)
    assert result.exit_code == 0
    assert "UTC, good, calls up to 2025-10-07" in result.output
    rows = [line.split() for line in result.output.splitlines()]
    # files, failed, rows, quarantined, last day, days behind, allowed
    assert ["bot", "mapped", "1", "0", "4", "0", "2025-10-07", "0", "4"] in rows
    assert ["outcomes", "outcomes", "1", "0", "2", "0", "2025-10-06", "1", "4"] in rows
    assert ["litellm", "litellm", *["-"] * 6, "4"] in rows
    assert "Failed checks" not in result.output


@pytest.mark.slow
def test_status_names_what_is_unreadable_kept_aside_and_unpriced(own: Workspace) -> None:
    header = "id,task,at,model,in,out\n"
    good = "c9,t9,2025-10-07T13:00:00Z,house-2,10,10\n"
    drop(own, "bot/bad.csv", header + good + "c8,t9,2025-10-07T13:00:00Z,house-2,many,10\n")
    drop(own, "bot/empty.csv", "")
    assert outlay("run", "--workspace", own.root).exit_code == 1
    output = outlay("status", "--workspace", own.root).output
    rows = [line.split() for line in output.splitlines()]
    assert ["bot/empty.csv", "the", "file", "is", "empty:", "no", "data", "returned"] in rows
    assert ["bot", "in", "the", "value", "is", "not", "a", "DOUBLE", "1"] in rows
    assert "Unpriced: 1 of 5 calls" in output
    assert ["house-2", "1"] in rows
    assert "failed_files" in output
    assert "unpriced_share" in output
    assert "checks failed, calls up to 2025-10-07" in output


def test_status_before_the_first_run_is_no_error(tmp_path: Path) -> None:
    init_workspace(tmp_path / "acme")
    result = outlay("status", "--workspace", tmp_path / "acme")
    assert result.exit_code == 0
    assert "no run yet" in result.output


def test_sql_prints_a_table_with_nulls_and_exact_decimals(built: Workspace) -> None:
    query = (
        "select task_id, estimate_usd * 1e-6::decimal(18,9) as x, null as y"
        " from marts.fct_tasks order by 1"
    )
    result = outlay("sql", query, "--workspace", built.root)
    assert result.exit_code == 0
    rows = [line.split() for line in result.output.splitlines()]
    assert ["task_id", "x", "y"] in rows
    assert ["t1", "0.000000005000000000", "NULL"] in rows


def test_sql_prints_csv_that_reads_back(built: Workspace) -> None:
    query = "select task_id, estimate_usd, null as y from marts.fct_tasks order by 1"
    result = outlay("sql", "--csv", query, "--workspace", built.root)
    rows = list(csv.reader(io.StringIO(result.output)))
    assert rows[:2] == [["task_id", "estimate_usd", "y"], ["t1", "0.005000000", ""]]


def test_sql_can_ask_the_pipelines_own_file_for_what_is_not_published(built: Workspace) -> None:
    query = "select count(*) from raw.billing_charges"
    assert outlay("sql", query, "--workspace", built.root).exit_code == 2
    result = outlay("sql", "--csv", "--warehouse", query, "--workspace", built.root)
    assert (result.exit_code, result.output.splitlines()) == (0, ["count_star()", "0"])


def test_sql_says_when_a_run_holds_the_pipelines_own_file(own: Workspace) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print(1,"
         " flush=True); sys.stdin.read()", str(own.warehouse)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout
    assert holder.stdout.readline()
    try:
        result = outlay("sql", "--warehouse", "select 1", "--workspace", own.root)
    finally:
        holder.communicate()
    assert result.exit_code == 2
    assert "in use by a run; ask again later" in result.output


def test_sql_cannot_write_and_says_what_is_wrong(built: Workspace) -> None:
    before = built.showback.read_bytes()
    for query in ("drop table marts.fct_tasks", "selec 1"):
        result = outlay("sql", query, "--workspace", built.root)
        assert result.exit_code == 2
        assert "the query failed" in result.output
    assert built.showback.read_bytes() == before


def test_sql_before_the_first_run_says_what_to_do(tmp_path: Path) -> None:
    init_workspace(tmp_path / "acme")
    result = outlay("sql", "select 1", "--workspace", tmp_path / "acme")
    assert result.exit_code == 2
    assert "run `outlay run`" in result.output


def test_contract_prints_the_columns_of_a_table() -> None:
    output = outlay("contract", "task_outcomes").output
    assert "judged_at" in output
    assert "One of: business_system, human, model." in output
    assert outlay("contract", "calls").exit_code == 2


def test_an_interruption_is_no_result_of_checks(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_commands, "run_and_show", interrupted)
    with patch("pipelines.cli.errors.os._exit") as ended:
        result = CliRunner().invoke(app, ["run", "--workspace", str(own.root)])
    ended.assert_called_once_with(2)
    assert "interrupted" in result.output


def test_ui_serves_the_workspace_on_this_machine_only(
    built: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(maintenance.os, "chdir", lambda _: None)
    monkeypatch.setattr(maintenance.os, "execve", lambda *command: started.append(command))
    assert outlay("ui", "--workspace", built.root, "--port", "4321").exit_code == 0
    ((_, arguments, environment),) = started
    said = " ".join(arguments)
    assert "dagster dev -m pipelines.definitions --host 127.0.0.1 --port 4321" in said
    assert environment["OUTLAY_WORKSPACE"] == str(built.root)
    assert environment["DAGSTER_HOME"] == str(built.dagster_home)


def test_ui_without_its_web_server_says_what_to_install(
    built: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.orchestration.ui.find_spec", lambda _: None)
    result = outlay("ui", "--workspace", built.root)
    assert result.exit_code == 2
    assert "pip install 'outlay[ui]'" in result.output


def test_an_unexpected_error_is_could_not_run_and_keeps_its_trace(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> int:
        raise ZeroDivisionError("by nobody")

    monkeypatch.setattr(run_commands, "run_and_show", broken)
    result = outlay("run", "--workspace", own.root)
    assert result.exit_code == 2
    assert "ZeroDivisionError: by nobody; the trace is in" in result.output
    assert "in broken" in (own.state / "error.log").read_text()
