from __future__ import annotations

import pytest

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.page_reader import Page


def test_each_experiment_says_what_was_to_be_shown_and_what_was_decided(experiments: Page) -> None:
    lines = experiments.tables["Decisions"][1:]
    assert [[cell.text for cell in line] for line in lines] == [
        ["to come", "new", HOSTILE, HOSTILE_BOLD, HOSTILE_END, "28 Jun 2026", "28 Jul 2026",
         "planned", "\u2014", "\u2014", "\u2014"],
        ["few", "new", HOSTILE, HOSTILE_BOLD, HOSTILE_END, "14 Jun 2026", "14 Jul 2026",
         "running", "\u2014", "\u2014", "\u2014"],
        [HOSTILE, "new", HOSTILE, HOSTILE_BOLD, HOSTILE_END, "1 Jun 2026", "1 Jul 2026",
         "rolled back", "success lost", "5 Jun 2026", "still on"],
    ]  # fmt: skip


def test_evidence_stands_with_its_interval_and_what_is_unknown_is_a_dash(experiments: Page) -> None:
    lines = experiments.tables["What they show"][2:]
    assert [[cell.text for cell in line] for line in lines] == [
        ["few", "new", "1", "20", "0", "\u2014", "50.0%", "\u2014", "\u2014", "\u2014", "$0.5000",
         "\u2014", "\u2014", "\u2014"],
        [HOSTILE, "new", "2", "1,200", "1,100", "3,532", "90.0%", "80.0%", "-15.0%", "-5.0%",
         "$0.01250", "$0.02000", "125.0%", "200.0%"],
    ]  # fmt: skip


def test_errors_and_latency_stand_beside_their_rules(experiments: Page) -> None:
    lines = experiments.tables["Errors and latency"][2:]
    assert [[cell.text for cell in line] for line in lines] == [
        ["few", "new", *["\u2014"] * 8],
        [HOSTILE, "new", "1.0%", "5.0%", "+1.5%", "+6.5%", "2.0%", "12.5 s", "61.2 s", "150.0%"],
    ]  # fmt: skip


def test_a_difference_is_drawn_with_both_ends_of_its_interval(experiments: Page) -> None:
    found, margin = experiments.charts["success-differences"]["data"]
    assert found["x"] == [None, -0.1]
    assert found["error_x"]["array"] == [None, pytest.approx(0.05)]
    assert found["error_x"]["arrayminus"] == [None, pytest.approx(0.05)]
    assert margin["x"] == [-0.02, -0.02]
