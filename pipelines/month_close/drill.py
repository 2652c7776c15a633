"""`outlay drill`: the calls behind the usage lines of a statement, whose charges sum to them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TextIO

import duckdb

from dashboards.statements.tables_as_csv import csv_text
from ingest.errors import OutlayError
from pipelines.queries.status import open_showback
from pipelines.workspace.paths import Workspace

_BATCH = 5_000
"""Rows held in memory at a time; a day is computed at a time."""

FILTERS = {
    "cost_centre": "cost_centre",
    "team": "team",
    "feature": "feature",
    "tenant": "tenant_id",
    "provider": "provider",
}
"""What a line can be asked for by, with its column; both sides of the sum have it."""


@dataclass
class DrillResult:
    """What was written.

    Attributes:
        calls: their number.
        charge_usd: what they sum to.
        line_usd: what the month is charged for them, adjustments of it included.
    """

    line_usd: Decimal
    calls: int = 0
    charge_usd: Decimal = field(default_factory=Decimal)


def write_calls(
    workspace: Workspace, month: date, wanted: Mapping[str, str], target: TextIO
) -> DrillResult:
    """Write the calls behind a usage line as CSV, by day.

    Args:
        month: its first day.
        wanted: values by the names of `FILTERS`; an empty value asks for what names none.
        target: open for text.

    Raises:
        OutlayError: nothing is charged under these names.
    """
    where = " and ".join(
        ["true", *(f"{FILTERS[name]} is not distinct from nullif(${name}, '')" for name in wanted)]
    )
    with open_showback(workspace) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute("set preserve_insertion_order = false")
        lines, usd = con.execute(
            "select count(*), coalesce(sum(charge_usd), 0) from marts.fct_chargeback"
            " where original_month = $month and coalesce(adjusted_line, line) = 'usage'"
            f" and pool is null and {where}",
            {"month": month, **wanted},
        ).fetchall()[0]
        if not lines:
            named = ", ".join(f"{name} {value!r}" for name, value in wanted.items()) or "anybody"
            raise OutlayError(
                f"no usage of {month:%Y-%m} is charged to {named}; see what is: outlay sql"
                f" \"from reports.rpt_statement_lines where month = '{month}'\""
            )
        done = DrillResult(usd)
        writer = csv.writer(target, lineterminator="\n")
        for row in _rows(con, month, where, wanted):
            if not done.calls:
                writer.writerow(row)
            writer.writerow(csv_text(value) for value in row.values())
            done.calls += 1
            done.charge_usd += row["charge_usd"]
    return done


def _rows(
    con: duckdb.DuckDBPyConnection, month: date, where: str, wanted: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    days = con.execute(
        "select distinct utc_day from marts.fct_allocations where charge_month = $month order by 1",
        {"month": month},
    ).fetchall()
    for (day,) in days:
        found = con.execute(
            f"select * from reports.rpt_call_charges where utc_day = $day and {where}"
            " order by started_at, source_name, call_id",
            {"day": day, **wanted},
        )
        names = [column[0] for column in found.description or ()]
        while batch := found.fetchmany(_BATCH):
            yield from (dict(zip(names, row, strict=True)) for row in batch)
