"""The sensor on the inbox: files that landing has not seen ask for one run of what is new."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping

import dagster as dg
import duckdb

from ingest.lake.landing import waiting_files
from pipelines.orchestration.keys import ONLY_NEW
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import holder_of
from pipelines.workspace.paths import Workspace

_SECONDS = 60


def inbox_sensor(
    workspace: Workspace,
    job: dg.UnresolvedAssetJobDefinition,
    days: dg.DailyPartitionsDefinition,
    *,
    is_on: bool = False,
) -> dg.SensorDefinition:
    """One run for the files that wait, once they are as they were a minute ago.

    Its cursor is what it saw last and what it asked for last. It is off unless the settings say
    `schedule = "hourly"`: a workspace that a person feeds by hand runs when that person says so.
    """

    @dg.sensor(
        name="inbox",
        job=job,
        minimum_interval_seconds=_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING if is_on else dg.DefaultSensorStatus.STOPPED,
        description="Run what is new as soon as files in the inbox are complete; turn on where"
        " files come by themselves.",
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        seen, _, asked = (context.cursor or " ").partition(" ")
        holder = holder_of(workspace.state)
        if holder:
            return dg.SensorResult(
                skip_reason=f"a run is under way ({holder})", cursor=context.cursor
            )
        try:
            # sources as they are now: settings may be newer than these definitions
            waiting = waiting_files(workspace.lake, load_workspace(workspace)[1])
        except duckdb.IOException:
            return dg.SensorResult(skip_reason="a run has just begun", cursor=context.cursor)
        now = _state(waiting)
        if not waiting or now == asked:
            reason = "waiting files were tried already" if waiting else "no file waits"
            return dg.SensorResult(skip_reason=reason, cursor=f"{now} {asked}")
        if now != seen:
            return dg.SensorResult(skip_reason="files are arriving", cursor=f"{now} {asked}")
        request = dg.RunRequest(
            run_key=now, partition_key=days.get_last_partition_key(), tags=ONLY_NEW
        )
        return dg.SensorResult(run_requests=[request], cursor=f"{now} {now}")

    return inbox


def _state(waiting: Mapping[str, os.stat_result]) -> str:
    """A hash of the files that wait: changes with each name, size and time."""
    lines = [f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in sorted(waiting.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
