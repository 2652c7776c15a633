"""Records of one Parquet file; values are typed through their text."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import duckdb

from ingest.errors import SourceFileError
from ingest.records.embedded_json import NOT_JSON, document_of, documents_of, typed
from ingest.records.fields import Leaf, access
from ingest.records.format import InputFile
from ingest.records.headers import parquet_columns
from ingest.sql import exact_path, literal, quote


def read_parquet_file(
    con: duckdb.DuckDBPyConnection,
    file: InputFile,
    leaves: Sequence[Leaf],
    documents: Collection[str],
) -> Iterator[str]:
    """Yield the relation that holds the file's records.

    Args:
        documents: top-level keys whose value is JSON, as text or as it is.

    Raises:
        SourceFileError: the file cannot be read.
    """
    select = _select(file, leaves, documents)
    try:
        con.execute(f"create or replace temp view parquet_records as {select}")
    except duckdb.Error as error:
        raise SourceFileError(
            file.relative, f"the Parquet file cannot be read: {str(error).splitlines()[0][:200]}"
        ) from error
    yield "parquet_records"
    con.execute("drop view if exists parquet_records")


def _select(file: InputFile, leaves: Sequence[Leaf], documents: Collection[str]) -> str:
    columns = parquet_columns(file)
    opened = [found for found in documents_of(leaves, documents) if found.key in columns]
    values, faults, texts = [], [], []
    for leaf in leaves:
        holder = document_of(leaf, opened)
        value = access(leaf.path) if leaf.path[0] in columns else "null"
        value = holder.text_of(leaf) if holder else value
        cast = typed(value, leaf, "try_cast") if holder else f"try_cast({value} as {leaf.type})"
        values.append(f"{leaf.kept(cast)} as {quote(leaf.name)}")
        wrong = f"{value} is not null and {cast} is null"
        faults.append((wrong, leaf.name, "the value has another type"))
    for found in opened:
        # a map, a struct and a list become JSON; a text is taken as it is
        text = f"nullif(json_extract_string(to_json({quote(found.key)}), '$'), '')"
        texts.append(found.texts(f"case when json_valid({text}) then {text}::json end"))
        faults.append((f"not json_valid({text})", found.key, NOT_JSON))
    fields = " ".join(f"when {wrong} then {literal(name)}" for wrong, name, _ in faults)
    reasons = " ".join(f"when {wrong} then {literal(reason)}" for wrong, _, reason in faults)
    return (
        f"select {file.file_id}::bigint as file_id, file_row_number + 1 as source_line,"
        f" case {fields} end as reject_field, case {reasons} end as reject_reason,"
        f" {', '.join(values)} from (select {', '.join(['*', *texts])}"
        f" from read_parquet({literal(exact_path(file.path))}, file_row_number = true))"
    )
