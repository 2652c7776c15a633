"""Dagster's graph is dbt's: every model, its columns and tests; events only for what changed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.sql import create_engine
from dbt.contracts.graph.manifest import Manifest
from sqlalchemy import text

from pipelines.dbt_models.project_graph import graph_of, project_graph
from pipelines.orchestration.history import open_instance, quick_history
from pipelines.orchestration.jobs import JOB, build_definitions
from pipelines.orchestration.keys import ONLY_NEW, relation_key
from pipelines.run.publish import MARTS_BY_DAY
from pipelines.workspace.load import load_workspace
from pipelines.workspace.paths import Workspace
from tests.house.reference import parsed_project
from tests.support.workspaces.small import CALLS, drop

LAYERS = ("staging", "intermediate", "marts", "reports")


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return parsed_project()


@pytest.fixture(scope="module")
def definitions(built: Workspace) -> dg.Definitions:
    return build_definitions(built)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def test_the_graph_has_every_model_and_every_arrow_of_the_manifest_and_no_other(
    manifest: Manifest, definitions: dg.Definitions
) -> None:
    graph = definitions.resolve_asset_graph()
    nodes = {**manifest.nodes, **manifest.sources}
    names = {key: (node.schema, node.name) for key, node in nodes.items()}
    expected = {
        names[key]: {names[parent] for parent in node.depends_on.nodes}
        for key, node in manifest.nodes.items()
        if key.startswith("model.")
    }
    found = {
        tuple(key.path): {tuple(parent.path) for parent in graph.get(key).parent_keys}
        for key in graph.get_all_asset_keys()
        if key.path[0] in LAYERS
    }
    assert found == expected


def test_lineage_goes_from_an_inbox_folder_to_a_report(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    seen: set[dg.AssetKey] = set()
    left = [dg.AssetKey(["reports", "rpt_overview"])]
    while left:
        for parent in graph.get(left.pop()).parent_keys - seen:
            seen.add(parent)
            left.append(parent)
    assert dg.AssetKey(["inbox", "litellm"]) in seen
    assert dg.AssetKey(["raw", "gateway_calls"]) in seen


def test_every_data_test_is_a_check_of_the_mart_that_it_guards(
    manifest: Manifest, definitions: dg.Definitions
) -> None:
    graph = graph_of(manifest)
    tests = {test.dbt_name for model in graph.models for test in model.tests}
    assert tests == {node.name for key, node in manifest.nodes.items() if key.startswith("test.")}
    keys = definitions.resolve_asset_graph().asset_check_keys
    assert dg.AssetCheckKey(relation_key("marts.fct_calls"), "unique_grain") in keys
    (gap,) = [key for key in keys if key.name == "causes_sum_to_the_gap"]
    assert gap.asset_key == relation_key("marts.fct_tie_out_cells")
    assert sum(len(model.tests) for model in graph.models) == len(tests)


def test_a_mart_says_its_columns_domain_and_owner(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    spec = graph.get(relation_key("marts.fct_tasks"))
    assert (spec.group_name, spec.owners) == ("unit_economics", ["team:finops"])
    schema = spec.metadata["dagster/column_schema"]
    columns = {column.name: column.type for column in schema.columns}
    assert columns["evaluations"] == "bigint"


def test_the_graph_is_kept_and_made_anew_for_other_settings(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _ = load_workspace(own)
    graph = project_graph(own, settings)
    kept = own.dbt / "graph.json"

    def unexpected(*_: object) -> None:
        raise AssertionError("parsed although nothing changed")

    with monkeypatch.context() as patch:
        patch.setattr("pipelines.dbt_models.project_graph.parse_project", unexpected)
        assert project_graph(own, settings) == graph
        kept.write_text(json.dumps({**json.loads(kept.read_text()), "fingerprint": "other"}))
        with pytest.raises(AssertionError, match="parsed although"):
            project_graph(own, settings)


NORMAL, FULL = 1, 2
"""SQLite's `synchronous`: with a write-ahead log, the disk is waited for seldom, or each time."""


def waits(instance: dg.DagsterInstance) -> int:
    with instance.run_storage.connect() as connection:  # type: ignore[attr-defined]
        return int(connection.execute(text("pragma synchronous")).scalar_one())


def test_while_a_job_runs_no_event_waits_for_the_disk_or_writes_the_index_back(
    own: Workspace,
) -> None:
    log = own.dagster_home / "history" / "runs" / "index.db-wal"
    with open_instance(own) as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization("before"))
        assert not log.exists()
        with quick_history(own):
            instance.report_runless_asset_event(dg.AssetMaterialization("meanwhile"))
            assert log.stat().st_size > 0
            assert waits(instance) == NORMAL
        assert not log.exists()
        assert waits(instance) == FULL
        assert {key.to_user_string() for key in instance.all_asset_keys()} >= {
            "before",
            "meanwhile",
        }


def test_while_a_job_runs_a_file_of_the_history_has_one_engine(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def counted(file: str, **arguments: Any) -> Any:
        made.append(file)
        return create_engine(file, **arguments)

    with open_instance(own) as instance, monkeypatch.context() as patch:
        patch.setattr("dagster._core.storage.sql.create_engine", counted)
        with quick_history(own):
            for name in ("one", "two"):
                instance.report_runless_asset_event(dg.AssetMaterialization(name))
        stated = len(made)
        instance.report_runless_asset_event(dg.AssetMaterialization("three"))
    assert len(set(made)) == len(made) == stated > 0


def run(workspace: Workspace, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    job = build_definitions(workspace).resolve_job_def(JOB)
    result = job.execute_in_process(
        instance=instance,
        tags=ONLY_NEW,
        partition_key="2025-10-07",
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    assert result.success
    return result


def materialized(result: dg.ExecuteInProcessResult) -> set[str]:
    events = result.get_asset_materialization_events()
    return {event.asset_key.to_user_string() for event in events if event.asset_key}


@pytest.mark.slow
def test_published_days_are_filled_partitions_and_only_what_changed_is_reported(
    own: Workspace, instance: dg.DagsterInstance
) -> None:
    own.warehouse.unlink()
    first = materialized(run(own, instance))
    assert {"marts/fct_tasks", "reports/rpt_overview", "marts/dim_org"} <= first
    days = instance.get_materialized_partitions(relation_key(MARTS_BY_DAY[0]))
    # Berlin's days of the small workspace's calls
    assert days == {"2025-10-05", "2025-10-06", "2025-10-07"}

    drop(own, "bot/more.csv", CALLS.splitlines()[0] + "\nc9,t9,2025-10-07T13:00:00Z,house-1,9,0\n")
    second = materialized(run(own, instance))
    assert "marts/fct_tasks" in second
    assert "marts/dim_org" not in second
    third = materialized(run(own, instance))
    assert not {name for name in third if name.startswith(("marts/", "reports/"))}


def test_the_inbox_sensor_asks_once_for_files_that_are_complete(
    own: Workspace, instance: dg.DagsterInstance
) -> None:
    definitions = build_definitions(own)
    sensor = definitions.resolve_sensor_def("inbox")
    assert sensor.default_status == dg.DefaultSensorStatus.STOPPED

    def tick(cursor: str | None) -> tuple[int, str | None]:
        context = dg.build_sensor_context(instance=instance, cursor=cursor, definitions=definitions)
        found = sensor.evaluate_tick(context)
        return len(found.run_requests or ()), found.cursor

    asked, cursor = tick(None)
    assert asked == 0, "everything was read by the run before"
    drop(own, "bot/late.csv", CALLS.splitlines()[0] + "\nc8,t8,2025-10-07T13:00:00Z,house-1,9,0\n")
    counts = []
    for _ in range(4):
        asked, cursor = tick(cursor)
        counts.append(asked)
    assert counts == [0, 1, 0, 0], "arriving, complete, asked for, asked for"
    file = own.lake.inbox / "bot" / "late.csv"
    os.utime(file, ns=(1, 1))
    counts = []
    for _ in range(3):
        asked, cursor = tick(cursor)
        counts.append(asked)
    assert counts == [0, 1, 0]
