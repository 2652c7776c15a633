from __future__ import annotations

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.page_reader import Page


def test_each_months_levers_stand_beside_their_total(savings: Page) -> None:
    assert [line[0].text for line in savings.tables["What was saved"][1:]] == [
        "June 2026", "May 2026",
    ]  # fmt: skip
    assert savings.row("What was saved", "June 2026") == [
        "+$40.50", "+$5.00", "-$2.00", "+$10.00", "\u2014", "-$4.00", "-$1.25", "+$48.25",
        "+$40.75", "$100.00", "3",
    ]  # fmt: skip
    assert savings.row("What was saved", "May 2026")[4:6] == ["+$3.00", "-$4.00"]


def test_a_task_type_pays_back_when_its_weeks_have_earned_its_one_off_cost(savings: Page) -> None:
    found = savings.tables["What paid itself back"]
    assert [[cell.text for cell in line] for line in found[-3:]] == [
        [HOSTILE, "$400.00", "+$335.00", "\u2014", "+$80.00", "-$4.00", "+$164.00", "35", "18",
         "\u2014", "unclear"],
        ["quick", "$300.00", "+$335.00", "4 May 2026", "+$80.00", "+$54.00", "+$106.00", "27",
         "20", "39", "paid back"],
        ["unknown", "$500.00", *["\u2014"] * 8, "not stated"],
    ]  # fmt: skip


def test_what_saved_stands_above_the_line_and_what_cost_below(savings: Page) -> None:
    bars = savings.charts["savings-months"]["data"]
    assert [(bar["name"], [float(y) for y in bar["y"]]) for bar in bars] == [
        ("Provider's prefix cache", [40.5, 40.5]),
        ("Gateway's cache", [5, 5]),
        ("Batch and other tiers", [-2, -2]),
        ("Routing", [10, 10]),
        ("Compression", [3]),
        ("Shorter prompts", [-4, -4]),
        ("Interaction", [-1.25, -1.25]),
    ]


def test_what_could_wait_is_apart_from_what_nobody_said(savings: Page) -> None:
    waits = savings.tables["Work that could wait in June 2026"][1:]
    assert [[cell.text for cell in line] for line in waits] == [
        [HOSTILE, HOSTILE_BOLD, "batch", "1,200", "$80.00", "+$40.00", "+$2.50", "75.0%",
         HOSTILE_END],
        ["\u2014", "small", "flex", "0", "$0.00", "$0.00", "+$12.00", "0.0%", "\u2014"],
    ]  # fmt: skip


def test_what_tiers_regions_and_long_contexts_cost_is_shown_without_the_plain_price(
    savings: Page,
) -> None:
    rows = savings.tables["Tiers, regions and long contexts in June 2026"][1:]
    assert [[cell.text for cell in line] for line in rows] == [
        ["service tier", "flex", HOSTILE, HOSTILE_BOLD, "1,200", "$40.00", "$80.00",
         "-$40.00", "-50.0%", "7", HOSTILE_END],
        ["region", HOSTILE_END, "\u2014", "small", "1,200", "$22.00", "$20.00", "+$2.00",
         "+10.0%", "7", HOSTILE_END],
        ["context window", "from 272001 tokens", HOSTILE, "small", "1,200", "\u2014", "\u2014",
         "\u2014", "\u2014", "7", HOSTILE_END],
    ]  # fmt: skip
