"""The lake as schema `raw` of the warehouse, and the account of what a build must look at.

dbt and analysts read the lake through views, so nothing is copied. Beside them stand small tables:
the price book, the model matches, and the days and tasks that changed since the last build that
finished. A build that was killed is noticed here and answered with a full one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from ingest.catalog import LakePaths
from ingest.contracts import PROVENANCE, TABLES, Column, Table
from ingest.prices.book import model_prices
from ingest.prices.matching import match_models
from ingest.prices.overrides import Override, read_overrides
from ingest.sqltext import exact_path, literal

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

_PRICE_FACTS = (
    "price_key, service_tier, token_class, usd_per_mtok, valid_from, valid_to, daily_from,"
    " daily_to, min_input_tokens, max_input_tokens"
)
"""What makes a price; its source and the day it became known may change without a new price."""


@dataclass(frozen=True)
class Changes:
    """What a build must do.

    Attributes:
        full_refresh: everything must be computed anew.
        reason: why, in words for the log; None when not full.
        days: UTC days of calls, charges or judgements to compute; all of them when full.
        commit_id: the lake's newest commit, which the build will include.
        as_of_day: newest UTC day of calls, the day against which a task is still pending.
        nothing_new: no day changed and no task is due: the build may be left out.
    """

    full_refresh: bool
    reason: str | None
    days: tuple[date, ...]
    commit_id: int
    as_of_day: date | None
    nothing_new: bool


@contextmanager
def _open(warehouse: Path, paths: LakePaths) -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect(str(warehouse))
    try:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {literal(str(paths.catalog))} as catalog (read_only)")
        con.execute(_STATE)
        yield con
    finally:
        con.close()


def register_lake(
    warehouse: Path,
    paths: LakePaths,
    overrides_csv: Path,
    settings_hash: str,
    forced_days: Iterable[date] = (),
    force_full: bool = False,
) -> Changes:
    """Show the lake and the price book as schema `raw`, and say what changed since the last build.

    Args:
        overrides_csv: the workspace's `config/prices.csv`; may be absent.
        settings_hash: changes whenever a setting that models read changed.
        forced_days: days to compute although nothing arrived for them.
        force_full: compute everything anew.

    Raises:
        ConfigError: a row of the price overrides is wrong.
    """
    overrides = read_overrides(overrides_csv)
    with _open(warehouse, paths) as con:
        state = con.execute("select * from raw.build_state").fetchone()
        reason = _full_reason(state, settings_hash, force_full)
        for table in TABLES.values():
            _create_view(con, table, paths.lake)
        repriced = _register_prices(con, overrides)
        built = 0 if state is None or reason else int(state[0])
        _register_changes(con, built, [*forced_days, *repriced])
        commit_id = con.execute(
            "select coalesce(max(commit_id), 0) from catalog.files"
        ).fetchall()[0][0]
        as_of = con.execute(
            "select max(utc_day) from catalog.file_days where table_name = 'gateway_calls'"
        ).fetchall()[0][0]
        before = state[2] if state else None
        if not reason and before and (as_of is None or as_of < before):
            reason = "the newest day of calls was taken back"
            _register_changes(con, 0, [])
        days = [r[0] for r in con.execute(
            "select distinct utc_day from raw.changed_days order by 1").fetchall()]
        nothing = bool(state) and not days and not reason and _no_tasks(con)
        con.execute(
            "create or replace table raw.run_context as select $as_of::date as as_of_day",
            {"as_of": as_of},
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


def _create_view(con: duckdb.DuckDBPyConnection, table: Table, lake: Path) -> None:
    """One view over a table's live Parquet; typed and empty when there is none yet."""
    columns: tuple[Column, ...] = (*PROVENANCE, *table.columns)
    if any((lake / table.name).rglob("*.parquet")):
        source = (
            f"read_parquet({literal(f'{exact_path(lake)}/{table.name}/*/*/*.parquet')},"
            " hive_partitioning = true, union_by_name = true,"
            " hive_types = {'utc_day': date, 'source_name': varchar})"
        )
        try:
            con.execute(_view_sql(table, columns, columns, source))
        except duckdb.BinderException:
            # all rows are older than a column: their files left the inbox and are not read again
            held = {row[0] for row in con.execute(f"describe from {source}").fetchall()}
            con.execute(_view_sql(table, columns, [c for c in columns if c.name in held], source))
    else:
        con.execute(_view_sql(table, columns, (), "(select cast(null as date) as utc_day) limit 0"))
    con.execute(f"comment on view raw.{table.name} is {literal(table.grain)}")


def _view_sql(
    table: Table, columns: Sequence[Column], held: Sequence[Column], source: str
) -> str:
    """The view of a table's columns over its Parquet; NULL for those that it does not hold."""
    listed = ", ".join(
        f"cast({c.name if c in held else 'null'} as {c.type}) as {c.name}" for c in columns
    )
    return f"create or replace view raw.{table.name} as select utc_day, {listed} from {source}"


def _register_prices(con: duckdb.DuckDBPyConnection, overrides: Sequence[Override]) -> list[date]:
    """Replace the price tables; return the days whose calls now have another price."""
    pairs = con.execute(
        "select provider, model from catalog.models_seen order by all"
    ).fetchall()
    con.register("new_prices", model_prices(overrides))
    con.register("new_matches", match_models(pairs, overrides))
    known = con.execute(
        "select count(*) from information_schema.tables"
        " where table_schema = 'raw' and table_name in ('model_prices', 'model_matches')"
    ).fetchall()[0][0]
    days: list[date] = []
    if known == 2:
        days = _repriced_days(con)
    con.execute("create or replace table raw.model_prices as from new_prices")
    con.execute("create or replace table raw.model_matches as from new_matches")
    return days


def _repriced_days(con: duckdb.DuckDBPyConnection) -> list[date]:
    """Days with calls or charges of a model whose match or prices differ from last time."""
    con.execute(
        f"""
        create or replace temp table repriced as
        with changed_keys as (
            select price_key from (
                (select {_PRICE_FACTS} from new_prices
                 except select {_PRICE_FACTS} from raw.model_prices)
                union all
                (select {_PRICE_FACTS} from raw.model_prices
                 except select {_PRICE_FACTS} from new_prices)
            )
        )
        select n.provider, n.model
        from new_matches as n
        inner join raw.model_matches as o
            on o.provider is not distinct from n.provider and o.model = n.model
        where o.price_key is distinct from n.price_key
            or n.price_key in (select price_key from changed_keys)
        """
    )
    if not con.execute("select count(*) from repriced").fetchall()[0][0]:
        return []
    rows = con.execute(
        "select c.utc_day from raw.gateway_calls as c inner join repriced as r"
        " on r.provider is not distinct from c.provider"
        " and r.model = coalesce(c.response_model, c.request_model)"
        " union select c.utc_day from raw.billing_charges as c inner join repriced as r"
        " on r.provider is not distinct from c.x_provider and r.model = c.x_model"
    ).fetchall()
    return [row[0] for row in rows]


def _register_changes(
    con: duckdb.DuckDBPyConnection, built: int, extra_days: Iterable[date]
) -> None:
    """Days and tasks that changed after the commit that the last finished build included."""
    con.execute(
        "create or replace table raw.changed_days as"
        " select distinct table_name, utc_day from catalog.changed_days where commit_id > $built",
        {"built": built},
    )
    for day in extra_days:
        for table in TABLES:
            con.execute("insert into raw.changed_days values (?, ?)", [table, day])
    con.execute(
        "create or replace table raw.changed_tasks as"
        " select distinct task_id from catalog.changed_tasks where commit_id > $built",
        {"built": built},
    )


def _no_tasks(con: duckdb.DuckDBPyConnection) -> bool:
    return not con.execute("select count(*) from raw.changed_tasks").fetchall()[0][0]


def _copy_ledgers(con: duckdb.DuckDBPyConnection) -> None:
    """What became of every file, and the rows kept aside, for `ops` and the reports."""
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
