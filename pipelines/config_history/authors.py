"""Who changed a file of the configuration, as git says it, and who noticed it."""

from __future__ import annotations

import getpass
import os
import subprocess
from pathlib import Path


def author_of(root: Path, file: str) -> str | None:
    """The author of a file's newest commit; None where git does not know who wrote what is there.

    Args:
        root: the workspace, a git work tree or below one.
        file: path in the workspace; one that is deleted has the author of its deletion.
    """
    if _git(root, "status", "--porcelain", "--", file) != "":
        return None  # no repository, or something that is not committed
    return _git(root, "log", "-1", "--format=%an", "--", file) or None


def user() -> str:
    """The name under which the operating system runs this process, its number without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _git(root: Path, *arguments: str) -> str | None:
    """What git prints; None when it fails or is not installed."""
    # a hook that runs Outlay names its own repository in the environment
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    try:
        # only git's own words and a path behind `--`: nothing of it is an option
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(root), *arguments],  # noqa: S607 - whichever git the user has
            capture_output=True, text=True, check=True, env=environment,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
