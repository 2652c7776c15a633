"""dbt's commands in process: quiet, without network, on a project that is parsed once.

dbt parses and compiles. What it compiles is kept and run straight in DuckDB, without dbt
(`prepared_models`, `data_tests`): most runs never import it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import yaml  # type: ignore[import-untyped]
from jinja2 import Environment, StrictUndefined

from ingest.errors import OutlayError
from pipelines.dbt_models.manifest import keep_manifest, load_manifest, manifest_key
from pipelines.workspace.paths import Workspace
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"

Listener = Callable[[Any], None]
"""Told of every event of dbt's."""


class BuildError(OutlayError):
    """A model could not be built; the published file stays as it was."""


@dataclass(frozen=True)
class DbtTarget:
    """A warehouse and the variables under which the project is compiled for it.

    Attributes:
        warehouse: DuckDB's file.
        folder: takes what dbt writes.
        parsed: keeps what is made of the project between processes, under names of all that it is
            made of; others may use it meanwhile.
        variables: the project's, as far as they are not its defaults. No parsing depends on them.
        limits: DuckDB's threads and memory, under the names that `profiles.yml` reads; its own
            defaults without.
    """

    warehouse: Path
    folder: Path
    parsed: Path
    variables: Mapping[str, Any]
    limits: Mapping[str, str]

    @cached_property
    def key(self) -> str:
        """The name of what is kept; changes whenever dbt would parse something else."""
        return manifest_key(PROJECT, self.warehouse.stem)

    @property
    def environment(self) -> dict[str, str]:
        """What `profiles.yml` reads."""
        return {"OUTLAY_WAREHOUSE": str(self.warehouse), **self.limits}


def target_of(workspace: Workspace, settings: Settings) -> DbtTarget:
    """A workspace's warehouse under its settings."""
    limits = {"OUTLAY_THREADS": str(settings.threads), "OUTLAY_MEMORY": settings.memory}
    return DbtTarget(
        workspace.warehouse, workspace.dbt, workspace.parsed, settings.dbt_vars(), limits
    )


@contextmanager
def connected(target: DbtTarget, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, opened as `profiles.yml` has dbt open it."""
    text = (PROJECT / "profiles.yml").read_text(encoding="utf-8")
    # SQL settings: nothing here is shown by a browser
    profile = Environment(undefined=StrictUndefined).from_string(text)  # noqa: S701
    environment = {**os.environ, **target.environment}
    stated = yaml.safe_load(profile.render(env_var=environment.get))
    with duckdb.connect(str(target.warehouse), read_only=read_only) as con:
        for name, value in stated["outlay"]["outputs"]["duckdb"]["settings"].items():
            con.execute(f"set {name} = '{value}'")
        yield con


def run_dbt(
    arguments: Sequence[str],
    target: DbtTarget,
    listeners: Sequence[Listener] = (),
    *,
    at_run_time: Mapping[str, Any] | None = None,
) -> dbtRunnerResult:
    """Run one dbt command on a warehouse.

    Args:
        arguments: the command and what belongs to it alone.
        target: the warehouse, and under which variables.
        listeners: told of every event.
        at_run_time: variables of this command alone.

    Raises:
        BuildError: dbt cannot parse the project.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    try:
        with _environment(target.environment):
            manifest = _manifest(target)
            runner = dbtRunner(manifest=manifest, callbacks=list(listeners))
            variables = {**target.variables, **(at_run_time or {})}
            result = runner.invoke([*arguments, *_common_arguments(target.folder, variables)])
    finally:
        # dbt would hold the file open, and whatever is attached to it, as long as we live
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    _reraise_interrupt(result)
    return result


def results_of(result: dbtRunnerResult) -> list[Any]:
    """The nodes' results; none when dbt stopped before it ran any."""
    return list(getattr(result.result, "results", None) or [])


def parse_project(target: DbtTarget) -> Manifest:
    """The parsed project; not to be changed.

    Raises:
        BuildError: dbt could not parse it.
    """
    with _environment(target.environment):
        return _manifest(target)


def _common_arguments(folder: Path, variables: Mapping[str, Any]) -> list[str]:
    """What every command is told: be quiet, write next to nothing, use no network."""
    return [
        "--log-level", "none",
        "--log-level-file", "info",  # the debug log of a build takes a tenth of its time
        "--no-write-json",
        "--no-partial-parse",  # what is parsed is kept by us
        "--no-use-colors",
        "--no-version-check",
        "--no-send-anonymous-usage-stats",
        "--project-dir", str(PROJECT),
        "--profiles-dir", str(PROJECT),
        "--target-path", str(folder / "target"),
        "--log-path", str(folder / "logs"),
        "--vars", json.dumps(variables),
    ]  # fmt: skip


def _manifest(target: DbtTarget) -> Manifest:
    """The parsed project, for one command only: dbt compiles the nodes of a manifest in place."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    kept = load_manifest(target.parsed, target.key)
    if kept is not None:
        return kept
    result = dbtRunner().invoke(["parse", *_common_arguments(target.folder, {})])
    _reraise_interrupt(result)
    if not isinstance(result.result, Manifest):
        raise BuildError(f"dbt could not parse its project: {result.exception}")
    keep_manifest(target.parsed, target.key, result.result)
    return result.result


def _reraise_interrupt(result: dbtRunnerResult) -> None:
    """Raise what is no fault of a model: dbt swallows Ctrl-C."""
    if result.exception and not isinstance(result.exception, Exception):
        raise result.exception


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """The variables that `profiles.yml` reads, for the time of one command."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
