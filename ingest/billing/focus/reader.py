"""FOCUS 1.0 to 1.4 Cost and Usage files of any provider: CSV (also gzipped) and Parquet.

Source: the FOCUS specification, 1.0 to 1.4, and its published samples. All typing happens in DuckDB
with bounded memory, so a file may be larger than the machine.

- **What replaces what.** A newer run of an export replaces provider, billing account and billing
  period whole. FOCUS has no line key, so a file alone replaces identical rows only: its restatement
  key is the md5 of everything a row says and the number of its occurrence within the file. The
  order of columns does not matter; an added column makes rows new. The setting `restates` decides
  otherwise.
- **source_line.** The line in which a record begins (Parquet: the record's number).
- **Decimals.** More than 12 are rounded half-even to 12 (quantities: 9).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from ingest.billing.export_files.cells import text_or_null
from ingest.billing.export_files.deliveries import BILLING_PERIOD, DAY, ROWS, any_delivery
from ingest.billing.export_files.staging import (
    ROW_KEY,
    StagingTables,
    null_safe_join,
    occurrences,
    row_md5,
    stage_charges,
)
from ingest.billing.export_files.tabular import SUFFIXES, Scan, broken_lines, open_text
from ingest.billing.focus import models as focus_models
from ingest.billing.focus.columns import DERIVED, PLACE, READ, STATED, fault, require_columns, typed
from ingest.records.format import Format, InputFile, Refusal, SourceConfig, Staged

_PERIOD = (
    "concat_ws('|', lower(r.provider_name), r.billing_account_id,"
    " strftime(r.billing_period_start, '%Y-%m-%d'))"
)
_DAY = f"{_PERIOD} || '|' || strftime(r.charge_period_start, '%Y-%m-%d')"


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged | Refusal]:
    """Stage the charges of FOCUS files.

    Raises:
        SourceFileError: a file is damaged, empty, or is not a Cost and Usage dataset.
    """
    return stage_charges(con, files, lambda staging: _charges(staging, config))


def _charges(staging: StagingTables, config: SourceConfig) -> str:
    """Type one file's records and return the query of its charges."""
    scan = open_text(staging.con, staging.file)
    delivery = any_delivery(staging.file)
    restates = delivery.restates(config, (BILLING_PERIOD, DAY, ROWS))
    require_columns(staging.file, scan.columns, PLACE if restates != ROWS else ())
    rows = staging.rows(scan, typing_sql(scan))
    repeats = staging.table("repeats", occurrences(rows))
    models = staging.lookup_table(
        "models",
        rows,
        focus_models.TEXTS,
        focus_models.read,
        focus_models.SCHEMA,
        where="cloud is not null",
    )
    derived = ", ".join(
        f"{expression} as {name}" for name, expression in focus_models.DERIVED_COLUMNS.items()
    )
    left_out = ", ".join((*focus_models.REPLACED_COLUMNS, *focus_models.WORKING_COLUMNS))
    return f"""
        select
            {staging.file.file_id}::bigint as file_id,
            r.record + {scan.first_line - 1} as source_line,
            {delivery.columns()},
            {ROW_KEY if restates == ROWS else _DAY} as x_restatement_key,
            {delivery.scope(restates, _PERIOD, "r.billing_period_start")} as x_scope,
            {derived},
            r.* exclude (record, row_md5, {left_out})
        from {rows} as r
        left join {repeats} as p on r.record = p.record
        left join {models} as m on {null_safe_join(focus_models.TEXTS, "m")}
        {broken_lines(scan)}
    """


def typing_sql(scan: Scan) -> str:
    """Return the query that types a scan: record number, md5, canonical columns, fault."""
    texts = ", ".join(
        (text_or_null(name) if name in scan.columns else "null::varchar") + f" as {name}"
        for name in dict.fromkeys((*READ, *focus_models.READ))
    )
    stated = ", ".join(
        "coalesce(providername, serviceprovidername) as provider_name"
        if column.name == "provider_name"
        else f"{typed(column)} as {column.name}"
        for column in STATED
    )
    derived = ", ".join(f"{expression} as {name}" for name, expression in DERIVED.items())
    names = ", ".join(column.name for column in STATED)
    field, reason = fault(scan.columns)
    return f"""
        with texts as (
            select record, {row_md5(scan)} as row_md5, {texts} from {scan.sql}
        ),
        typed as (
            select *, {stated} from texts
        )
        select
            record, row_md5, {field} as reject_field, {reason} as reject_reason,
            {names}, {derived}, {", ".join(focus_models.READ)}, {focus_models.texts_sql()}
        from typed
    """


FORMAT = Format(
    name="focus",
    title="FOCUS Cost and Usage (1.0 to 1.4), CSV or Parquet",
    suffixes=SUFFIXES,
    read=read,
    folder_is_delivery=True,
    options=("restates",),
)
"""Settings: `restates`, `billing_period`, `day` or `rows`: what a newer delivery replaces."""
