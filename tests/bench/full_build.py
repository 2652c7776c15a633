"""A million calls, built from nothing: lake to every mart and report."""

from __future__ import annotations

import sys
from pathlib import Path

from ingest.demo import write_workspace_data
from tests.bench.measure import Promises, run
from tests.support.warehouse import Workspace

SETTINGS = {"reporting_timezone": "Europe/Berlin"}
SCALE = 5.0
MOST_SECONDS = 60


def measure(folder: Path, promises: Promises) -> None:
    """Print what landing and building a million calls take."""
    root = folder / "million"
    if not root.exists():
        write_workspace_data(root, days=120, scale=SCALE)
    landed = run("-m", __name__, "land", str(root))
    built = run("-m", __name__, "build", str(root))
    calls = Workspace(root).value("select count(*) from marts.fct_calls")
    print(f"Full build of {calls:,} calls")
    print(f"  landing the files  {landed}")
    print(f"  building           {built}")
    promises.promise(
        f"a million calls built in {built.wall:.0f} s (under {MOST_SECONDS} on two quiet cores)",
        built.wall < MOST_SECONDS,
    )


def _land(root: Path) -> None:
    Workspace(root, SETTINGS).land()


def _build(root: Path) -> None:
    workspace = Workspace(root, SETTINGS)
    workspace.warehouse.unlink(missing_ok=True)
    workspace.build(tests=False, engine="prepared")


if __name__ == "__main__":
    {"land": _land, "build": _build}[sys.argv[1]](Path(sys.argv[2]))
