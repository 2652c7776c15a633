"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.dbt_models import dbt_command, prepared_models
from pipelines.workspace.paths import Workspace
from tests.support import cpu_budget
from tests.support.cpu_budget import pytest_runtest_call, shared_work
from tests.support.deadline import leave_out_what_is_late

__all__ = ["pytest_runtest_call"]

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

LONG_LAST = ("demo", "story", "real", "dbt_project", "pipelines", "incremental")
"""Folders whose tests take seconds each, in the order in which they follow all others: where time
runs out, most tests have run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hand out what takes long last."""

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(REPOSITORY / "tests").parts[0]
        return LONG_LAST.index(folder) + 1 if folder in LONG_LAST else 0

    items.sort(key=rank)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    leave_out_what_is_late()
    yield from cpu_budget.pytest_runtest_setup(item)


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
