"""The job of guardrails and its schedule: what is open now, beside the run of everything."""

# no `from __future__ import annotations` here: Dagster reads the annotations of `context`
import dagster as dg

from pipelines.orchestration.keys import WRITES
from pipelines.run.guardrail_run import run_guardrails
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import silent
from pipelines.workspace.settings import Settings

JOB = "guardrails"

_EVERY_QUARTER = "7-59/15 * * * *"
"""A run of it takes seconds; gateways write their logs every few minutes. Not at the minutes of the
other schedules: while it lands it holds the workspace's lock, at which a run waits for nobody."""


def guardrail_job(workspace: Workspace) -> dg.JobDefinition:
    """The job: it opens no run, so that it waits for none."""

    # a job's name is its graph's too: no op may have it
    @dg.op(description="Land where no run does, build, publish and tell guardrails.")
    def watch(context: dg.OpExecutionContext) -> None:
        result = run_guardrails(workspace, silent)
        context.add_output_metadata(
            {
                "as_of": str(result.as_of),
                "landed": result.is_landed,
                "open_alerts": len({one.alert.key for one in result.told}),
                **result.rows,
            }
        )
        for problem in {one.problem for one in result.told if one.problem}:
            context.log.warning(problem)

    @dg.job(
        name=JOB,
        description="Incidents, limits and experiments as of now, in seconds.",
        executor_def=dg.in_process_executor,
        tags={WRITES: JOB},
    )
    def job() -> None:
        watch()

    return job


def guardrail_schedule(job: dg.JobDefinition, settings: Settings) -> dg.ScheduleDefinition:
    """Every quarter of an hour: on where gateways deliver hourly, or someone turns it on."""
    is_on = settings.schedule == "hourly"
    return dg.ScheduleDefinition(
        name=JOB,
        job=job,
        cron_schedule=_EVERY_QUARTER,
        execution_timezone=settings.reporting_timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING
        if is_on
        else dg.DefaultScheduleStatus.STOPPED,
        description="Keep guardrails current between runs; turn on where gateways deliver hourly.",
    )
