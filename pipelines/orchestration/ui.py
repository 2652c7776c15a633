"""`outlay ui`: Dagster's web server and daemon on one workspace, on this machine only."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ingest.errors import OutlayError
from pipelines.orchestration.history import prepare_dagster_home
from pipelines.workspace.environment import environment_for
from pipelines.workspace.load import load_workspace
from pipelines.workspace.paths import Workspace


@dataclass(frozen=True)
class Command:
    """A process to start."""

    arguments: list[str]
    environment: dict[str, str]
    folder: Path


def dagster_command(workspace: Workspace, port: int) -> Command:
    """The command that serves a workspace's definitions, schedules and backfills.

    Raises:
        ConfigError: settings are wrong; said here, before Dagster says it at length.
        OutlayError: Dagster's web server is not installed.
    """
    load_workspace(workspace)
    if find_spec("dagster_webserver") is None:
        raise OutlayError("Dagster's web server is missing; install it: pip install 'outlay[ui]'")
    prepare_dagster_home(workspace)
    return Command(
        [
            sys.executable,
            "-m",
            "dagster",
            "dev",
            "-m",
            "pipelines.definitions",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
        ],
        environment_for(workspace.root, workspace.dagster_home),
        Path(__file__).resolve().parents[2],
    )
