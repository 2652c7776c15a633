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

from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa

from ingest.billing.deliveries import shard_delivery
from ingest.billing.gcp_columns import CANONICAL, EXACT, TYPED, fault, said
from ingest.billing.gcp_files import SUFFIXES, open_export, require_stated
from ingest.billing.gcp_skus import read_sku
from ingest.billing.staging import ROW_KEY, Bench, occurrences, stage_charges
from ingest.billing.tabular import broken_lines
from ingest.reading import Format, InputFile, SourceConfig, Staged
from ingest.sqltext import literal


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged]:
    """Stage the charges of billing export files.

    Raises:
        SourceFileError: a file is damaged, empty, or is not a billing export.
    """
    del config  # the export states everything itself
    return stage_charges(con, files, _charges)


def _charges(bench: Bench) -> str:
    """Type one file's records and return the query of its charges."""
    scan = open_export(bench.con, bench.file)
    texts = bench.rows(scan, f"from {scan.sql}", "texts")
    if ".json" in bench.file.relative:
        require_stated(bench.con, bench.file, texts)
    rows = bench.table("rows", typing_sql(texts))
    bench.drop(texts)
    repeats = bench.table("repeats", occurrences(rows))
    skus = bench.arrow("skus", _skus(bench.con, rows))
    columns = ", ".join(f"{expression} as {name}" for name, expression in CANONICAL.items())
    return f"""
        select
            {bench.file.file_id}::bigint as file_id,
            r.record + {scan.first_line - 1} as source_line,
            reject_field, reject_reason,
            {ROW_KEY} as x_restatement_key,
            {literal(shard_delivery(bench.file.relative).name or "")} as x_delivery,
            {columns}
        from {rows} as r
        left join {repeats} as p on r.record = p.record
        left join {skus} as s on r.sku_description = s.text
        {broken_lines(bench.file, scan.rejects, "the line cannot be read")}
    """


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


def _skus(con: duckdb.DuckDBPyConnection, rows: str) -> pa.Table:
    """Return what the file's SKU texts say; a bill has few of them."""
    texts = [
        text
        for (text,) in con.execute(
            f"select distinct sku_description from {rows} where sku_description is not null"
        ).fetchall()
    ]
    found = [read_sku(text) for text in texts]
    return pa.table(
        {
            "text": pa.array(texts, pa.string()),
            **{
                f"sku_{name}": pa.array([getattr(sku, name) for sku in found], pa.string())
                for name in ("model", "token_class", "tier", "cost_type")
            },
        }
    )


FORMAT = Format(
    name="gcp",
    title="Google Cloud billing export (BigQuery), JSON, Parquet or CSV",
    suffixes=SUFFIXES,
    read=read,
)
"""Settings: none beyond `format`."""
