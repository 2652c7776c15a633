"""Messages of a binary OTLP file: where one ends and the next begins.

Two layouts are written. The body of an OTLP/HTTP request is one export request; as protobuf that is
a run of its resources, each after a tag and its length, so it is taken apart without holding it
whole. The collector's file exporter puts four bytes of length, big-endian, before each message
(`format: proto`, and any format with `compression: zstd`, which packs each message by itself).
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import IO

from ingest.errors import SourceFileError
from ingest.records.file_bytes import is_zstd, open_bytes, unpacked_zstd
from ingest.records.format import InputFile
from ingest.records.limits import LONGEST_RECORD, TOO_LONG

_RESOURCE = b"\x0a"
"""Tag of the only field of every export request: a resource with what it sent."""

_LENGTH_BYTES = 4
_HEAD = 4096
_BLOCK = 1 << 20
_WHITE_SPACE = b"\t\n\r"
_VARINT_BYTES = 5

CUT_OFF = "the file ends inside this message, or its length is damaged; export it again"
NO_LENGTH = "message {} has no length that can be true: the file is damaged; export it again"
DAMAGED_ZSTD = "the message is damaged or cut-off zstd"

Message = tuple[int, bytes | None, str | None]
"""Number of a message, its bytes, and what is wrong with it."""


def is_binary(path: Path) -> bool:
    """Whether a file holds binary messages, whatever it is called: JSON has no control characters.

    One that cannot be unpacked is none: who reads it as text says what is wrong.
    """
    try:
        with open_bytes(path) as stream:
            head = stream.read(_HEAD)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return False
    return _is_framed(head) or (
        head[:1] == _RESOURCE and any(byte < 0x20 and byte not in _WHITE_SPACE for byte in head)
    )


def _is_framed(head: bytes) -> bool:
    """Whether a length comes first: a message's is so small that its first byte is nearly 0."""
    return head != b"" and head[0] <= LONGEST_RECORD >> 24


def messages(file: InputFile) -> Iterator[Message]:
    """Yield the messages of a binary file; a bad one costs itself while lengths are true.

    Raises:
        SourceFileError: a length leads nowhere, so that nothing behind it can be found.
    """
    with open_bytes(file.path) as stream:
        first = stream.read(1)
        is_framed = first != _RESOURCE
        for number in count(1):
            if not first:
                return
            head = _frame(first, stream) if is_framed else _field(first, stream)
            if head is None:
                raise SourceFileError(file.relative, NO_LENGTH.format(number))
            length, begun = head
            content = stream.read(min(length, LONGEST_RECORD))
            if len(content) == length:
                yield _unpacked(number, begun + content)
            elif length <= LONGEST_RECORD:
                yield number, None, CUT_OFF
            elif _skips(stream, length - len(content)):
                yield number, None, TOO_LONG
            else:
                raise SourceFileError(file.relative, NO_LENGTH.format(number))
            first = stream.read(1)


def _frame(first: bytes, stream: IO[bytes]) -> tuple[int, bytes] | None:
    """Length of the message that follows, of which nothing is read yet; None when it is cut."""
    rest = stream.read(_LENGTH_BYTES - 1)
    if len(rest) < _LENGTH_BYTES - 1:
        return None
    return int.from_bytes(first + rest, "big"), b""


def _field(tag: bytes, stream: IO[bytes]) -> tuple[int, bytes] | None:
    """Length of the resource that follows, and the bytes before it; None when it is none."""
    length, begun = 0, tag
    for place in range(_VARINT_BYTES if tag == _RESOURCE else 0):
        byte = stream.read(1)
        begun += byte
        length |= (byte[0] & 0x7F if byte else 0) << 7 * place
        if byte < b"\x80":
            return (length, begun) if byte else None
    return None


def _skips(stream: IO[bytes], length: int) -> bool:
    """Skip some bytes; whether they were all there."""
    while length > 0 and (block := stream.read(min(length, _BLOCK))):
        length -= len(block)
    return length == 0


def _unpacked(number: int, message: bytes) -> Message:
    if not is_zstd(message):
        return number, message, None
    try:
        with unpacked_zstd(io.BytesIO(message)) as stream:
            content = stream.read(LONGEST_RECORD + 1)
    except EOFError:
        return number, None, DAMAGED_ZSTD
    return (number, None, TOO_LONG) if len(content) > LONGEST_RECORD else (number, content, None)
