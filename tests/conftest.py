"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.dbt_models import dbt_command, prepared_models
from pipelines.workspace.paths import Workspace
from tests.support.cpu_budget import pytest_runtest_call, pytest_runtest_setup, shared_work

__all__ = ["pytest_runtest_call", "pytest_runtest_setup"]

REPOSITORY = Path(__file__).resolve().parent.parent

PARSED = REPOSITORY / ".pytest_cache" / "dbt"
"""The parsed dbt project of all tests, those of other processes and sessions included."""

LONG_FIRST = ("pipelines", "dbt_project", "incremental", "demo", "story", "real", "ingest/gateways")
"""Folders of files that take minutes: begun last, one of them would run on alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hand out what takes long first."""

    def rank(item: pytest.Item) -> int:
        path = item.path.relative_to(REPOSITORY / "tests").as_posix()
        ranks = [n for n, folder in enumerate(LONG_FIRST) if path.startswith(f"{folder}/")]
        return ranks[0] if ranks else len(LONG_FIRST)

    items.sort(key=rank)


@pytest.fixture(scope="session", autouse=True)
def parsed_once() -> Iterator[None]:
    """Every workspace of a test takes what dbt makes of the project from one place."""

    def for_all(make: Callable[..., Any]) -> Callable[..., Any]:
        def make_for_all(*arguments: Any, **named: Any) -> Any:
            with shared_work():
                return make(*arguments, **named)

        return make_for_all

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "parsed", PARSED)
        patch.setattr(dbt_command, "_manifest", for_all(dbt_command._manifest))
        patch.setattr(prepared_models, "_prepare", for_all(prepared_models._prepare))
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real and sample inputs; tests that need it skip when it is absent."""
    folder = Path(os.environ.get("OUTLAY_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no sample inputs at {folder}")
    return folder
