"""The supported Pythons of this machine; `python -m` with a version prints where that one is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13")


def interpreters() -> dict[str, str]:
    """Return the supported Pythons of this machine by version; this one at least."""
    found = {}
    for version in VERSIONS:
        managed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
        candidates = [sys.executable, shutil.which(f"python{version}"), *map(str, managed)]
        for python in filter(None, candidates):
            if version_of(python) == version:
                found.setdefault(version, python)
    return found


def version_of(python: str) -> str:
    """Return the version that an interpreter says it is; nothing of one that does not start."""
    code = "import sys; print('{}.{}'.format(*sys.version_info))"
    asked = subprocess.run([python, "-c", code], check=False, capture_output=True, text=True)
    return asked.stdout.strip()


if __name__ == "__main__":
    python = interpreters().get(sys.argv[1])
    print(python or sys.exit(f"needs Python {sys.argv[1]}"))
