"""Rows of a CSV file, one by one, each with its line: a bad line costs that line alone.

A stray quote swallows the lines behind it. So when a record cannot be right, only its first line is
refused, and reading goes on with the next one.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import IO

from ingest.records.file_bytes import open_bytes
from ingest.records.format import InputFile
from ingest.records.limits import LONGEST_RECORD, TOO_LONG

NOT_CSV = "the line is not valid CSV"
NOT_UTF8 = "the line is not UTF-8 text"

SEPARATORS = (",", ";", "\t")
"""What separates cells: commas, and what spreadsheets write where the comma is the decimal mark."""

_BOM = "\ufeff"

_SKIPPED = 1 << 20

csv.field_size_limit(LONGEST_RECORD)


def bounded_line(stream: IO[bytes]) -> bytes | None:
    """Read the next line; empty at the end, None of one that is longer than a record may be."""
    line = stream.readline(LONGEST_RECORD + 1)
    if len(line) <= LONGEST_RECORD:
        return line
    while line and not line.endswith(b"\n"):
        line = stream.readline(_SKIPPED)
    return None


class _Lines:
    """Lines of a stream as text; those that a record took wrongly can be given back.

    They end at a line feed alone, as wholeness checks and editors count them.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._given_back: deque[bytes | None] = deque()
        self._taken: list[bytes | None] = []
        self._size = 0
        self.number = 0
        self.are_utf8 = True

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else bounded_line(self._stream)
        if line == b"":
            raise StopIteration
        self.number += 1
        self._taken.append(line)
        self._size += len(line or b"")
        if line is None or self._size > LONGEST_RECORD:
            raise csv.Error(TOO_LONG)
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.are_utf8 = False
            return line.decode("utf-8", "replace")

    def begin(self) -> int:
        """Begin a record; returns the line at which it starts."""
        self._taken, self._size, self.are_utf8 = [], 0, True
        return self.number + 1

    def give_back(self) -> None:
        """Give back what a record took, except its first line."""
        self._given_back.extendleft(reversed(self._taken[1:]))
        self.number -= max(len(self._taken) - 1, 0)


def csv_rows(file: InputFile, width: int) -> Iterator[tuple[int, list[str] | None, str | None]]:
    """Yield (first line, cells, None), or (line, None, what is wrong with it); no blank lines.

    Args:
        width: cells of a row: as many as the header has.
    """
    with open_bytes(file.path) as stream:
        lines = _Lines(stream)
        rows = csv.reader(lines, strict=True, delimiter=separator_of(file))
        is_header = True
        while True:
            start = lines.begin()
            try:
                row = next(rows)
                reason = None if is_header else _fault(row, width, lines)
            except StopIteration:
                return
            except csv.Error as error:
                row, reason = [], TOO_LONG if str(error) == TOO_LONG else NOT_CSV
            if reason:
                if reason != NOT_UTF8:  # such a record has its cells, and is one
                    lines.give_back()
                yield start, None, reason
            elif row and not is_header:
                yield start, row, None
            is_header = False


def _fault(row: Sequence[str], width: int, lines: _Lines) -> str | None:
    if row and len(row) != width:
        return f"{len(row)} columns where the header has {width}"
    return None if lines.are_utf8 else NOT_UTF8


def csv_records(
    file: InputFile, header: Sequence[str]
) -> Iterator[tuple[int, dict[str, str] | None, str | None]]:
    """Yield (first line, stated values by column, None), or (line, None, what is wrong)."""
    for line, row, reason in csv_rows(file, len(header)):
        if row is None:
            yield line, None, reason
        else:
            yield line, {k: v for k, v in zip(header, row, strict=True) if v != ""}, None


def first_row(stream: IO[bytes]) -> list[str] | None:
    """Read the first row of a stream; None when there is nothing.

    Raises:
        csv.Error: it is no CSV, or longer than a record may be.
        UnicodeError: it is not UTF-8.
    """
    lines = _utf8(_Lines(stream))
    header = next(lines, None)
    if header is None:
        return None
    return next(csv.reader(chain([header], lines), delimiter=separator(header)), None)


def separator_of(file: InputFile) -> str:
    """What separates the cells of a CSV file, by its header."""
    with open_bytes(file.path) as stream:
        return separator((bounded_line(stream) or b"").decode("utf-8", "replace"))


def separator(header: str) -> str:
    """What separates the cells of a header line: the first of `SEPARATORS` outside of quotes."""
    bare = re.sub(r'"[^"]*"', "", header)
    return next((one for one in SEPARATORS if one in bare), SEPARATORS[0])


def _utf8(lines: _Lines) -> Iterator[str]:
    for text in lines:
        if not lines.are_utf8:
            raise UnicodeError(NOT_UTF8)
        yield text.removeprefix(_BOM) if lines.number == 1 else text
