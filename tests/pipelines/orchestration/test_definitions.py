"""Dagster's definitions: what they hold, when they run, and that a range of days is one run."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from ingest.errors import ConfigError
from pipelines.orchestration.history import open_instance
from pipelines.orchestration.jobs import JOB, build_definitions
from pipelines.orchestration.keys import ONLY_NEW, WAREHOUSE, relation_key
from pipelines.run.publish import MARTS_BY_DAY
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from tests.support.workspaces.small import make_small


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return make_small(tmp_path_factory.mktemp("definitions") / "acme")


@pytest.fixture(scope="module")
def definitions(workspace: Workspace) -> dg.Definitions:
    return build_definitions(workspace)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def assets(definitions: dg.Definitions) -> list[dg.AssetsDefinition]:
    return list(definitions.resolve_asset_graph().assets_defs)


def test_the_module_that_dagster_loads_is_about_the_named_workspace(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTLAY_WORKSPACE", str(workspace.root))
    module = importlib.import_module("pipelines.definitions")
    keys = {key.to_user_string() for key in module.defs.resolve_asset_graph().get_all_asset_keys()}
    steps = {"arrivals", "prices", "warehouse", "ops", "showback", "site"}
    sources = {"anthropic", "bot", "focus", "litellm", "openai", "outcomes"}
    layers = ("raw/", "staging/", "intermediate/", "marts/", "reports/")
    own = {key for key in keys if not key.startswith(layers)}
    assert own == steps | {f"inbox/{source}" for source in sources}
    # what a code server does first: two jobs and their parts have no name in common
    names = {job.name for job in module.defs.get_repository_def().get_all_jobs()}
    assert {JOB, "guardrails"} <= names
    lines = Path(str(module.__file__)).read_text().splitlines()
    assert len(lines) < 50


def test_the_flow_goes_from_the_inbox_to_the_pages(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    order = ["inbox/bot", "arrivals", "prices", "raw/model_prices"]
    order += ["staging/stg_prices__model_prices", "marts/dim_models", "marts/fct_calls"]
    for before, after in pairwise(order):
        parents = graph.get(dg.AssetKey(after.split("/"))).parent_keys
        assert dg.AssetKey(before.split("/")) in parents
    for before, after in pairwise(["warehouse", "ops", "showback", "site"]):
        assert dg.AssetKey(before) in graph.get(dg.AssetKey(after)).parent_keys


def test_marts_that_stand_for_days_are_cut_into_those_of_the_reporting_calendar(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    by_day = {key for key in graph.get_all_asset_keys() if graph.get(key).partitions_def}
    assert by_day == {relation_key(mart) for mart in MARTS_BY_DAY}
    for key in by_day:
        days = graph.get(key).partitions_def
        assert isinstance(days, dg.DailyPartitionsDefinition)
        assert days.timezone == "Europe/Berlin"
        assert graph.get(key).backfill_policy == dg.BackfillPolicy.single_run()


def test_every_check_of_the_flow_has_its_place(definitions: dg.Definitions) -> None:
    names = {key.name for asset in assets(definitions) for key in asset.check_keys}
    assert names >= {
        "arrivals__bot",
        "data_tests",
        "failed_files",
        "stated_twice",
        "quarantine_share",
        "unpriced_share",
        "tie_out_gap",
        "reported_cost_gap",
        "unconverted_costs",
        "conflicting_tasks",
        "other_currencies",
        "missing_days",
        "burn_rate",
        "experiments",
        "freshness__bot",
        "freshness__litellm",
    }


@pytest.mark.filterwarnings("ignore:Function `JobDefinition.run_request:DeprecationWarning")
def test_the_daily_schedule_runs_in_the_reporting_time_zone_for_the_day_that_ended(
    definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    schedule = definitions.resolve_schedule_def("daily")
    assert schedule.execution_timezone == "Europe/Berlin"
    assert schedule.cron_schedule == "15 5 * * *"
    # the morning after Berlin's clocks went back
    tick = datetime(2025, 10, 27, 5, 15, tzinfo=ZoneInfo("Europe/Berlin"))
    context = dg.build_schedule_context(
        instance, scheduled_execution_time=tick, repository_def=definitions.get_repository_def()
    )
    (request,) = schedule.evaluate_tick(context).run_requests or ()
    assert request.partition_key == "2025-10-26"
    assert ONLY_NEW.items() <= request.tags.items()


def test_the_hourly_schedule_is_off_until_someone_turns_it_on(
    definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    schedule = definitions.resolve_schedule_def("hourly")
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    assert schedule.execution_timezone == "Europe/Berlin"
    context = dg.build_schedule_context(instance, repository_def=definitions.get_repository_def())
    (request,) = schedule.evaluate_tick(context).run_requests or ()
    assert request.partition_key is not None
    assert ONLY_NEW.items() <= request.tags.items()


def test_where_the_settings_say_hourly_schedule_and_sensor_are_on(tmp_path: Path) -> None:
    workspace = make_small(tmp_path / "acme")
    text = workspace.settings_file.read_text()
    assert 'schedule = "daily"' in text
    workspace.settings_file.write_text(text.replace('schedule = "daily"', 'schedule = "hourly"'))
    definitions = build_definitions(workspace)
    for name in ("daily", "hourly"):
        schedule = definitions.resolve_schedule_def(name)
        assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    sensor = definitions.resolve_sensor_def("inbox")
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING


def test_two_sources_that_differ_only_in_punctuation_are_refused(tmp_path: Path) -> None:
    workspace = make_small(tmp_path / "acme")
    shutil.copy(workspace.sources_dir / "bot.toml", workspace.sources_dir / "b-t.toml")
    shutil.copy(workspace.sources_dir / "bot.toml", workspace.sources_dir / "b.t.toml")
    with pytest.raises(ConfigError, match="differs from 'b-t' only in punctuation"):
        build_definitions(workspace)


def execute(
    workspace: Workspace, instance: dg.DagsterInstance, **options: Any
) -> dg.ExecuteInProcessResult:
    """What the user interface does: a run that opens the workspace itself."""
    job = build_definitions(workspace).resolve_job_def(JOB)
    return job.execute_in_process(
        instance=instance,
        raise_on_error=False,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        **options,
    )


@pytest.mark.slow
def test_a_backfill_of_a_range_is_one_run_with_every_check(
    own: Workspace, instance: dg.DagsterInstance
) -> None:
    result = execute(
        own,
        instance,
        tags={
            "dagster/asset_partition_range_start": "2025-10-05",
            "dagster/asset_partition_range_end": "2025-10-07",
        },
    )
    assert result.success
    assert len(instance.get_runs()) == 1
    (built,) = [e for e in result.get_asset_materialization_events() if e.asset_key == WAREHOUSE]
    computed = built.materialization.metadata["computed"].value
    # three days of Berlin's summer begin two hours before the 5th ends in UTC
    assert computed == "2025-10-04..2025-10-07"
    checks = result.get_asset_check_evaluations()
    assert {c.check_name for c in checks} >= {"data_tests", "burn_rate", "freshness__bot"}
    assert all(c.passed for c in checks)


def test_a_run_from_the_user_interface_respects_the_lock(
    own: Workspace, instance: dg.DagsterInstance
) -> None:
    before = own.showback.read_bytes()
    with workspace_lock(own.state):
        result = execute(own, instance, partition_key="2025-10-06")
    assert not result.success
    assert own.showback.read_bytes() == before


def test_the_workspaces_own_dagster_storage_sends_nothing_and_queues_runs(own: Workspace) -> None:
    with open_instance(own) as instance:
        assert not instance.telemetry_enabled
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 2
        assert (instance.run_retries_enabled, instance.run_retries_max_retries) == (True, 2)
        assert not instance.run_retries_retry_on_asset_or_op_failure
