"""A Google Cloud billing export on disk: SQL that scans any of its forms as the same text columns.

A scan gives `record` (from 1), `is_broken`, one text column per entry of SCALARS and one JSON text
column per entry of ARRAYS, each named by its path with `_` for the dot. The forms:

- JSON lines as BigQuery exports them (nulls left out, integers as text), or one JSON array as its
  command line prints it; plain or gzipped;
- Parquet with nested columns;
- CSV dumps with flattened headers (`service.id` or `service_id`), whose arrays are Python's repr of
  a list (single quotes, None), as pandas writes them, or JSON.

In text files `record` counts lines.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
from duckdb.sqltypes import DuckDBPyType

from ingest.billing.export_files.cells import text_or_null
from ingest.billing.export_files.lined_files import text_file
from ingest.billing.export_files.tabular import Scan, as_text, csv_scan, unreadable
from ingest.errors import SourceFileError
from ingest.records.file_bytes import is_gzip, text_shape
from ingest.records.format import InputFile
from ingest.sql import exact_path, literal, quote

SUFFIXES = (".json", ".json.gz", ".jsonl", ".jsonl.gz", ".csv", ".csv.gz", ".parquet")

SCALARS = (
    "billing_account_id",
    "service.id",
    "service.description",
    "sku.id",
    "sku.description",
    "usage_start_time",
    "usage_end_time",
    "project.id",
    "project.name",
    "location.location",
    "location.region",
    "cost",
    "currency",
    "currency_conversion_rate",
    "usage.amount",
    "usage.unit",
    "usage.amount_in_pricing_units",
    "usage.pricing_unit",
    "adjustment_info.id",
    "adjustment_info.description",
    "adjustment_info.mode",
    "adjustment_info.type",
    "invoice.month",
    "cost_type",
    "transaction_type",
    "seller_name",
    "export_time",
    "cost_at_list",
    "price.list_price",
    "price.effective_price",
    "price.unit",
    "price.pricing_unit_quantity",
    "price.tier_start_amount",
    "consumption_model.description",
    "resource.name",
    "resource.global_name",
)
"""Paths of single values that are read."""

_CREDIT = "STRUCT(id VARCHAR, name VARCHAR, full_name VARCHAR, type VARCHAR, amount VARCHAR)[]"
_PAIR = "STRUCT(key VARCHAR, value VARCHAR, inherited VARCHAR, namespace VARCHAR)[]"

ARRAYS = {
    "credits": _CREDIT,
    "system_labels": _PAIR,
    "project.labels": _PAIR,
    "tags": _PAIR,
    "labels": _PAIR,
}
"""Paths of lists that are read, with the type of what stands in them."""

_MANDATORY = ("service.description", "sku.description", "usage_start_time", "cost", "currency")

UNREADABLE = literal('"unreadable"')
"""Stands for a list in a CSV cell that could not be read; no list is a JSON string."""


def column(path: str) -> str:
    """Return the name of a path's column in a scan."""
    return path.replace(".", "_")


_COLUMNS = {column(path): path for path in (*SCALARS, *ARRAYS)}


def open_export(con: duckdb.DuckDBPyConnection, file: InputFile) -> Scan:
    """Return the scan of an export file.

    Raises:
        SourceFileError: the file is damaged, empty, or lacks columns without which nothing is
            billed. A list of credits is one of them: without it a cost is not what is invoiced.
    """
    if file.kind == "parquet":
        return _parquet(con, file)
    if file.kind == "csv":
        return _csv(con, file)
    return _json(con, file)


def _require(file: InputFile, missing: list[str]) -> None:
    if missing:
        reason = (
            f"is not a Google Cloud billing export: no column {', '.join(missing)}; "
            "export the table with all its columns"
        )
        raise SourceFileError(file.relative, reason)


def _csv(con: duckdb.DuckDBPyConnection, file: InputFile) -> Scan:
    base = csv_scan(con, file)
    held = {name.replace(".", "_"): quote(name) for name in base.columns}
    needed = (*_MANDATORY, "credits")
    _require(file, [path for path in needed if column(path) not in held])
    texts = [_csv_text(path, held.get(column(path))) for path in SCALARS]
    texts += [_csv_list(path, kind, held.get(column(path))) for path, kind in ARRAYS.items()]
    sql = f"(select record, false as is_broken, {', '.join(texts)} from {base.sql})"
    return Scan(sql, _COLUMNS, base.first_line, base.lined)


def _csv_text(path: str, held: str | None) -> str:
    return f"{text_or_null(held) if held else 'null::varchar'} as {column(path)}"


def _csv_list(path: str, kind: str, held: str | None) -> str:
    """Return a list cell as JSON; DuckDB's own text of a list is close enough to Python's.

    numpy leaves out the commas between a list's elements, so they are put back.
    """
    if held is None:
        return f"null::varchar as {column(path)}"
    listed = f"regexp_replace({held}, '\\}}\\s+\\{{', '}}, {{', 'g')"
    return (
        f"case when {held} is null or trim({held}) in ('', 'None', 'NULL', 'null') then null "
        f"when json_valid({held}) then {held} "
        f"else coalesce(to_json(try_cast({listed} as {kind}))::varchar, {UNREADABLE}) end "
        f"as {column(path)}"
    )


def _json(con: duckdb.DuckDBPyConnection, file: InputFile) -> Scan:
    if text_shape(file.path, file.relative, file.shape).is_array:
        kind = "gzip" if is_gzip(file.path) else "uncompressed"
        objects = (
            f"read_json_objects({literal(exact_path(file.path))}, format = 'array',"
            f" compression = '{kind}')"
        )
        numbered = f"(select row_number() over () as record, json::varchar as line from {objects})"
        return Scan(_json_sql(numbered), _COLUMNS, 1, None)
    lined = text_file(con, file, "line")
    lined.open()
    return Scan(_json_sql(lined.view), _COLUMNS, 1, lined)


def _json_sql(source: str) -> str:
    paths = [*SCALARS, *ARRAYS]
    asked = ", ".join(literal(f"$.{path}") for path in paths)
    texts = ", ".join(
        f"nullif(texts[{n}], '') as {column(path)}" for n, path in enumerate(paths, 1)
    )
    return f"""(
        select record, texts is null as is_broken, {texts}
        from (
            select
                record,
                case when json_valid(line) and json_type(line) = 'OBJECT'
                    then json_extract_string(line, [{asked}]) end as texts
            from {source}
            where trim(line) <> ''
        )
    )"""


def require_stated(con: duckdb.DuckDBPyConnection, file: InputFile, rows: str) -> None:
    """Refuse a file of JSON none of whose records state a column that every export has.

    BigQuery leaves nulls out, so a single record proves nothing.

    Args:
        rows: relation of the file's scanned records.

    Raises:
        SourceFileError: names the columns.
    """
    counts = ", ".join(f"count({column(path)})" for path in _MANDATORY)
    (found,) = con.execute(f"select {counts} from {rows} where not is_broken").fetchall()
    _require(file, [p for p, n in zip(_MANDATORY, found, strict=True) if not n])


def _parquet(con: duckdb.DuckDBPyConnection, file: InputFile) -> Scan:
    source = f"read_parquet({literal(exact_path(file.path))})"
    try:
        relation = con.sql(f"from {source}")
    except duckdb.Error as error:
        raise unreadable(file, error) from None
    kinds = dict(zip(map(str.lower, relation.columns), relation.types, strict=True))
    held = {path: _kind(kinds, path) for path in (*SCALARS, *ARRAYS)}
    needed = (*_MANDATORY, "credits")
    _require(file, [path for path in needed if held[path] is None])
    texts = [f"{_parquet_text(path, kind)} as {column(path)}" for path, kind in held.items()]
    # row_number() over () streams: it numbers in the file's order, nothing held back
    sql = f"(select row_number() over () as record, false as is_broken, {', '.join(texts)} "
    return Scan(f"{sql}from {source})", _COLUMNS, 1, None)


def _kind(kinds: Mapping[str, DuckDBPyType], path: str) -> str | None:
    """Return the type of a nested column; None when the file has none."""
    first, _, rest = path.partition(".")
    kind = kinds.get(first)
    if kind is None or not rest:
        return None if kind is None else str(kind)
    fields = dict(kind.children) if kind.id == "struct" else {}
    return str(fields[rest]) if rest in fields else None


def _parquet_text(path: str, kind: str | None) -> str:
    if kind is None:
        return "null::varchar"
    value = ".".join(quote(part) for part in path.split("."))
    if path in ARRAYS:
        return f"to_json({value})::varchar"
    return f"nullif({as_text(value, kind)}, '')"
