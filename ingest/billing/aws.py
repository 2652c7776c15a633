"""AWS Cost and Usage Reports: CUR 2.0 and legacy CUR, CSV (also gzipped) and Parquet.

Source of the facts: formats/billing.md section 3. AWS FOCUS exports are format `focus`. All typing
happens in DuckDB with bounded memory; only the distinct usage types of a file come to Python.

- **What replaces what.** A newer delivery replaces `aws|payer|billing period|usage day`. The files
  of one delivery (`x_delivery`) are those of one export folder, or, outside of one, those that
  differ only in AWS' five-digit chunk number.
- **Identity.** `identity_line_item_id` is unique only with its time interval. A line that repeats
  an earlier one of its file, word for word, is rejected.
- **Money.** `billed_cost` is the unblended cost, discounts being lines of their own;
  `contracted_cost` is the net unblended cost, when the report has it.
- **source_line** is the record's number, plus the header in a CSV, as in `focus`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import PurePosixPath

import duckdb
import pyarrow as pa

from ingest.billing import aws_columns as columns
from ingest.billing.aws_usage_types import parse
from ingest.billing.focus_files import SUFFIXES, Scan, broken_lines, load_rows, open_text
from ingest.columns import QUANTITY
from ingest.contracts import BILLING_CHARGES
from ingest.errors import SourceFileError
from ingest.reading import Format, InputFile, SourceConfig, Staged
from ingest.sqltext import literal, quote

# `BILLING_PERIOD=2026-09` of a Data Export, `20260901-20261001` of a legacy report.
_EXPORT_FOLDER = re.compile(r"BILLING_PERIOD=\d{4}-\d{2}|\d{8}-\d{8}", re.IGNORECASE)
_RUN = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d)[:_-]?(\d\d)[:_-]?(\d\d)(?:\.\d+)?Z")
_CHUNK = re.compile(r"(.+)-\d{5}(?:\.snappy)?\.(?:csv|csv\.gz|parquet)", re.IGNORECASE)

# A Marketplace model has another product code: only the product's name, or a usage type that
# counts tokens, tells.
_BEDROCK = """(
    regexp_matches(lineitemproductcode, '^AmazonBedrock')
    or coalesce(regexp_matches(productservicecode, '^AmazonBedrock'), false)
    or contains(lower(service_name), '(amazon bedrock edition)')
    or regexp_matches(lineitemusagetype, 'MP:[A-Z0-9]+_.*(TokenCount|_tokens)')
)"""
_UNIT = r"regexp_full_match(lower(trim(pricing_unit)), '{}[ -]?((input|output)[ -])?tokens?')"
_BLOCK = f"""case
    when {_UNIT.format("(1k|1,?000|thousand)")} then 1000
    when {_UNIT.format("(1m|1,?000,?000|million)")} then 1000000
    when lower(trim(pricing_unit)) in ('token', 'tokens') then 1
    when pricing_unit is null or lower(trim(pricing_unit)) in ('unit', 'units') then t.block
end"""

_TOKENS = f"try_cast(r._lineitemusageamount * ({_BLOCK})::decimal(7, 0) as {QUANTITY})"
_WORDS = r"lower(regexp_replace(r.lineitemlineitemtype, '([a-z])([A-Z])', '\1_\2', 'g'))"


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged]:
    """Stage the lines of Cost and Usage Report files.

    Raises:
        SourceFileError: a file is damaged, empty, or lacks a column that every line needs.
    """
    for file in files:
        with _staged(con, file, config.salt) as relation:
            yield Staged(BILLING_CHARGES.name, relation)


@contextmanager
def _staged(con: duckdb.DuckDBPyConnection, file: InputFile, salt: str) -> Iterator[str]:
    """Give the name of the staged view of one file; it is gone afterwards."""
    scan = _open(con, file)
    view = f"staged_{BILLING_CHARGES.name}_{file.file_id}"
    rows, repeats, types = (f"aws_{part}_{file.file_id}" for part in ("rows", "repeats", "types"))
    try:
        load_rows(con, file, scan, rows, _typing(file, scan, salt))
        con.execute(f"create temp table {repeats} as {_repeats(rows)}")
        _parse_types(con, rows, types)
        con.execute(f"create temp view {view} as {_view(file, scan, rows, repeats, types)}")
        yield view
    finally:
        con.execute(f"drop view if exists {view}")
        for table in (rows, repeats, types, scan.rejects, scan.rejects and f"{scan.rejects}_scan"):
            if table:
                con.execute(f"drop table if exists {table}")


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


def _typing(file: InputFile, scan: Scan, salt: str) -> str:
    """Return the query that types a scan: record number, identity, canonical columns, fault."""
    said = ", ".join(f"{literal(name + '=')} || {quote(name)}" for name in sorted(scan.columns))
    charge = ", ".join(f"{sql} as {name}" for name, sql in columns.CHARGE.items())
    field, reason = columns.fault(scan.columns)
    delivery, as_of = delivered(file.relative)
    # row_number() over () streams: it numbers in the file's order, one thread, nothing held back.
    return f"""
        with numbered as (
            select row_number() over () as record, * from {scan.sql}
        ),
        texts as (
            select record, md5(concat_ws(chr(31), {said})) as row_md5,
                {columns.tag_entries(scan.columns)} as tag_entries, {columns.texts(scan.columns)}
            from numbered
        ),
        typed as (
            select *, {columns.typed()} from texts
        ),
        charges as (
            select record, row_md5, {columns.TAGS} as tags, {charge},
                case when identitylineitemid is not null then row_md5 end as identity_md5,
                _lineitemusageamount, lineitemlineitemtype, lineitemoperation,
                lineitemproductcode, productservicecode, lineitemusagetype,
                {columns.principal(salt)} as x_api_key_id,
                {field} as reject_field, {reason} as reject_reason
            from typed
        )
        select * exclude (lineitemproductcode, productservicecode, lineitemusagetype),
            coalesce({_BEDROCK}, false) as is_bedrock,
            {literal(delivery) if delivery else 'null'}::varchar as x_delivery,
            {literal(str(as_of)) if as_of else 'null'}::timestamp as x_as_of
        from charges
    """


def delivered(relative: str) -> tuple[str | None, datetime | None]:
    """Return what a file was delivered with, and when the path says that was made, UTC.

    None as the delivery is the file alone. The parts of an export stand in one folder, named after
    its run unless each run overwrites the last.
    """
    path = PurePosixPath(relative)
    folder = str(path.parent)
    run = next((found for part in path.parts if (found := _RUN.match(part))), None)
    as_of = datetime(*map(int, run.groups())) if run else None  # type: ignore[arg-type]
    if any(_EXPORT_FOLDER.fullmatch(part) for part in path.parts[:-1]):
        return folder, as_of
    chunk = _CHUNK.fullmatch(path.name)
    return (str(path.parent / chunk[1]) if chunk else None), as_of


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


def _parse_types(con: duckdb.DuckDBPyConnection, rows: str, types: str) -> None:
    """Parse each pair of usage type and product name once; a bill has some thousands of them."""
    pairs = con.execute(
        f"select distinct x_line_item, service_name from {rows}"
        " where is_bedrock and x_line_item is not null"
    ).fetchall()
    parsed = [(pair, parse(*pair)) for pair in pairs]
    table = pa.table(
        {
            "usage_type": pa.array([pair[0] for pair, _ in parsed], pa.string()),
            "product": pa.array([pair[1] for pair, _ in parsed], pa.string()),
            "x_model": pa.array([found.model for _, found in parsed], pa.string()),
            "x_token_class": pa.array([found.token_class for _, found in parsed], pa.string()),
            "x_service_tier": pa.array([found.tier for _, found in parsed], pa.string()),
            "cost_type": pa.array([found.cost_type for _, found in parsed], pa.string()),
            "block": pa.array([found.block for _, found in parsed], pa.int32()),
            "details": pa.array(
                [json.dumps(dict(found.details)) for _, found in parsed], pa.string()
            ),
        }
    )
    con.register("aws_parsed", table)
    con.execute(f"create temp table {types} as from aws_parsed")
    con.unregister("aws_parsed")


def _view(file: InputFile, scan: Scan, rows: str, repeats: str, types: str) -> str:
    first = scan.first_line - 1
    is_tokens = "(r.charge_category = 'Usage' and t.x_token_class is not null)"
    return f"""
        select
            {file.file_id}::bigint as file_id,
            r.record + {first} as source_line,
            concat_ws('|', 'aws', r.billing_account_id,
                strftime(r.billing_period_start, '%Y-%m-%d'),
                strftime(r.charge_period_start, '%Y-%m-%d')) as x_restatement_key,
            if(r.is_bedrock, 'aws.bedrock', 'aws') as x_provider,
            if(r.is_bedrock, 'AI and Machine Learning', null) as service_category,
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
            r.* exclude (record, row_md5, identity_md5, is_bedrock, reject_field, reject_reason,
                _lineitemusageamount, lineitemlineitemtype, lineitemoperation)
        from {rows} as r
        left join {repeats} as p on r.record = p.record
        left join {types} as t on r.is_bedrock and r.x_line_item = t.usage_type
            and r.service_name = t.product
        {broken_lines(file, scan.rejects)}
    """


FORMAT = Format(
    name="aws_cur",
    title="AWS Cost and Usage Report (CUR 2.0 and legacy), CSV or Parquet",
    suffixes=SUFFIXES,
    read=read,
    folder_is_delivery=True,
)
"""Settings: none beyond `format`."""
