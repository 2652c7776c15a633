"""A bill's file of lines as a view of text columns: fast where the engine can, else row by row.

The engine reads a whole file in parallel, and a stray quote or a byte that is not UTF-8 then costs
it good rows, or its life. So what it read is believed only when it has one record for every line;
otherwise the file is read row by row (`records.csv_records`), where a bad line costs itself alone.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.errors import SourceFileError
from ingest.records.csv_records import csv_rows, separator_of
from ingest.records.file_bytes import TextShape, is_gzip, open_bytes, text_shape
from ingest.records.format import InputFile
from ingest.records.line_reader import take_chunk, text_lines
from ingest.sql import exact_path, literal

_BLOCK = 1 << 20

_LOOKED_AT = 1000
"""Rows in which decimal commas are looked for."""

_DECIMAL_COMMA = re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+),\d+")

_Row = tuple[int, list[str] | None, str | None]
"""Line, cells, and what is wrong with them."""

_Answer = TypeVar("_Answer")

_REJECTS = pa.schema([("line", pa.int64()), ("reason", pa.string())])


@dataclass(frozen=True)
class LinedFile:
    """A file of one record a line, as a view of `record`, from 1, and its columns, all text.

    Attributes:
        con: where the view is made.
        names: the columns.
        options: how the engine's `read_csv` reads it.
        rows: reads it row by row: (line, cells, what is wrong with them).
        header_lines: lines before the first record.
    """

    con: duckdb.DuckDBPyConnection
    file: InputFile
    names: Sequence[str]
    options: str
    rows: Callable[[], Iterator[_Row]]
    header_lines: int

    @property
    def view(self) -> str:
        """Name of the view."""
        return _view_of(self.file)

    @property
    def rejects(self) -> str:
        """Name of the table of lines that are no records: `line` and `reason`."""
        return _rejects_of(self.file)

    def open(self) -> None:
        """Make the view, and the table of rejects."""
        if not _is_utf8(self.file.path):
            # the engine does not outlive every text that is not
            self.read_row_by_row()
            return
        self._note_rejects([])
        types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in self.names)
        # row_number() over () streams: it numbers in the file's order, nothing held back
        self.con.execute(
            f"create or replace temp view {self.view} as"
            " select row_number() over () as record, * from"
            f" read_csv({literal(exact_path(self.file.path))}, columns = {{{types}}},"
            f" auto_detect = false, encoding = 'utf-8', {self.options},"
            f" compression = '{'gzip' if is_gzip(self.file.path) else 'none'}')"
        )

    def answer(self, question: Callable[[], _Answer]) -> _Answer:
        """What a question to the view gives; row by row if the engine cannot read the file."""
        try:
            return question()
        except duckdb.InvalidInputException:
            self.read_row_by_row()
            return question()

    def ask(self, question: Callable[[], int]) -> None:
        """Run what reads the view; row by row and once more if the engine did not read every line.

        Args:
            question: reads the view; gives the number of records that it saw.
        """
        seen = self.answer(question)
        if not self._copy.exists() and seen != self._shape().lines - self.header_lines:
            self.read_row_by_row()
            question()

    def read_row_by_row(self) -> None:
        """Make the view anew over the rows that are right, and note the others as rejects."""
        rejects: list[dict[str, object]] = []
        schema = pa.schema([("record", pa.int64()), *((name, pa.string()) for name in self.names)])
        self._copy.parent.mkdir(parents=True, exist_ok=True)
        found = self.rows()
        with pq.ParquetWriter(self._copy, schema, compression="lz4") as writer:
            while chunk := take_chunk(found, _characters):
                rejects += [{"line": n, "reason": why} for n, cells, why in chunk if cells is None]
                good = [(line, cells) for line, cells, _ in chunk if cells is not None]
                records = [line - self.header_lines for line, _ in good]
                columns = zip(*(cells for _, cells in good), strict=True) if good else self._none
                texts = [[cell or None for cell in column] for column in columns]
                arrays = [pa.array(records, pa.int64()), *(pa.array(t, pa.string()) for t in texts)]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        self._note_rejects(rejects)
        self.con.execute(
            f"create or replace temp view {self.view} as"
            f" from read_parquet({literal(exact_path(self._copy))})"
        )

    @property
    def _copy(self) -> Path:
        return _copy_of(self.con, self.file)

    @property
    def _none(self) -> list[list[str]]:
        return [[] for _ in self.names]

    def _shape(self) -> TextShape:
        return text_shape(self.file.path, self.file.relative, self.file.shape)

    def _note_rejects(self, rejects: list[dict[str, object]]) -> None:
        self.con.register("bill_arrow", pa.Table.from_pylist(rejects, schema=_REJECTS))
        self.con.execute(f"create or replace temp table {self.rejects} as from bill_arrow")
        self.con.unregister("bill_arrow")


def _view_of(file: InputFile) -> str:
    return f"bill_lines_{file.file_id}"


def _rejects_of(file: InputFile) -> str:
    return f"bill_rejects_{file.file_id}"


def _copy_of(con: duckdb.DuckDBPyConnection, file: InputFile) -> Path:
    ((scratch,),) = con.execute("select current_setting('temp_directory')").fetchall()
    return Path(scratch) / f"{_view_of(file)}.parquet"


def drop_lines(con: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """Drop the view of a file of lines, if there is one, and what it needed."""
    con.execute(f"drop view if exists {_view_of(file)}")
    con.execute(f"drop table if exists {_rejects_of(file)}")
    _copy_of(con, file).unlink(missing_ok=True)


def _refuse_decimal_commas(file: InputFile, width: int) -> None:
    """Refuse a bill that a spreadsheet wrote where the comma is the decimal mark."""
    for line, cells, _ in islice(csv_rows(file, width), _LOOKED_AT):
        if any(_DECIMAL_COMMA.fullmatch(cell) for cell in cells or ()):
            raise SourceFileError(
                file.relative,
                "its numbers have decimal commas: export it with decimal points",
                line=line,
            )


def csv_file(con: duckdb.DuckDBPyConnection, file: InputFile, names: Sequence[str]) -> LinedFile:
    """Return a CSV file with a header.

    Raises:
        SourceFileError: its numbers have decimal commas: which of `1,234` is meant, nobody knows.
    """
    separator = separator_of(file)
    if separator != ",":
        _refuse_decimal_commas(file, len(names))
    options = f"header = true, delim = {literal(separator)}, quote = '\"', escape = '\"'"
    return LinedFile(con, file, names, options, lambda: csv_rows(file, len(names)), 1)


def text_file(con: duckdb.DuckDBPyConnection, file: InputFile, name: str) -> LinedFile:
    """Return a file of lines of text, JSON for example, as one column."""
    # a line that holds chr(1) is no JSON; the engine refuses it, and the lines are read one by one
    options = "header = false, delim = chr(1), quote = '', escape = ''"
    return LinedFile(con, file, [name], options, lambda: _texts(file), 0)


def _texts(file: InputFile) -> Iterator[_Row]:
    for number, text, reason in text_lines(file):
        yield number, None if text is None else [text], reason


def _characters(row: _Row) -> int:
    return sum(map(len, row[1] or ()))


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with open_bytes(path) as stream:
            while block := stream.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
