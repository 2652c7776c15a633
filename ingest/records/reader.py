"""From files of records to typed leaf columns, each with its file and line.

JSON lines, JSON arrays, CSV and Parquet all become one relation: `file_id`, `source_line`,
`reject_field`, `reject_reason`, and one column per leaf, named by its dotted path. On the fast
path DuckDB reads only the wanted leaves, typed and in parallel; it is all or nothing. Files that it
refuses, or whose line numbers are in doubt, take the slow path: line by line, where a bad record is
rejected with its reason and the rest goes on.
Only the wanted leaves ever leave a record, so prompt text is not written anywhere.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import duckdb

from ingest.records.csv_records import separator_of
from ingest.records.embedded_json import document_of, documents_of, typed
from ingest.records.fields import Leaf, access
from ingest.records.file_bytes import TextShape, begins_spread, text_shape
from ingest.records.format import InputFile
from ingest.records.headers import csv_header, parquet_columns, require_columns
from ingest.records.line_reader import read_line_by_line
from ingest.records.memory import limit_memory
from ingest.records.parquet_reader import read_parquet_file
from ingest.sql import exact_path, literal, quote

_LAYOUTS = {"jsonl": "newline_delimited", "array": "array", "document": "unstructured"}
"""What DuckDB calls the kinds of JSON file."""

_SCRATCH = "format parquet, compression lz4, write_bloom_filter false, row_group_size 15360"
"""Leaves are read again at once, a row group by each thread: small ones keep all threads busy."""

_NUMBERED = ("array", "document")
"""Kinds whose records are numbered: they do not stand one on a line."""


def read_records(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    leaves: Sequence[Leaf],
    file_type: str,
    documents: Collection[str] = (),
) -> Iterator[str]:
    """Yield relations that together hold every record of `files`.

    Args:
        con: connection whose `temp_directory` may hold leaf values while a batch is read.
        files: files of one source.
        leaves: values to keep; no path may be the beginning of another.
        file_type: `jsonl`, `csv` or `parquet`.
        documents: top-level keys whose value is JSON, as text or as it is.

    Raises:
        SourceFileError: a file is empty, truncated or not of this type.
    """
    if file_type == "parquet":
        for file in files:
            yield from read_parquet_file(con, file, leaves, documents)
        return
    shapes = {file: text_shape(file.path, file.relative, file.shape) for file in files}
    for is_array in (False, True):
        batch = [file for file in files if shapes[file].is_array is is_array]
        if not batch:
            continue
        kind = "array" if is_array and file_type == "jsonl" else file_type
        yield from _halving(con, batch, leaves, kind, shapes, documents)


def read_by_name(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    leaves: Sequence[Leaf],
    documents: Collection[str] = (),
    required: Collection[str] = (),
) -> Iterator[str]:
    """Yield the records of files whose type their names tell.

    Args:
        required: columns that a table file must have; JSON may leave out what it does not know.

    Raises:
        SourceFileError: as `read_records`, or a table file lacks a column.
    """
    by_type: dict[str, list[InputFile]] = {}
    for file in files:
        kind = file.kind if file.kind in ("csv", "parquet") else "jsonl"
        by_type.setdefault(kind, []).append(file)
    for file_type, found in by_type.items():
        if file_type != "jsonl":
            for file in found:
                columns = csv_header(file) if file_type == "csv" else parquet_columns(file)
                for column in required:
                    require_columns(file, columns, column, [column])
        yield from read_records(con, found, leaves, file_type, documents)


def _halving(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    leaves: Sequence[Leaf],
    kind: str,
    shapes: dict[InputFile, TextShape],
    documents: Collection[str],
) -> Iterator[str]:
    """Fast path for all files, halving a refused batch until only bad files take the slow one."""
    try:
        yield from _fast_path(con, files, leaves, kind, shapes, documents)
    except _FastPathRefusedError:
        if len(files) == 1:
            yield from _slow_path(con, files[0], leaves, kind, shapes, documents)
            return
        middle = len(files) // 2
        yield from _halving(con, files[:middle], leaves, kind, shapes, documents)
        yield from _halving(con, files[middle:], leaves, kind, shapes, documents)


def _slow_path(
    con: duckdb.DuckDBPyConnection,
    file: InputFile,
    leaves: Sequence[Leaf],
    kind: str,
    shapes: dict[InputFile, TextShape],
    documents: Collection[str],
) -> Iterator[str]:
    """A refused file: whole records that are spread over lines, or lines of which some are bad."""
    if kind == "jsonl" and begins_spread(file.path):
        try:
            yield from _fast_path(con, [file], leaves, "document", shapes, documents)
        except _FastPathRefusedError:
            pass
        else:
            return
    yield from read_line_by_line(con, file, leaves, kind, documents)


class _FastPathRefusedError(Exception):
    """DuckDB cannot read these files, or their line numbers are in doubt."""


def _fast_path(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    leaves: Sequence[Leaf],
    kind: str,
    shapes: dict[InputFile, TextShape],
    documents: Collection[str],
) -> Iterator[str]:
    """All files at once, typed by DuckDB; line numbers from the order that it preserves."""
    if kind == "csv" and len({separator_of(file) for file in files}) > 1:
        raise _FastPathRefusedError  # halved until each batch has one
    scratch = Path(con.execute("select current_setting('temp_directory')").fetchall()[0][0])
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        target = str(Path(folder) / "leaves.parquet")
        # what waits of a table of text fills the memory that it may have
        limit_memory(con, columns=0 if kind == "csv" else len(leaves))
        try:
            con.execute(
                f"copy ({typed_select(files, leaves, kind, documents)}) to {literal(target)}"
                f" ({_SCRATCH})"
            )
        except duckdb.Error as error:
            raise _FastPathRefusedError from error
        finally:
            limit_memory(con)
        header = 1 if kind == "csv" else 0
        starts = _first_rows(con, files, target)
        for file in files:
            if kind not in _NUMBERED and starts[file][1] + header != shapes[file].lines:
                raise _FastPathRefusedError
        con.execute(
            "create or replace temp view records as"
            f" select f.file_id, r.file_row_number - f.first_row + {1 + header} as source_line,"
            " null::varchar as reject_field, null::varchar as reject_reason,"
            f" {', '.join(f'r.{quote(leaf.name)}' for leaf in leaves)}"
            f" from read_parquet({literal(exact_path(target))}, file_row_number = true) as r"
            f" {_join_files(starts)}"
        )
        yield "records"
        con.execute("drop view if exists records")


def _first_rows(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], target: str
) -> dict[InputFile, tuple[int, int]]:
    """First row and number of records of each file in the leaves that were written."""
    leaves = literal(exact_path(target))
    if len(files) == 1:
        (count,) = con.execute(f"select count(*) from read_parquet({leaves})").fetchall()
        return {files[0]: (0, count[0])}
    rows = con.execute(
        "select filename, min(file_row_number), count(*)"
        f" from read_parquet({leaves}, file_row_number = true) group by filename"
    ).fetchall()
    found = {name: (first, count) for name, first, count in rows}
    return {file: found.get(str(file.path), (0, 0)) for file in files}


def _join_files(starts: dict[InputFile, tuple[int, int]]) -> str:
    """The join that gives every record its file; one file needs no comparison."""
    values = ", ".join(
        f"({literal(str(file.path))}, {file.file_id}::bigint, {first}::bigint)"
        for file, (first, _) in starts.items()
    )
    table = f"(values {values}) as f (filename, file_id, first_row)"
    if len(starts) == 1:
        return f"cross join {table}"
    return f"inner join {table} on f.filename = r.filename"


def typed_select(
    files: Sequence[InputFile],
    leaves: Sequence[Leaf],
    kind: str,
    documents: Collection[str] = (),
) -> str:
    """The query that reads only the wanted leaves, typed; with their file when there are many.

    Args:
        kind: `jsonl`, `array` (one JSON array a file), `document` (records that are spread over
            lines) or `csv`.
        documents: top-level keys whose value is JSON, as text or as it is.
    """
    paths = "[" + ", ".join(literal(exact_path(file.path)) for file in files) + "]"
    filename = "filename, " if len(files) > 1 else ""
    opened = documents_of(leaves, documents)
    if kind == "csv":
        named = {name for file in files for name in csv_header(file)}
        source = (
            f"read_csv({paths}, all_varchar = true, header = true, filename = true,"
            f" delim = {literal(separator_of(files[0]))},"
            " quote = '\"', nullstr = '', union_by_name = true)"
        )
    else:
        named = {leaf.path[0] for leaf in leaves}
        source = (
            f"read_json({paths}, format = '{_LAYOUTS[kind]}', filename = true,"
            f" columns = {_json_columns(leaves, documents)})"
        )
    columns = []
    for leaf in leaves:
        holder = document_of(leaf, opened)
        if leaf.path[0] not in named:
            value = f"cast(null as {leaf.type})"
        elif holder:
            value = typed(holder.text_of(leaf), leaf)
        else:
            value = f"cast({access(leaf.path[:1] if kind == 'csv' else leaf.path)} as {leaf.type})"
        columns.append(f"{leaf.kept(value)} as {quote(leaf.name)}")
    texts = [
        found.texts(f"cast(nullif({quote(found.key)}, '') as json)")
        for found in opened
        if found.key in named
    ]
    if texts:
        source = f"(select *, {', '.join(texts)} from {source})"
    return f"select {filename}{', '.join(columns)} from {source}"


def _json_columns(leaves: Sequence[Leaf], documents: Collection[str]) -> str:
    """The `columns` argument of read_json: a tree of structs that ends in leaves and documents."""
    tree: dict[str, object] = {}
    for leaf in leaves:
        if leaf.path[0] in documents:
            tree[leaf.path[0]] = "VARCHAR"
            continue
        node = tree
        for key in leaf.path[:-1]:
            node = node.setdefault(key, {})  # type: ignore[assignment]
        # DuckDB reads a JSON number into a DECIMAL by way of a DOUBLE: money is read as text
        node[leaf.path[-1]] = "VARCHAR" if leaf.type.startswith("DECIMAL") else leaf.type
    entries = (f"{literal(key)}: {literal(_struct(node))}" for key, node in tree.items())
    return "{" + ", ".join(entries) + "}"


def _struct(node: object) -> str:
    """DuckDB type of one node of the tree."""
    if isinstance(node, dict):
        return "STRUCT(" + ", ".join(f"{quote(k)} {_struct(v)}" for k, v in node.items()) + ")"
    return str(node)
