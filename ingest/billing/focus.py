"""FOCUS 1.0 to 1.4 Cost and Usage files of any provider: CSV (also gzipped) and Parquet.

Source of the facts: the FOCUS specification and its samples, formats/billing.md section 7. All
typing happens in DuckDB with bounded memory, so a file may be larger than the machine.

- **Restatement key.** FOCUS has no line key. It is the md5 of everything a row says and the number
  of its occurrence within the file: identical rows of one file stay, a row in two files counts
  once. The order of columns does not matter; an added column makes rows new.
- **source_line.** The record's number, plus the header in a CSV. DuckDB does not tell physical
  lines: line breaks inside quotes, blank and broken lines shift it. A line that is not CSV at all
  is rejected under its physical line.
- **Decimals.** More than 12 are rounded half-even to 12 (quantities: 9).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb

from ingest.billing.focus_columns import DERIVED, READ, STATED, fault, text_or_null, typed
from ingest.billing.focus_files import SUFFIXES, Scan, broken_lines, load_rows, open_scan
from ingest.contracts import BILLING_CHARGES
from ingest.reading import Format, InputFile, SourceConfig, Staged
from ingest.sqltext import literal, quote


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged]:
    """Stage the charges of FOCUS files.

    Raises:
        SourceFileError: a file is damaged, empty, or is not a Cost and Usage dataset.
    """
    del config  # FOCUS states everything itself
    for file in files:
        with _staged(con, file) as relation:
            yield Staged(BILLING_CHARGES.name, relation)


@contextmanager
def _staged(con: duckdb.DuckDBPyConnection, file: InputFile) -> Iterator[str]:
    """Give the name of the staged view of one file; it is gone afterwards."""
    scan = open_scan(con, file)
    rows, repeats = f"focus_rows_{file.file_id}", f"focus_repeats_{file.file_id}"
    view = f"staged_{BILLING_CHARGES.name}_{file.file_id}"
    try:
        load_rows(con, file, scan, rows, typing_sql(scan))
        con.execute(f"create temp table {repeats} as {_repeats(rows)}")
        con.execute(f"create temp view {view} as {_view(file, scan, rows, repeats)}")
        yield view
    finally:
        con.execute(f"drop view if exists {view}")
        for table in (rows, repeats, scan.rejects, scan.rejects and f"{scan.rejects}_scan"):
            if table:
                con.execute(f"drop table if exists {table}")


def typing_sql(scan: Scan) -> str:
    """Return the query that types a scan: record number, md5, canonical columns, fault."""
    said = ", ".join(
        f"{literal(name + '=')} || {quote(name)}" for name in sorted(scan.columns)
    )
    texts = ", ".join(
        (text_or_null(name) if name in scan.columns else "null::varchar") + f" as {name}"
        for name in READ
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
    # row_number() over () streams: it numbers in the file's order, one thread, nothing held back.
    return f"""
        with numbered as (
            select row_number() over () as record, * from {scan.sql}
        ),
        texts as (
            select record, md5(concat_ws(chr(31), {said})) as row_md5, {texts} from numbered
        ),
        typed as (
            select *, {stated} from texts
        )
        select
            record, row_md5, {field} as reject_field, {reason} as reject_reason,
            {names}, {derived}
        from typed
    """


def _repeats(rows: str) -> str:
    """Return the query of the rows that stand several times in the file, numbered; few, if any."""
    return f"""
        with twins as (select row_md5 from {rows} group by row_md5 having count(*) > 1)
        select record, row_number() over (partition by row_md5 order by record) as occurrence
        from {rows} semi join twins using (row_md5)
    """


def _view(file: InputFile, scan: Scan, rows: str, repeats: str) -> str:
    return f"""
        select
            {file.file_id}::bigint as file_id,
            r.record + {scan.first_line - 1} as source_line,
            r.row_md5 || '#' || coalesce(p.occurrence, 1) as x_restatement_key,
            r.* exclude (record, row_md5)
        from {rows} as r
        left join {repeats} as p on r.record = p.record
        {broken_lines(file, scan.rejects)}
    """


FORMAT = Format(
    name="focus",
    title="FOCUS Cost and Usage (1.0 to 1.4), CSV or Parquet",
    suffixes=SUFFIXES,
    read=read,
)
"""Settings: none beyond `format`."""
