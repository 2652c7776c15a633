"""Progress of a run: bars on a terminal, one line a step in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as BarsOfRich

from pipelines.cli.presentation import presentation
from pipelines.cli.views.console import console, print_line, visible
from pipelines.workspace.progress import Progress, Step, silent


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Progress on stderr: bars on a terminal, lines in a log, nothing with `--quiet`."""
    out = console(stderr=True)
    if presentation().is_quiet:
        yield silent
    elif not out.is_terminal or out.is_dumb_terminal:
        yield StepLines(lambda line: print_line(out, line), time.monotonic)
    else:
        columns = (
            TextColumn("{task.description:<20}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with BarsOfRich(
            *columns, console=out, redirect_stdout=False, redirect_stderr=False
        ) as bars:
            yield StepBars(bars, out)


class StepLines(Progress):
    """One line for each step that did something, when it has ended.

    Args:
        write: takes a line.
        clock: seconds, from any beginning.
    """

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._write = write
        self._clock = clock
        self._began: dict[str, float] = {}
        self._counts: dict[str, str] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        """Keep the count for the end of the step; nobody watches a log."""
        self._counts[what] = f"{done:,} of {total:,}"

    def begins(self, step: Step) -> None:
        """Start its clock."""
        self._began[step.name] = self._clock()
        self._counts.pop(step.name, None)

    def ends(self, step: Step) -> None:
        """Write `<step> <count>: <figures> in <seconds> s`."""
        if step.is_idle and not presentation().is_verbose:
            return
        count = self._counts.get(step.name, "")
        said = f": {step.figures}" if step.figures else f" {count}" if count else ""
        seconds = self._clock() - self._began[step.name]
        self._write(f"{step.name}{said} in {seconds:.1f} s")

    def detail(self, text: str) -> None:
        """Write it below `--verbose` alone."""
        if presentation().is_verbose:
            self._write(f"  {text}")


class StepBars(Progress):
    """One bar for each step that counts; others are seen while they work."""

    def __init__(self, bars: BarsOfRich, out: Console) -> None:
        self._bars = bars
        self._out = out
        self._tasks: dict[str, TaskID] = {}
        self._counted: set[str] = set()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Move the step's bar."""
        self._counted.add(what)
        self._bars.update(self._task(what), completed=done, total=total)

    def begins(self, step: Step) -> None:
        """Show it at work."""
        self._task(step.name)

    def ends(self, step: Step) -> None:
        """Leave its bar when it counted."""
        if step.name not in self._counted:
            self._bars.remove_task(self._tasks.pop(step.name))

    def detail(self, text: str) -> None:
        """Print it above the bars, below `--verbose` alone."""
        if presentation().is_verbose:
            print_line(self._out, text)

    def _task(self, name: str) -> TaskID:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(visible(name), total=None)
        return self._tasks[name]
