"""The facts about who pays in schema `raw`, and what a changed one makes a build compute again."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.reference.allocation import allocation_table, read_allocation
from ingest.reference.org import org_table, read_org
from ingest.reference.revenue import read_revenue, revenue_table
from ingest.warehouse.changed_days import Changed, register_dated

CONCERNS = {
    "allocation_rules": "billing_charges",
    "org_units": "org_units",
    "tenant_revenue": "tenant_revenue",
}
"""Each fact's table -> the name under which `raw.changed_days` lists the days of its changes."""


def read_showback(config: Path, salt: str) -> dict[str, pa.Table]:
    """Read the workspace's facts about who pays, by table; each file may be absent.

    Args:
        config: the folder of the files.
        salt: the workspace's salt.

    Raises:
        ConfigError: names the row and column of what is wrong.
    """
    return {
        "allocation_rules": allocation_table(read_allocation(config / "allocation.csv", salt)),
        "org_units": org_table(read_org(config / "org.csv")),
        "tenant_revenue": revenue_table(read_revenue(config / "revenue.csv")),
    }


def register_showback(
    con: duckdb.DuckDBPyConnection, facts: dict[str, pa.Table], *, compare: bool
) -> Changed:
    """Replace the facts in schema `raw`; return the billed days on which one changed.

    Args:
        compare: look for such days at all; a build that computes everything needs none.
    """
    return [
        (CONCERNS[name], day)
        for name, rows in facts.items()
        for day in register_dated(con, name, rows, compare=compare, concerns=["billing_charges"])
    ]
