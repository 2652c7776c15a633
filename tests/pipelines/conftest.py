"""One small workspace, run once for tests that only look at it, copied for those that change it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipelines.cli.app import app
from pipelines.workspace.paths import Workspace
from tests.support.workspaces.small import make_small


def outlay(*arguments: object) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Result]:
    """The small workspace after its first run, and what the run said."""
    workspace = make_small(tmp_path_factory.mktemp("small") / "acme")
    return workspace, outlay("run", "--workspace", workspace.root)


@pytest.fixture(scope="session")
def built(first_run: tuple[Workspace, Result]) -> Workspace:
    """The small workspace after its first run; only for looking at."""
    return first_run[0]


@pytest.fixture
def own(built: Workspace, tmp_path: Path) -> Workspace:
    """A copy of it, for a test that changes things."""
    shutil.copytree(built.root, tmp_path / "acme")
    return Workspace(tmp_path / "acme")
