"""One small workspace, run once for tests that only look at it, copied for those that change it.

A run's models and data tests are plain SQL here unless a test asks for `whole_run` or
`run_models`, as those do that are about what a run computes: `tests/dbt_project/test_plain_sql.py`
proves that plain SQL gives what dbt and a run give, `tests/incremental` that increments give what a
whole build does. Pages are drawn for the modules that look at them: `tests/dashboards` proves what
is on them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import duckdb
import pytest
from typer.testing import CliRunner, Result

from dashboards import site
from dashboards.site import render_site
from ingest.sql import literal
from pipelines.cli.app import app
from pipelines.dbt_models.build import BuiltModel, build_models
from pipelines.dbt_models.data_tests import FailedTest, run_data_tests
from pipelines.run import steps
from pipelines.scenarios import shadow
from pipelines.workspace.paths import Workspace
from pipelines.workspace.settings import Settings
from tests.support.built import built_once
from tests.support.plain_sql import (
    CompiledProject,
    Node,
    build_relations,
    failed_tests,
    selected,
)
from tests.support.warehouse import compiled_project
from tests.support.workspaces.small import make_small

LOOK_AT_PAGES = {
    "test_blockers", "test_close", "test_data", "test_demo", "test_delivery", "test_errors",
    "test_hostile_names", "test_memory", "test_no_text_is_kept", "test_power_cut", "test_progress",
    "test_run", "test_stopped_anywhere", "test_up_to_date",
}  # fmt: skip
"""Modules of tests for which a run's pages are drawn."""


def outlay(*arguments: object) -> Result:
    """Run the command in this process, which outlives an interruption of the command."""
    with patch("pipelines.cli.errors.os._exit"):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])


def sql_of(settings: Settings) -> CompiledProject:
    return compiled_project(json.dumps(settings.dbt_vars(), sort_keys=True))


def named(nodes: dict[str, Node]) -> list[Any]:
    """Nodes as a selection looks at them: by name, and by their parents' names."""
    return [
        SimpleNamespace(
            name=node.name, parents=[nodes[name].name for name in node.parents if name in nodes]
        )
        for node in nodes.values()
    ]


def plain_models(
    workspace: Workspace,
    settings: Settings,
    *,
    full_refresh: bool,
    progress: Any,
    select: Any = None,
) -> list[BuiltModel]:
    """`build_models`, which computes everything whatever changed."""
    if select and not full_refresh:  # some models of a build that is there
        return build_models(
            workspace, settings, full_refresh=full_refresh, progress=progress, select=select
        )
    if not full_refresh:
        note_all_days(workspace)
    nodes = sql_of(settings).nodes_for(workspace.warehouse)
    chosen = selected(nodes, sorted(select(named(nodes))) if select else None)
    build_relations(workspace.warehouse, chosen)
    relations = [node for node in chosen.values() if node.kind in ("table", "view")]
    return [BuiltModel(node.schema, node.name, False, 0.0) for node in relations]


def note_all_days(workspace: Workspace) -> None:
    """Have the days of a build be all that the lake has, as those of a full refresh are."""
    with duckdb.connect(str(workspace.warehouse)) as con:
        con.execute(f"attach {literal(str(workspace.lake.catalog))} as catalog (read_only)")
        con.execute(
            "create or replace table raw.changed_days as"
            " select distinct table_name, utc_day from catalog.file_days"
        )


def plain_data_tests(workspace: Workspace, settings: Settings, _: Any) -> list[FailedTest]:
    """`run_data_tests`."""
    nodes = sql_of(settings).tests_for(workspace.warehouse)
    return [FailedTest(name, "", True) for name in failed_tests(workspace.warehouse, nodes)]


@contextmanager
def built_by(models: Any, data_tests: Any) -> Iterator[None]:
    """Who builds and tests the models of runs meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "build_models", models)
        patch.setattr(shadow, "build_models", models)
        patch.setattr(steps, "run_data_tests", data_tests)
        yield


@pytest.fixture(scope="package", autouse=True)
def plain_sql() -> Iterator[None]:
    with built_by(plain_models, plain_data_tests):
        yield


def one_page(_: Path, folder: Path, **others: Any) -> list[Path]:
    """`render_site`, of a site that has one page."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "index.html"
    page.write_text(f"{others['company']}, {others['generated_for']}")
    return [page]


@contextmanager
def drawn_by(pages: Any) -> Iterator[None]:
    """Who draws the pages of runs meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "render_site", pages)
        yield


@pytest.fixture(scope="module", autouse=True)
def pages(request: pytest.FixtureRequest) -> Iterator[None]:
    name = request.module.__name__.rpartition(".")[2]
    with drawn_by(render_site if name in LOOK_AT_PAGES else one_page):
        yield


@pytest.fixture
def whole_run() -> Iterator[None]:
    """Models and data tests as a run has them."""
    with built_by(build_models, run_data_tests):
        yield


@pytest.fixture
def run_models() -> Iterator[None]:
    """The models as a run builds them, for a test of what it computes when little changed."""
    with built_by(build_models, plain_data_tests):
        yield


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    exit_code: int
    output: str
    stderr: str


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Said]:
    """The small workspace after its first run, and what the run said."""

    def make(folder: Path) -> None:
        workspace = make_small(folder / "acme")
        with built_by(build_models, run_data_tests), drawn_by(render_site):
            result = outlay("run", "--workspace", workspace.root)
        (folder / "said.json").write_text(
            json.dumps([result.exit_code, result.output, result.stderr])
        )

    folder = built_once("small", tmp_path_factory, make)
    said = Said(*json.loads((folder / "said.json").read_text()))
    return Workspace(folder / "acme"), said


@pytest.fixture(scope="session")
def built(first_run: tuple[Workspace, Said]) -> Workspace:
    """The small workspace after its first run; only for looking at."""
    return first_run[0]


@pytest.fixture
def own(built: Workspace, tmp_path: Path) -> Workspace:
    """A copy of it, for a test that changes things."""
    shutil.copytree(built.root, tmp_path / "acme")
    return Workspace(tmp_path / "acme")
