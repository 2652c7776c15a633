"""The terminal, or the log or pipe in its place: sentences of results and of errors."""

from __future__ import annotations

import re

from rich.console import Console
from rich.text import Text

from pipelines.cli.presentation import Output, presentation

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def console(stderr: bool = False) -> Console:
    """A console on stdout or stderr."""
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
    print_line(console(stderr), Text(text, style))


def error(message: str) -> None:
    """Say on stderr why a command could not do its work."""
    print_line(console(stderr=True), Text.assemble(("outlay:", "red"), " ", message))


def print_line(out: Console, text: Text) -> None:
    """Print a text, on a terminal wrapped between words, in a pipe as it is."""
    if out.is_terminal:
        out.print(text, overflow="ignore", crop=False)
    else:
        out.print(text, soft_wrap=True)


def visible(text: str) -> str:
    """A text of the data without characters that a terminal would obey."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
