"""Models as the SQL that dbt makes of them, run on tables that a test fills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from tests.support.warehouse import invoke

Rows = Sequence[Sequence[Any]]


def compile_models(folder: Path, names: Sequence[str]) -> dict[str, Any]:
    """dbt's nodes by name, compiled as a first build would."""
    warehouse = folder / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as con:
        con.execute(
            "create schema raw; create table raw.allocation_rules (line bigint,"
            " conditions varchar, valid_from timestamp, valid_to timestamp)"
        )
    compiling = ["compile", "--exclude", "resource_type:test", "--select", *names]
    run = invoke(compiling, warehouse, {"reporting_timezone": "UTC"})
    assert run.success, run.exception
    return {result.node.name: result.node for result in run.result.results}


class Models:
    """Some models in an order in which each reads only tables and those before it."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        compiled = compile_models(folder, names)
        self.models = [(compiled[name].schema, name, compiled[name].compiled_code)
                       for name in names]  # fmt: skip

    def build(self, tables: Mapping[str, tuple[str, Rows]]) -> duckdb.DuckDBPyConnection:
        """Fill tables, given as name -> (columns with types, rows), and build the models."""
        con = duckdb.connect()
        con.execute("create schema staging; create schema intermediate; create schema marts")
        for name, (columns, rows) in tables.items():
            con.execute(f"create table {name} ({columns})")
            if rows:
                marks = ", ".join("?" for _ in rows[0])
                con.executemany(f"insert into {name} values ({marks})", [list(r) for r in rows])
        for schema, name, sql in self.models:
            con.execute(f"create table {schema}.{name} as {sql}")
        return con
