"""A year of daily runs of a small company: no run takes longer, or leaves more, than early ones."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median

from ingest.demo import write_workspace_data
from tests.bench.daily_run import DAILY
from tests.bench.measure import Promises, Took, run, typical

DAYS, SCALE = 365, 0.02
"""Runs, of some 35 calls each: what is measured is what a run costs whatever it reads."""

_PARTS = 12
"""A part's runs are compared with each other: those after the first part, and the last part's."""

MOST_RATIO = 1.2


def measure(folder: Path, promises: Promises, days: int = DAYS) -> None:
    """Print what early and late runs take and leave, and their ratios."""
    window = max(days // _PARTS, 8)
    print(f"A year: {days} runs of a day each, whole process: outlay run")
    runs, sizes = _runs(folder, days)
    growth = [later - earlier for earlier, later in pairwise(sizes)]
    early, late = typical(runs[window : 2 * window]), typical(runs[-window:])
    print(f"  runs {window + 1} to {2 * window}  {early}")
    print(f"  the last {window}   {late}")
    _promise(promises, "processor time", late.cpu, early.cpu, "s")
    _promise(promises, "peak memory", late.peak_mb, early.peak_mb, "MB")
    first, last = (_kilobytes(part) for part in (growth[window : 2 * window], growth[-window:]))
    _promise(promises, "growth of the folder", last, first, "KB")


def _promise(promises: Promises, what: str, late: float, early: float, unit: str) -> None:
    promises.promise(
        f"{what} of a late run {late:.1f} {unit}, of an early one {early:.1f} {unit}"
        f" (at most {MOST_RATIO} of it)",
        late <= early * MOST_RATIO,
    )


def _kilobytes(growth: Sequence[int]) -> float:
    """What a run adds. Files are written anew now and then: the median leaves such runs out."""
    return median(growth) / 1024


def _runs(folder: Path, days: int) -> tuple[list[Took], list[int]]:
    """Each day's run, and the bytes of the workspace after it, its inbox left out."""
    made, workspace = folder / "made", folder / "year"
    write_workspace_data(made, days=days, scale=SCALE)
    run("-m", "pipelines.cli.app", "init", str(workspace))
    for settings in (workspace / "config" / "sources").glob("*.toml"):
        settings.unlink()
    shutil.copytree(made / "config", workspace / "config", dirs_exist_ok=True)
    runs, sizes = [], []
    files = {name: sorted((made / "inbox" / name).iterdir()) for name in DAILY}
    for number in range(days):
        for name, delivered in files.items():
            target = workspace / "inbox" / name
            target.mkdir(exist_ok=True)
            for file in delivered[number : number + 1]:
                shutil.copy2(file, target)
        runs.append(run("-m", "tests.bench.run_workspace", str(workspace)))
        inbox = workspace / "inbox"
        sizes.append(
            sum(
                path.stat().st_size
                for path in workspace.rglob("*")
                if path.is_file() and inbox not in path.parents
            )
        )
    return runs, sizes
