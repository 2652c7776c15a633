"""The wheel, tried: built, installed in an empty environment, and made to run the demo.

`make wheel` does it with the Python of this environment, `make wheels` with each that Outlay
supports and this machine has. It needs a package registry, so no test of `make test` does; CI does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from dashboards.site import PAGES
from tests.conftest import REPOSITORY
from tests.packaging.interpreters import interpreters, version_of

DAYS = "8"


def build(folder: Path) -> Path:
    """Build the wheel from a copy of what git knows: nothing that lies about gets into it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, check=True, capture_output=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        target = folder / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, target)
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, folder / "source")
    (wheel,) = folder.glob("outlay-*.whl")
    return wheel


def try_out(wheel: Path, python: str, folder: Path) -> None:
    """Install the wheel with its pinned packages, and run the demo where no checkout is."""
    environment, home = folder / "venv", folder / "home"
    home.mkdir(parents=True)
    run(python, "-m", "venv", environment)
    pip = [environment / "bin" / "python", "-m", "pip", "install", "-q"]
    run(*pip, "--disable-pip-version-check", "-c", REPOSITORY / "requirements.txt", wheel)
    run(environment / "bin" / "outlay", "demo", "demo", "--days", DAYS, cwd=home)
    pages = sorted(path.name for path in (home / "demo" / "site").glob("*.html"))
    assert pages == sorted(PAGES), pages


def run(*command: object, cwd: Path | None = None) -> None:
    """Run a command to its end, without what this checkout's environment sets."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    subprocess.run([str(part) for part in command], cwd=cwd, env=clean, check=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = build(folder)
        own = {version_of(sys.executable): sys.executable}
        pythons = interpreters() if "--every" in sys.argv else own
        for version, python in pythons.items():
            try_out(wheel, python, folder / version)
            print(f"{wheel.name} on Python {version}: installed, demo good", flush=True)
            shutil.rmtree(folder / version)
