"""Reference tables in schema `raw`, and the days that a changed row concerns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb
import pyarrow as pa

from ingest.prices.aliases import Alias
from ingest.prices.matching import match_models
from ingest.prices.overrides import Override
from ingest.reference.table import Concern
from ingest.sql import quote

_PRICE_COLUMNS = (
    "price_key, region, service_tier, token_class, usd_per_mtok, valid_from, valid_to, daily_from,"
    " daily_to, min_input_tokens, max_input_tokens"
)
"""What makes a price; its source and the day it became known may change without a new price."""


_MATCH_COLUMNS = "provider, model, valid_from, valid_to, provider_name, model_id, price_key"
"""What makes a match; the rule that found it may change without another result."""


Changed = list[tuple[str, date]]
"""(name in `raw.changed_days`, UTC day)."""


def register_dated(
    con: duckdb.DuckDBPyConnection,
    name: str,
    rows: pa.Table,
    *,
    compare: bool,
    concern: Concern,
) -> list[date]:
    """Replace a table in schema `raw`; one that concerns days has `valid_from` and `valid_to`.

    Args:
        con: the warehouse, the lake's catalog attached as `catalog`.
        name: the table.
        rows: what it holds from now on.
        compare: say which days the change concerns; a build that computes everything needs none.
        concern: the canonical tables whose rows it decides; none: no day is concerned.

    Returns:
        Days of those tables on which a row held that was not there before, or is not there any
        more.
    """
    con.register("new_rows", rows)
    table = f"raw.{quote(name)}"
    compare = compare and bool(concern.tables) and _exists(con, name)
    days = _concerned(con, table, concern) if compare else []
    con.execute(f"create or replace table {table} as from new_rows")
    con.unregister("new_rows")
    return days


def _exists(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    return bool(
        con.execute(
            "select 1 from duckdb_tables() where schema_name = 'raw' and table_name = ?", [name]
        ).fetchall()
    )


def register_fx_rates(con: duckdb.DuckDBPyConnection, rates: pa.Table, *, compare: bool) -> Changed:
    """Replace the exchange rates; return days with an amount whose rate is another now."""
    con.register("new_rates", rates)
    days = _converted_days(con) if compare and _exists(con, "fx_rates") else []
    con.execute("create or replace table raw.fx_rates as from new_rates")
    con.unregister("new_rates")
    return days


def note_changes(con: duckdb.DuckDBPyConnection, changed: Changed) -> None:
    """Add days to `raw.changed_days`, which is there already."""
    names, days = [name for name, _ in changed], [day for _, day in changed]
    con.execute(
        "insert into raw.changed_days select unnest($names::varchar[]), unnest($days::date[])",
        {"names": names, "days": days},
    )


_CONVERTED = {
    "billing_charges": "billing_currency",
    "gateway_calls": "reported_currency",
    "omitted_records": "reported_currency",
}
"""Of each table with amounts in other currencies, the column that names the currency."""


def _converted_days(con: duckdb.DuckDBPyConnection) -> Changed:
    con.execute(
        """
        create or replace temp table changed_rates as
        select distinct table_name, valid_from::date as utc_day, currency
        from (
            from (from new_rates except from raw.fx_rates)
            union all
            from (from raw.fx_rates except from new_rates)
        )
        inner join catalog.file_days on valid_from::date = file_days.utc_day
        """
    )
    return [
        (table, day)
        for table, column in _CONVERTED.items()
        for day in _days_in_currency(con, table, column)
    ]


def _days_in_currency(con: duckdb.DuckDBPyConnection, table: str, column: str) -> list[date]:
    """Days of a table with a row in a currency of which that day's rate changed."""
    days = con.execute(
        "select distinct utc_day from changed_rates where table_name = $table order by 1",
        {"table": table},
    ).fetchall()
    if not days:
        return []
    # the days as literals: other files of the lake are not opened
    listed = ", ".join(f"date '{day}'" for (day,) in days)
    rows = con.execute(
        f"select distinct c.utc_day from raw.{quote(table)} as c"
        f" inner join changed_rates as r on r.table_name = $table and c.utc_day = r.utc_day"
        f" and upper(c.{quote(column)}) = r.currency where c.utc_day in ({listed}) order by 1",
        {"table": table},
    ).fetchall()
    return [row[0] for row in rows]


def has_changed(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> bool:
    """Whether rows differ from those that schema `raw` holds, on days without any data too."""
    if not _exists(con, name):
        return True
    con.register("new_rows", rows)
    table = f"raw.{quote(name)}"
    changed = con.execute(
        f"select exists(from new_rows except from {table})"
        f" or exists(from {table} except from new_rows)"
    ).fetchall()[0][0]
    con.unregister("new_rows")
    return bool(changed)


def _concerned(con: duckdb.DuckDBPyConnection, table: str, concern: Concern) -> list[date]:
    rows = con.execute(
        f"""
        with changed as (
            from (from new_rows except from {table})
            union all
            from (from {table} except from new_rows)
        )
        select distinct days.utc_day
        from catalog.file_days as days
        inner join changed
            on days.utc_day < changed.valid_to
            and days.utc_day + 1 + $before::integer > changed.valid_from
        where days.table_name in (select unnest($concerns))
        order by 1
        """,
        {"concerns": list(concern.tables), "before": concern.days_before},
    ).fetchall()
    return [row[0] for row in rows]


def register_prices(
    con: duckdb.DuckDBPyConnection,
    book: pa.Table,
    overrides: Sequence[Override],
    aliases: Sequence[Alias],
    *,
    compare: bool,
) -> list[date]:
    """Replace the price tables; return the days whose rows now have another price or model.

    Args:
        con: the warehouse, the lake's catalog attached as `catalog`.
        book: the price book.
        overrides: the workspace's prices that the book holds: names they price exactly match.
        aliases: rows of `config/models.csv`.
        compare: look for such days at all; a build that computes everything needs none.
    """
    pairs = con.execute("select provider, model from catalog.models_seen order by all").fetchall()
    con.register("new_prices", book)
    con.register("new_matches", match_models(pairs, overrides, aliases))
    days = _repriced_days(con) if compare else []
    con.execute("create or replace table raw.model_prices as from new_prices")
    con.execute("create or replace table raw.model_matches as from new_matches")
    return days


def _repriced_days(con: duckdb.DuckDBPyConnection) -> list[date]:
    """Days with calls, charges or usage of a model whose match or prices differ from before.

    A name that is new has no old rows: its days are new too.
    """
    con.execute(
        f"""
        create or replace temp table repriced as
        with old as (select * from raw.model_matches),
        changed_keys as (
            select price_key from (
                (select {_PRICE_COLUMNS} from new_prices
                 except select {_PRICE_COLUMNS} from raw.model_prices)
                union all
                (select {_PRICE_COLUMNS} from raw.model_prices
                 except select {_PRICE_COLUMNS} from new_prices)
            )
        ),
        changed as (
            from (select {_MATCH_COLUMNS} from new_matches except select {_MATCH_COLUMNS} from old)
            union all
            from (select {_MATCH_COLUMNS} from old except select {_MATCH_COLUMNS} from new_matches)
        )
        select distinct n.provider, n.model
        from new_matches as n
        inner join old as o on o.provider is not distinct from n.provider and o.model = n.model
        where n.price_key in (select price_key from changed_keys)
            or exists (
                select 1 from changed as c
                where c.provider is not distinct from n.provider and c.model = n.model
            )
        """
    )
    if not con.execute("select count(*) from repriced").fetchall()[0][0]:
        return []
    rows = con.execute(
        "select c.utc_day from raw.gateway_calls as c inner join repriced as r"
        " on r.provider is not distinct from c.provider"
        " and r.model = coalesce(c.response_model, c.request_model)"
        " union select c.utc_day from raw.gateway_calls as c inner join repriced as r"
        " on r.provider is null and r.model = c.baseline_model"
        " union select o.utc_day from raw.omitted_records as o inner join repriced as r"
        " on r.provider is not distinct from o.provider and r.model = o.model"
        " union select c.utc_day from raw.billing_charges as c inner join repriced as r"
        " on r.provider is not distinct from c.x_provider and r.model = c.x_model"
        " union select u.utc_day from raw.billing_usage as u inner join repriced as r"
        " on r.provider is not distinct from u.x_provider and r.model = u.model"
    ).fetchall()
    return [row[0] for row in rows]
