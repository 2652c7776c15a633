"""A bill's file of rows on disk, CSV or Parquet: its columns, and the SQL that scans it as text.

Nothing but the header is read here; the records stay in DuckDB. A scan names every column as its
reader wants it, by default in lower case, and gives text, or NULL, in each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from ingest.billing.export_files.lined_files import LinedFile, csv_file
from ingest.errors import SourceFileError
from ingest.records.file_bytes import text_shape
from ingest.records.format import InputFile
from ingest.records.headers import csv_header
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
        sql: a table expression of `record`, numbered from 1, and `columns`, all text.
        columns: the scan's name of a column -> its name as the file spells it.
        first_line: source line of the first record (2 below a header, else 1).
        lined: the file of lines that it is of; None of Parquet.
    """

    sql: str
    columns: Mapping[str, str]
    first_line: int
    lined: LinedFile | None


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
    return csv_scan(con, file, named)


def broken_lines(scan: Scan) -> str:
    """Return ` union all by name ...` of the lines that are no records, as rejected rows."""
    if not scan.lined:
        return ""
    return f"""
        union all by name
        select
            {scan.lined.file.file_id}::bigint as file_id, line::bigint as source_line,
            'line' as reject_field, reason as reject_reason
        from {scan.lined.rejects}
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


def csv_scan(
    con: duckdb.DuckDBPyConnection,
    file: InputFile,
    named: Naming = lambda name, _: name.lower(),
) -> Scan:
    """Return the scan of a CSV file of any bill with a header line; its columns are not judged.

    Raises:
        SourceFileError: the file is empty, damaged, not UTF-8, or states a column twice.
    """
    text_shape(file.path, file.relative, file.shape)
    header = csv_header(file)
    names = _names(file, header, named)
    lined = csv_file(con, file, list(names))
    lined.open()
    return Scan(lined.view, names, 2, lined)


def _names(file: InputFile, header: Sequence[str], named: Naming) -> dict[str, str]:
    """Return the scan's column names with the file's, in the file's order."""
    ours = [named(name, place) for place, name in enumerate(header, start=1)]
    repeated = [name for name, times in Counter(ours).items() if times > 1]
    if repeated:
        raise SourceFileError(
            file.relative, "states the same column twice", line=1, field=repeated[0]
        )
    return dict(zip(ours, header, strict=True))


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
    return Scan(f"(select row_number() over () as record, {texts} from {scan})", names, 1, None)


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
