"""Put a freshly written folder in the place of an old one, so that no reader sees half a site."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MARKER = ".outlay-site"
"""File that marks a folder as written by us, and so as ours to replace."""

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
"""Constants of renameat2(2), linux/fs.h."""


class NotASiteError(Exception):
    """The target folder holds files that Outlay did not write, so replacing it would lose them.

    Attributes:
        folder: the folder that was to be replaced.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"{folder}: not empty and not written by Outlay (no {MARKER} file);"
            " choose another folder for the site or empty this one"
        )


@contextmanager
def replacing(folder: Path, flush: Callable[[Path], None] = lambda _: None) -> Iterator[Path]:
    """Yield an empty folder to write into; on success it takes the place of `folder`.

    On an error `folder` stays as it was. What a killed run left behind is removed by the next one.
    One writer at a time: the caller holds the run lock.

    Args:
        folder: what is replaced.
        flush: has a folder with all that is in it on the disk.

    Raises:
        NotASiteError: `folder` holds files and was not written by this function.
    """
    target = folder.resolve()
    if target.exists() and not _ours(target):
        raise NotASiteError(folder)
    building = target.with_name(f".{target.name}.building")
    _remove(building)
    building.mkdir(parents=True)
    try:
        yield building
        (building / MARKER).write_text("Written by Outlay; replaced as a whole by each run.\n")
        flush(building)
        _swap_in(building, target)
    finally:
        _remove(building)


def _ours(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MARKER).is_file() or not any(folder.iterdir()))


def _swap_in(new: Path, target: Path) -> None:
    if not target.exists():
        new.rename(target)
    elif not _exchange(new, target):
        old = target.with_name(f".{target.name}.old")
        _remove(old)
        target.rename(old)
        new.rename(target)
        _remove(old)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    paths = os.fsencode(one), os.fsencode(other)
    return bool(rename(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0)


def _remove(folder: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
