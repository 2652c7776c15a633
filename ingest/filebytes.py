"""What a file is before anyone parses it: its fingerprint, its line count, its wholeness."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import xxhash

from ingest.errors import SourceFileError

_BLOCK = 1 << 22


@dataclass(frozen=True)
class TextShape:
    """Lines and layout of a text file.

    Attributes:
        lines: physical lines, a last one without a newline included.
        is_array: the first character that is not white space is `[`.
    """

    lines: int
    is_array: bool


def content_hash(path: Path) -> str:
    """128-bit hash of the file's bytes: the identity under which a file loads once."""
    digest = xxhash.xxh3_128()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def is_gzip(path: Path) -> bool:
    """Whether the file starts with gzip's magic number, whatever it is called."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def open_bytes(path: Path) -> IO[bytes]:
    """Open a plain or gzip file for reading bytes."""
    if is_gzip(path):
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return path.open("rb")


def text_shape(path: Path, relative: str) -> TextShape:
    """Count the lines of a text file and check that a compressed one is whole.

    DuckDB reads a truncated gzip file without complaint, so this is the only guard.

    Raises:
        SourceFileError: the file is empty or its compression is cut off or damaged.
    """
    lines, last, head = 0, b"", b""
    try:
        with open_bytes(path) as stream:
            while block := stream.read(_BLOCK):
                head = head or block.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
                lines += block.count(b"\n")
                last = block[-1:]
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceFileError(
            relative, "the gzip file is truncated or damaged; deliver it again"
        ) from error
    if not head:
        raise SourceFileError(relative, "the file is empty: no data returned")
    return TextShape(lines=lines + (last != b"\n"), is_array=head == b"[")
