"""Closed months: where they are kept, and how the warehouse sees them.

A close is a folder that is written once and renamed into place. It is no cache: what was charged
cannot be computed again, since late data changes what the lake would say. Beside it lies what was
noticed after it, one numbered pair of files a time, and the reason of a reopening.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from ingest.errors import ConfigError
from ingest.sql import exact_path, literal

MONTH = "%Y-%m"

STORED = ("chargeback", "statements", "statement_lines", "statement_notes", "clearing_lines")
"""What a close keeps, each as Parquet under the columns of the mart that it was."""

_SHOWBACK_GRAIN = (
    "cost_centre varchar, team varchar, feature varchar, tenant_id varchar, provider varchar,"
    " line varchar, pool varchar"
)

_TABLES: Mapping[str, str] = {
    "chargeback": f"month date, original_month date, {_SHOWBACK_GRAIN}, adjusted_line varchar,"
    " charge_usd decimal(28, 12), close_number bigint",
    "statements": "month date, kind varchar, row_kind varchar, member varchar,"
    " cost_exact_usd decimal(28, 12), cost_usd decimal(18, 2), adjustment_usd decimal(18, 2),"
    " internal_price_usd decimal(18, 2), charged_usd decimal(18, 2),"
    " previous_month_usd decimal(18, 2), change_usd decimal(18, 2), budget_usd decimal(18, 2),"
    " remaining_usd decimal(18, 2), calls bigint, tasks_closed bigint, successes bigint,"
    " cost_per_success_usd decimal(28, 9), charged_reporting decimal(18, 2),"
    " reporting_currency varchar, close_number bigint",
    "statement_lines": "month date, kind varchar, member varchar, line varchar,"
    " adjusted_line varchar, original_month date, pool varchar, provider varchar,"
    " exact_usd decimal(28, 12), amount_usd decimal(18, 2), reporting_currency varchar,"
    " reporting_amount decimal(18, 2), close_number bigint",
    "statement_notes": "month date, section varchar, name varchar, amount_usd decimal(18, 2),"
    " share_ratio double, value varchar, close_number bigint",
    "clearing_lines": "month date, provider varchar, invoice_month date, invoice_id varchar,"
    " amount_usd decimal(18, 2), reporting_amount decimal(18, 2), reporting_currency varchar,"
    " close_number bigint",
}
"""Columns of the stored relations, for a workspace that has closed nothing yet."""

_BOOKED = (
    "original_month date, close_number bigint, notice_number bigint, noticed_on date,"
    f" booked_month date, {_SHOWBACK_GRAIN}, charge_usd decimal(28, 12), cause varchar,"
    " detail varchar"
)

_CLOSES = (
    "month date, close_number bigint, closed_at timestamp, as_of_day date, commit_id bigint,"
    " accepted varchar, is_current boolean, reopened_at timestamp, reopen_reason varchar,"
    " notices bigint"
)


@dataclass(frozen=True)
class Close:
    """One close of one month.

    Attributes:
        folder: where it is kept.
        month: its first day.
        number: 1 for the first close of the month.
        facts: what `close.json` says.
        reopened: what `reopened.json` says; None while the close holds.
    """

    folder: Path
    month: date
    number: int
    facts: Mapping[str, Any]
    reopened: Mapping[str, Any] | None

    @cached_property
    def notices(self) -> tuple[Path, ...]:
        """Parquet of what was noticed after it, in order; half-written ones have no JSON yet."""
        found = (self.folder / "adjustments").glob("*.json")
        ordered = sorted(found, key=lambda path: int(path.stem))
        return tuple(path.with_suffix(".parquet") for path in ordered)

    @property
    def baseline(self) -> Mapping[str, Any]:
        """Commit and versions that the newest word on this month was computed with."""
        return read_facts(self.notices[-1].with_suffix(".json")) if self.notices else self.facts

    @property
    def row(self) -> tuple[Any, ...]:
        """The close under the columns of `raw.closes`."""
        as_of = self.facts["as_of_day"]
        reopened = self.reopened or {}
        return (
            self.month,
            self.number,
            datetime.fromisoformat(self.facts["closed_at"]),
            date.fromisoformat(as_of) if as_of else None,
            self.facts["commit_id"],
            json.dumps(self.facts["accepted"], sort_keys=True),
            self.reopened is None,
            datetime.fromisoformat(reopened["reopened_at"]) if reopened else None,
            reopened.get("reason"),
            len(self.notices),
        )


def read_closes(folder: Path) -> list[Close]:
    """Every close that was finished, reopened ones too, by month and number.

    Raises:
        ConfigError: a file of a close cannot be read.
    """
    found = []
    for file in folder.glob("[0-9]*/[0-9]*/close.json"):
        again = file.with_name("reopened.json")
        found.append(
            Close(
                file.parent,
                datetime.strptime(file.parent.parent.name, MONTH).date(),
                int(file.parent.name),
                read_facts(file),
                read_facts(again) if again.exists() else None,
            )
        )
    return sorted(found, key=lambda close: (close.month, close.number))


def read_facts(file: Path) -> Mapping[str, Any]:
    """One JSON file of the store.

    Raises:
        ConfigError: it is damaged; nobody but Outlay writes there.
    """
    try:
        facts: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            str(file), "JSON", "cannot be read: bring this closed month back from a backup"
        ) from error
    return facts


def current_closes(closes: Sequence[Close]) -> list[Close]:
    """The closes that hold: one a month, by month."""
    return [close for close in closes if close.reopened is None]


def register_closes(con: duckdb.DuckDBPyConnection, folder: Path | None) -> bool:
    """Show the closed months as schema `raw`; say whether they differ from the last build's.

    Args:
        con: the warehouse, the lake's catalog attached as `catalog`, `raw.versions` registered.
        folder: where closes are kept; None for a workspace that keeps none.
    """
    _register_changes(con, current_closes(read_closes(folder)) if folder else [])
    return show_closes(con, folder)


def show_closes(con: duckdb.DuckDBPyConnection, folder: Path | None) -> bool:
    """Copy what the store holds into schema `raw`; say whether anything is new."""
    closes = read_closes(folder) if folder else []
    holding = current_closes(closes)
    con.execute(f"create table if not exists raw.closes ({_CLOSES})")
    rows = [close.row for close in closes]
    before = con.execute("from raw.closes order by month, close_number").fetchall()
    # a warehouse of before lacks what closes have kept since
    known = con.execute(
        "select count(*) from duckdb_tables() where schema_name = 'raw'"
        " and list_contains($names, table_name)",
        {"names": ["booked_adjustments", *(f"closed_{name}" for name in _TABLES)]},
    ).fetchall()[0][0]
    if known == len(_TABLES) + 1 and before == rows:
        return False
    con.execute("begin")
    con.execute(f"create or replace table raw.closes ({_CLOSES})")
    for row in rows:
        con.execute(f"insert into raw.closes values ({', '.join('?' for _ in row)})", row)
    for name, columns in _TABLES.items():
        files = [close.folder / f"{name}.parquet" for close in holding]
        # a close of before clearing lines were kept has no file of them
        _fill(con, f"closed_{name}", columns, [file for file in files if file.exists()])
    booked = [file for close in holding for file in close.notices]
    _fill(con, "booked_adjustments", _BOOKED, booked)
    con.execute("commit")
    return True


def _fill(con: duckdb.DuckDBPyConnection, table: str, columns: str, files: Sequence[Path]) -> None:
    """A table of those columns; what an older close did not keep is NULL."""
    con.execute(f"create or replace table raw.{table} ({columns})")
    for file in files:
        con.execute(
            f"insert into raw.{table} by name from read_parquet({literal(exact_path(file))})"
        )


def _register_changes(con: duckdb.DuckDBPyConnection, closes: Sequence[Close]) -> None:
    """What came or changed since the newest word on each closed month: causes of differences."""
    con.execute(
        "create or replace table raw.close_changes (month date, cause varchar, detail varchar)"
    )
    for close in closes:
        known = close.baseline
        con.execute(
            """
            insert into raw.close_changes
            with changed as (
                select distinct table_name from catalog.changed_days
                where commit_id > $commit and date_trunc('month', utc_day) = $month
            ),
            -- a file that was only read again, by another version or mapping, is no news itself
            came as (
                select table_name, source_name || '/' || source_file as file,
                    max(coalesce(known_since, commit_id)) > $commit as is_news
                from catalog.file_days inner join catalog.files using (file_id)
                where commit_id > $commit and date_trunc('month', utc_day) = $month
                group by all
            ),
            versions as (
                select unnest($versions::struct(kind varchar, name varchar, version varchar)[],
                    recursive := true)
            )
            select $month, case table_name when 'billing_charges' then 'restated bill'
                else 'late calls' end, file
            from changed left join came using (table_name)
            where table_name in ('billing_charges', 'gateway_calls') and is_news is not false
            union all
            select $month, 'changed ' || coalesce(now.kind, versions.kind), name
            from raw.versions as now full outer join versions using (name)
            where now.version is distinct from versions.version
                and coalesce(now.kind, versions.kind) not in ('data', 'statement')
            """,
            {
                "commit": known["commit_id"],
                "month": close.month,
                "versions": known["versions"],
            },
        )
