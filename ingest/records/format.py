"""What a source module gets and gives: the one shape that every reader has.

A reader is a function `read(con, files, config)` that yields `Staged` relations. It types the
source's records into canonical columns and marks the records it cannot type; it neither validates
the contract, nor de-duplicates, nor writes the lake: `ingest.lake.landing` does, for all
sources.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from ingest.contracts.columns import digits_of
from ingest.contracts.tables import TABLES
from ingest.errors import SourceFileError
from ingest.records.file_bytes import TextShape
from ingest.records.pseudonyms import PersonColumns

STAGING_COLUMNS = ("file_id", "source_line", "reject_field", "reject_reason")
"""Columns every staged relation has beside canonical ones; a reason marks a rejected record."""


@dataclass(frozen=True)
class InputFile:
    """One file to read.

    Attributes:
        file_id: its number in the catalog.
        path: where it lies on disk.
        relative: its path below the source's inbox folder, with `/`.
        shape: its lines, when landing has counted them already.
    """

    file_id: int
    path: Path
    relative: str
    shape: TextShape | None = None

    @property
    def kind(self) -> str:
        """What its name ends in, in lower case and without a `.gz` behind it: `csv`, `jsonl`."""
        return self.relative.lower().removesuffix(".gz").rpartition(".")[2]

    @property
    def is_named_gzip(self) -> bool:
        """Whether its name says that it is compressed; whether it is, its first bytes say."""
        return self.relative.lower().endswith(".gz")


@dataclass(frozen=True)
class SourceConfig:
    """Settings of one inbox folder, from `config/sources/<name>.toml`.

    Attributes:
        name: the inbox folder.
        format: which reader reads it.
        path: the settings file, for error messages.
        options: the file's other keys, as parsed TOML.
        salt: workspace salt for pseudonyms.
        fingerprint: changes whenever rows read under these settings could differ.
    """

    name: str
    format: str
    path: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    salt: str = ""
    fingerprint: str = ""


@dataclass(frozen=True)
class Staged:
    """Rows of one canonical table, ready for validation.

    Attributes:
        table: canonical table name.
        relation: a table, or a select in parentheses, of STAGING_COLUMNS and any canonical
            columns; a canonical column that it lacks is NULL.
    """

    table: str
    relation: str


@dataclass(frozen=True)
class Refusal:
    """A file that a reader refuses while it reads the others; nothing of it is staged."""

    error: SourceFileError


Group = tuple[str, ...]
"""What files are delivered in: one manifest speaks of one group of them."""


class Manifests(Protocol):
    """What says which files of an inbox folder are a delivery (bills: `ExportManifests`)."""

    def group_of(self, relative: str) -> Group:
        """Return the group of a file."""

    def left_out(
        self,
        here: Mapping[str, Path | None],
        loaded: Collection[str],
        groups: Collection[Group],
    ) -> dict[str, str]:
        """Return the files that are not of their delivery, or not yet, with the reason."""


Reader = Callable[
    [duckdb.DuckDBPyConnection, Sequence[InputFile], SourceConfig], Iterator[Staged | Refusal]
]


@dataclass(frozen=True)
class Format:
    """A source format: its name in settings, what it is, and its reader.

    Attributes:
        suffixes: endings of the files it reads; other files in the folder are reported.
        precedence: of several sources that have one call, the one with the lowest counts: a
            gateway's own log (10), its database (15), another log (20), an observability store
            (30), spans of clients (40).
        folder_is_delivery: the files of one folder belong together (parts of an export run), so a
            file equal to one of another folder is still wanted: without it its run is incomplete.
        manifests: says which files are a delivery; None: every file is.
        options: keys and sections of a source's settings that its reader reads.
        person_columns: where its rows hold pseudonyms beyond the columns of calls and spans that
            the contract names.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    read: Reader
    precedence: int = 20
    folder_is_delivery: bool = False
    manifests: Manifests | None = None
    options: tuple[str, ...] = ()
    person_columns: tuple[PersonColumns, ...] = ()


@dataclass(frozen=True)
class Row:
    """A canonical row that was built in Python (bill pages; never calls, which stay in SQL)."""

    table: str
    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Reject:
    """A record that could not be typed; `reason` holds no content of the record."""

    table: str
    line: int
    field: str
    reason: str


BATCH_ROWS = 20_000
"""Rows built in Python that are held at once: a report of a year must not need a year's memory."""

HALF_A_CHARACTER = "holds half a character (a lone surrogate)"

_ARROW = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP": pa.timestamp("us"),
}


def arrow_type(duckdb_type: str) -> pa.DataType:
    """Arrow type of a contract's DuckDB type, DECIMAL(p,s) included."""
    if duckdb_type.startswith("DECIMAL("):
        return pa.decimal128(*digits_of(duckdb_type))
    return _ARROW[duckdb_type]


def stage_rows(
    con: duckdb.DuckDBPyConnection, files: Iterable[tuple[InputFile, Iterable[Row | Reject]]]
) -> Iterator[Staged | Refusal]:
    """Turn rows built in Python into staged relations, some thousand rows of a table in each.

    Args:
        files: rows and rejects of each file; money as `decimal.Decimal` already within the
            contract's scale, timestamps as naive UTC `datetime`.

    Raises:
        SourceFileError: a file is refused of which rows are staged already.
    """
    held: list[tuple[str, dict[str, Any]]] = []
    for file, rows in files:
        numbered = enumerate(rows, 1)
        is_begun = False
        while True:
            try:
                batch = [_record(file, n, row) for n, row in islice(numbered, BATCH_ROWS)]
            except SourceFileError as error:
                if is_begun:
                    raise
                yield Refusal(error)
                break
            held += batch
            if len(batch) < BATCH_ROWS:
                break
            is_begun = True
            yield from _stage(con, held)
            held = []
        if len(held) >= BATCH_ROWS:
            yield from _stage(con, held)
            held = []
    yield from _stage(con, held)


def _record(file: InputFile, number: int, row: Row | Reject) -> tuple[str, dict[str, Any]]:
    return row.table, _values(file, number, row)


def _values(file: InputFile, number: int, row: Row | Reject) -> dict[str, Any]:
    record: dict[str, Any] = {"file_id": file.file_id, "source_line": row.line}
    # a page is one line with many records: they are told apart by their number
    if "x_record" in TABLES[row.table].column_names:
        record["x_record"] = number
    if isinstance(row, Reject):
        return record | {"reject_field": row.field, "reject_reason": row.reason}
    if broken := next(filter(lambda name: is_broken(row.values[name]), row.values), None):
        return record | {"reject_field": broken, "reject_reason": HALF_A_CHARACTER}
    return record | dict(row.values)


def is_broken(value: object) -> bool:
    """Whether a text holds a lone surrogate, which JSON can write and UTF-8 cannot."""
    if not isinstance(value, str) or value.isascii():
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


def append_rows(con: duckdb.DuckDBPyConnection, table: str, select: str) -> None:
    """Put the rows of a select into a temporary table, which the first ones make."""
    found = con.execute(
        "select 1 from duckdb_tables() where temporary and table_name = ?", [table]
    ).fetchall()
    con.execute(
        f"insert into {table} {select}" if found else f"create temp table {table} as {select}"
    )


def _stage(
    con: duckdb.DuckDBPyConnection, held: list[tuple[str, dict[str, Any]]]
) -> Iterator[Staged]:
    for table in dict.fromkeys(table for table, _ in held):
        schema = pa.schema(
            [
                ("file_id", pa.int64()),
                ("source_line", pa.int64()),
                ("reject_field", pa.string()),
                ("reject_reason", pa.string()),
                *((c.name, arrow_type(c.type)) for c in TABLES[table].columns),
            ]
        )
        records = [values for of, values in held if of == table]
        con.register("staged_arrow", pa.Table.from_pylist(records, schema=schema))
        con.execute(f"create or replace temp table staged_{table} as from staged_arrow")
        con.unregister("staged_arrow")
        yield Staged(table, f"staged_{table}")
        con.execute(f"drop table if exists staged_{table}")
