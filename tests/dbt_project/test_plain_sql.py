"""Plain SQL makes the relations that dbt makes: names, kinds, types, values, and tests of them.

Tests of models build with it what they build as a whole; see `tests.support.plain_sql`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.demo import write_workspace_data
from tests.story import month, shared_month
from tests.support.plain_sql import build_relations, failed_tests
from tests.support.warehouse import Workspace, invoke

pytestmark = pytest.mark.slow

SEEN_TWICE = """
format = "mapped"
file_type = "csv"
precedence = 40
same_traffic_as = ["log"]
[fields]
call_id = "id"
started_at = "at"
provider = { constant = "openai" }
request_model = { constant = "scribe" }
[tokens]
input = "tokens"
output = "out"
"""

SPANS = """id,at,tokens,out
s1,2026-10-02T09:00:01Z,6000000,0
s2,2026-10-20T12:00:00Z,1000000,0
"""


def story(workspace: Workspace) -> None:
    month.fill(workspace)


def demo(workspace: Workspace) -> None:
    write_workspace_data(workspace.root, days=12, scale=0.1)


def rules(workspace: Workspace) -> None:
    """Everything that models ask for while dbt compiles them: rules, commitments, sources."""
    shared_month.fill(workspace)
    workspace.rules("feature = search,team = finders,,,,", "provider = openai,feature = rest,,,,")
    workspace.commitments(
        "ptu,provisioned,,feature = chat,310,month,100,tokens_per_minute,2026-10-01,2026-12-01,",
        "deal,spend,openai,,1000,,,,2026-10-01,2027-10-01,",
    )
    workspace.configure("spans", SEEN_TWICE)
    workspace.drop("spans", "october.csv", SPANS)


def relations(workspace: Workspace) -> dict[str, Any]:
    """Every relation that models make: its kind, its columns with their types, and its rows."""
    found = {}
    with duckdb.connect(str(workspace.warehouse), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        names = con.execute(
            "select table_schema || '.' || table_name, table_type from information_schema.tables"
            " where table_schema in ('staging', 'intermediate', 'marts', 'reports')"
        ).fetchall()
        for name, kind in names:
            columns = [row[:2] for row in con.execute(f"describe {name}").fetchall()]
            found[name] = (kind, columns, con.execute(f"from {name} order by all").fetchall())
    return found


@pytest.mark.parametrize("fill", [story, demo, rules])
def test_plain_sql_makes_what_dbt_makes_by_type_and_by_value(
    fill: Callable[[Workspace], None], tmp_path: Path
) -> None:
    ours = Workspace(tmp_path / "sql", {"reporting_timezone": "Europe/Berlin"})
    fill(ours)
    theirs = Workspace(tmp_path / "dbt", ours.settings)
    theirs.root.mkdir()
    for folder in ("inbox", "config"):
        (theirs.root / folder).symlink_to(ours.root / folder)
    ours.build(engine="sql")
    theirs.build(engine="dbt")
    found, expected = relations(ours), relations(theirs)
    assert found.keys() == expected.keys()
    assert [name for name in found if found[name] != expected[name]] == []
    assert sum(len(rows) for _, _, rows in found.values()) > 500


def test_every_data_test_is_run_and_none_is_only_counted(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.build()
    tests = {node.name: node for node in workspace.data_tests().values()}
    listed = invoke(
        ["list", "--resource-type", "test", "--output", "json", "--output-keys", "name"],
        workspace.warehouse, workspace.settings,
    )  # fmt: skip
    assert tests.keys() == {json.loads(line)["name"] for line in listed.result}
    with duckdb.connect(str(workspace.warehouse)) as con:
        con.execute(
            "insert into marts.dim_models by name select 'p' as price_provider from range(2)"
        )
    failed = failed_tests(workspace.warehouse, workspace.data_tests())
    assert failed
    assert all("dim_models" in name for name in failed)


def test_a_column_of_another_type_than_its_contract_is_noticed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.build()
    nodes = dict(workspace.nodes())
    name = "model.outlay.dim_models"
    nodes[name] = replace(nodes[name], contract=nodes[name].contract | {"price_key": "date"})
    with pytest.raises(AssertionError, match="dim_models"):
        build_relations(workspace.warehouse, nodes)
