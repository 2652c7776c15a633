"""Forecasts made of rows of usage, by the models as dbt compiles them and without dbt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.support.warehouse import Workspace

CHAIN = ("int_forecast_baselines", "fct_event_uplifts", "fct_forecasts", "rpt_forecast")
EVENTS = (
    "event varchar, feature varchar, uplift decimal(9, 4), valid_from timestamp, valid_to timestamp"
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The models as dbt compiles them, by name."""
    folder: Path = tmp_path_factory.mktemp("forecasts")
    workspace = Workspace(folder, models=("rpt_forecast",))
    workspace.land()
    workspace.register()
    return {node.name: node for node in workspace.nodes().values()}


def computed(
    models: dict[str, Any],
    rows: Sequence[dict[str, Any]],
    last_hour: datetime,
    events: str,
    query: str,
) -> list[tuple[Any, ...]]:
    """A query after forecasts were made.

    Args:
        rows: of `fct_usage_daily`.
        last_hour: newest hour with calls.
        events: planned events as rows of SQL values; empty: none.
    """
    with duckdb.connect() as con:
        for schema in ("marts", "intermediate", "reports", "staging"):
            con.execute(f"create schema {schema}")
        for name in ("fct_usage_hourly", "fct_usage_daily"):
            described = ", ".join(f"{c} {kind}" for c, kind in models[name].contract.items())
            con.execute(f"create table marts.{name} ({described})")
        con.execute(f"create table staging.stg_workspace__planned_events ({EVENTS})")
        con.register("made", pa.Table.from_pylist(list(rows)))
        con.execute("insert into marts.fct_usage_daily by name from made")
        con.execute("insert into marts.fct_usage_hourly (utc_hour) values (?)", [last_hour])
        if events:
            con.execute(f"insert into staging.stg_workspace__planned_events values {events}")
        for name in CHAIN:
            node = models[name]
            con.execute(f"create table {node.schema}.{name} as {node.sql}")
        return con.execute(query).fetchall()
