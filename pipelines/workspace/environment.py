"""Environment variables that Outlay reads beside those of settings, and passes on."""

from __future__ import annotations

import os
from pathlib import Path

PREFIX = "OUTLAY_"
"""Of every variable that overrides a setting."""


def salt_is_in_environment() -> bool:
    """Whether `OUTLAY_SALT` is set, in any case, and so goes before the salt's file."""
    return any(name.upper() == f"{PREFIX}SALT" for name in os.environ)


def workspace_from_environment() -> Path | None:
    """The workspace named by `OUTLAY_WORKSPACE`, for processes that Dagster starts."""
    named = os.environ.get(f"{PREFIX}WORKSPACE")
    return Path(named) if named else None


def secret_from_environment(name: str) -> str | None:
    """What an environment variable that a source's settings name holds; None without content."""
    return os.environ.get(name, "").strip() or None


def environment_for(workspace: Path, dagster_home: Path) -> dict[str, str]:
    """This process's environment, with what a Dagster process needs to find the workspace."""
    return {
        **os.environ,
        f"{PREFIX}WORKSPACE": str(workspace),
        "DAGSTER_HOME": str(dagster_home),
    }
