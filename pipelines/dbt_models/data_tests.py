"""The data tests: compiled by dbt once, run straight in DuckDB after every build.

A data test asks nothing while dbt compiles it, so its SQL is the same in every run under the same
settings. It is kept beside the parsed project: to compile a test costs ten times what it costs
to run it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import duckdb

from pipelines.dbt_models.dbt_command import (
    BuildError,
    DbtTarget,
    connected,
    results_of,
    run_dbt,
    target_of,
)
from pipelines.dbt_models.manifest import keep_content, load_content
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress
from pipelines.workspace.settings import Settings

_STEP = "data tests"

_SUFFIX = "tests"
"""Of the file that keeps them beside the manifest of the same key."""


@dataclass(frozen=True)
class FailedTest:
    """A data test that found rows it should not find.

    Attributes:
        name: the test's name in the dbt project.
        message: dbt's words for it.
        is_error: false when the test only warns.
    """

    name: str
    message: str
    is_error: bool


@dataclass(frozen=True)
class CompiledTest:
    """A data test as SQL.

    Attributes:
        name: the test's name in the dbt project.
        sql: selects the rows that should not be there.
        is_error: false when its severity is `warn`.
    """

    name: str
    sql: str
    is_error: bool


def run_data_tests(
    workspace: Workspace, settings: Settings, progress: Progress
) -> list[FailedTest]:
    """Run the data tests.

    Returns:
        Those that failed or warned.

    Raises:
        BuildError: dbt could not compile them.
    """
    failed = []
    with progress.step(_STEP):
        target = target_of(workspace, settings)
        tests = compiled_tests(target)
        with connected(target, read_only=True) as con:
            for done, test in enumerate(tests, start=1):
                began = perf_counter()
                found = _run(con, test)
                progress(_STEP, done, len(tests))
                status = "pass" if found is None else "fail" if found.is_error else "warn"
                progress.detail(f"{test.name}: {status} in {perf_counter() - began:.1f} s")
                failed += [found] if found else []
    return failed


def _run(con: duckdb.DuckDBPyConnection, test: CompiledTest) -> FailedTest | None:
    """Run one test; None when it passes."""
    try:
        ((rows,),) = con.execute(f"select count(*) from (\n{test.sql}\n)").fetchall()
    except duckdb.Error as error:
        return FailedTest(test.name, str(error).strip(), True)
    if not rows:
        return None
    found = "1 result" if rows == 1 else f"{rows} results"
    limit = f"configured to {'fail' if test.is_error else 'warn'} if != 0"
    return FailedTest(test.name, f"Got {found}, {limit}", test.is_error)


def compiled_tests(target: DbtTarget) -> list[CompiledTest]:
    """Every data test of a project, compiled only when it or its variables changed.

    Raises:
        BuildError: dbt could not compile them.
    """
    kept = load_content(target.parsed, target.key, _SUFFIX)
    if kept is not None:
        return [CompiledTest(**test) for test in json.loads(kept)]
    tests = _compile(target)
    content = json.dumps([asdict(test) for test in tests])
    keep_content(target.parsed, target.key, content.encode(), _SUFFIX)
    return tests


def _compile(target: DbtTarget) -> list[CompiledTest]:
    """Every data test, compiled; dbt refuses one that would ask the warehouse meanwhile."""
    result = run_dbt(["compile", "--select", "resource_type:test", "--no-introspect"], target)
    if not result.success:
        wrong = [f"{run.node.name}: {run.message}" for run in results_of(result) if run.message]
        raise BuildError(f"dbt could not compile the data tests: {wrong or result.exception}")
    return [_compiled(run.node) for run in results_of(result)]


def _compiled(node: Any) -> CompiledTest:
    is_error = node.config.severity.lower() != "warn"
    return CompiledTest(node.name, node.compiled_code, is_error)
