"""What moved within the episodes of a backtest, by the models' own SQL, and who acts on it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingest.reference.guardrails.owners import ANY, OWNERS
from pipelines.dbt_models.plain_macros import macros

DRIVERS = ("money/measures", "money/logarithms", "guardrails/scopes", "guardrails/drivers")
"""Macros of the models that name what moved."""


def find_drivers(con: duckdb.DuckDBPyConnection, owners: Path | None) -> None:
    """From `hours` and `matched`, make `driven`: driver and owner by series and number.

    A driver is told where the file says what spend is made of.

    Raises:
        ConfigError: the file of owners is wrong.
    """
    con.execute("create table owners (driver varchar, feature varchar, owner varchar)")
    if owners is not None:
        rows = [(row.driver, row.feature, row.owner) for row in OWNERS.read(owners)]
        con.executemany("insert into owners values ($1, $2, $3)", rows)
    con.execute(
        """
        create table incidents as
        select series || '/' || number as incident_id, 'feature' as scope,
            case when contains(measures, 'unit_cost') then 'unit_cost' else 'spend' end as measure,
            series, number, started_at, last_at
        from matched
        """
    )
    con.execute(
        """
        create table sides as
        with used as (
            select incidents.incident_id, weeks.week, hours.*
            from incidents cross join range(0, 5) as weeks (week)
            inner join hours on incidents.series = hours.series
                and hours.hour + to_weeks(weeks.week::int) between started_at and last_at
            where hours.calls is not null
        ),
        weeks as (
            select incident_id, count(distinct week) filter (where week > 0) as weeks
            from used group by incident_id
        )
        select incident_id, case when week = 0 then 1 else 0 end as side, 'model' as model_id,
            any_value(series) as largest_feature,
            sum(tasks) / part as tasks, sum(calls) / part as calls,
            sum(tool_calls) / part as tool_calls, 0 as cached_hits,
            sum(input_tokens) / part as billable_input_tokens,
            sum(cache_read_tokens) / part as billable_cache_read_tokens,
            sum(output_tokens) / part as billable_output_tokens,
            sum(usd) / part as estimate_usd, sum(tool_usd) / part as tool_usd
        from (
            select used.*, case when week = 0 then 1 else weeks.weeks end as part
            from used inner join weeks using (incident_id)
        )
        group by incident_id, case when week = 0 then 1 else 0 end, part
        """
    )
    moved = macros(*DRIVERS).incident_drivers_select("sides", "incidents")
    con.execute(
        f"""
        create table driven as
        select incidents.series, incidents.number, moved.driver, arg_min(
            owners.owner, (owners.driver = $any, owners.feature is null)
        ) as owner
        from incidents
        inner join ({moved}) as moved using (incident_id)
        left join owners on owners.driver in (moved.driver, $any)
            and coalesce(owners.feature, incidents.series) = incidents.series
        group by all
        """,
        {"any": ANY},
    )
