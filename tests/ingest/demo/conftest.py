"""A ten-day demo, generated once, and the plain reading of its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.demo import write_workspace_data
from tests.ingest.demo.plain import Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder: Path = tmp_path_factory.mktemp("demo")
    truth: dict[str, Any] = write_workspace_data(folder, days=10).document
    return Demo(folder, truth)
