"""Slow path of reading records: one by one, a bad one rejected with its line and reason.

For files that DuckDB refuses as a whole. Bounded in memory: a chunk of records at a time, of which
only the wanted leaves are kept.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

import duckdb
import pyarrow as pa

from ingest.errors import SourceFileError
from ingest.records.csv_records import NOT_UTF8, bounded_line, csv_records
from ingest.records.embedded_json import NOT_JSON, Document, document_of, documents_of, typed
from ingest.records.fields import Leaf, json_paths
from ingest.records.file_bytes import open_bytes
from ingest.records.format import InputFile
from ingest.records.headers import csv_header
from ingest.records.json_array import array_elements
from ingest.records.limits import TOO_LONG
from ingest.sql import literal, quote

CHUNK = 20_000
"""Lines held in memory at once, at most."""

CHUNK_CHARACTERS = 1 << 22
"""Text beyond which a chunk ends sooner: a line of traces or prompts can hold megabytes."""

TOO_MUCH = "the record holds more values than memory does"

Line = tuple[int, str | None, str | None]
"""Line, text of the record, and what is wrong with it."""

_Row = TypeVar("_Row")


def read_line_by_line(
    con: duckdb.DuckDBPyConnection,
    file: InputFile,
    leaves: Sequence[Leaf],
    kind: str,
    keys: Collection[str] = (),
) -> Iterator[str]:
    """One file, record by record; a bad one is rejected by line, the others are kept.

    Args:
        keys: top-level keys that hold documents.
    """
    records = {"jsonl": text_lines, "array": _json_array, "csv": _csv_rows}[kind](file)
    yield from read_one_by_one(con, file, leaves, records, keys)


def read_one_by_one(
    con: duckdb.DuckDBPyConnection,
    file: InputFile,
    leaves: Sequence[Leaf],
    records: Iterator[Line],
    keys: Collection[str] = (),
) -> Iterator[str]:
    """One file, of which the records are given as JSON, some of them held at once.

    Args:
        keys: top-level keys that hold documents.
    """
    con.execute("drop table if exists line_records")
    chunks = _chunks(records)
    first = next(chunks, None)
    if first is None:
        raise SourceFileError(file.relative, "the file holds no records")
    con.register("chunk", first[:0])
    con.execute(
        f"create temp table line_records as {_extract(file.file_id, leaves, keys, 'chunk')}"
    )
    con.unregister("chunk")
    for chunk in itertools.chain([first], chunks):
        _insert(con, file, leaves, keys, chunk)
    yield "line_records"
    con.execute("drop table if exists line_records")


def _insert(
    con: duckdb.DuckDBPyConnection,
    file: InputFile,
    leaves: Sequence[Leaf],
    keys: Collection[str],
    chunk: pa.Table,
) -> None:
    """Type a chunk; a record of millions of values can take more memory than there is."""
    con.register("chunk", chunk)
    try:
        con.execute(f"insert into line_records {_extract(file.file_id, leaves, keys, 'chunk')}")
    except duckdb.OutOfMemoryException:
        if len(chunk) == 1 and not chunk["reason"][0].is_valid:
            refused = {"text": pa.nulls(1, pa.string()), "reason": pa.array([TOO_MUCH])}
            parts = [pa.table({"line": chunk["line"], **refused})]
        elif len(chunk) == 1:
            raise
        else:
            middle = len(chunk) // 2
            parts = [chunk[:middle], chunk[middle:]]
    else:
        parts = []
    finally:
        con.unregister("chunk")
    for part in parts:
        _insert(con, file, leaves, keys, part)


def _chunks(records: Iterator[Line]) -> Iterator[pa.Table]:
    """Arrow tables (line, text, reason) of one file; `text` is one record as JSON."""
    for rows in iter(lambda: take_chunk(records, lambda row: len(row[1] or "")), []):
        lines, texts, reasons = zip(*rows, strict=True)
        yield pa.table(
            {
                "line": pa.array(lines, pa.int64()),
                "text": pa.array(texts, pa.string()),
                "reason": pa.array(reasons, pa.string()),
            }
        )


def take_chunk(rows: Iterator[_Row], characters: Callable[[_Row], int]) -> list[_Row]:
    """Take as many rows as are held at once; none at the end.

    Args:
        characters: how long the text of a row is.
    """
    taken, size = [], 0
    for row in rows:
        taken.append(row)
        size += characters(row)
        if len(taken) >= CHUNK or size >= CHUNK_CHARACTERS:
            break
    return taken


def text_lines(file: InputFile) -> Iterator[Line]:
    """Yield the lines that hold anything: number, text, and what is wrong with it."""
    with open_bytes(file.path) as stream:
        for number, raw in enumerate(iter(lambda: bounded_line(stream), b""), 1):
            if raw is None:
                yield number, None, TOO_LONG
            elif raw.strip():
                try:
                    yield number, raw.decode("utf-8-sig" if number == 1 else "utf-8"), None
                except UnicodeDecodeError:
                    yield number, None, NOT_UTF8


def _json_array(file: InputFile) -> Iterator[Line]:
    with open_bytes(file.path) as stream:
        try:
            for number, text in enumerate(array_elements(stream), 1):
                yield number, text, None
        except (ValueError, RecursionError) as error:
            reason = "the JSON array is malformed or cut off; export the file again"
            if str(error) == TOO_LONG:
                reason = f"{TOO_LONG}; leave it out of the export"
            raise SourceFileError(file.relative, reason) from error


def _csv_rows(file: InputFile) -> Iterator[Line]:
    for line, values, reason in csv_records(file, csv_header(file)):
        yield line, None if values is None else json.dumps(values), reason


def _extract(file_id: int, leaves: Sequence[Leaf], keys: Collection[str], relation: str) -> str:
    """Type the leaves of JSON texts; the first that does not fit names the rejected field."""
    documents = documents_of(leaves, keys)
    plain = [leaf for leaf in leaves if not document_of(leaf, documents)]
    paths = [*(leaf.path for leaf in plain), *((found.key,) for found in documents)]
    names, reasons, columns, faults = [], [], [], []
    for number, leaf in enumerate(leaves):
        holder = document_of(leaf, documents)
        text = holder.text_of(leaf) if holder else f"texts[{plain.index(leaf) + 1}]"
        value = typed(text, leaf, "try_cast")
        columns.append(f"{leaf.kept(value)} as {quote(leaf.name)}")
        faults.append(f"when {text} is not null and {value} is null then {number}")
        names.append(leaf.name)
        reasons.append(f"the value is not a {_word(leaf)}")
    for number, found in enumerate(documents):
        text = _document_text(found, plain, documents)
        faults.append(f"when not json_valid({text}) then {len(leaves) + number}")
        names.append(found.key)
        reasons.append(NOT_JSON)
    return f"""
        with parsed as (
            select line, reason, case when json_valid(text) then text::json end as doc, text
            from {relation}
        ),
        texts as (
            -- all paths in one pass over the text
            select line, json_extract_string(doc, {json_paths(paths)}) as texts,
                case
                    when reason is not null then reason
                    when doc is null then 'the line is not valid JSON'
                    when json_type(doc) <> 'OBJECT' then 'the record is not a JSON object'
                end as reason
            from parsed
        ),
        opened as (
            select {", ".join(["*", *(_opened(found, plain, documents) for found in documents)])}
            from texts
        ),
        typed as (
            select *, case {" ".join(faults)} end as fault from opened
        )
        select {file_id}::bigint as file_id, line as source_line,
            case when reason is not null then 'record' else {_texts(names)}[fault + 1] end
                as reject_field,
            coalesce(reason, {_texts(reasons)}[fault + 1]) as reject_reason,
            {", ".join(columns)}
        from typed
    """


def _word(leaf: Leaf) -> str:
    """The leaf's type as a person would say it."""
    return "list of the expected objects" if leaf.type.startswith("STRUCT") else leaf.type


def _document_text(found: Document, plain: Sequence[Leaf], documents: Sequence[Document]) -> str:
    """SQL of a document's text: documents stand behind the plain leaves."""
    return f"nullif(texts[{len(plain) + documents.index(found) + 1}], '')"


def _opened(found: Document, plain: Sequence[Leaf], documents: Sequence[Document]) -> str:
    text = _document_text(found, plain, documents)
    return found.texts(f"case when json_valid({text}) then {text}::json end")


def _texts(values: Sequence[str]) -> str:
    return "[" + ", ".join(literal(value) for value in values) + "]"
