"""A bill's file of rows on disk, CSV or Parquet: its columns, and the SQL that scans it as text.

Nothing but the header is read here; the records stay in DuckDB. A scan names every column as its
reader wants it, by default in lower case, and gives text, or NULL, in each.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

import duckdb

from ingest.errors import SourceFileError
from ingest.records.format import InputFile
from ingest.sql import exact_path, literal, quote

Naming = Callable[[str, int], str]
"""Gives a scan's name of a column: (the file's name, its place from 1) -> our name."""

SUFFIXES = (".csv", ".csv.gz", ".parquet")

_NOT_THE_FILE = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
    duckdb.OutOfMemoryException,
    duckdb.InterruptException,
    duckdb.InternalException,
)


@dataclass(frozen=True)
class Scan:
    """One file, ready to be selected from.

    Attributes:
        sql: a table expression whose columns are `columns`, all text.
        columns: the scan's name of a column -> its name as the file spells it.
        first_line: source line of the first record (2 below a header, else 1).
        rejects: name of the temp table of lines that are not CSV; None for Parquet.
    """

    sql: str
    columns: Mapping[str, str]
    first_line: int
    rejects: str | None


def open_text(
    con: duckdb.DuckDBPyConnection, file: InputFile, named: Naming = lambda name, _: name.lower()
) -> Scan:
    """Return the scan of any CSV or Parquet bill, whatever its columns.

    Args:
        named: gives the scan's name of a column from the file's own name and its place, from 1.

    Raises:
        SourceFileError: the file is damaged, or two of its columns get one name.
    """
    if file.kind == "parquet":
        return _parquet(con, file, named)
    return csv_scan(file, named)


def broken_lines(
    file: InputFile, rejects: str | None, what: str = "the line is not valid CSV"
) -> str:
    """Return ` union all by name ...` of the lines that could not be scanned, as rejected rows.

    Args:
        rejects: the scan's table of such lines; None (Parquet) gives an empty text.
        what: the reason, to which DuckDB's class of error is added.
    """
    if not rejects:
        return ""
    return f"""
        union all by name
        select
            {file.file_id}::bigint as file_id, line::bigint as source_line,
            coalesce(any_value(column_name), 'line') as reject_field,
            {literal(what)} || ': ' || lower(min(error_type::varchar)) as reject_reason
        from {rejects}
        group by line
    """


def unreadable(file: InputFile, error: duckdb.Error | None = None) -> Exception:
    """Return what to raise for a file that cannot be scanned.

    DuckDB's own words may quote the file's content, so they are dropped; an error that is not
    about the file (short memory, an interrupt, wrong SQL) is returned as it is.
    """
    if isinstance(error, _NOT_THE_FILE):
        return error
    if file.kind == "parquet":
        reason = "is not a readable Parquet file; it may have been cut short, copy it again"
    elif file.kind in ("json", "jsonl"):
        reason = "is not a complete JSON array of records; export it again, best as JSON lines"
    else:
        reason = "is not CSV with commas, double quotes and one kind of line end; export it again"
    return SourceFileError(file.relative, reason)


def rejects_table(file: InputFile) -> str:
    """Return the name of the temp table in which a scan puts lines that it cannot read."""
    return f"bill_rejects_{file.file_id}"


def csv_scan(file: InputFile, named: Naming = lambda name, _: name.lower()) -> Scan:
    """Return the scan of a CSV file of any bill with a header line; its columns are not judged.

    Raises:
        SourceFileError: the file is empty, damaged, not UTF-8, or states a column twice.
    """
    names = _names(file, _header(file), named)
    types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    rejects = rejects_table(file)
    sql = (
        f"read_csv({_path(file)}, columns = {{{types}}}, header = true, auto_detect = false, "
        "delim = ',', quote = '\"', escape = '\"', encoding = 'utf-8', "
        f"compression = '{'gzip' if file.is_named_gzip else 'none'}', "
        f"store_rejects = true, rejects_table = '{rejects}', rejects_scan = '{rejects}_scan')"
    )
    return Scan(sql, names, 2, rejects)


def _names(file: InputFile, header: Sequence[str], named: Naming) -> dict[str, str]:
    """Return the scan's column names with the file's, in the file's order."""
    ours = [named(name, place) for place, name in enumerate(header, start=1)]
    repeated = [name for name, times in Counter(ours).items() if times > 1]
    if repeated:
        raise SourceFileError(
            file.relative, "states the same column twice", line=1, field=repeated[0]
        )
    return dict(zip(ours, header, strict=True))


def _header(file: InputFile) -> list[str]:
    """Return the first line's names; a gzip file is read to its end, for its checksum.

    DuckDB reads a gzip file that was cut short as if it ended there: rows would go missing.
    """
    if not file.is_named_gzip:
        with file.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            return _first_record(stream, file)
    try:
        with gzip.open(file.path, "rb") as raw:
            while raw.read(1 << 20):
                pass
    except (EOFError, gzip.BadGzipFile, zlib.error):
        reason = "is a damaged or incomplete gzip file; copy it again"
        raise SourceFileError(file.relative, reason) from None
    with gzip.open(file.path, "rt", encoding="utf-8-sig", errors="replace", newline="") as stream:
        return _first_record(stream, file)


def _first_record(stream: TextIO, file: InputFile) -> list[str]:
    try:
        names = next(csv.reader(stream), [])
    except csv.Error:
        raise unreadable(file) from None
    if not names:
        raise SourceFileError(file.relative, "the file is empty; export it again")
    if any("\N{REPLACEMENT CHARACTER}" in name for name in names):
        raise SourceFileError(file.relative, "is not UTF-8 text; export it again", line=1)
    return [name.strip() for name in names]


def _parquet(con: duckdb.DuckDBPyConnection, file: InputFile, named: Naming) -> Scan:
    scan = f"read_parquet({_path(file)})"
    try:
        described = con.execute(f"describe from {scan}").fetchall()
    except duckdb.Error as error:
        raise unreadable(file, error) from None
    names = _names(file, [name for name, *_ in described], named)
    texts = ", ".join(
        f"{as_text(quote(theirs), kind)} as {quote(ours)}"
        for (ours, theirs), (_, kind, *_) in zip(names.items(), described, strict=True)
    )
    return Scan(f"(select {texts} from {scan})", names, 1, None)


def as_text(column: str, kind: str) -> str:
    """Return a column as the text a CSV would hold; maps and structs (tags) as JSON."""
    if kind == "TIMESTAMP WITH TIME ZONE":  # its own text would follow the session's time zone
        return f"timezone('UTC', {column})::varchar"
    if kind.startswith(("MAP(", "STRUCT(")) or kind.endswith("[]"):
        return f"to_json({column})::varchar"
    return f"{column}::varchar"


def _path(file: InputFile) -> str:
    """Return the path as SQL text, its wildcards taken literally."""
    return literal(exact_path(file.path))
