"""The files of an inbox folder: those that are new or changed, and what cannot be read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.lake.catalog import KnownFile
from ingest.records.file_bytes import TextShape, examine
from ingest.records.format import Format, SourceConfig

LOOK_AGAIN = -1
"""Time of change of a file that a next run must look at again, whatever its time says."""


@dataclass(frozen=True)
class InboxFile:
    """Something that was delivered.

    Attributes:
        relative: its path below the folder, with `/`.
        path: where it lies.
        stat: of the file, links followed; None when it cannot be told.
        fault: why it cannot be read, and the cure; None of a file.
    """

    relative: str
    path: Path
    stat: os.stat_result | None = None
    fault: str | None = None


def delivered_files(folder: Path) -> Iterator[InboxFile]:
    """What an inbox folder holds, in path order; what is hidden does not count.

    Links are followed: a folder of logs may be linked into the inbox.
    """
    yield from sorted(_walk(folder, "", ()), key=lambda file: file.relative.split("/"))


def _walk(folder: Path, below: str, above: tuple[tuple[int, int], ...]) -> Iterator[InboxFile]:
    """Walk a folder.

    Args:
        above: device and number of each folder that it lies in.
    """
    try:
        entries = list(os.scandir(folder))
        own = folder.stat()
    except OSError as error:
        yield _faulty(folder, below.rstrip("/") or ".", error)
        return
    identity = (own.st_dev, own.st_ino)
    if identity in above:
        yield InboxFile(below.rstrip("/"), folder, None, _CIRCLE)
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path, relative = Path(entry.path), below + _shown(entry.name)
        try:
            found = entry.stat()
        except OSError as error:
            if path.is_symlink() or not isinstance(error, FileNotFoundError):
                yield _faulty(path, relative, error)
            continue  # gone since it was listed
        if stat.S_ISDIR(found.st_mode):
            yield from _walk(path, f"{relative}/", (*above, identity))
        else:
            yield InboxFile(relative, path, found, _fault(path, found))


_CIRCLE = "is a link to a folder that it lies in; remove the link"
_NO_FILE = "is a pipe, a socket or a device; deliver a file"
_NOT_UTF8 = "its name is not UTF-8; rename it"


def _fault(path: Path, found: os.stat_result) -> str | None:
    if not stat.S_ISREG(found.st_mode):
        return _NO_FILE
    return None if str(path) == _shown(str(path)) else _NOT_UTF8


def _shown(name: str) -> str:
    r"""A name as it can be printed and stored: bytes that are not UTF-8 as `\xe9`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _faulty(path: Path, relative: str, error: OSError) -> InboxFile:
    if path.is_symlink():
        cure = "it is a link: link to what is there, or remove it"
    else:
        cure = "let this user read it"
    return InboxFile(relative, path, None, f"cannot be opened ({error.strerror}); {cure}")


@dataclass(frozen=True)
class Candidate:
    """A file of the inbox that is new or changed."""

    relative: str
    path: Path
    size_bytes: int
    modified_ns: int
    content_hash: str
    shape: TextShape | None
    replaces: KnownFile | None

    def has_changed(self) -> bool:
        """Whether the file is no longer what was examined: it grew, or was replaced or removed."""
        try:
            now = self.path.stat()
        except OSError:
            return True
        return (now.st_size, now.st_mtime_ns) != (self.size_bytes, self.modified_ns)


def is_same(before: KnownFile | None, stat: os.stat_result, source: SourceConfig) -> bool:
    """Whether a file is as landing last saw it, by size, time and the settings it was read with."""
    return before is not None and (before.size_bytes, before.modified_ns, before.settings_hash) == (
        stat.st_size,
        stat.st_mtime_ns,
        source.fingerprint,
    )


def candidate_of(file: InboxFile, before: KnownFile | None) -> Candidate | str:
    """A file that is new or changed, examined; or why it cannot be read."""
    if file.fault or not file.stat:
        return file.fault or "cannot be opened"
    try:
        seen = examine(file.path)
    except OSError as error:
        return f"cannot be read ({error.strerror}); let this user read it, or deliver it again"
    size, modified = file.stat.st_size, file.stat.st_mtime_ns
    return Candidate(
        file.relative, file.path, size, modified, seen.content_hash, seen.shape, before
    )


def unread(file: InboxFile, before: KnownFile | None) -> Candidate:
    """A file of whose content nothing is known; every run looks at it again."""
    return Candidate(file.relative, file.path, 0, LOOK_AGAIN, "", None, before)


def wrong_ending(relative: str, source_format: Format) -> str:
    """Return why a file of this name is not read, and what to do."""
    endings = ", ".join(source_format.suffixes)
    if relative.lower().endswith(".zip"):
        return (
            "is a ZIP archive: unpack it in its place and delete it (unzip FILE && rm FILE), or let"
            f" the export write GZIP or Parquet; {source_format.name} files end in {endings}"
        )
    return (
        f"{source_format.name} files end in {endings}: take this one out of the inbox, or name it"
        " by what it holds"
    )
