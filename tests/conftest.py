"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import shutil
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

MEMORY_DISK, MEMORY_DISK_BYTES = Path("/dev/shm"), 12 * 2**30  # noqa: S108 - its folders are ours
"""Where Linux keeps files in memory, and how much must be free there for what tests write."""


def _write_to_memory() -> None:
    """Have pytest's temporary folders in memory, where there is room, unless told otherwise.

    SQLite and DuckDB wait for the disk at each of some thousand commits of a run.
    """
    if MEMORY_DISK.is_dir() and os.access(MEMORY_DISK, os.W_OK):
        free = min(shutil.disk_usage(MEMORY_DISK).free, _available_memory())
        if free >= MEMORY_DISK_BYTES:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY_DISK))


def _available_memory() -> int:
    """Bytes that programs can have without anything being written out; 0 when nobody says."""
    stated = Path("/proc/meminfo")
    lines = stated.read_text().splitlines() if stated.exists() else []
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(found[0]) * 1024 if found else 0


_write_to_memory()

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
