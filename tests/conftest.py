"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parent.parent

PARSED = REPOSITORY / ".pytest_cache" / "dbt"
"""The parsed dbt project of all tests, those of other processes and sessions included."""


@pytest.fixture(scope="session", autouse=True)
def parsed_once() -> Iterator[None]:
    """Every workspace of a test takes the parsed project from one place: parsing takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "parsed", PARSED)
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real and sample inputs; tests that need it skip when it is absent."""
    folder = Path(os.environ.get("OUTLAY_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no sample inputs at {folder}")
    return folder
