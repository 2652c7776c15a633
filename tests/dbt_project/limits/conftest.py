"""Limits over planted hours: the models as dbt compiles them, run on rows made by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.support.warehouse import Workspace

STATE = (
    "int_limited_hours", "int_limits", "int_limit_hours", "fct_budget_state",
    "rpt_budget_state",
)  # fmt: skip
AUDIT = (
    "int_limited_hours", "int_capped_calls", "fct_cap_audit", "rpt_cap_audit",
)  # fmt: skip
IDENTITY = "what_passed_a_cap_is_what_was_spent_beyond_it"
"""A data test that holds of every audit."""

FIRST = datetime(2026, 7, 6)
"""A Monday."""

_STAGED = {
    "limits": "scope varchar, names varchar[], period varchar, limit_usd decimal(18, 9),"
    " unit varchar, limit_quantity decimal(18, 0),"
    " kind varchar, warn_at decimal(5, 4)[], owner varchar, valid_from timestamp,"
    " valid_to timestamp, source varchar",
    "budgets": "kind varchar, name varchar, monthly_usd decimal(18, 9), valid_from timestamp,"
    " valid_to timestamp, source varchar",
    "org_units": "kind varchar, name varchar, owner varchar, valid_from timestamp,"
    " valid_to timestamp",
    "planned_events": "feature varchar, uplift decimal(9, 4), valid_from timestamp,"
    " valid_to timestamp",
}

Hour = dict[str, Any]
States = Callable[..., list[tuple[Any, ...]]]


def limit(scope: str, member: str, usd: float, period: str = "month", **more: Any) -> Hour:
    """A row of `config/limits.csv`, hard and always valid unless said otherwise."""
    return {
        "scope": scope, "names": [member], "period": period, "limit_usd": Decimal(str(usd)),
        "unit": "usd",
        "kind": "hard", "warn_at": [Decimal("0.8")], "owner": "Chat Team",
        "valid_from": datetime(1970, 1, 1), "valid_to": datetime(9999, 12, 31),
        "source": f"config/limits.csv:{member}", **more,
    }  # fmt: skip


def hour(at: datetime, usd: Decimal | None = Decimal(1), **more: Any) -> Hour:
    """A row of `fct_usage_hourly`: two calls of chat for acme."""
    return {
        "utc_day": at.date(), "utc_hour": at, "source_name": "s", "feature": "chat",
        "tenant_id": "acme", "team_tag": "Chat Team", "api_key_id": "k1", "provider": "p",
        "model_id": "m", "calls": 2, "unpriced_calls": 0, "unmetered_calls": 0, "tasks": 1,
        "tool_calls": 0, "cached_hits": 0, "billable_input_tokens": 900,
        "billable_cache_read_tokens": 600, "billable_output_tokens": 100,
        "estimate_usd": usd, **more,
    }  # fmt: skip


def every_hour(until: datetime) -> Iterator[datetime]:
    """Hours from the first on, up to and without `until`."""
    at = FIRST
    while at < until:
        yield at
        at += timedelta(hours=1)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The models as dbt compiles them, by name."""
    folder: Path = tmp_path_factory.mktemp("limits")
    workspace = Workspace(folder, models=("rpt_budget_state", "rpt_cap_audit"))
    workspace.land()
    workspace.register()
    nodes = {**workspace.nodes(), **workspace.data_tests()}
    return {node.name: node for node in nodes.values()}


@contextmanager
def planted(
    compiled: dict[str, Any], staged: Mapping[str, Sequence[Hour]], marts: Mapping[str, Any]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with rows of what the models read."""
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        for schema in ("staging", "intermediate", "marts", "reports"):
            con.execute(f"create schema {schema}")
        tables = {f"staging.stg_workspace__{name}": of for name, of in _STAGED.items()}
        for name in ("fct_usage_hourly", "fct_calls"):
            columns = compiled[name].contract.items()
            tables[f"marts.{name}"] = ", ".join(f"{column} {kind}" for column, kind in columns)
        rows = {f"staging.stg_workspace__{name}": made for name, made in staged.items()}
        rows |= {f"marts.{name}": made for name, made in marts.items()}
        for name, described in tables.items():
            con.execute(f"create table {name} ({described})")
            if rows.get(name):
                con.register("made", pa.Table.from_pylist(list(rows[name])))
                con.execute(f"insert into {name} by name from made")
        yield con


def build(con: duckdb.DuckDBPyConnection, compiled: dict[str, Any], chain: Sequence[str]) -> None:
    """Make models of what is planted, one after another."""
    for name in chain:
        node = compiled[name]
        con.execute(f"create table {node.schema}.{name} as {node.sql}")


@pytest.fixture
def states(compiled: dict[str, Any]) -> States:
    """A function that gives rows of `rpt_budget_state` for hours, limits and the like."""

    def made(
        columns: str, hours: Sequence[Hour], limits: Sequence[Hour] = (), **staged: Sequence[Hour]
    ) -> list[tuple[Any, ...]]:
        with planted(compiled, {"limits": limits, **staged}, {"fct_usage_hourly": hours}) as con:
            con.execute(
                "create table intermediate.int_guarded_hours as select distinct 'company' as"
                " scope, utc_hour, 1 as calls from marts.fct_usage_hourly"
            )
            build(con, compiled, STATE)
            return con.execute(
                f"select {columns} from reports.rpt_budget_state order by all"
            ).fetchall()

    return made


@pytest.fixture
def audited(compiled: dict[str, Any]) -> States:
    """A function that gives rows of `rpt_cap_audit` for calls and limits."""

    def made(columns: str, calls: Sequence[Hour], limits: Sequence[Hour]) -> list[tuple[Any, ...]]:
        with planted(compiled, {"limits": limits}, {"fct_calls": calls}) as con:
            con.execute(
                "insert into marts.fct_usage_hourly by name select utc_day, date_trunc('hour',"
                " started_at) as utc_hour, feature, tenant_id, team_tag, api_key_id, provider,"
                " model_id, count(*) as calls, 0 as unpriced_calls, 0 as unmetered_calls, 0"
                " as tool_calls, 0 as cached_hits, sum(estimate_usd) as estimate_usd"
                " from marts.fct_calls group by all"
            )
            build(con, compiled, AUDIT)
            assert con.execute(compiled[IDENTITY].sql).fetchall() == []
            return con.execute(
                f"select {columns} from reports.rpt_cap_audit order by all"
            ).fetchall()

    return made
