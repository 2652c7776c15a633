"""A workspace whose published file is the demo's."""

from __future__ import annotations

import os

import pytest

from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.demo.conftest import Published


@pytest.fixture(scope="package")
def served(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("served") / "acme")
    init_workspace(workspace.root, company="Acme & Co", reporting_timezone="Europe/Berlin")
    os.link(published.workspace.warehouse, workspace.showback)
    return workspace
