"""Printed results of the month's end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.cli.presentation import Output, presentation
from pipelines.cli.views.console import say, warn
from pipelines.cli.views.tables import Column, Table, print_tables

if TYPE_CHECKING:
    from datetime import date

    from ingest.warehouse.closed_months import Close
    from pipelines.month_close.drill import DrillResult
    from pipelines.month_close.statements import StatementFiles
    from pipelines.operations.exported_file import ExportedFile


def show_statements(written: StatementFiles) -> None:
    """Print where the statements of a month are; as data, one record a file."""
    state = "draft" if written.is_draft else "closed"
    if presentation().output is Output.TEXT:
        say(f"{state} statements: {written.folder} ({_in_words(written.files)})")
        return
    records = [(state, str(written.folder / name)) for name in written.files]
    print_tables(Table("statement", [Column("state"), Column("file")], records))


def _in_words(files: Sequence[str]) -> str:
    """Names of files; those of single cost centres, of which there may be hundreds, by number."""
    from dashboards.statements.files import MEMBER_FILE

    own = [name for name in files if name.startswith(MEMBER_FILE)]
    others = [name for name in files if name not in own]
    return ", ".join([*others, f"{len(own)} of single cost centres"] if own else others)


def show_verified(closes: Sequence[tuple[Close, Sequence[str]]]) -> None:
    """Print which files of each close are not as they were."""
    if presentation().output is not Output.TEXT:
        columns = [Column(name) for name in ("month", "close", "state", "changed_files")]
        records = [(c.month, c.number, _state(c), list(files)) for c, files in closes]
        print_tables(Table("close", columns, records))
        return
    for close, files in closes:
        about = f"{close.month:%Y-%m} close {close.number} ({_state(close)})"
        if files:
            warn(f"{about}: changed or gone: {', '.join(files)}")
        else:
            say(f"{about}: every file is as it was")


def _state(close: Close) -> str:
    return "closed" if close.reopened is None else "reopened"


def say_closed(month: date, folder: object) -> None:
    """Say whether a month is closed now; it stays open without a folder of statements."""
    if folder is None:
        warn(f"{month:%Y-%m} stays open", stderr=presentation().output is not Output.TEXT)
    else:
        say(f"{month:%Y-%m} is closed: {folder}")


def say_drilled(done: DrillResult) -> None:
    """Say on stderr, beside the calls, what they sum to; a difference also with `--quiet`."""
    is_same = done.charge_usd == done.line_usd
    if is_same and presentation().is_quiet:
        return
    same = "the same" if is_same else f"not {done.line_usd:f}"
    warn(
        f"{done.calls:,} calls sum to {done.charge_usd:f} USD; charged for them: {same}",
        stderr=True,
    )


def show_exported(files: Sequence[ExportedFile], what: str) -> None:
    """Print the files of an export with their rows."""
    if presentation().output is Output.TEXT:
        for written in files:
            say(f"{written.rows:,} {what}: {written.path}")
        return
    records = [(str(written.path), written.rows) for written in files]
    print_tables(Table("export", [Column("file"), Column("rows")], records))
