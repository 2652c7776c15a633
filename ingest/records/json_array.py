"""Records of a JSON array as the text that they have in the file, a part of the file at a time.

No number is read and written again: a record's text goes to DuckDB as it stands, so money keeps
every digit.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import IO

from ingest.records.limits import LONGEST_RECORD, TOO_LONG

BLOCK = 1 << 20
"""Bytes read at once; a record that is longer takes as much as it has, and no more than twice."""

_UNDECIDED = 16
"""Characters at the end of what was read that more text may still complete: `-Infin`, `\\u00`."""

_DECODER = json.JSONDecoder()


def array_elements(stream: IO[bytes], block: int = BLOCK) -> Iterator[str]:
    """Yield the text of each element of the one array that a stream holds.

    Args:
        stream: UTF-8, with a byte order mark or without.
        block: bytes read at once, at least 1.

    Raises:
        ValueError: the stream holds something else than one whole array.
        RecursionError: an element is nested too deeply.
    """
    text = _Text(stream, block)
    text.expect("[")
    separator = text.skip_to("]")
    while separator != "]":
        yield text.element()
        separator = text.expect(",]")
    if text.next_character():
        raise ValueError("something follows the array")


class _Text:
    """A stream as text of which only the part that is being read is held."""

    def __init__(self, stream: IO[bytes], block: int) -> None:
        self._stream = stream
        self._block = block
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._held = ""
        self._position = 0
        self._is_at_end = False

    def next_character(self) -> str:
        """The next character that is no white space, not taken; empty at the end."""
        while True:
            while self._position < len(self._held):
                if not self._held[self._position].isspace():
                    return self._held[self._position]
                self._position += 1
            if not self._read():
                return ""

    def expect(self, wanted: str) -> str:
        """Take the next character, which must be one of those wanted.

        Raises:
            ValueError: it is another, or there is none.
        """
        found = self.next_character()
        if not found or found not in wanted:
            raise ValueError(f"{found!r} where one of {wanted!r} must stand")
        self._position += 1
        return found

    def skip_to(self, wanted: str) -> str:
        """Take the next character if it is the wanted one; return what stood there."""
        found = self.next_character()
        self._position += found == wanted
        return found

    def element(self) -> str:
        """Take the next value and return its text.

        Raises:
            ValueError: it is malformed, cut off or too long.
        """
        self.next_character()
        while True:
            try:
                _, end = _DECODER.raw_decode(self._held, self._position)
            except json.JSONDecodeError as error:
                if self._is_malformed(error) or not self._read():
                    raise
                continue
            length = end - self._position
            # a number may go on: `1` with `.5`, `e+3`
            if end + len("e+3") <= len(self._held) or not self._read():
                self._position += length
                return self._held[self._position - length : self._position]

    def _is_malformed(self, error: json.JSONDecodeError) -> bool:
        """Whether no further text can mend it."""
        is_open = error.msg.startswith("Unterminated string")
        return not is_open and error.pos < len(self._held) - _UNDECIDED

    def _read(self) -> bool:
        """Read on, as much again as is held; whether there was anything."""
        self._held, self._position = self._held[self._position :], 0
        if len(self._held) > LONGEST_RECORD:
            raise ValueError(TOO_LONG)
        while not self._is_at_end:
            raw = self._stream.read(max(self._block, len(self._held)))
            self._is_at_end = not raw
            if more := self._decoder.decode(raw, final=self._is_at_end):
                self._held += more
                return True
        return False
