"""The daily run: one more day, after 7 days of history and after 120. It must not grow."""

from __future__ import annotations

import shutil
from pathlib import Path

from ingest.demo import write_workspace_data
from tests.bench.measure import Promises, Took, run, typical

DAILY = ("litellm", "batch-jobs", "outcomes", "reviews")
LONG, SHORT = 120, 7
RUNS = 3
MOST_RATIO = 1.2


def measure(folder: Path, promises: Promises) -> None:
    """Print whole `outlay run` processes, and their ratio."""
    print("Daily run, whole process: outlay run")
    took = {days: _daily(folder, days) for days in (SHORT, LONG)}
    for days, figure in took.items():
        print(f"  after {days:3d} days  {figure}")
    ratio = took[LONG].cpu / took[SHORT].cpu
    wall = took[LONG].wall / took[SHORT].wall
    promises.promise(
        f"daily run at {ratio:.2f} of the processor time, {wall:.2f} wall, of a young history's"
        f" (at most {MOST_RATIO} of processor time)",
        ratio <= MOST_RATIO,
    )


def _daily(folder: Path, history: int) -> Took:
    """Build a history, then time the run that takes one more day, always from one state."""
    built(folder, history)
    figures = []
    for number in range(RUNS):
        day = one_more_day(folder, history, f"day-{history}-{number}")
        figures.append(run_of(day))
        shutil.rmtree(day)
    return typical(figures)


def built(folder: Path, history: int) -> None:
    """Build a workspace of so many days, of which copies run on."""
    all_days = folder / "days"
    if not all_days.exists():
        write_workspace_data(all_days, days=LONG + 1)
    ready = folder / f"after-{history}"
    shutil.rmtree(ready, ignore_errors=True)
    run("-m", "pipelines.cli.app", "init", str(ready))
    for settings in (ready / "config" / "sources").glob("*.toml"):
        settings.unlink()
    shutil.copytree(all_days / "config", ready / "config", dirs_exist_ok=True)
    for source in sorted((all_days / "inbox").iterdir()):
        files = sorted(source.iterdir())
        kept = files[-1 - history : -1] if source.name in DAILY else files
        for path in kept:
            (ready / "inbox" / source.name).mkdir(exist_ok=True)
            shutil.copy2(path, ready / "inbox" / source.name)
    run_of(ready)


def one_more_day(folder: Path, history: int, name: str) -> Path:
    """A copy of what `built` made, with the next day in its inbox."""
    day = folder / name
    shutil.copytree(folder / f"after-{history}", day)
    for source in DAILY:
        newest = sorted((folder / "days" / "inbox" / source).iterdir())[-1]
        shutil.copy2(newest, day / "inbox" / source)
    return day


def run_of(workspace: Path, *options: str) -> Took:
    """`outlay run`; checks may fail, the history is cut on purpose."""
    return run("-m", "tests.bench.run_workspace", str(workspace), *options)
