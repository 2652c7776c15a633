"""Reference tables: what a workspace's `config/*.csv` hold, each declared once.

A row type is the declaration: every annotated field is a column with its type, its parser and its
meaning. Header, template, parsing, the table of schema `raw` and the documentation come from it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar, get_args, get_type_hints

import pyarrow as pa

from ingest.errors import ConfigError, nearest
from ingest.records.csv_records import separator
from ingest.reference.row import Row


@dataclass(frozen=True)
class Column:
    """One column of a reference table.

    Attributes:
        doc: what it holds, for the documentation.
        parse: makes a value of a row, given the column's name; refuses what is wrong.
        name: in the file, where the field of the row type is called otherwise.
        type: in the table of schema `raw`; None leaves it out there.
        is_required: an empty cell is refused.
        allowed: the words that it may hold; none: any.
        is_optional: files may lack the column.
        is_computed: no cell of its own; made of the others.
        to_raw: makes what schema `raw` holds of the value.
    """

    doc: str
    parse: Callable[[Row, str], Any]
    name: str | None = None
    type: pa.DataType | None = None
    is_required: bool = False
    allowed: tuple[str, ...] = ()
    is_optional: bool = False
    is_computed: bool = False
    to_raw: Callable[[Any], Any] | None = None


def _note(row: Row, column: str) -> str:
    return row[column]


Note = Annotated[str, Column("why; for people", _note)]
"""Free text of a row."""


@dataclass(frozen=True)
class ReferenceRow:
    """One row: base of every row type.

    Attributes:
        row: where it stands; rows that say the same are equal wherever they stand.
    """

    row: Row = field(compare=False, repr=False, kw_only=True, default=Row("", 0, ()))


@dataclass(frozen=True)
class Concern:
    """What a changed row makes a build compute again.

    Attributes:
        tables: canonical tables whose days within the row's validity are concerned.
        noted_as: the name under which `raw.changed_days` lists these days when no call and no
            charge is another for it; None for days of calls and charges themselves.
        without_data: a change counts on days without any data too.
        days_before: of the days before the row holds, so many are concerned too: they foresee it.
    """

    tables: tuple[str, ...] = ()
    noted_as: str | None = None
    without_data: bool = False
    days_before: int = 0


R = TypeVar("R", bound=ReferenceRow)


@dataclass(frozen=True)
class ReferenceTable(Generic[R]):
    """One file of a workspace's `config/`.

    Attributes:
        name: of its table in schema `raw`; of the file where it has none.
        file: path in the workspace.
        title: what it holds, for the documentation.
        row_type: the dataclass whose annotated fields are the columns, in the order of the file.
        key: fields of which two rows must not be equal while both hold; none: rows are in order.
        verb: what a row does to its key, for the message.
        concern: what a changed row makes a build compute again.
        check: refuses rows that contradict each other.
    """

    name: str
    file: str
    title: str
    row_type: type[R]
    key: tuple[str, ...] = ()
    verb: str = "is about"
    concern: Concern = Concern()
    check: Callable[[tuple[R, ...]], None] | None = None

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Columns by field of the row type, in the order of the file."""
        hints = get_type_hints(self.row_type, include_extras=True)
        return {
            part.name: stated
            for part in fields(self.row_type)
            for stated in get_args(hints[part.name])
            if isinstance(stated, Column)
        }

    @property
    def header(self) -> tuple[str, ...]:
        """Columns that every file must name, in this order."""
        return tuple(self._named(lambda column: not column.is_optional))

    @property
    def optional(self) -> tuple[str, ...]:
        """Columns that a file may name too, anywhere."""
        return tuple(self._named(lambda column: column.is_optional))

    @property
    def template(self) -> str:
        """The file of a new workspace."""
        return ",".join(self.header) + "\n"

    @property
    def schema(self) -> pa.Schema:
        """Columns of the table in schema `raw`."""
        return pa.schema([(n, c.type) for n, c in self.columns.items() if c.type is not None])

    def read(self, path: Path, *, salt: str = "", shown_as: str = "") -> tuple[R, ...]:
        """Rows of a file, in its order; none when there is no such file.

        Args:
            path: the file on disk.
            salt: the workspace's salt, for the keys and users that a row names.
            shown_as: the file's name in errors, where it is not `file`.

        Raises:
            ConfigError: not UTF-8, another header, a wrong cell, or rows that contradict each
                other; names file, row and column, and the cure.
        """
        found = tuple(self.parsed(row) for row in self.cells(path, salt, shown_as))
        if self.key:
            self._refuse_overlaps(found)
        if self.check:
            self.check(found)
        return found

    def parsed(self, row: Row) -> R:
        """One row, typed; a cell that it does not have is empty."""
        values = {n: c.parse(row, c.name or n) for n, c in self.columns.items()}
        return self.row_type(**values, row=row)

    def to_arrow(self, rows: Iterable[R]) -> pa.Table:
        """The rows with the columns of `schema`."""
        shown = [(n, c.to_raw) for n, c in self.columns.items() if c.type is not None]
        return pa.Table.from_pylist(
            [
                {name: make(getattr(row, name)) if make else getattr(row, name)
                 for name, make in shown}
                for row in rows
            ],
            schema=self.schema,
        )  # fmt: skip

    def cells(self, path: Path, salt: str = "", shown_as: str = "") -> Iterator[Row]:
        """Rows of a file as text, blank ones left out; none when there is no such file.

        Raises:
            ConfigError: not UTF-8, another header, or a row with other than so many cells.
        """
        if not path.exists():
            return
        shown_as = shown_as or self.file
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigError(shown_as, "encoding", "save the file as UTF-8") from error
        delimiter = separator(text.partition("\n")[0])
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        header = tuple(cell.strip() for cell in next(reader, []))
        self._refuse_header(shown_as, header)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            named = tuple(zip(header, (cell.strip() for cell in cells), strict=False))
            row = Row(shown_as, reader.line_num, named, salt)
            if len(cells) != len(header):
                row.refuse(
                    header[-1],
                    f"{len(cells)} cells instead of {len(header)}: "
                    "put a text that holds a comma in double quotes",
                )
            yield row

    def _named(self, wanted: Callable[[Column], bool]) -> Iterator[str]:
        for name, column in self.columns.items():
            if not column.is_computed and wanted(column):
                yield column.name or name

    def _refuse_header(self, shown_as: str, header: tuple[str, ...]) -> None:
        """Refuse a header with an unknown, missing, repeated or displaced column."""
        needed = tuple(name for name in header if name not in self.optional)
        if needed == self.header and len(set(header)) == len(header):
            return
        also = f", with {','.join(self.optional)} where you need it" if self.optional else ""
        cure = f"write exactly {','.join(self.header)}{also}"
        for name in needed:
            if name not in self.header:
                lacking = [one for one in self.header if one not in header]
                hint = nearest(name, [*lacking, *self.optional])
                raise ConfigError(
                    shown_as, f"row 1, column {name}", f"is no column of this file{hint}; {cure}"
                )
        raise ConfigError(shown_as, "row 1, column header", cure)

    def _refuse_overlaps(self, rows: Iterable[Any]) -> None:
        by_key: dict[tuple[object, ...], list[Any]] = {}
        for one in rows:
            same = by_key.setdefault(tuple(getattr(one, name) for name in self.key), [])
            for other in same:
                if one.valid_from < other.valid_to and other.valid_from < one.valid_to:
                    one.row.refuse(
                        "valid_from",
                        f"overlaps line {other.row.line}, which {self.verb} "
                        "the same cell: end one of them with valid_to",
                    )
            same.append(one)
