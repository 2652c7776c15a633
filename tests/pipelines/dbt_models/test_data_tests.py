"""Data tests of a run: compiled once, and run on the warehouse as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.dbt_models import data_tests
from pipelines.dbt_models.data_tests import CompiledTest, FailedTest, run_data_tests
from pipelines.dbt_models.dbt_command import BuildError, DbtTarget, target_of
from pipelines.workspace.load import load_workspace
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress, silent


@pytest.fixture
def parsed(own: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is kept of the parsed project, in a copy that no other test sees, without data tests."""
    copy = tmp_path / "parsed"
    shutil.copytree(own.parsed, copy, ignore=shutil.ignore_patterns("*.tests"))
    monkeypatch.setattr(Workspace, "parsed", copy)
    return copy


def duplicate_a_task(workspace: Workspace) -> None:
    with duckdb.connect(str(workspace.warehouse)) as con:
        con.execute("insert into marts.fct_tasks from marts.fct_tasks where task_id = 't1'")


def test_a_duplicated_task_is_found(own: Workspace) -> None:
    settings, _ = load_workspace(own)
    assert run_data_tests(own, settings, silent) == []
    duplicate_a_task(own)
    named = {test.name: test for test in run_data_tests(own, settings, silent)}
    grain = next(test for name, test in named.items() if name.endswith("fct_tasks_task_id"))
    assert grain.is_error
    assert grain.message == "Got 1 result, configured to fail if != 0"


def test_tests_are_compiled_once_and_again_when_what_is_kept_is_damaged(
    own: Workspace, parsed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _ = load_workspace(own)
    first = data_tests.compiled_tests(target_of(own, settings))
    assert "allocations_sum_to_the_bill" in {test.name for test in first}

    def unexpected(*_: object) -> None:
        raise AssertionError("dbt was asked")

    monkeypatch.setattr(data_tests, "run_dbt", unexpected)
    assert data_tests.compiled_tests(target_of(own, settings)) == first
    (kept,) = parsed.glob("*.tests")
    kept.write_bytes(kept.read_bytes().replace(b"count(*)", b"count(1)", 1))
    with pytest.raises(AssertionError, match="dbt was asked"):
        data_tests.compiled_tests(target_of(own, settings))


@pytest.mark.usefixtures("parsed")
def test_a_test_that_asks_the_warehouse_while_it_is_compiled_is_refused(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _ = load_workspace(own)
    ask = data_tests.run_dbt

    def of_a_model_that_asks(arguments: list[str], target: DbtTarget) -> object:
        chosen = [word.replace("resource_type:test", "fct_charges") for word in arguments]
        return ask(chosen, target)

    monkeypatch.setattr(data_tests, "run_dbt", of_a_model_that_asks)
    with pytest.raises(BuildError, match=r"(?s)could not compile the data tests: .*fct_charges"):
        data_tests.compiled_tests(target_of(own, settings))


def test_rows_fail_or_warn_by_severity_and_a_statement_that_breaks_is_an_error(
    built: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    class Watcher(Progress):
        def detail(self, text: str) -> None:
            told.append(text.rpartition(" in ")[0])

    tests = [
        CompiledTest("empty", "select 1 where false", True, {}),
        CompiledTest("wrong", "select 1 -- one row", True, {}),
        CompiledTest("odd", "select unnest([1, 2])", False, {}),
        CompiledTest("broken", "select * from marts.fct_gone", True, {}),
    ]
    monkeypatch.setattr(data_tests, "compiled_tests", lambda *_: tests)
    settings, _ = load_workspace(built)
    wrong, odd, broken = run_data_tests(built, settings, Watcher())
    assert wrong == FailedTest("wrong", "Got 1 result, configured to fail if != 0", True)
    assert odd == FailedTest("odd", "Got 2 results, configured to warn if != 0", False)
    assert (broken.name, broken.is_error) == ("broken", True)
    assert "fct_gone" in broken.message
    assert told == ["empty: pass", "wrong: fail", "odd: warn", "broken: fail"]
