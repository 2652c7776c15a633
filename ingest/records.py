"""From files of records to typed leaf columns, each with its file and line.

JSON lines, JSON arrays, CSV and Parquet all become one relation: `file_id`, `source_line`,
`reject_field`, `reject_reason`, and one column per leaf, named by its dotted path. Two ways lead
there. The fast one lets DuckDB read only the wanted leaves, typed and in parallel; it is all or
nothing. Files it refuses, or whose line numbers it cannot vouch for, take the careful one: line by
line, where a bad record is kept aside with its reason and the rest goes on.
Only the wanted leaves ever leave a record, so prompt text is not written anywhere.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from ingest.careful import read_carefully
from ingest.errors import SourceFileError
from ingest.filebytes import TextShape, begins_spread, text_shape
from ingest.headers import csv_header, parquet_columns
from ingest.leaves import Leaf
from ingest.reading import InputFile
from ingest.sqltext import exact_path, literal, quote

_LAYOUTS = {"jsonl": "newline_delimited", "array": "array", "document": "unstructured"}
"""What DuckDB calls the kinds of JSON file."""

_NUMBERED = ("array", "document")
"""Kinds whose records are numbered: they do not stand one on a line."""


def read_records(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    leaves: Sequence[Leaf],
    file_type: str,
) -> Iterator[str]:
    """Yield relations that together hold every record of `files`.

    Args:
        con: connection whose `temp_directory` may hold leaf values while a batch is read.
        files: files of one source.
        leaves: values to keep; no path may be the beginning of another.
        file_type: `jsonl`, `csv` or `parquet`.

    Raises:
        SourceFileError: a file is empty, truncated or not of this type.
    """
    if file_type == "parquet":
        for file in files:
            yield from _parquet(con, file, leaves)
        return
    shapes = {file: text_shape(file.path, file.relative, file.shape) for file in files}
    for is_array in (False, True):
        batch = [file for file in files if shapes[file].is_array is is_array]
        if not batch:
            continue
        kind = "array" if is_array and file_type == "jsonl" else file_type
        yield from _halving(con, batch, leaves, kind, shapes)


def _halving(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    leaves: Sequence[Leaf],
    kind: str,
    shapes: dict[InputFile, TextShape],
) -> Iterator[str]:
    """The fast way for all, halving a refused batch until only the bad files need care."""
    try:
        yield from _fast(con, files, leaves, kind, shapes)
    except _FastRefusedError:
        if len(files) == 1:
            yield from _one_by_one(con, files[0], leaves, kind, shapes)
            return
        middle = len(files) // 2
        yield from _halving(con, files[:middle], leaves, kind, shapes)
        yield from _halving(con, files[middle:], leaves, kind, shapes)


def _one_by_one(
    con: duckdb.DuckDBPyConnection,
    file: InputFile,
    leaves: Sequence[Leaf],
    kind: str,
    shapes: dict[InputFile, TextShape],
) -> Iterator[str]:
    """A refused file: whole records that are spread over lines, or lines of which some are bad."""
    if kind == "jsonl" and begins_spread(file.path):
        try:
            yield from _fast(con, [file], leaves, "document", shapes)
        except _FastRefusedError:
            pass
        else:
            return
    yield from read_carefully(con, file, leaves, kind)


class _FastRefusedError(Exception):
    """The fast way cannot read these files, or cannot vouch for their line numbers."""


def _fast(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    leaves: Sequence[Leaf],
    kind: str,
    shapes: dict[InputFile, TextShape],
) -> Iterator[str]:
    """All files at once, typed by DuckDB; line numbers from the order that it preserves."""
    scratch = Path(con.execute("select current_setting('temp_directory')").fetchall()[0][0])
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        target = str(Path(folder) / "leaves.parquet")
        try:
            con.execute(
                f"copy ({typed_select(files, leaves, kind)}) to {literal(target)}"
                " (format parquet, compression lz4)"
            )
        except duckdb.Error as error:
            raise _FastRefusedError from error
        header = 1 if kind == "csv" else 0
        starts = _first_rows(con, files, target)
        for file in files:
            if kind not in _NUMBERED and starts[file][1] + header != shapes[file].lines:
                raise _FastRefusedError
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


def typed_select(files: Sequence[InputFile], leaves: Sequence[Leaf], kind: str) -> str:
    """The query that reads only the wanted leaves, typed; with their file when there are many.

    Args:
        kind: `jsonl`, `array` (one JSON array a file), `document` (records that are spread over
            lines) or `csv`.
    """
    paths = "[" + ", ".join(literal(exact_path(file.path)) for file in files) + "]"
    filename = "filename, " if len(files) > 1 else ""
    if kind == "csv":
        named = {name for file in files for name in csv_header(file)}
        columns = ", ".join(
            leaf.kept(
                f"cast({quote(leaf.path[0]) if leaf.path[0] in named else 'null'} as {leaf.type})"
            )
            + f" as {quote(leaf.name)}"
            for leaf in leaves
        )
        return (
            f"select {filename}{columns} from read_csv({paths}, all_varchar = true,"
            " header = true, filename = true, delim = ',', quote = '\"', nullstr = '',"
            " union_by_name = true)"
        )
    columns = ", ".join(
        leaf.kept(f"cast({_access(leaf.path)} as {leaf.type})") + f" as {quote(leaf.name)}"
        for leaf in leaves
    )
    return (
        f"select {filename}{columns} from read_json({paths}, format = '{_LAYOUTS[kind]}',"
        f" filename = true, columns = {_json_columns(leaves)})"
    )


def _access(path: tuple[str, ...]) -> str:
    """Struct access to a path of a typed JSON read."""
    return ".".join(quote(key) for key in path)


def _json_columns(leaves: Sequence[Leaf]) -> str:
    """The `columns` argument of read_json: a tree of structs that ends in the leaves."""
    tree: dict[str, object] = {}
    for leaf in leaves:
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


def _parquet(
    con: duckdb.DuckDBPyConnection, file: InputFile, leaves: Sequence[Leaf]
) -> Iterator[str]:
    """One Parquet file; values are typed through their text."""
    columns = parquet_columns(file)
    typed, faults = [], []
    for leaf in leaves:
        value = _access(leaf.path) if leaf.path[0] in columns else "null"
        cast = f"try_cast({value} as {leaf.type})"
        typed.append(f"{leaf.kept(cast)} as {quote(leaf.name)}")
        faults.append(f"when {value} is not null and {cast} is null then {literal(leaf.name)}")
    try:
        con.execute(
            "create or replace temp view parquet_records as"
            f" select {file.file_id}::bigint as file_id, file_row_number + 1 as source_line,"
            f" case {' '.join(faults)} end as reject_field,"
            " case when reject_field is not null then 'the value has another type' end"
            f" as reject_reason, {', '.join(typed)}"
            f" from read_parquet({literal(exact_path(file.path))}, file_row_number = true)"
        )
    except duckdb.Error as error:
        raise SourceFileError(
            file.relative, f"the Parquet file cannot be read: {str(error).splitlines()[0][:200]}"
        ) from error
    yield "parquet_records"
    con.execute("drop view if exists parquet_records")
