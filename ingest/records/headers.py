"""The columns that a table file names, and whether they are those that a mapping reads."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.errors import SourceFileError
from ingest.records.csv_records import first_row
from ingest.records.file_bytes import DAMAGED, EMPTY, open_bytes
from ingest.records.format import InputFile

_NAME = re.compile(r"\w[\w.:/-]*( [\w.:/()-]+){0,2}")
"""What looks like a column's name; a first line of data may hold text that nobody may see."""

_SHOWN, _LONGEST = 30, 40


def csv_header(file: InputFile) -> tuple[str, ...]:
    """Column names of a CSV file, spaces around them removed.

    Raises:
        SourceFileError: the file is empty, damaged or not UTF-8, or has no header line.
    """
    try:
        with open_bytes(file.path) as stream:
            names = first_row(stream)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceFileError(file.relative, DAMAGED) from error
    except UnicodeError as error:
        raise SourceFileError(
            file.relative, "is not UTF-8 text; export it again", line=1
        ) from error
    except csv.Error as error:
        raise SourceFileError(file.relative, "the header cannot be read", line=1) from error
    if names is None:
        raise SourceFileError(file.relative, EMPTY)
    if not names:
        raise SourceFileError(file.relative, "the CSV has no header line", line=1)
    return tuple(name.strip() for name in names)


def parquet_columns(file: InputFile) -> tuple[str, ...]:
    """Top-level column names of a Parquet file.

    Raises:
        SourceFileError: it is not a Parquet file, or a damaged one.
    """
    try:
        return tuple(pq.read_schema(file.path).names)
    except (pa.ArrowException, OSError) as error:
        raise SourceFileError(
            file.relative, "this is not a Parquet file, or it is damaged; deliver it again"
        ) from error


def require_columns(
    file: InputFile, columns: Sequence[str], key: str, choices: Sequence[str]
) -> None:
    """Check that a file has the column, or one of the columns, that a mapping's key reads.

    Raises:
        SourceFileError: names the key, the column and the columns that the file has.
    """
    found = [name for name in choices if name in columns]
    if not found:
        wanted = " or ".join(repr(name) for name in choices)
        raise SourceFileError(
            file.relative,
            f"the mapping reads column {wanted}, which this file does not have;"
            f" {described(columns)}",
            field=key,
        )
    for name in found:
        if columns.count(name) > 1:
            raise SourceFileError(
                file.relative, f"the header names column {name!r} twice", field=key
            )


def described(columns: Sequence[str]) -> str:
    """Return the header in words, without anything that does not look like a name."""
    if len(columns) == 1 and "|" in columns[0]:
        return "its header is separated by bars: export it with commas, semicolons or tabs"
    names = [
        name if _NAME.fullmatch(name) and len(name) <= _LONGEST else "..."
        for name in columns[:_SHOWN]
    ]
    return f"its header is {', '.join(names)}" + (", ..." if len(columns) > _SHOWN else "")
