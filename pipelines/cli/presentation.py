"""Output options of every command: how much it says, and whether tables are data.

`--quiet` and `--verbose` work before and after the command's name; `--json` and `--csv` belong to
commands that print a table.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import Enum
from typing import Annotated, Any

import typer

_PANEL = "Output"

QuietOption = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Say only what is wrong.", rich_help_panel=_PANEL),
]
VerboseOption = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        help="Say more: what was read of each source, each model, the traceback of an error.",
        rich_help_panel=_PANEL,
    ),
]
_JsonOption = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print an array of objects: decimals as text, dates as ISO 8601, NULL as null.",
        rich_help_panel=_PANEL,
    ),
]
_CsvOption = Annotated[
    bool,
    typer.Option(
        "--csv",
        help="Print CSV: NULL is empty; a text that a spreadsheet would run begins with '.",
        rich_help_panel=_PANEL,
    ),
]


class Output(Enum):
    """Form of a printed table."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True)
class Presentation:
    """How the present command prints.

    Attributes:
        output: form of its tables; unless it is text, stdout holds nothing else.
        is_quiet: only what is wrong is said.
        is_verbose: details are said too.
    """

    output: Output = Output.TEXT
    is_quiet: bool = False
    is_verbose: bool = False


_PRESENT: ContextVar[Presentation] = ContextVar("presentation")


def presentation() -> Presentation:
    """The presentation that the user asked for."""
    return _PRESENT.get(Presentation())


def start_presentation(quiet: bool, verbose: bool) -> None:
    """Take in the options before the command's name; forgets those of an earlier command."""
    _PRESENT.set(Presentation())
    _PRESENT.set(_with(quiet, verbose))


def presented(command: Callable[..., None], *, prints_table: bool) -> Callable[..., None]:
    """A command with the output options added to its own.

    Args:
        command: a function with typer's annotations.
        prints_table: whether it has `--json` and `--csv`.
    """
    added: dict[str, Any] = {"as_json": _JsonOption, "as_csv": _CsvOption} if prints_table else {}
    added |= {"quiet": QuietOption, "verbose": VerboseOption}

    @functools.wraps(command)
    def run(**given: Any) -> None:
        asked = {name: given.pop(name) for name in added}
        token = _PRESENT.set(_with(**asked))
        try:
            command(**given)
        finally:
            _PRESENT.reset(token)

    own = inspect.signature(command, eval_str=True)
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=kind)
        for name, kind in added.items()
    ]
    signature = own.replace(parameters=[*own.parameters.values(), *options])
    run.__dict__["__signature__"] = signature
    run.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
    return run


def _with(quiet: bool, verbose: bool, as_json: bool = False, as_csv: bool = False) -> Presentation:
    before = presentation()
    asked = replace(
        before,
        output=Output.JSON if as_json else Output.CSV if as_csv else Output.TEXT,
        is_quiet=before.is_quiet or quiet,
        is_verbose=before.is_verbose or verbose,
    )
    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv exclude each other")
    if asked.is_quiet and asked.is_verbose:
        raise typer.BadParameter("--quiet and --verbose exclude each other")
    return asked
