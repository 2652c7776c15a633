"""From files of records to typed leaf columns, each with its file and line.

JSON lines, JSON arrays, CSV and Parquet all become one relation: `file_id`, `source_line`,
`reject_field`, `reject_reason`, and one column per leaf, named by its dotted path. Two ways lead
there. The fast one lets DuckDB read only the wanted leaves, typed and in parallel; it is all or
nothing. Files it refuses, or whose line numbers it cannot vouch for, take the careful one: line by
line, where a bad record is kept aside with its reason and the rest goes on.
Only the wanted leaves ever leave a record, so prompt text is not written anywhere.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.errors import SourceFileError
from ingest.filebytes import TextShape, open_bytes, text_shape
from ingest.reading import InputFile

CHUNK = 20_000
"""Lines that the careful way holds in memory at once."""

_SEGMENT = re.compile(r'"([^"]+)"|([^."\s][^."]*)')


@dataclass(frozen=True)
class Leaf:
    """One wanted value of a record.

    Attributes:
        path: keys from the record's root; a key that holds a dot is quoted in `name`.
        type: VARCHAR, BIGINT, DOUBLE, BOOLEAN, VARCHAR[] or DECIMAL(18,9).
    """

    path: tuple[str, ...]
    type: str = "VARCHAR"

    @property
    def name(self) -> str:
        """Dotted path, the column's name."""
        return ".".join(f'"{key}"' if "." in key else key for key in self.path)


def parse_path(text: str) -> tuple[str, ...]:
    """Split a dotted path; a key that holds a dot is written in double quotes.

    Raises:
        ValueError: the text is not a path.
    """
    keys = tuple(quoted or plain for quoted, plain in _SEGMENT.findall(text))
    if not keys or ".".join(f'"{k}"' if "." in k else k for k in keys) != text:
        raise ValueError(f"{text!r} is not a dotted path")
    return keys


def quote(name: str) -> str:
    """Quote an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote an SQL string."""
    return "'" + text.replace("'", "''") + "'"


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
        try:
            yield from _fast(con, batch, leaves, kind, shapes)
        except _FastRefusedError:
            for file in batch:
                yield from _one_file(con, file, leaves, kind, shapes)


def _one_file(
    con: duckdb.DuckDBPyConnection,
    file: InputFile,
    leaves: Sequence[Leaf],
    kind: str,
    shapes: dict[InputFile, TextShape],
) -> Iterator[str]:
    """A file of a refused batch: most are fine, only the bad one needs care."""
    try:
        yield from _fast(con, [file], leaves, kind, shapes)
    except _FastRefusedError:
        yield from _careful(con, file, leaves, kind)


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
                f"copy ({_typed_select(files, leaves, kind)}) to {literal(target)}"
                " (format parquet, compression lz4)"
            )
        except duckdb.Error as error:
            raise _FastRefusedError from error
        header = 1 if kind == "csv" else 0
        starts = _first_rows(con, files, target)
        for file in files:
            if kind != "array" and starts[file][1] + header != shapes[file].lines:
                raise _FastRefusedError
        con.execute(
            "create or replace temp view records as"
            f" select f.file_id, r.file_row_number - f.first_row + {1 + header} as source_line,"
            " null::varchar as reject_field, null::varchar as reject_reason,"
            f" {', '.join(f'r.{quote(leaf.name)}' for leaf in leaves)}"
            f" from read_parquet({literal(target)}, file_row_number = true) as r"
            f" {_join_files(starts)}"
        )
        yield "records"
        con.execute("drop view if exists records")


def _first_rows(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], target: str
) -> dict[InputFile, tuple[int, int]]:
    """First row and number of records of each file in the leaves that were written."""
    if len(files) == 1:
        (count,) = con.execute(f"select count(*) from read_parquet({literal(target)})").fetchall()
        return {files[0]: (0, count[0])}
    rows = con.execute(
        "select filename, min(file_row_number), count(*)"
        f" from read_parquet({literal(target)}, file_row_number = true) group by filename"
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


def _typed_select(files: Sequence[InputFile], leaves: Sequence[Leaf], kind: str) -> str:
    """The query that reads only the wanted leaves, typed; with their file when there are many."""
    paths = "[" + ", ".join(literal(str(file.path)) for file in files) + "]"
    filename = "filename, " if len(files) > 1 else ""
    if kind == "csv":
        columns = ", ".join(
            f"cast({quote(leaf.path[0])} as {leaf.type}) as {quote(leaf.name)}" for leaf in leaves
        )
        return (
            f"select {filename}{columns} from read_csv({paths}, all_varchar = true,"
            " header = true, filename = true, delim = ',', quote = '\"', nullstr = '',"
            " union_by_name = true)"
        )
    layout = "array" if kind == "array" else "newline_delimited"
    columns = ", ".join(f"{_access(leaf.path)} as {quote(leaf.name)}" for leaf in leaves)
    return (
        f"select {filename}{columns} from read_json({paths}, format = '{layout}',"
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
        node[leaf.path[-1]] = leaf.type
    entries = (f"{literal(key)}: {literal(_struct(node))}" for key, node in tree.items())
    return "{" + ", ".join(entries) + "}"


def _struct(node: object) -> str:
    """DuckDB type of one node of the tree."""
    if isinstance(node, dict):
        return "STRUCT(" + ", ".join(f"{quote(k)} {_struct(v)}" for k, v in node.items()) + ")"
    return str(node)


def _careful(
    con: duckdb.DuckDBPyConnection, file: InputFile, leaves: Sequence[Leaf], kind: str
) -> Iterator[str]:
    """One file, record by record; a bad one is rejected by line, the others are kept."""
    con.execute("drop table if exists careful_records")
    chunks = _chunks(file, kind)
    first = next(chunks, None)
    if first is None:
        raise SourceFileError(file.relative, "the file holds no records")
    for number, chunk in enumerate(itertools.chain([first], chunks)):
        con.register("chunk", chunk)
        verb = "create temp table careful_records as" if number == 0 else (
            "insert into careful_records"
        )
        con.execute(f"{verb} {_extract(file.file_id, leaves, 'chunk')}")
        con.unregister("chunk")
    yield "careful_records"
    con.execute("drop table if exists careful_records")


def _chunks(file: InputFile, kind: str) -> Iterator[pa.Table]:
    """Arrow tables (line, text, reason) of one file; `text` is one record as JSON."""
    records = {"jsonl": _json_lines, "array": _json_array, "csv": _csv_rows}[kind](file)
    for rows in iter(lambda: list(itertools.islice(records, CHUNK)), []):
        lines, texts, reasons = zip(*rows, strict=True)
        yield pa.table(
            {
                "line": pa.array(lines, pa.int64()),
                "text": pa.array(texts, pa.string()),
                "reason": pa.array(reasons, pa.string()),
            }
        )


def _json_lines(file: InputFile) -> Iterator[tuple[int, str | None, str | None]]:
    with open_bytes(file.path) as lines:
        for number, raw in enumerate(lines, 1):
            if not raw.strip():
                continue
            try:
                yield number, raw.decode("utf-8-sig" if number == 1 else "utf-8"), None
            except UnicodeDecodeError:
                yield number, None, "the line is not UTF-8 text"


def _json_array(file: InputFile) -> Iterator[tuple[int, str | None, str | None]]:
    with open_bytes(file.path) as stream:
        try:
            documents = json.load(stream)
        except ValueError as error:
            raise SourceFileError(
                file.relative, "the JSON array is malformed or cut off; export the file again"
            ) from error
    for number, document in enumerate(documents, 1):
        yield number, json.dumps(document), None


def _csv_rows(file: InputFile) -> Iterator[tuple[int, str | None, str | None]]:
    with open_bytes(file.path) as stream:
        rows = csv.reader(io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline=""))
        header = next(rows, None)
        if not header:
            raise SourceFileError(file.relative, "the CSV has no header line", line=1)
        start = rows.line_num + 1
        for row in rows:
            if len(row) == len(header):
                values = {k: v for k, v in zip(header, row, strict=True) if v != ""}
                yield start, json.dumps(values), None
            elif row:
                yield start, None, f"{len(row)} columns where the header has {len(header)}"
            start = rows.line_num + 1


def _extract(file_id: int, leaves: Sequence[Leaf], relation: str) -> str:
    """Type the leaves of JSON texts; the first that does not fit names the rejected field."""
    paths = "[" + ", ".join(literal(_json_path(leaf.path)) for leaf in leaves) + "]"
    typed, faults = [], []
    for n, leaf in enumerate(leaves):
        text = f"texts[{n + 1}]"
        cast = f"try_cast({text} as {leaf.type})"
        if leaf.type == "VARCHAR[]":
            cast = f"case when try_cast({text} as json) is not null then {cast} end"
        typed.append(f"{cast} as {quote(leaf.name)}")
        faults.append(f"when {text} is not null and {cast} is null then {n}")
    names = "[" + ", ".join(literal(leaf.name) for leaf in leaves) + "]"
    types = "[" + ", ".join(literal(leaf.type) for leaf in leaves) + "]"
    return f"""
        with parsed as (
            select line, reason, case when json_valid(text) then text::json end as doc, text
            from {relation}
        ),
        texts as (
            -- all paths in one pass over the text
            select line, json_extract_string(doc, {paths}) as texts,
                case
                    when reason is not null then reason
                    when doc is null then 'the line is not valid JSON'
                    when json_type(doc) <> 'OBJECT' then 'the record is not a JSON object'
                end as reason
            from parsed
        ),
        typed as (
            select *, case {' '.join(faults)} end as fault from texts
        )
        select {file_id}::bigint as file_id, line as source_line,
            case when reason is not null then 'record' else {names}[fault + 1] end as reject_field,
            coalesce(reason, 'the value is not a ' || {types}[fault + 1]) as reject_reason,
            {', '.join(typed)}
        from typed
    """


def _json_path(path: tuple[str, ...]) -> str:
    return "$" + "".join(f'."{key}"' for key in path)


def _parquet(
    con: duckdb.DuckDBPyConnection, file: InputFile, leaves: Sequence[Leaf]
) -> Iterator[str]:
    """One Parquet file; values are typed through their text."""
    typed, faults = [], []
    for leaf in leaves:
        cast = f"try_cast({_access(leaf.path)} as {leaf.type})"
        typed.append(f"{cast} as {quote(leaf.name)}")
        faults.append(
            f"when {_access(leaf.path)} is not null and {cast} is null then {literal(leaf.name)}"
        )
    try:
        con.execute(
            "create or replace temp view parquet_records as"
            f" select {file.file_id}::bigint as file_id, file_row_number + 1 as source_line,"
            f" case {' '.join(faults)} end as reject_field,"
            " case when reject_field is not null then 'the value has another type' end"
            f" as reject_reason, {', '.join(typed)}"
            f" from read_parquet({literal(str(file.path))}, file_row_number = true)"
        )
    except duckdb.Error as error:
        raise SourceFileError(
            file.relative, f"the Parquet file cannot be read: {str(error).splitlines()[0][:200]}"
        ) from error
    yield "parquet_records"
    con.execute("drop view if exists parquet_records")
