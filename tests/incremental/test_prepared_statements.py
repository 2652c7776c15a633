"""A build by prepared statements makes what dbt itself makes, comments and all."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.incremental import arrivals
from tests.support.warehouse import Engine, Workspace

DAYS = 8

ENGINES: tuple[Engine, Engine] = ("prepared", "dbt")


def relations(workspace: Workspace) -> dict[str, Any]:
    """Every relation that models make: kind, comment, columns with theirs, and rows."""
    layers = "schema_name in ('staging', 'intermediate', 'marts', 'reports')"
    with duckdb.connect(str(workspace.warehouse), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        kinds = con.execute(
            "select schema_name || '.' || table_name, 'table', comment from duckdb_tables()"
            f" where {layers} union all"
            " select schema_name || '.' || view_name, 'view', comment from duckdb_views()"
            f" where {layers}"
        ).fetchall()
        return {
            name: (
                kind,
                comment,
                con.execute(
                    "select column_name, data_type, comment from duckdb_columns()"
                    " where schema_name || '.' || table_name = ? order by column_index",
                    [name],
                ).fetchall(),
                con.execute(f"from {name} order by all").fetchall(),
            )
            for name, kind, comment in kinds
        }


@pytest.mark.slow
def test_an_incremental_build_is_that_of_dbt(tmp_path: Path) -> None:
    """Whole builds: tests/dbt_project/test_plain_sql.py."""
    ours = Workspace(tmp_path / "ours", {"reporting_timezone": "America/New_York"})
    arrivals.configure(ours)
    arrivals.deliver_bills(ours)
    arrivals.deliver_history(ours, range(DAYS))
    ours.rules("feature = search,team = finders,,,,")
    ours.build(tests=False, engine="prepared")
    before = relations(ours)
    shutil.copytree(ours.root, tmp_path / "dbt")
    theirs = Workspace(tmp_path / "dbt", ours.settings)
    for workspace, engine in zip((ours, theirs), ENGINES, strict=True):
        arrivals.deliver_history(workspace, range(DAYS, DAYS + 1))
        assert not workspace.build(tests=False, engine=engine).full_refresh
    found, expected = relations(ours), relations(theirs)
    assert found.keys() == expected.keys() == before.keys()
    assert [name for name in found if found[name] != expected[name]] == []
    assert sum(found[name] != before[name] for name in found) > 50
