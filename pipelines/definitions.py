"""What Dagster loads: the workspace named by OUTLAY_WORKSPACE, or the one around this folder.

`outlay ui` sets the variable; by hand: `OUTLAY_WORKSPACE=DIR dagster dev -m pipelines.definitions`.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.orchestration.jobs import build_definitions
from pipelines.workspace.environment import workspace_from_environment
from pipelines.workspace.paths import find_workspace

defs = build_definitions(find_workspace(workspace_from_environment() or Path.cwd()))
