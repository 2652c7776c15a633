"""Hourly series, planned events and labels of a backtest, from CSV files into DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from ingest.errors import ConfigError
from ingest.sql import literal

_HOURS = {"series": "varchar", "hour": "timestamp", "usd": "decimal(28, 9)"}
_WORK = {
    "calls": "bigint", "tool_calls": "bigint", "input_tokens": "bigint",
    "cache_read_tokens": "bigint", "output_tokens": "bigint", "tool_usd": "decimal(28, 9)",
}  # fmt: skip
"""What an hour's spend is made of, where the file says so: then an incident has a driver."""

_EVENTS = {"series": "varchar", "start": "timestamp", "end": "timestamp", "uplift": "double"}
_LABELS = {"series": "varchar", "start": "timestamp", "end": "timestamp", "kind": "varchar"}


def load_series(
    con: duckdb.DuckDBPyConnection, series: Path, events: Path | None, labels: Path | None
) -> None:
    """Fill the tables `hours`, `events`, `labels` and `signals`, what the detector reads.

    An hour that the file lacks was not delivered: it is unknown, not 0. An event without a series
    is of all of them; a label without `excess_usd` costs what is unknown.

    Raises:
        ConfigError: a file lacks a column, or holds what is none of its type, or an hour twice.
    """
    _read(con, "hours", series, _HOURS, {"tasks": "bigint", **_WORK})
    _read(con, "events", events, _EVENTS, {})
    _read(con, "labels", labels, _LABELS, {"excess_usd": "decimal(28, 9)", "owner": "varchar"})
    twice = con.execute(
        "select series, hour from hours group by all having count(*) > 1 order by all limit 1"
    ).fetchone()
    if twice:
        raise ConfigError(
            str(series), f"series {twice[0]}, hour {twice[1]}", "stands twice: keep one row"
        )
    con.execute(
        """
        create table signals as
        with bounds as (
            select series, min(date_trunc('hour', hour)) as first_hour, max(hour) as last_hour
            from hours group by series
        ),
        grid as (
            select series,
                unnest(generate_series(first_hour, last_hour, interval 1 hour)) as utc_hour
            from bounds
        ),
        planned as (
            select grid.series, grid.utc_hour, max(events.uplift) as uplift
            from grid inner join events
                on grid.utc_hour >= events.start and grid.utc_hour < events."end"
                and coalesce(events.series, grid.series) = grid.series
            group by all
        )
        select grid.series, measure, grid.utc_hour, hours.usd as actual_usd,
            case when measure = 'unit_cost' then coalesce(hours.tasks, 0) end as exposure,
            case when measure = 'spend' then coalesce(planned.uplift, 1) else 1 end as uplift
        from grid
        cross join (values ('spend'), ('unit_cost')) as measures (measure)
        left join hours on grid.series = hours.series and grid.utc_hour = hours.hour
        left join planned on grid.series = planned.series and grid.utc_hour = planned.utc_hour
        where measure = 'spend' or exists (from hours where tasks is not null)
        """
    )


def _read(
    con: duckdb.DuckDBPyConnection,
    table: str,
    file: Path | None,
    columns: Mapping[str, str],
    optional: Mapping[str, str],
) -> None:
    """Read a CSV into a table of typed columns; without a file, or a column, there is nothing."""
    types = {**columns, **optional}
    declared = ", ".join(f'"{name}" {type_}' for name, type_ in types.items())
    con.execute(f"create table {table} ({declared})")
    if file is None:
        return
    source = f"read_csv({literal(str(file))}, header = true, all_varchar = true)"
    try:
        found = [row[0] for row in con.execute(f"describe select * from {source}").fetchall()]
        lacking = [name for name in columns if name not in found]
        if lacking:
            raise ConfigError(
                str(file), f"column {lacking[0]}", f"is missing; write {','.join(columns)}"
            )
        chosen = ", ".join(
            f'cast(nullif("{name}", \'\') as {type_}) as "{name}"'
            for name, type_ in types.items()
            if name in found
        )
        con.execute(f"insert into {table} by name select {chosen} from {source}")
    except duckdb.Error as error:
        raise ConfigError(str(file), "rows", str(error).splitlines()[0]) from error
