"""Dagster's history of a workspace: where it is, how it is written fast, what of it stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any

from ingest.files import replace_file
from pipelines.workspace.paths import Workspace

if TYPE_CHECKING:
    import dagster as dg

_DAGSTER_YAML = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 2
    tag_concurrency_limits:
      - key: outlay/writes
        limit: 1
        value:
          applyLimitPerUniqueValue: true
run_retries:
  enabled: true
  max_retries: 2
  retry_on_asset_or_op_failure: false
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""
"""DuckDB has one writer, so runs queue, but for guardrails, which have a warehouse of their own;
output of a step is its own log, not a captured stream. A run whose process died is started again;
one that ended with a reason is not: it would end with the same one.
Nothing is sent anywhere, and nobody is asked for an address (`nux`)."""

KEPT_RUNS = 200
"""Newest runs of which every event stays: eight days of hourly ones, two with guardrails."""

_PRUNED_AT_ONCE = 50
"""Runs pruned at the end of one: those of years ago must not hold one up."""


def open_instance(workspace: Workspace) -> dg.DagsterInstance:
    """The workspace's own Dagster storage, made when missing; sends nothing anywhere."""
    from dagster import DagsterInstance

    prepare_dagster_home(workspace)
    return DagsterInstance.from_config(str(workspace.dagster_home))


@contextmanager
def quick_history(workspace: Workspace) -> Iterator[None]:
    """Dagster's history for the time of a job, at a fifth of the time that an event costs it.

    Dagster opens and closes a file for each of hundreds of events. SQLite writes its log back into
    the file whenever the last connection closes: one more stays open. It waits for the disk at
    each commit: with a write-ahead log a power cut takes the last events and harms nothing. And
    SQLAlchemy compiles each statement for each new engine: a file has one engine. Storage that is
    not SQLite's, by another `dagster.yaml`, has no such file and is left as it is.
    """
    from sqlalchemy import event
    from sqlalchemy.pool import Pool

    def wait_for_no_disk(connection: object, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("pragma synchronous = normal")

    index = workspace.dagster_home / "history" / "runs" / "index.db"
    event.listen(Pool, "connect", wait_for_no_disk)
    try:
        with ExitStack() as stack:
            if index.parent.is_dir():
                con = stack.enter_context(closing(sqlite3.connect(index)))
                con.execute("select count(*) from sqlite_master").fetchall()  # opens it
                stack.enter_context(_one_engine_a_file())
            yield
    finally:
        event.remove(Pool, "connect", wait_for_no_disk)


@contextmanager
def _one_engine_a_file() -> Iterator[None]:
    """Have both of Dagster's storages take the engine that a file has, instead of a new one."""
    from dagster._core.storage.event_log.sqlite import sqlite_event_log
    from dagster._core.storage.runs.sqlite import sqlite_run_storage
    from dagster._core.storage.sql import create_engine

    engines: dict[str, Any] = {}

    def engine_of(file: str, **arguments: Any) -> Any:
        return engines.get(file) or engines.setdefault(file, create_engine(file, **arguments))

    storages: tuple[Any, ...] = (sqlite_event_log, sqlite_run_storage)
    before = [storage.create_engine for storage in storages]
    for storage in storages:
        storage.create_engine = engine_of
    try:
        yield
    finally:
        for storage, make in zip(storages, before, strict=True):
            storage.create_engine = make


def prepare_dagster_home(workspace: Workspace) -> None:
    """Write the storage folder's settings when they are missing."""
    config = workspace.dagster_home / "dagster.yaml"
    if not config.exists():
        replace_file(config, _DAGSTER_YAML.encode())


def prune_history(workspace: Workspace, kept: int = KEPT_RUNS) -> int:
    """Delete the events of old runs, half a megabyte each; returns of how many.

    A run itself stays, and which days of a mart it computed: partitions that are published stay
    filled. Storage that is not SQLite's, by another `dagster.yaml`, is pruned by its own settings.
    """
    history = workspace.dagster_home / "history"
    runs, events = history / "runs.db", history / "runs" / "index.db"
    if not (runs.is_file() and events.is_file()):
        return 0
    with closing(sqlite3.connect(runs)) as con:
        newest = con.execute("select run_id from runs order by id desc limit ?", [kept]).fetchall()
    stay = {run_id for (run_id,) in newest} | {events.stem}
    files = [file for file in events.parent.glob("*.db") if file.stem not in stay]
    old = sorted(files, key=lambda file: file.stat().st_mtime)[:_PRUNED_AT_ONCE]
    if not old:
        return 0
    pruned = [(file.stem,) for file in old]
    with closing(sqlite3.connect(events, timeout=60)) as con, con:
        con.executemany("delete from asset_check_executions where run_id = ?", pruned)
        con.executemany(
            "delete from event_logs where run_id = ?"
            " and not (dagster_event_type = 'ASSET_MATERIALIZATION' and partition is not null)",
            pruned,
        )
    for file in old:
        for ending in ("", "-wal", "-shm"):
            file.with_name(file.name + ending).unlink(missing_ok=True)
    return len(old)
