"""`config/experiments.csv`: what it says and refuses, and the bounds of its looks."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.reference.guardrails.experiments import EXPERIMENTS, Experiment
from ingest.reference.guardrails.sequential_bounds import MOST_LOOKS, sequential_bounds, spent

ROW = "e,old,new,as good,task,0.02,1.1,1.5,200,5000,14,Ann,2026-08-03,2026-08-17,why"


def read(tmp_path: Path, *rows: str) -> tuple[Experiment, ...]:
    path = tmp_path / "experiments.csv"
    path.write_text(EXPERIMENTS.template + "\n".join(rows) + "\n")
    return EXPERIMENTS.read(path)


def test_a_row_says_what_is_compared_and_what_counts_as_proof(tmp_path: Path) -> None:
    (one,) = read(tmp_path, ROW)
    assert (one.experiment, one.control, one.candidate, one.unit) == ("e", "old", "new", "task")
    assert (one.success_margin, one.cost_goal) == (Decimal("0.02"), Decimal("1.1"))
    assert (one.cost_limit, one.cost_cap_usd) == (Decimal("1.5"), Decimal(200))
    assert (one.planned_tasks, one.looks) == (5000, 14)
    assert (one.valid_from, one.valid_to) == (datetime(2026, 8, 3), datetime(2026, 8, 17))
    (bare,) = read(tmp_path, ROW.replace("1.1,1.5,200", ",,"))
    assert (bare.cost_goal, bare.cost_limit, bare.cost_cap_usd) == (None, None, None)


def test_a_note_is_no_part_of_what_is_registered(tmp_path: Path) -> None:
    (one,) = read(tmp_path, ROW)
    (noted,) = read(tmp_path, ROW.replace("why", "because"))
    (other,) = read(tmp_path, ROW.replace("as good", "better"))
    assert one.registration == noted.registration != other.registration


def test_later_rules_may_be_left_out_and_change_no_registration(tmp_path: Path) -> None:
    path = tmp_path / "later.csv"
    header = EXPERIMENTS.template.strip() + ",error_margin,p95_limit\n"
    path.write_text(f"{header}{ROW},,\n{ROW.replace('new', 'newer')},0.02,1.5\n")
    bare, ruled = EXPERIMENTS.read(path)
    assert bare == read(tmp_path, ROW)[0]
    assert (bare.error_margin, bare.p95_limit) == (None, None)
    assert (ruled.error_margin, ruled.p95_limit) == (Decimal("0.02"), Decimal("1.5"))
    for cells, words in ((",0.9", "p95_limit.*1 or more"), ("1,", "error_margin.*below 1")):
        path.write_text(f"{header}{ROW},{cells}\n")
        with pytest.raises(ConfigError, match=words):
            EXPERIMENTS.read(path)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([ROW.replace("task,", "user,")], "unit.*'user' is not one of task, tenant"),
        ([ROW.replace("0.02", "1")], "success_margin.*above 0 and below 1"),
        ([ROW.replace("0.02", "0")], "success_margin.*above 0"),
        ([ROW.replace("5000,14", "5000,0")], "looks.*whole number, 1 to 31"),
        ([ROW.replace("5000,14", "5000,32")], "looks.*whole number, 1 to 31"),
        ([ROW.replace("5000,14", "many,14")], "planned_tasks.*'many' is not a number of tasks"),
        ([ROW.replace("2026-08-17", "")], "valid_to.*a start and a deadline"),
        ([ROW.replace("old,new", "old,old")], "candidate.*is the control"),
        ([ROW.replace("as good", "")], "hypothesis.*say what you expect"),
        ([ROW, ROW.replace("08-03,2026-08-17", "08-10,2026-08-20")], "overlaps line 2"),
    ],
)
def test_a_wrong_row_is_refused_with_its_cure(tmp_path: Path, rows: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read(tmp_path, *rows)


@pytest.mark.parametrize(
    ("looks", "published"),
    [
        (1, (1.9600,)),
        (2, (2.9626, 1.9686)),
        (3, (3.7103, 2.5114, 1.9930)),
        (4, (4.3326, 2.9631, 2.3590, 2.0141)),
        (5, (4.8769, 3.3569, 2.6803, 2.2898, 2.0310)),
    ],
)
def test_bounds_are_those_that_are_published(looks: int, published: tuple[float, ...]) -> None:
    """Two-sided 0.05, Lan and DeMets' spending of the O'Brien-Fleming type, as R's ldbounds."""
    assert sequential_bounds(looks) == pytest.approx(published, abs=0.0005)


def test_a_month_of_daily_looks_ends_near_the_bound_of_one() -> None:
    bounds = sequential_bounds(MOST_LOOKS)
    assert len(bounds) == MOST_LOOKS
    assert sorted(bounds, reverse=True) == list(bounds)
    assert 2.1 < bounds[-1] < 2.2
    assert spent(1) == pytest.approx(0.025)
