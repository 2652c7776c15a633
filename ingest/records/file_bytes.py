"""What a file is before anyone parses it: its fingerprint, its line count, its wholeness."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import xxhash

from ingest.errors import SourceFileError
from ingest.records.limits import LARGEST_EXPANSION, unpacked_bytes

_BLOCK = 1 << 18
"""Bytes read at once: hashed and counted while they are in the processor's cache."""

_NEWLINE = ord("\n")

_INDENTED = 1 << 16
"""Bytes that the first line of an indented JSON object never reaches."""

EMPTY = "the file is empty: no data returned"
DAMAGED = "is a truncated or damaged compressed file; copy it again"
EXPANDS = (
    f"the compressed file grows to more than {LARGEST_EXPANSION} times its size, as no log or bill"
    " does; if it is one, deliver it unpacked"
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
    digest, count, compressed = xxhash.xxh3_128(), _Count(), _is_packed(path)
    for block in _blocks(path):
        digest.update(block)
        if not compressed:
            count.add(block)
    return FileExamination(digest.hexdigest(), None if compressed else count.shape)


def content_hash(path: Path) -> str:
    """A file's 128-bit hash."""
    digest = xxhash.xxh3_128()
    for block in _blocks(path):
        digest.update(block)
    return digest.hexdigest()


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block


def is_gzip(path: Path) -> bool:
    """Whether the file starts with gzip's magic number, whatever it is called."""
    return _first_bytes(path).startswith(b"\x1f\x8b")


def is_zstd(content: bytes) -> bool:
    """Whether bytes start with zstd's magic number."""
    return content.startswith(b"\x28\xb5\x2f\xfd")


def _is_packed(path: Path) -> bool:
    return is_gzip(path) or is_zstd(_first_bytes(path))


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(4)


def begins_spread(path: Path) -> bool:
    """Whether the first record seems to be spread over lines, as an indented JSON object is."""
    with open_bytes(path) as stream:
        line = stream.readline(_INDENTED)
    return line.endswith(b"\n") and not line.rstrip().endswith(b"}")


def open_bytes(path: Path) -> IO[bytes]:
    """Open a plain, gzip or zstd file for reading bytes."""
    if is_gzip(path):
        return gzip.open(path, "rb")  # type: ignore[return-value]
    if is_zstd(_first_bytes(path)):
        return unpacked_zstd(path.open("rb"))
    return path.open("rb")


def unpacked_zstd(packed: IO[bytes]) -> IO[bytes]:
    """The bytes of a zstd stream; reading a damaged one raises `EOFError`, as gzip does."""
    return io.BufferedReader(_Zstd(packed), _BLOCK)


class _Zstd(io.RawIOBase):
    """A zstd stream, unpacked by Arrow, whose faults are told from those of a disk."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._stream = pa.CompressedInputStream(packed, "zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        try:
            return int(self._stream.readinto(into))
        except OSError as error:
            if error.errno is not None:
                raise
            raise EOFError from error

    def close(self) -> None:
        self._packed.close()
        super().close()


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
        raise SourceFileError(relative, DAMAGED) from error
    return count.shape
