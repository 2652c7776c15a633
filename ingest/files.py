"""Files that outlive a power cut, and files that processes wait for each other at.

What is counted on is on the disk first: a file's content, then the names in its folder, then the
rename or the commit that counts on it. Every writer of the workspace goes through here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.errors import OutlayError

_AT_ONCE = 8
"""Files flushed at once: a disk's journal writes what waits together in one go."""


def flush(path: Path) -> None:
    """Have the content of a file, or the names in a folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_below(root: Path, files: Collection[Path]) -> None:
    """Have files and every name on the way to them on the disk.

    Args:
        root: a folder above all of them; its own name is on the disk already.
        files: complete, and written by anybody.
    """
    folders = {folder for file in files for folder in _between(root, file)}
    _flush_all(files)
    _flush_all(folders)


def flush_folder(folder: Path) -> None:
    """Have a folder and everything below it on the disk."""
    found = list(folder.rglob("*"))
    _flush_all([path for path in found if path.is_file()])
    _flush_all([folder, *(path for path in found if path.is_dir())])


def _between(root: Path, file: Path) -> Iterator[Path]:
    """The folders from a file's own up to the root."""
    for folder in file.parents:
        yield folder
        if folder == root:
            return


def _flush_all(paths: Collection[Path]) -> None:
    if len(paths) > 1:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(flush, paths))
    else:
        for path in paths:
            flush(path)


def make_folder(folder: Path) -> None:
    """A folder, made with those above it where it is missing, whose name outlives a power cut."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in reversed(missing):
        flush(one.parent)


def put_in_place(waiting: Path, target: Path) -> None:
    """Rename a complete file or folder to where it counts; one of the same name is replaced.

    A reader, or whoever comes after a power cut, finds the old one or the new one, whole.
    """
    (flush_folder if waiting.is_dir() else flush)(waiting)
    waiting.replace(target)
    flush(target.parent)
    if waiting.parent != target.parent:
        flush(waiting.parent)


def replace_file(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file so that a reader sees its old content or its new one, never half of it.

    Args:
        path: the file.
        content: all of it.
        mode: who may read and write it, before the process's umask.
    """
    make_folder(path.parent)
    hidden = path.with_name(f".{path.name}.new")
    hidden.unlink(missing_ok=True)  # a killed one's may be readable by more
    hidden.touch(mode)
    hidden.write_bytes(content)
    put_in_place(hidden, path)


def append_lines(path: Path, lines: str) -> None:
    """Add lines to a file's end; a last line that a crash cut off swallows none of them."""
    make_folder(path.parent)
    is_new = not path.exists()
    with path.open("a+b") as stream:
        if stream.tell():
            stream.seek(-1, os.SEEK_END)
            lines = lines if stream.read() == b"\n" else f"\n{lines}"
        stream.write(lines.encode())
    flush(path)
    if is_new:
        flush(path.parent)


@contextmanager
def waiting_lock(file: Path, seconds: float, busy: Callable[[], OutlayError]) -> Iterator[None]:
    """Hold a lock of the operating system; waits for whoever holds it.

    Args:
        file: the lock; made where there is none.
        seconds: how long it waits.
        busy: what is raised when nobody has let go of it by then.
    """
    make_folder(file.parent)
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
