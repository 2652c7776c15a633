"""What a file is before anyone parses it: its fingerprint, its line count, its wholeness."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import xxhash

from ingest.errors import SourceFileError
from ingest.records.limits import LARGEST_EXPANSION, unpacked_bytes

_BLOCK = 1 << 18
"""Bytes read at once: hashed and counted while they are in the processor's cache."""

_NEWLINE = ord("\n")

_INDENTED = 1 << 16
"""Bytes that the first line of an indented JSON object never reaches."""

EMPTY = "the file is empty: no data returned"
DAMAGED_GZIP = "is a truncated or damaged gzip file; copy it again"
EXPANDS = (
    f"the gzip file grows to more than {LARGEST_EXPANSION} times its size, as no log or bill does;"
    " if it is one, deliver it unpacked"
)


@dataclass(frozen=True)
class TextShape:
    """Lines and layout of a text file.

    Attributes:
        lines: physical lines, a last one without a newline included.
        is_array: the first character that is not white space is `[`.
    """

    lines: int
    is_array: bool


@dataclass
class _Count:
    """Counts lines block by block."""

    newlines: int = 0
    head: bytes = b""
    last: bytes = b"\n"

    def add(self, block: bytes) -> None:
        self.head = self.head or block.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        # bytes.count looks at one byte at a time, which took longer than reading and hashing them
        self.newlines += int(np.count_nonzero(np.frombuffer(block, np.uint8) == _NEWLINE))
        self.last = block[-1:]

    @property
    def shape(self) -> TextShape:
        """The shape, or no lines at all when there was nothing but white space."""
        lines = self.newlines + (self.last != b"\n") if self.head else 0
        return TextShape(lines, self.head == b"[")


@dataclass(frozen=True)
class FileExamination:
    """What one pass over a file's bytes tells.

    Attributes:
        content_hash: 128-bit hash, the identity under which a file loads once.
        shape: of a plain file; None for a compressed one, whose lines are not seen yet.
    """

    content_hash: str
    shape: TextShape | None


def examine(path: Path) -> FileExamination:
    """Hash a file and, when it is not compressed, count its lines in the same pass."""
    digest, count, compressed = xxhash.xxh3_128(), _Count(), is_gzip(path)
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            if not compressed:
                count.add(block)
    return FileExamination(digest.hexdigest(), None if compressed else count.shape)


def is_gzip(path: Path) -> bool:
    """Whether the file starts with gzip's magic number, whatever it is called."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def begins_spread(path: Path) -> bool:
    """Whether the first record seems to be spread over lines, as an indented JSON object is."""
    with open_bytes(path) as stream:
        line = stream.readline(_INDENTED)
    return line.endswith(b"\n") and not line.rstrip().endswith(b"}")


def open_bytes(path: Path) -> IO[bytes]:
    """Open a plain or gzip file for reading bytes."""
    if is_gzip(path):
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return path.open("rb")


def text_shape(path: Path, relative: str, known: TextShape | None = None) -> TextShape:
    """Lines of a text file, after checking that a compressed one is whole and no bomb.

    DuckDB reads a truncated gzip file without complaint, so this is the only guard.

    Args:
        known: what `examine` found, when it did.

    Raises:
        SourceFileError: the file is empty, or its compression is cut off, damaged or absurd.
    """
    shape = known or _decompressed_shape(path, relative)
    if not shape.lines:
        raise SourceFileError(relative, EMPTY)
    return shape


def _decompressed_shape(path: Path, relative: str) -> TextShape:
    count, size, most = _Count(), 0, unpacked_bytes(path)
    try:
        with open_bytes(path) as stream:
            while block := stream.read(_BLOCK):
                count.add(block)
                size += len(block)
                if size > most:
                    raise SourceFileError(relative, EXPANDS)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceFileError(relative, DAMAGED_GZIP) from error
    return count.shape
