"""The parsed dbt project."""

from __future__ import annotations

import pytest
from dbt.contracts.graph.manifest import Manifest

from tests.support.warehouse import invoke


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """dbt's own account of the project: what dbt ignores in a YAML is missing here."""
    warehouse = tmp_path_factory.mktemp("house") / "warehouse.duckdb"
    result = invoke(["parse"], warehouse, {"reporting_timezone": "UTC"})
    assert isinstance(result.result, Manifest)
    return result.result
