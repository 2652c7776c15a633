"""One run at a time: the lock of a workspace, which says who holds it.

DuckDB allows one writer. The lock is an operating system lock, so a run that was killed never
leaves the workspace locked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.errors import OutlayError
from ingest.files import make_folder, waiting_lock

GUARDRAILS, ALERTS = "guardrails", "alerts"
"""What guardrail runs build, and the memory of what was told."""

_PATIENCE_SECONDS = 600
"""The first guardrail run of millions of calls ends within it."""


class LockedError(OutlayError):
    """Another run holds the workspace."""


@contextmanager
def workspace_lock(state: Path) -> Iterator[None]:
    """Hold a workspace's lock; never waits.

    Args:
        state: the workspace's `.outlay` folder.

    Raises:
        LockedError: another run holds it; says its process and start time.
    """
    make_folder(state)
    holder = state / "lock.json"
    try:
        # a lock of the process, not of one thread: Dagster may change threads within a run
        lock = FileLock(state / "lock", timeout=0, thread_local=False)
        lock.acquire()
    except Timeout as error:
        raise LockedError(
            f"another run is working on this workspace ({_describe(holder)});"
            " wait for it, or end it, and run again"
        ) from error
    try:
        started = datetime.now(UTC).isoformat(timespec="seconds")
        holder.write_text(json.dumps({"pid": os.getpid(), "started_at": started}))
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def shared_lock(state: Path, name: str) -> AbstractContextManager[None]:
    """Hold what runs beside each other share for a moment; waits for whoever holds it.

    Args:
        state: the workspace's `.outlay` folder.
        name: what is shared: `GUARDRAILS` or `ALERTS`.

    Raises:
        LockedError: nobody lets go of it for ten minutes.
    """

    def busy() -> LockedError:
        return LockedError(
            f"{name} of this workspace has been busy for {_PATIENCE_SECONDS // 60} minutes"
            f" ({_describe(state / 'lock.json')}); run again later"
        )

    return waiting_lock(state / f"{name}.lock", _PATIENCE_SECONDS, busy)


def _describe(holder: Path) -> str:
    try:
        known = json.loads(holder.read_text())
        return f"process {known['pid']}, started {known['started_at']}"
    except (OSError, ValueError, KeyError):
        return "it is just starting"


def holder_of(state: Path) -> str | None:
    """Who runs now, in words; None when nobody does. Looks without touching the lock."""
    holder = state / "lock.json"
    try:
        os.kill(int(json.loads(holder.read_text())["pid"]), 0)
    except (OSError, ValueError, KeyError):
        return None
    return _describe(holder)
