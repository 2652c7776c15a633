"""Workspaces built once a session for all its processes, to be looked at or copied."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.support.cpu_budget import shared_work


def built_once(name: str, factory: pytest.TempPathFactory, make: Callable[[Path], object]) -> Path:
    """A folder that `make` fills in whichever process is first to need it.

    Nobody may change what is in it: tests that change things copy it.
    """
    session = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        session = session.parent  # each worker has a folder of its own in the session's
    folder = session / "built" / name
    folder.parent.mkdir(exist_ok=True)
    done = folder.with_suffix(".done")
    with FileLock(folder.with_suffix(".lock")):
        if not done.exists():
            with shared_work():
                make(folder)
            done.touch()
    return folder
