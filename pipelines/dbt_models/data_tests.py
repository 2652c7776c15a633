"""The data tests: compiled by dbt once, run straight in DuckDB after every build.

A data test asks nothing while dbt compiles it, so its SQL is the same in every run under the same
variables. It is kept beside the parsed project: to compile a test costs ten times what it costs
to run it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter

import duckdb

from pipelines.dbt_models.dbt_command import (
    BuildError,
    DbtTarget,
    connected,
    parse_project,
    results_of,
    run_dbt,
    target_of,
)
from pipelines.dbt_models.manifest import keep_content, load_content
from pipelines.dbt_models.variables import values_of, variables_read
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress
from pipelines.workspace.settings import Settings

_STEP = "data tests"

_SUFFIX = "tests"
"""Of the file that keeps them beside the manifest of the same key."""

_OTHERS = 1000
"""Tests under other values of variables that are kept, the newest."""


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
        variables: those of the project that it may depend on, each as JSON.
    """

    name: str
    sql: str
    is_error: bool
    variables: Mapping[str, str]


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
    content = load_content(target.parsed, target.key, _SUFFIX)
    kept = [CompiledTest(**test) for test in json.loads(content)] if content else []
    values = values_of(target.variables)
    tests = {test.name: test for test in kept if test.variables.items() <= values.items()}
    missing = sorted({test.name for test in kept} - tests.keys())
    if missing or not kept:
        others = [test for test in kept if tests.get(test.name) is not test][-_OTHERS:]
        fresh = _compile(target, missing or ["resource_type:test"])
        tests |= {test.name: test for test in fresh}
        content = json.dumps([asdict(test) for test in (*others, *tests.values())]).encode()
        keep_content(target.parsed, target.key, content, _SUFFIX)
    return sorted(tests.values(), key=lambda test: test.name)


def _compile(target: DbtTarget, select: Sequence[str]) -> list[CompiledTest]:
    """Some data tests, compiled; dbt refuses one that would ask the warehouse meanwhile."""
    result = run_dbt(["compile", "--select", *select, "--no-introspect"], target)
    if not result.success:
        wrong = [f"{run.node.name}: {run.message}" for run in results_of(result) if run.message]
        raise BuildError(f"dbt could not compile the data tests: {wrong or result.exception}")
    read, values = variables_read(parse_project(target)), values_of(target.variables)
    return [
        CompiledTest(
            run.node.name,
            run.node.compiled_code,
            run.node.config.severity.lower() != "warn",
            {name: values[name] for name in sorted(read(run.node.unique_id))},
        )
        for run in results_of(result)
    ]
