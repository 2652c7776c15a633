"""Files that are replaced whole, and files that processes wait for each other at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.errors import OutlayError


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees its old content or its new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    hidden = path.with_name(f".{path.name}.new")
    with hidden.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    hidden.replace(path)


@contextmanager
def waiting_lock(file: Path, seconds: float, busy: Callable[[], OutlayError]) -> Iterator[None]:
    """Hold a lock of the operating system; waits for whoever holds it.

    Args:
        file: the lock; made where there is none.
        seconds: how long it waits.
        busy: what is raised when nobody has let go of it by then.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # a lock of the process, not of one thread: Dagster may change threads within a run
    lock = FileLock(file, timeout=seconds, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise busy() from error
    try:
        yield
    finally:
        lock.release()
