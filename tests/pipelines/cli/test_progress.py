"""Progress where no terminal is: one line a step on stderr, as a cron mail or a CI log shows it."""

from __future__ import annotations

import re

import pytest

from dashboards.site import PAGES
from pipelines.cli.views.progress import StepLines
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import Said, outlay


def test_a_run_tells_each_step_on_one_line(first_run: tuple[Workspace, Said]) -> None:
    lines = first_run[1].stderr.splitlines()
    told = [re.sub(r" in \d+\.\d s$", "", line) for line in lines]
    assert all(told[i] != lines[i] for i in range(len(lines))), lines
    assert told[:3] == ["land bot: 1 files, 4 rows", "land outcomes: 1 files, 2 rows",
                        "arrivals: 6 of 6 passed"]  # fmt: skip
    done, models = re.fullmatch(r"models (\d+) of (\d+)", told[3]).groups()  # type: ignore[union-attr]
    assert done == models
    tests, all_tests = re.fullmatch(r"data tests (\d+) of (\d+)", told[4]).groups()  # type: ignore[union-attr]
    assert tests == all_tests
    checks, all_checks = re.fullmatch(r"checks: (\d+) of (\d+) passed", told[5]).groups()  # type: ignore[union-attr]
    assert checks == all_checks
    assert re.fullmatch(r"publish: \d+ tables, [\d,]+ rows", told[6])
    assert told[7:] == [f"pages: {len(PAGES)}"]
    assert "\r" not in first_run[1].output


@pytest.mark.slow
def test_a_second_run_tells_nothing_of_sources_with_nothing_new(own: Workspace) -> None:
    result = outlay("run", "-w", own.root)
    assert "land " not in result.stderr
    assert outlay("run", "--quiet", "-w", own.root).output == ""
    verbose = outlay("--verbose", "run", "-w", own.root)
    assert "land bot: 0 files, 0 rows" in verbose.stderr
    rows = [line.split() for line in verbose.stdout.splitlines()]
    assert ["bot", "0", "0", "0", "0", "0"] in rows


def test_a_step_is_told_at_its_end_with_its_count_or_figures_and_time() -> None:
    told: list[str] = []
    seconds = iter([10.0, 18.1, 20.0, 20.5])
    progress = StepLines(told.append, lambda: next(seconds))
    with progress.step("models"):
        progress("models", 1, 1470)
        progress("models", 1470, 1470)
        assert told == []
    with progress.step("publish") as step:
        step.figures = "3 tables"
    assert told == ["models 1,470 of 1,470 in 8.1 s", "publish: 3 tables in 0.5 s"]


def test_a_step_that_fails_is_not_told_as_done() -> None:
    told: list[str] = []
    progress = StepLines(told.append, lambda: 0.0)
    with pytest.raises(ZeroDivisionError), progress.step("models"):
        raise ZeroDivisionError
    assert told == []
