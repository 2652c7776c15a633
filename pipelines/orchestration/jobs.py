"""The job, what starts it, and the resource that holds the workspace.

The job plans the steps and the marts that are cut into days, not every mart and report: a planned
event costs ten milliseconds in each run. Any of them can still be asked for from its own page.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence, Set

import dagster as dg

from ingest.errors import ConfigError
from ingest.records.format import SourceConfig
from pipelines.dbt_models.project_graph import project_graph
from pipelines.orchestration.guardrail_job import guardrail_job, guardrail_schedule
from pipelines.orchestration.inbox_sensor import inbox_sensor
from pipelines.orchestration.keys import ONLY_NEW, WRITES, relation_key
from pipelines.orchestration.landing_assets import landing_assets
from pipelines.orchestration.model_specs import data_tests, external_specs
from pipelines.orchestration.published_assets import published_assets
from pipelines.orchestration.warehouse_assets import warehouse_assets
from pipelines.run.publish import MARTS_BY_DAY
from pipelines.run.session import Run, open_run
from pipelines.workspace.load import load_workspace
from pipelines.workspace.paths import Workspace
from pipelines.workspace.settings import Settings

JOB = "outlay"

_DAILY_HOUR, _DAILY_MINUTE = 5, 15
"""Gateways close their daily file at midnight UTC, which is 02:00 in Berlin's summer."""

_HOURLY = "25 * * * *"
"""A runaway loop costs by the hour; by the daily run it has burned a day."""


def reporting_days(settings: Settings) -> dg.DailyPartitionsDefinition:
    """The complete days of the reporting calendar."""
    return dg.DailyPartitionsDefinition(
        start_date=settings.first_day.isoformat(), timezone=settings.reporting_timezone
    )


def build_definitions(workspace: Workspace, run: Run | None = None) -> dg.Definitions:
    """Everything that Dagster knows of a workspace.

    Args:
        workspace: whose settings name the sources and the time zone.
        run: a run that the caller has opened already; None lets every Dagster run open its own.

    Raises:
        ConfigError: settings are wrong.
    """
    settings, sources = (run.settings, run.sources) if run else load_workspace(workspace)
    _refuse_alike(sources, workspace)
    graph, days = project_graph(workspace, settings), reporting_days(settings)
    with warnings.catch_warnings():
        # a single-run backfill policy is still called beta; it is what a backfill here must be
        warnings.simplefilter("ignore", dg.BetaWarning)
        assets = [
            *landing_assets(sources),
            *warehouse_assets(graph, sources, days),
            *published_assets(days),
        ]
    unplanned = {
        relation_key(model.relation)
        for model in graph.models
        if model.is_published and model.relation not in MARTS_BY_DAY
    }
    job, guardrails = _job(assets, unplanned), guardrail_job(workspace)
    return dg.Definitions(
        assets=[*assets, *external_specs(graph, sources)],
        asset_checks=[data_tests(graph)],
        jobs=[job, guardrails],
        schedules=[
            _daily(job),
            _hourly(job, settings),
            guardrail_schedule(guardrails, settings),
        ],
        sensors=[inbox_sensor(workspace, job, days, is_on=settings.schedule == "hourly")],
        resources={"run": run if run else _opening(workspace)},
        # DuckDB has one writer, and the steps share the run that holds the lock
        executor=dg.in_process_executor,
    )


def _job(
    assets: Sequence[dg.AssetsDefinition], unplanned: Set[dg.AssetKey]
) -> dg.UnresolvedAssetJobDefinition:
    """Every step, with the checks that the steps answer for themselves."""
    keys = {key for step in assets for key in step.keys} - unplanned
    checks = {key for step in assets for key in step.check_keys}
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.assets(*keys).without_checks()
        | dg.AssetSelection.checks(*checks),
        description="Land what is new, build, check, publish, render.",
        executor_def=dg.in_process_executor,
        tags={WRITES: "warehouse"},
    )


def _opening(workspace: Workspace) -> dg.ResourceDefinition:
    @dg.resource(description="The run: holds the workspace's lock from first to last step.")
    def run(_: dg.InitResourceContext) -> Iterator[Run]:
        with open_run(workspace) as opened:
            yield opened

    return run


def _daily(
    job: dg.UnresolvedAssetJobDefinition,
) -> dg.UnresolvedPartitionedAssetScheduleDefinition | dg.ScheduleDefinition:
    """Every morning of the reporting calendar, for the day that has just ended."""
    return dg.build_schedule_from_partitioned_job(
        job,
        name="daily",
        hour_of_day=_DAILY_HOUR,
        minute_of_hour=_DAILY_MINUTE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        tags=ONLY_NEW,
    )


def _hourly(job: dg.UnresolvedAssetJobDefinition, settings: Settings) -> dg.ScheduleDefinition:
    """What is new, every hour: on where the settings say so, or someone turns it on."""

    @dg.schedule(
        name="hourly",
        job=job,
        cron_schedule=_HOURLY,
        execution_timezone=settings.reporting_timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING
        if settings.schedule == "hourly"
        else dg.DefaultScheduleStatus.STOPPED,
        description="Land and build what is new; turn on where gateways deliver hourly.",
    )
    def hourly() -> dg.RunRequest:
        newest = reporting_days(settings).get_last_partition_key()
        return dg.RunRequest(partition_key=newest, tags=ONLY_NEW)

    return hourly


def _refuse_alike(sources: Sequence[SourceConfig], workspace: Workspace) -> None:
    """Dagster's names have no dashes or dots: two sources must differ in more than those."""
    seen: dict[str, str] = {}
    for source in sources:
        plain = source.name.replace("-", "_").replace(".", "_")
        if plain in seen:
            raise ConfigError(
                str(workspace.sources_dir / f"{source.name}.toml"),
                "file name",
                f"differs from {seen[plain]!r} only in punctuation; rename one of the two folders"
                " and its settings",
            )
        seen[plain] = source.name
