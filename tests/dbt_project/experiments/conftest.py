from __future__ import annotations

from typing import Any

import pytest

from tests.support.warehouse import Workspace


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The models as dbt compiles them, by name."""
    workspace = Workspace(tmp_path_factory.mktemp("experiments"), models=("rpt_experiments",))
    workspace.land()
    workspace.register()
    return {node.name: node for node in workspace.nodes().values()}
