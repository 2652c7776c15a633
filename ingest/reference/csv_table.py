"""Read a workspace's small CSV files of dated facts, with errors that name row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NoReturn, Protocol

from ingest.errors import ConfigError

ALWAYS = datetime(1970, 1, 1)
"""`valid_from` of a fact without a start: before any call, so the as-of join needs no NULL."""

OPEN = datetime(9999, 12, 31)
"""`valid_to` of a fact without an end."""

_LIMIT = 1_000_000_000
"""DECIMAL(18,9) holds nine digits before the point; more is a mistake."""


class DatedFact(Protocol):
    """A row that holds for a while: what it is about, since when, until when (exclusive)."""

    @property
    def cell(self) -> tuple[object, ...]:
        """What the row is about; two rows of one cell must not overlap in time."""

    @property
    def valid_from(self) -> datetime:
        """UTC, inclusive, naive."""

    @property
    def valid_to(self) -> datetime:
        """UTC, exclusive, naive."""

    @property
    def row(self) -> Row:
        """Where the row stands."""


@dataclass(frozen=True)
class Row:
    """One row of a file.

    Attributes:
        file: path as shown to users.
        line: line of the file, header included.
        cells: columns with their text, stripped.
    """

    file: str
    line: int
    cells: tuple[tuple[str, str], ...]

    def __getitem__(self, column: str) -> str:
        """The text of a column."""
        return dict(self.cells)[column]

    def refuse(self, column: str, reason: str) -> NoReturn:
        """Raise the error about one cell.

        Raises:
            ConfigError: always.
        """
        raise ConfigError(self.file, f"row {self.line}, column {column}", reason)

    def validity(self, what: str) -> tuple[datetime, datetime]:
        """The row's `valid_from` and `valid_to`, UTC; empty cells mean always and open.

        Args:
            what: the fact's noun, for the message.
        """
        start, end = self._moment("valid_from", ALWAYS), self._moment("valid_to", OPEN)
        if end <= start:
            self.refuse(
                "valid_to",
                f"must lie after valid_from (it is the first moment at which "
                f"the {what} no longer holds)",
            )
        return start, end

    def months(self, what: str) -> tuple[datetime, datetime]:
        """The row's validity, for a fact that holds for whole months.

        Args:
            what: the fact's noun, for the message.
        """
        start, end = self.validity(what)
        for column, moment in (("valid_from", start), ("valid_to", end)):
            if moment not in (ALWAYS, OPEN) and moment != datetime(moment.year, moment.month, 1):
                self.refuse(column, f"a {what} holds for whole months: write the first day of one")
        return start, end

    def usd(self, column: str, what: str, below: int = _LIMIT) -> Decimal:
        """An amount with at most nine decimals.

        Args:
            what: what it is the amount of, for the message.
            below: what no such amount reaches.
        """
        try:
            usd = Decimal(self[column])
        except InvalidOperation:
            self.refuse(column, f"{self[column]!r} is not a number: write {what}, with a point")
        if not usd.is_finite() or not 0 <= usd < below or usd != round(usd, 9):
            self.refuse(column, f"write {what}, 0 to below {below}, with at most 9 decimals")
        return usd

    def _moment(self, column: str, default: datetime) -> datetime:
        if not self[column]:
            return default
        try:
            moment = datetime.fromisoformat(self[column])
            moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
        except (ValueError, OverflowError):
            self.refuse(
                column,
                f"{self[column]!r} is not a date: write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ (UTC)",
            )
        return min(max(moment, ALWAYS), OPEN)


def read_rows(
    path: Path, shown_as: str, header: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[Row]:
    """Yield the rows of a file, blank ones left out; none when the file does not exist.

    Args:
        path: the file on disk.
        shown_as: its name in errors.
        header: the columns that its first line must name.
        optional: columns that it may name too, anywhere; empty where it does not.

    Raises:
        ConfigError: not UTF-8, another header, or a row with other than so many cells.
    """
    if not path.exists():
        return
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(shown_as, "encoding", "save the file as UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""))
    stated = tuple(cell.strip() for cell in next(reader, []))
    absent = tuple((name, "") for name in optional if name not in stated)
    needed = tuple(name for name in stated if name not in optional)
    if needed != header or len(set(stated)) < len(stated):
        also = f", with {','.join(optional)} where you need it" if optional else ""
        raise ConfigError(
            shown_as, "row 1, column header", f"write exactly {','.join(header)}{also}"
        )
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        named = tuple(zip(stated, (cell.strip() for cell in cells), strict=False))
        row = Row(shown_as, reader.line_num, named + absent)
        if len(cells) != len(stated):
            row.refuse(
                stated[-1],
                f"{len(cells)} cells instead of {len(stated)}: "
                "put a text that holds a comma in double quotes",
            )
        yield row


def refuse_overlaps(facts: Iterable[DatedFact], verb: str) -> None:
    """Refuse two facts about one cell that hold at one time.

    Args:
        verb: what a row does to its cell, for the message.

    Raises:
        ConfigError: names the later row and the line of the earlier one.
    """
    by_cell: dict[tuple[object, ...], list[DatedFact]] = {}
    for fact in facts:
        for other in by_cell.setdefault(fact.cell, []):
            if fact.valid_from < other.valid_to and other.valid_from < fact.valid_to:
                fact.row.refuse(
                    "valid_from",
                    f"overlaps line {other.row.line}, which {verb} "
                    "the same cell: end one of them with valid_to",
                )
        by_cell[fact.cell].append(fact)
