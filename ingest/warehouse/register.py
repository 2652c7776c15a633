"""The lake as schema `raw` of the warehouse, and the account of what a build must look at.

dbt and analysts read the lake through views, so nothing is copied. Beside them stand small tables:
the price book, the model matches, and the days that changed since the last build that finished. A
build that was killed is noticed here and answered with a full one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.contracts.columns import PROVENANCE, Column, Table
from ingest.contracts.tables import TABLES
from ingest.lake.catalog import LakePaths, catalog_lock
from ingest.lake.trace_days import CALL_DAYS, EVALUATED_DAYS, SKEW_DAYS
from ingest.reference.charging.fx_rates import MAX_AGE_DAYS
from ingest.sql import exact_path, literal
from ingest.warehouse.changed_days import note_changes
from ingest.warehouse.closed_months import register_closes
from ingest.warehouse.reference_tables import read_reference_data, register_reference_data
from ingest.warehouse.source_precedence import CALL_SOURCES, LAST, CallSource
from ingest.warehouse.versions import register_versions

_STATE = """
create schema if not exists raw;
create schema if not exists ops;
create table if not exists raw.build_state (
    commit_id bigint not null,
    settings_hash varchar not null,
    as_of_day date,
    is_finished boolean not null
);
"""


@dataclass(frozen=True)
class Changes:
    """What a build must do.

    Attributes:
        full_refresh: everything must be computed anew.
        reason: why, in words for the log; None when not full.
        days: UTC days of calls, charges or evaluations to compute; all of them when full.
        commit_id: the lake's newest commit, which the build will include.
        as_of_day: newest UTC day of calls, the day against which a task is still pending.
        nothing_new: no day changed, no task is due and no reference table changed that matters
            without calls (exchange rates, commitments): the build may be left out.
    """

    full_refresh: bool
    reason: str | None
    days: tuple[date, ...]
    commit_id: int
    as_of_day: date | None
    nothing_new: bool


@contextmanager
def _open(warehouse: Path, paths: LakePaths) -> Iterator[duckdb.DuckDBPyConnection]:
    with catalog_lock(paths), duckdb.connect(str(warehouse)) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {literal(str(paths.catalog))} as catalog (read_only)")
        con.execute(_STATE)
        yield con


def register_lake(
    warehouse: Path,
    paths: LakePaths,
    config: Path,
    sources: Sequence[CallSource],
    salt: str,
    settings_hash: str,
    forced_days: Iterable[date] = (),
    force_full: bool = False,
    fx_max_age_days: int = MAX_AGE_DAYS,
    closes: Path | None = None,
    *,
    prices: pa.Table | None = None,
    only_days: tuple[date, date] | None = None,
) -> Changes:
    """Show the lake and the price book as schema `raw`, and say what changed since the last build.

    Args:
        config: the workspace's folder of reference tables; each may be absent.
        sources: which sources of calls go first, and which see the same traffic.
        salt: the workspace's salt, for keys and users that a rule names.
        settings_hash: changes whenever a setting that models read changed.
        forced_days: days to compute although nothing arrived for them.
        force_full: compute everything anew.
        fx_max_age_days: days after its own on which an exchange rate still holds.
        closes: where closed months are kept; None for a workspace that keeps none.
        prices: the price book; None makes it from the public one and `prices.csv`.
        only_days: first and last UTC day of the lake to show; None shows all of it.

    Raises:
        ConfigError: a row of a reference table is wrong.
    """
    data = read_reference_data(config, salt, fx_max_age_days, prices)
    with _open(warehouse, paths) as con:
        state = con.execute("select * from raw.build_state").fetchone()
        reason = _full_reason(state, settings_hash, force_full)
        for table in TABLES.values():
            _create_view(con, table, paths.lake, only_days)
        several = _register_call_sources(con, sources) > 1
        changed = register_reference_data(con, data, compare=reason is None)
        reference_changed = changed.without_data
        reference_changed |= register_versions(con, config, settings_hash)
        reference_changed |= register_closes(con, closes)
        built = 0 if state is None or reason else int(state[0])
        _register_changes(con, built, [*forced_days, *changed.days], several)
        note_changes(con, changed.noted)
        commit_id = con.execute("select coalesce(max(commit_id), 0) from catalog.files").fetchall()[
            0
        ][0]
        as_of = con.execute(
            "select max(utc_day) from catalog.file_days where table_name = 'gateway_calls'"
        ).fetchall()[0][0]
        before = state[2] if state else None
        if not reason and before and (as_of is None or as_of < before):
            reason = "the newest day of calls was taken back"
            _register_changes(con, 0, [], several)
        days = [
            r[0]
            for r in con.execute(
                "select distinct utc_day from raw.changed_days order by 1"
            ).fetchall()
        ]
        nothing = bool(state) and not (days or reason or reference_changed)
        con.execute(
            "create or replace table raw.run_context as select $as_of::date as as_of_day,"
            " $call_days::integer as call_days, $evaluated_days::integer as evaluated_days,"
            " $skew_days::integer as skew_days",
            {
                "as_of": as_of,
                "call_days": CALL_DAYS,
                "evaluated_days": EVALUATED_DAYS,
                "skew_days": SKEW_DAYS,
            },
        )
        _copy_ledgers(con)
        if not nothing:
            con.execute("delete from raw.build_state")
            con.execute(
                "insert into raw.build_state values (?, ?, ?, false)",
                [built, settings_hash, before],
            )
    return Changes(reason is not None, reason, tuple(days), commit_id, as_of, nothing)


def mark_built(warehouse: Path, changes: Changes, settings_hash: str) -> None:
    """Record that every model now includes `changes`; call it after dbt succeeded."""
    with duckdb.connect(str(warehouse)) as con:
        con.execute("begin")
        con.execute("delete from raw.build_state")
        con.execute(
            "insert into raw.build_state values (?, ?, ?, true)",
            [changes.commit_id, settings_hash, changes.as_of_day],
        )
        con.execute("commit")


def _full_reason(
    state: tuple[int, str, date | None, bool] | None, settings_hash: str, force: bool
) -> str | None:
    """Why everything must be computed anew, or None."""
    if force:
        return "asked for"
    if state is None:
        return "first build of this warehouse"
    if not state[3]:
        return "the last build did not finish"
    if state[1] != settings_hash:
        return "a setting that models read changed"
    return None


def _create_view(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    lake: Path,
    only_days: tuple[date, date] | None,
) -> None:
    """One view over a table's live Parquet; typed and empty when there is none yet."""
    columns: tuple[Column, ...] = (*PROVENANCE, *table.columns)
    # parts that are older than a column are read by name, which opens every part of all the years
    alike = con.execute(
        "select count(distinct columns_hash) <= 1 and count(*) = count(columns_hash)"
        " from catalog.parts where table_name = $table",
        {"table": table.name},
    ).fetchall()[0][0]
    if any((lake / table.name).rglob("*.parquet")):
        source = (
            f"read_parquet({literal(f'{exact_path(lake)}/{table.name}/*/*/*.parquet')},"
            f" hive_partitioning = true, union_by_name = {not alike},"
            " hive_types = {'utc_day': date, 'source_name': varchar})"
        )
        if only_days:
            first, last = only_days
            source += f" where utc_day between date '{first}' and date '{last}'"
        try:
            con.execute(_view_sql(table, columns, columns, source))
        except duckdb.BinderException:
            # all rows are older than a column: their files left the inbox and are not read again
            held = {row[0] for row in con.execute(f"describe from {source}").fetchall()}
            con.execute(_view_sql(table, columns, [c for c in columns if c.name in held], source))
    else:
        con.execute(_view_sql(table, columns, (), "(select cast(null as date) as utc_day) limit 0"))
    con.execute(f"comment on view raw.{table.name} is {literal(table.grain)}")


def _view_sql(table: Table, columns: Sequence[Column], held: Sequence[Column], source: str) -> str:
    """The view of a table's columns over its Parquet; NULL for those that it does not hold."""
    listed = ", ".join(
        f"cast({c.name if c in held else 'null'} as {c.type}) as {c.name}" for c in columns
    )
    return f"create or replace view raw.{table.name} as select utc_day, {listed} from {source}"


def _register_call_sources(con: duckdb.DuckDBPyConnection, sources: Sequence[CallSource]) -> int:
    """Show the order of the sources that delivered calls; return how many there are.

    A source whose settings are gone still has its rows: it goes last.
    """
    con.register("stated", pa.Table.from_pylist([vars(s) for s in sources], CALL_SOURCES))
    con.execute(
        """
        create or replace table raw.call_sources as
        with delivered as (
            select distinct source_name
            from catalog.file_days inner join catalog.files using (file_id)
            where table_name = 'gateway_calls' and status = 'loaded'
        )
        select
            delivered.source_name,
            coalesce(stated.precedence, $last) as precedence,
            coalesce(stated.same_traffic_as, []) as same_traffic_as
        from delivered left join stated using (source_name)
        """,
        {"last": LAST},
    )
    con.unregister("stated")
    return int(con.execute("select count(*) from raw.call_sources").fetchall()[0][0])


def _register_changes(
    con: duckdb.DuckDBPyConnection, built: int, extra_days: Sequence[date], several_sources: bool
) -> None:
    """Days that changed after the commit that the last finished build included.

    Args:
        several_sources: one call may stand in two of them, on both sides of midnight: the days
            beside a changed one are compared again.
    """
    con.execute(
        "create or replace table raw.changed_days as"
        " select distinct table_name, utc_day from catalog.changed_days where commit_id > $built",
        {"built": built},
    )
    con.execute(
        "insert into raw.changed_days"
        " select t.name, d.day from unnest($tables) as t (name), unnest($days::date[]) as d (day)",
        {"tables": list(TABLES), "days": sorted(set(extra_days))},
    )
    if several_sources:
        con.execute(
            """
            insert into raw.changed_days
            select distinct 'gateway_calls', days.utc_day
            from catalog.file_days as days
            inner join raw.changed_days as changed
                on changed.table_name = 'gateway_calls'
                and abs(days.utc_day - changed.utc_day) = 1
            where days.table_name = 'gateway_calls'
            """
        )


def _copy_ledgers(con: duckdb.DuckDBPyConnection) -> None:
    """What became of every file, and the rows quarantined, for `ops` and the reports."""
    con.execute(
        "create or replace table raw.files as select file_id, source_name, source_file, format,"
        " status, reason, rows_loaded, rows_quarantined, size_bytes, first_day, last_day,"
        " landed_at from catalog.files"
    )
    con.execute(
        "create or replace table raw.deliveries as select table_name, source_name, scope, delivery,"
        " max(as_of) as as_of, count(*) as files from catalog.deliveries group by all"
    )
    con.execute(
        "create or replace table raw.quarantine as select file_id, source_name, source_file,"
        " source_line, table_name, field, reason from catalog.quarantine"
    )
