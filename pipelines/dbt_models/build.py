"""Running dbt in process: all models, and no data test between them.

dbt's own `build` leaves out every model below a failing test. Here all models are built, so that
the published numbers are of one state, and a failing test turns the run red instead.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import OutlayError
from pipelines.dbt_models.manifest import (
    files_fingerprint,
    keep_manifest,
    load_manifest,
    manifest_key,
)
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"

_STEP = "models"

_MODEL_RESULT = "LogModelResult"
"""dbt's event that a model has been built, or failed."""


class BuildError(OutlayError):
    """A model could not be built; the published file stays as it was."""


@dataclass(frozen=True)
class BuiltModel:
    """A relation that a build made.

    Attributes:
        is_by_day: only the rows of the days to compute were replaced.
        seconds: wall time.
    """

    schema: str
    name: str
    is_by_day: bool
    seconds: float


def models_fingerprint(settings: Settings) -> str:
    """Changes whenever a setting that models read, or a model itself, changed."""
    text = json.dumps(settings.dbt_vars(), sort_keys=True) + definitions_fingerprint()
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def definitions_fingerprint() -> str:
    """Changes whenever a model or what configures it does, which an upgrade may bring."""
    return files_fingerprint(PROJECT, "macros", "models", "dbt_project.yml")


def build_models(
    workspace: Workspace,
    settings: Settings,
    *,
    full_refresh: bool,
    progress: Progress,
    select: Sequence[str] = (),
) -> list[BuiltModel]:
    """Build every model, or those selected.

    A view holds no rows: it is made by a full refresh, which whatever changes its text asks for.

    Returns:
        What was built, in that order.

    Raises:
        BuildError: names the first model that failed, with the database's message.
    """
    arguments = ["build"]
    for kind in ("unit_test", "test", "exposure"):
        arguments += ["--exclude-resource-type", kind]
    arguments += ["--full-refresh"] if full_refresh else ["--exclude", "config.materialized:view"]
    arguments += ["--select", *select] if select else []
    result = _run(arguments, workspace, settings, progress)
    for node in results_of(result):
        if node.status in ("error", "fail"):
            raise BuildError(f"model {node.node.name} failed: {str(node.message).strip()}")
    if not result.success:
        raise BuildError(f"dbt could not build: {result.exception}")
    return [
        BuiltModel(
            node.node.schema,
            node.node.name,
            node.node.config.materialized == "incremental",
            float(node.execution_time),
        )
        for node in results_of(result)
    ]


def _run(
    arguments: Sequence[str], workspace: Workspace, settings: Settings, progress: Progress
) -> dbtRunnerResult:
    """Run one dbt command on the workspace's warehouse, and tell how far it is."""
    done = count(1)

    def tell(event: Any) -> None:
        if event.info.name == _MODEL_RESULT:
            # its index says when a node began, and nodes end in another order
            progress(_STEP, next(done), int(event.data.total))
            name, seconds = event.data.node_info.node_name, event.data.execution_time
            progress.detail(f"{name}: {event.data.status} in {seconds:.1f} s")

    with progress.step(_STEP):
        return run_on(workspace, settings, arguments, [tell])


def run_on(
    workspace: Workspace,
    settings: Settings,
    arguments: Sequence[str],
    callbacks: Sequence[Callable[[Any], None]] = (),
) -> dbtRunnerResult:
    """Run one dbt command under a workspace's settings; see `run_dbt`."""
    return run_dbt(
        arguments,
        workspace.dbt,
        workspace.parsed,
        settings.dbt_vars(),
        _profile(workspace, settings),
        callbacks,
    )


def results_of(result: dbtRunnerResult) -> list[Any]:
    """The nodes' results; none when dbt stopped before it ran any."""
    return list(getattr(result.result, "results", None) or [])


def _profile(workspace: Workspace, settings: Settings) -> dict[str, str]:
    """What `profiles.yml` reads."""
    return {
        "OUTLAY_WAREHOUSE": str(workspace.warehouse),
        "OUTLAY_THREADS": str(settings.threads),
        "OUTLAY_MEMORY": settings.memory,
    }


def parse_project(workspace: Workspace, settings: Settings) -> Manifest:
    """The parsed project under a workspace's settings; not to be changed.

    Raises:
        BuildError: dbt could not parse it.
    """
    variables = settings.dbt_vars()
    key = manifest_key(PROJECT, variables, workspace.warehouse.stem)
    with _environment(_profile(workspace, settings)):
        return _manifest(_common_arguments(workspace.dbt, variables), workspace.parsed, key)


def run_dbt(
    arguments: Sequence[str],
    folder: Path,
    parsed: Path,
    variables: Mapping[str, Any],
    environment: Mapping[str, str],
    callbacks: Sequence[Callable[[Any], None]] = (),
) -> dbtRunnerResult:
    """Run one dbt command on a warehouse, quietly, without network.

    Args:
        arguments: the command and what belongs to it alone.
        folder: takes what dbt writes.
        parsed: keeps the parsed project between processes; others may use it meanwhile.
        variables: the project's, as far as they are not its defaults.
        environment: what `profiles.yml` reads, `OUTLAY_WAREHOUSE` at least.
        callbacks: told of every event.

    Raises:
        BuildError: dbt cannot parse the project.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    common = _common_arguments(folder, variables)
    database = Path(environment["OUTLAY_WAREHOUSE"]).stem
    try:
        with _environment(environment):
            manifest = _manifest(common, parsed, manifest_key(PROJECT, variables, database))
            runner = dbtRunner(manifest=manifest, callbacks=list(callbacks))
            result = runner.invoke([*arguments, *common])
    finally:
        # dbt would hold the file open, and whatever is attached to it, as long as we live
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    _reraise_interrupt(result)
    return result


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


def _manifest(common: Sequence[str], parsed: Path, key: str) -> Manifest:
    """The parsed project, for one command only: dbt compiles the nodes of a manifest in place."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    kept = load_manifest(parsed, key)
    if kept is not None:
        return kept
    result = dbtRunner().invoke(["parse", *common])
    _reraise_interrupt(result)
    if not isinstance(result.result, Manifest):
        raise BuildError(f"dbt could not parse its project: {result.exception}")
    keep_manifest(parsed, key, result.result)
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
