"""A published file with what alerts and reviews read, by hand."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace

TABLES = """
create schema reports; create schema marts;
create table reports.rpt_incidents (incident_id varchar, started_at timestamp, last_at timestamp,
    scope varchar, member varchar, measure varchar, expected decimal(28, 9),
    actual decimal(28, 9), excess_usd decimal(28, 9), driver varchar, change_event varchar,
    owner varchar, status varchar, marked_by varchar);
create table reports.rpt_experiments (experiment varchar, candidate varchar, control varchar,
    owner varchar, state varchar, reason varchar, decided_at timestamp, alarm varchar);
create table reports.rpt_budget_state (scope varchar, member varchar, period varchar,
    kind varchar, period_start timestamp, state varchar, reason varchar, owner varchar,
    recommendation varchar, rule varchar, evidence varchar, spent_usd decimal(28, 9),
    unit varchar default 'usd');
create table reports.rpt_cost_bridge (period_grain varchar, period_start date, dimension varchar,
    measure varchar, driver varchar, effect_usd decimal(28, 9), owner varchar,
    change_event varchar, previous_usd decimal(28, 9), current_usd decimal(28, 9));
create table marts.fct_usage_daily (utc_day date);
create table marts.fct_key_usage_daily (utc_day date, api_key_id varchar, team_tag varchar,
    estimate_usd decimal(28, 9));
"""


def workspace_of(root: Path, *incidents: dict[str, Any]) -> Workspace:
    """A workspace that has published these incidents, and nothing else."""
    init_workspace(root, company="Acme", with_sources=False)
    workspace = Workspace(root)
    publish(workspace, *incidents)
    return workspace


def publish(workspace: Workspace, *incidents: dict[str, Any]) -> None:
    """Publish these incidents instead of what was."""
    workspace.showback.unlink(missing_ok=True)
    with duckdb.connect(str(workspace.showback)) as con:
        con.execute(TABLES)
        for row in incidents:
            insert(con, "reports.rpt_incidents", row)


def insert(con: duckdb.DuckDBPyConnection, table: str, row: dict[str, Any]) -> None:
    marks = ", ".join(f"${name}" for name in row)
    con.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", row)


def incident(name: str, **fields: Any) -> dict[str, Any]:
    """An open incident of ten dollars where one is usual."""
    return {
        "incident_id": name,
        "started_at": datetime(2026, 10, 26, 15),
        "last_at": datetime(2026, 10, 26, 17),
        "scope": "feature",
        "member": "chat",
        "measure": "unit_cost",
        "expected": Decimal(1),
        "actual": Decimal(10),
        "excess_usd": Decimal(9),
        "driver": "loops",
        "change_event": "deploy bot 1.4",
        "owner": "Agents",
        "status": "open",
        **fields,
    }
