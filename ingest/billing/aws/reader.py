"""AWS Cost and Usage Reports: CUR 2.0 and legacy CUR, CSV (also gzipped) and Parquet.

Source: AWS' Data Exports table dictionary (CUR 2.0) and the legacy data dictionary, 2026-09, with
published reports. AWS FOCUS exports are format `focus`. All typing happens in DuckDB with bounded
memory; only the distinct usage types of a file come to Python.

- **What replaces what.** A newer run of an export replaces payer and billing period whole; a file
  alone replaces them day by day. The files of one delivery (`x_delivery`) are those of one export
  folder, or, outside of one, those that differ only in AWS' five-digit chunk number.
- **Identity.** `identity_line_item_id` is unique only with its time interval. A line that repeats
  an earlier one of its file, word for word, is rejected.
- **Money.** `billed_cost` is the unblended cost, discounts being lines of their own;
  `contracted_cost` is the net unblended cost, when the report has it.
- **source_line** is the line in which a record begins (Parquet: the record's number).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa

from ingest.billing.aws import columns
from ingest.billing.aws.models import UsageType, is_bedrock, parse, tokens_in_unit
from ingest.billing.export_files.date_order import settle_date_order
from ingest.billing.export_files.deliveries import AWS_FOLDER, BILLING_PERIOD, DAY, aws_delivery
from ingest.billing.export_files.manifests import MANIFEST_SUFFIX, ExportManifests
from ingest.billing.export_files.staging import (
    StagingTables,
    null_safe_join,
    row_md5,
    stage_charges,
)
from ingest.billing.export_files.tabular import SUFFIXES, Scan, broken_lines, open_text
from ingest.contracts.columns import QUANTITY
from ingest.errors import SourceFileError
from ingest.records.format import Format, InputFile, Refusal, SourceConfig, Staged
from ingest.records.iam_principals import has_session, principal
from ingest.records.pseudonyms import PersonColumns

_PERIOD = (
    "concat_ws('|', 'aws', r.billing_account_id, strftime(r.billing_period_start, '%Y-%m-%d'))"
)
_TOKENS = f"try_cast(r._lineitemusageamount * t.block::decimal(7, 0) as {QUANTITY})"
_TEXTS = (
    "lineitemproductcode",
    "productservicecode",
    "x_line_item",
    "service_name",
    "pricing_unit",
)
"""The texts that tell Bedrock and that its grammar reads."""

_TYPES = pa.schema(
    [
        *((name, pa.string()) for name in _TEXTS),
        ("is_bedrock", pa.bool_()),
        *(
            (name, pa.string())
            for name in ("x_model", "x_token_class", "x_service_tier", "cost_type", "details")
        ),
        ("block", pa.int32()),
    ]
)
_WORDS = r"lower(regexp_replace(r.lineitemlineitemtype, '([a-z])([A-Z])', '\1_\2', 'g'))"


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged | Refusal]:
    """Stage the lines of Cost and Usage Report files.

    Raises:
        SourceFileError: a file is damaged, empty, or lacks a column that every line needs.
    """
    return stage_charges(con, files, lambda staging: _charges(staging, config))


def _charges(staging: StagingTables, config: SourceConfig) -> str:
    """Type one file's records and return the query of its charges."""
    scan = _open(staging.con, staging.file)
    settle_date_order(staging.con, staging.file, scan, columns.DATES, config)
    rows = staging.rows(scan, _typing(scan, config.salt))
    repeats = staging.table("repeats", _repeats(rows))
    types = staging.lookup_table("types", rows, _TEXTS, _parsed_usage, _TYPES)
    return _view(staging.file, config, scan, rows, repeats, types)


def _open(con: duckdb.DuckDBPyConnection, file: InputFile) -> Scan:
    scan = open_text(con, file, columns.folded)
    missing = [name for fold, name in columns.MANDATORY.items() if fold not in scan.columns]
    if missing and {"billedcost", "chargecategory"} <= {n.lower() for n in scan.columns.values()}:
        raise SourceFileError(
            file.relative, 'is a FOCUS export: put it in a folder with format = "focus"'
        )
    if missing:
        reason = (
            f"is not a whole Cost and Usage Report: no column {', '.join(missing)}; "
            "select it in the data export (a legacy report spells it lineItem/UnblendedCost)"
        )
        raise SourceFileError(file.relative, reason, line=scan.first_line - 1 or None)
    return scan


def _typing(scan: Scan, salt: str) -> str:
    """Return the query that types a scan: record number, identity, canonical columns, fault."""
    charge = ", ".join(f"{sql} as {name}" for name, sql in columns.CHARGE.items())
    field, reason = columns.fault(scan.columns)
    return f"""
        with texts as (
            select record, {row_md5(scan)} as row_md5,
                {columns.tag_entries(scan.columns)} as tag_entries, {columns.texts(scan.columns)}
            from {scan.sql}
        ),
        typed as (
            select *, {columns.typed()} from texts
        ),
        charges as (
            select record, row_md5, {columns.TAGS} as tags, {charge},
                case when identitylineitemid is not null then row_md5 end as identity_md5,
                _lineitemusageamount, lineitemlineitemtype, lineitemoperation,
                lineitemproductcode, productservicecode,
                {principal(salt)} as x_api_key_id,
                {field} as reject_field, {reason} as reject_reason
            from typed
        )
        from charges
    """


def _repeats(rows: str) -> str:
    """Return the query of lines that repeat an earlier one whole, identity included."""
    return f"""
        with twins as (
            select identity_md5, min(record) as first_record from {rows}
            where identity_md5 is not null group by identity_md5 having count(*) > 1
        )
        select record, first_record from {rows} join twins using (identity_md5)
        where record > first_record
    """


def _parsed_usage(
    product_code: str | None,
    service_code: str | None,
    usage_type: str | None,
    product: str | None,
    unit: str | None,
) -> dict[str, object]:
    """Return what the texts of a line say, given in the order of `_TEXTS`."""
    bedrock = is_bedrock((product_code, service_code), product, usage_type)
    found = parse(usage_type, product) if bedrock and usage_type else UsageType()
    return {
        "is_bedrock": bedrock,
        "x_model": found.model,
        "x_token_class": found.token_class,
        "x_service_tier": found.tier,
        "cost_type": found.cost_type,
        "block": tokens_in_unit(unit, found.block),
        "details": json.dumps(dict(found.details)) if bedrock and usage_type else None,
    }


def _view(
    file: InputFile, config: SourceConfig, scan: Scan, rows: str, repeats: str, types: str
) -> str:
    delivery = aws_delivery(file.relative)
    restates = delivery.restates(config, (BILLING_PERIOD, DAY))
    first = scan.first_line - 1
    is_tokens = "(r.charge_category = 'Usage' and t.x_token_class is not null)"
    return f"""
        select
            {file.file_id}::bigint as file_id,
            r.record + {first} as source_line,
            {delivery.columns()},
            {_PERIOD} || '|' || strftime(r.charge_period_start, '%Y-%m-%d') as x_restatement_key,
            {delivery.scope(restates, _PERIOD, "r.billing_period_start")} as x_scope,
            if(t.is_bedrock, 'aws.bedrock', 'aws') as x_provider,
            if(t.is_bedrock, 'AI and Machine Learning', null) as service_category,
            t.x_model, t.x_token_class, t.x_service_tier,
            if(r.charge_category = 'Usage', t.cost_type, {_WORDS}) as x_cost_type,
            case when {is_tokens} then {_TOKENS}
                when r.charge_category = 'Usage' then r.pricing_quantity end as consumed_quantity,
            case when {is_tokens} then 'Tokens'
                when r.charge_category = 'Usage' then r.pricing_unit end as consumed_unit,
            json_merge_patch(t.details, json_object('operation', r.lineitemoperation))::varchar
                as sku_price_details,
            case when p.record is not null then coalesce(r.reject_field, 'identity_line_item_id')
                else r.reject_field end as reject_field,
            coalesce(r.reject_reason,
                'repeats line ' || (p.first_record + {first}) || ' of this file word for word; '
                || 'deliver the export again without it') as reject_reason,
            r.* exclude (record, row_md5, identity_md5, reject_field, reject_reason,
                _lineitemusageamount, lineitemlineitemtype, lineitemoperation,
                lineitemproductcode, productservicecode)
        from {rows} as r
        left join {repeats} as p on r.record = p.record
        left join {types} as t on {null_safe_join(_TEXTS, "t")}
        {broken_lines(scan)}
    """


FORMAT = Format(
    name="aws_cur",
    title="AWS Cost and Usage Report (CUR 2.0 and legacy), CSV or Parquet",
    suffixes=(*SUFFIXES, MANIFEST_SUFFIX),
    read=read,
    folder_is_delivery=True,
    manifests=ExportManifests(AWS_FOLDER),
    options=("restates", "date_order"),
    person_columns=(
        PersonColumns(
            "billing_charges",
            has_session("x_api_key_id"),
            lambda salt: {"x_api_key_id": principal(salt, "x_api_key_id")},
        ),
    ),
)
"""Settings: `restates`, `billing_period` or `day`: what a newer delivery replaces; `date_order`,
`month_first` or `day_first`: of dates with slashes that can be read both ways."""
