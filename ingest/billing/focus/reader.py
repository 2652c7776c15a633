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
from dataclasses import replace

import duckdb

from ingest.billing.export_files.cells import text_or_null
from ingest.billing.export_files.date_order import settle_date_order
from ingest.billing.export_files.deliveries import (
    BILLING_PERIOD,
    DATA_EXPORT_FOLDER,
    DAY,
    ROWS,
    any_delivery,
)
from ingest.billing.export_files.manifests import MANIFEST_SUFFIX, ExportManifests
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
from ingest.billing.focus.columns import (
    DATES,
    DERIVED,
    PLACE,
    READ,
    STATED,
    fault,
    focus_name,
    require_columns,
    typed,
)
from ingest.records.format import Format, InputFile, Refusal, SourceConfig, Staged

_PERIOD = (
    "concat_ws('|', lower(r.provider_name), r.billing_account_id,"
    " strftime(r.billing_period_start, '%Y-%m-%d'))"
)
_PARTS = "parts of one bill"
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
    scan = open_text(staging.con, staging.file, focus_name)
    delivery = any_delivery(staging.file)
    if config.options.get("parts") and delivery.name is None:
        delivery = replace(delivery, name=_PARTS)
    restates = delivery.restates(config, (BILLING_PERIOD, DAY, ROWS))
    require_columns(staging.file, scan.columns, PLACE if restates != ROWS else ())
    span = (delivery.first_day, delivery.last_day)
    settle_date_order(staging.con, staging.file, scan, DATES, config, span)
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
            s.total is not null as x_is_empty,
            r.* exclude (record, row_md5, {left_out})
        from {rows} as r
        left join {repeats} as p on r.record = p.record
        left join {_splits(rows)} as s on {_SPLIT_OF}
        left join {models} as m on {null_safe_join(focus_models.TEXTS, "m")}
        {broken_lines(scan)}
    """


def _splits(rows: str) -> str:
    """Return what the lines of each split cost (1.3: `AllocatedMethodId`), by what was split."""
    return f"""(
        select resource_id, charge_period_start, charge_category, sku_id, billing_currency,
            sum(billed_cost) as total
        from {rows} where allocated_method_id is not null
        group by all
    )"""


_SPLIT_OF = (
    "r.allocated_method_id is null and r.resource_id = s.resource_id"
    " and r.charge_period_start = s.charge_period_start and r.charge_category = s.charge_category"
    " and r.sku_id is not distinct from s.sku_id and r.billing_currency = s.billing_currency"
    " and r.billed_cost = s.total"
)
"""A line that its split states again: the split counts, which says whose the cost is."""


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
    suffixes=(*SUFFIXES, MANIFEST_SUFFIX),
    read=read,
    folder_is_delivery=True,
    manifests=ExportManifests(DATA_EXPORT_FOLDER),
    options=("restates", "date_order", "parts"),
)
"""Settings: `restates`, `billing_period`, `day` or `rows`: what a newer delivery replaces;
`date_order`, `month_first` or `day_first`: of dates with slashes that can be read both ways; `parts
= true`: files alone are parts of one bill, and none states another's charges again."""
