"""Google Cloud billing export from BigQuery, standard and detailed: JSON, Parquet, CSV dumps.

Source of the facts: Google's export schema, summarised in formats/billing.md section 5.

- **Net.** `cost` is before credits. `billed_cost` = cost + the sum of the row's own credits (which
  are negative); nothing is unnested, so no row is multiplied. `contracted_cost` is `cost`.
- **Restatement.** The export is append-only: a correction is a negative row and new rows, all of
  them kept. A row has no key; its key is the md5 of what it says and the number of its occurrence
  in its file, so that a row delivered twice, in whatever form, counts once.
- **Tokens.** `usage.unit` says `requests` where it holds tokens; the SKU's text decides.
- **Invoice month** is a month in Pacific time; usage times are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from ingest.billing.focus_files import broken_lines, unreadable
from ingest.billing.gcp_columns import CANONICAL, EXACT, TYPED, fault, said
from ingest.billing.gcp_files import SUFFIXES, Scan, open_export, require_stated
from ingest.billing.gcp_skus import read_sku
from ingest.contracts import BILLING_CHARGES
from ingest.errors import SourceFileError
from ingest.reading import Format, InputFile, SourceConfig, Staged
from ingest.sqltext import literal

_SHARD = re.compile(r"[-_]?(?<!\d)0{6}\d{6}(?=\.)")
"""BigQuery's number of a part, `000000000000` on; a time such as 202609011200 is not one."""


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged]:
    """Stage the charges of billing export files.

    Raises:
        SourceFileError: a file is damaged, empty, or is not a billing export.
    """
    del config  # the export states everything itself
    for file in files:
        with _staged(con, file) as relation:
            yield Staged(BILLING_CHARGES.name, relation)


@contextmanager
def _staged(con: duckdb.DuckDBPyConnection, file: InputFile) -> Iterator[str]:
    """Give the name of the staged view of one file; it is gone afterwards."""
    number = file.file_id
    tables = [f"gcp_{part}_{number}" for part in ("texts", "rows", "repeats", "skus")]
    view = f"staged_{BILLING_CHARGES.name}_{number}"
    scan = open_export(con, file)
    try:
        _load(con, file, scan, *tables)
        con.execute(f"create temp view {view} as {_view(file, scan, *tables[1:])}")
        yield view
    finally:
        con.execute(f"drop view if exists {view}")
        for table in (*tables, scan.rejects, scan.rejects and f"{scan.rejects}_scan"):
            if table:
                con.execute(f"drop table if exists {table}")


def _load(
    con: duckdb.DuckDBPyConnection,
    file: InputFile,
    scan: Scan,
    texts: str,
    rows: str,
    repeats: str,
    skus: str,
) -> None:
    """Type the file's records into temp tables, which spill to disk when memory is short."""
    try:
        con.execute(f"create temp table {texts} as {scan.sql}")
    except duckdb.Error as error:
        raise _unreadable(file, error) from None
    _require_records(con, file, scan, texts)
    con.execute(f"create temp table {rows} as {typing_sql(texts)}")
    con.execute(f"drop table {texts}")
    con.execute(f"create temp table {repeats} as {_repeats(rows)}")
    _read_skus(con, rows, skus)


def _unreadable(file: InputFile, error: duckdb.Error) -> Exception:
    refused = unreadable(file, error)
    if isinstance(refused, SourceFileError) and ".json" in file.relative:
        reason = "is not a complete JSON array of records; export it again, best as JSON lines"
        return SourceFileError(file.relative, reason)
    return refused


def _require_records(
    con: duckdb.DuckDBPyConnection, file: InputFile, scan: Scan, texts: str
) -> None:
    lines = f"select 1 from {scan.rejects} union all " if scan.rejects else ""
    if not con.execute(f"{lines}select 1 from {texts} limit 1").fetchall():
        raise SourceFileError(file.relative, "no data returned: the file holds no rows")
    if ".json" in file.relative:
        require_stated(con, file, texts)


def typing_sql(texts: str) -> str:
    """Return the query that types scanned texts: record, md5, typed values, fault."""
    exact = ", ".join(f"{expression} as {name}" for name, expression in EXACT.items())
    typed = ", ".join(f"{expression} as {name}" for name, expression in TYPED.items())
    field, reason = fault()
    return f"""
        with exact as (select *, {exact} from {texts}),
        typed as (select *, {typed} from exact)
        select
            * exclude (is_broken),
            {field} as reject_field,
            {reason} as reject_reason,
            md5(concat_ws(chr(31), {said()})) as row_md5
        from typed
    """


def _repeats(rows: str) -> str:
    """Return the query of the rows that stand several times in the file, numbered; few, if any."""
    return f"""
        with twins as (select row_md5 from {rows} group by row_md5 having count(*) > 1)
        select record, row_number() over (partition by row_md5 order by record) as occurrence
        from {rows} semi join twins using (row_md5)
    """


def _read_skus(con: duckdb.DuckDBPyConnection, rows: str, skus: str) -> None:
    """Write what the file's SKU texts say into a temp table; a bill has few of them."""
    texts = [
        text
        for (text,) in con.execute(
            f"select distinct sku_description from {rows} where sku_description is not null"
        ).fetchall()
    ]
    read_texts = [read_sku(text) for text in texts]
    fields = ("model", "token_class", "tier", "cost_type")
    table = pa.table(
        {
            "text": pa.array(texts, pa.string()),
            **{
                f"sku_{name}": pa.array([getattr(sku, name) for sku in read_texts], pa.string())
                for name in fields
            },
        }
    )
    con.register("gcp_skus_arrow", table)
    con.execute(f"create temp table {skus} as from gcp_skus_arrow")
    con.unregister("gcp_skus_arrow")


def _view(file: InputFile, scan: Scan, rows: str, repeats: str, skus: str) -> str:
    columns = ", ".join(f"{expression} as {name}" for name, expression in CANONICAL.items())
    return f"""
        select
            {file.file_id}::bigint as file_id,
            r.record + {scan.first_line - 1} as source_line,
            reject_field, reject_reason,
            row_md5 || '#' || coalesce(p.occurrence, 1) as x_restatement_key,
            {literal(delivery(file.relative))} as x_delivery,
            {columns}
        from {rows} as r
        left join {repeats} as p on r.record = p.record
        left join {skus} as s on r.sku_description = s.text
        {broken_lines(file, scan.rejects, "the line cannot be read")}
    """


def delivery(relative: str) -> str:
    """Return what the parts of one export share: their path without the part's number.

    A row that stands in two parts of one export is two rows; in two exports it is one.
    """
    return _SHARD.sub("", relative)


FORMAT = Format(
    name="gcp",
    title="Google Cloud billing export (BigQuery), JSON, Parquet or CSV",
    suffixes=SUFFIXES,
    read=read,
)
"""Settings: none beyond `format`."""
