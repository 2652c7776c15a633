"""Google Cloud billing export from BigQuery, standard and detailed: JSON, Parquet, CSV dumps.

Source: Google's schema of the standard and detailed usage cost export, 2026-09.

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

from ingest.billing.export_files.deliveries import shard_delivery
from ingest.billing.export_files.staging import ROW_KEY, StagingTables, occurrences, stage_charges
from ingest.billing.export_files.tabular import broken_lines
from ingest.billing.gcp.columns import CANONICAL, EXACT, TYPED, fault, said
from ingest.billing.gcp.files import SUFFIXES, open_export, require_stated
from ingest.billing.gcp.models import read_sku
from ingest.records.format import Format, InputFile, Refusal, SourceConfig, Staged
from ingest.sql import literal

_TEXTS = ("sku_description",)
_SKUS = pa.schema(
    [
        (name, pa.string())
        for name in (*_TEXTS, "sku_model", "sku_token_class", "sku_tier", "sku_cost_type")
    ]
)


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged | Refusal]:
    """Stage the charges of billing export files.

    Raises:
        SourceFileError: a file is damaged, empty, or is not a billing export.
    """
    del config  # the export states everything itself
    return stage_charges(con, files, _charges)


def _charges(staging: StagingTables) -> str:
    """Type one file's records and return the query of its charges."""
    scan = open_export(staging.con, staging.file)
    texts = staging.rows(scan, f"from {scan.sql}", "texts")
    if staging.file.kind in ("json", "jsonl"):
        require_stated(staging.con, staging.file, texts)
    rows = staging.table("rows", typing_sql(texts))
    staging.drop(texts)
    repeats = staging.table("repeats", occurrences(rows))
    skus = staging.lookup_table("skus", rows, _TEXTS, _parsed_sku, _SKUS)
    columns = ", ".join(f"{expression} as {name}" for name, expression in CANONICAL.items())
    return f"""
        select
            {staging.file.file_id}::bigint as file_id,
            r.record + {scan.first_line - 1} as source_line,
            reject_field, reject_reason,
            {ROW_KEY} as x_restatement_key,
            {literal(shard_delivery(staging.file.relative).name or "")} as x_delivery,
            {columns}
        from {rows} as r
        left join {repeats} as p on r.record = p.record
        left join {skus} as s using ({", ".join(_TEXTS)})
        {broken_lines(scan)}
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


def _parsed_sku(sku: str | None) -> dict[str, object]:
    """Return what a SKU's text says."""
    found = vars(read_sku(sku)) if sku else {}
    return {f"sku_{name}": value for name, value in found.items()}


FORMAT = Format(
    name="gcp",
    title="Google Cloud billing export (BigQuery), JSON, Parquet or CSV",
    suffixes=SUFFIXES,
    read=read,
)
"""Settings: none beyond `format`."""
