"""The terminal, or the log or pipe in its place: sentences of results and of errors.

What data are called is printed here alone: literally, and so that no terminal obeys it.
"""

from __future__ import annotations

import re
import sys
from io import TextIOBase
from typing import TextIO, cast

from rich.console import Console
from rich.text import Text

from pipelines.cli.presentation import Output, presentation

_OBEYED = re.compile(
    r"[\x00-\x1f\x7f-\x9f"  # controls: colours, titles, the cursor, line breaks
    r"\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # what turns the order of reading
    r"\ud800-\udfff]"  # bytes of a name that are no UTF-8
)

Part = str | tuple[str, str]
"""A text, or a text and its style."""


def console(stderr: bool = False) -> Console:
    """A console on stdout or stderr; nothing in what it prints is markup."""
    return Console(stderr=stderr, highlight=False, emoji=False, markup=False)


def say(text: str, style: str = "") -> None:
    """Print a sentence, its words unbroken: they may be paths.

    With `--quiet` it is left out; beside JSON or CSV it goes to stderr.
    """
    shown = presentation()
    if not shown.is_quiet:
        warn(text, style, stderr=shown.output is not Output.TEXT)


def warn(text: str, style: str = "", *, stderr: bool = False) -> None:
    """Print a sentence about something that is wrong, `--quiet` or not."""
    print_line(console(stderr), (text, style))


def error(first: str, *more: str) -> None:
    """Say on stderr, in a line or more, why a command could not do its work."""
    out = console(stderr=True)
    print_line(out, ("outlay:", "red"), f" {first}")
    for line in more:
        print_line(out, line)


def print_line(out: Console, *parts: Part) -> None:
    """Print a line, on a terminal wrapped between words, in a pipe as it is."""
    text = Text()
    for part in parts:
        words, style = (part, "") if isinstance(part, str) else part
        text.append(visible(words), style)
    if out.is_terminal:
        out.print(text, overflow="ignore", crop=False)
    else:
        out.print(text, soft_wrap=True)


def visible(text: str) -> str:
    """A text of the data without characters that a terminal would obey."""
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def data_stream() -> TextIO:
    """Stdout for JSON and CSV: as the data are, but for what a terminal would obey."""
    return cast("TextIO", _Terminal(sys.stdout)) if sys.stdout.isatty() else sys.stdout


class _Terminal(TextIOBase):
    """A stream to a terminal; lines end as they did."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what is harmless."""
        return self._stream.write("\n".join(map(visible, text.split("\n"))))
