"""What a power cut leaves of a folder: what was flushed, and nothing of what was not.

A file has the content that it had when it was flushed last, none when it never was; a folder has
the names that it had when it was flushed last. That is the worst that POSIX allows. Databases that
are written in place are taken as they are: their engines flush them, out of Python's sight.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

IN_PLACE = (".duckdb", ".duckdb.wal", ".db", ".db-wal", ".db-shm")
"""Endings of databases that their engine writes in place."""

MOVED = ("showback.duckdb", "guardrails.duckdb")
"""Databases that are written elsewhere and moved to where they count, as other files are."""


class Disk:
    """The disk under a folder, which holds all of it when it is made."""

    def __init__(self, root: Path, pins: Path) -> None:
        """Take everything below `root` as flushed.

        Args:
            root: the folder.
            pins: another folder of its file system: a flushed file stays linked there, so that no
                other file gets its number.
        """
        self.root = root
        self.pins = pins
        self.pins.mkdir(parents=True)
        self.contents: dict[int, bytes] = {}
        self.names: dict[int, dict[str, int]] = {}
        self.folders: set[int] = set()
        for path in (root, *root.rglob("*")):
            self._flushed(path)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """See what is flushed."""
        flush = os.fsync

        def seen(descriptor: int) -> None:
            flush(descriptor)
            path = Path(f"/proc/self/fd/{descriptor}").resolve()
            if path == self.root or self.root in path.parents:
                self._flushed(path)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", seen)
            yield

    def _flushed(self, path: Path) -> None:
        number = path.stat().st_ino
        if path.is_dir():
            self.folders.add(number)
            self.names[number] = {one.name: one.stat().st_ino for one in path.iterdir()}
        elif path.is_file():
            self.contents[number] = path.read_bytes()
            pin = self.pins / str(number)
            if not pin.exists():
                os.link(path, pin)

    def after_a_cut(self, target: Path) -> Path:
        """Write what a cut would leave now to another folder."""
        known = {path.stat().st_ino for path in self.root.rglob("*") if path.is_dir()}
        self._leave(self.root.stat().st_ino, self.root, target, known | self.folders)
        return target

    def _leave(self, number: int, now: Path, target: Path, folders: set[int]) -> None:
        target.mkdir()
        for name, one in self.names.get(number, {}).items():
            if one in folders:
                self._leave(one, now / name, target / name, folders)
            elif not _is_in_place(name):
                (target / name).write_bytes(self.contents.get(one, b""))
        for path in now.iterdir() if now.is_dir() else ():
            if path.is_file() and _is_in_place(path.name):
                shutil.copyfile(path, target / path.name)


def _is_in_place(name: str) -> bool:
    return name.endswith(IN_PLACE) and not name.endswith(MOVED)
