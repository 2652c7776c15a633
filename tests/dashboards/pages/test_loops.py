from __future__ import annotations

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.page_reader import Page

CAPS = "Caps that cost next to no success"


def test_only_recommended_caps_are_listed_with_what_they_save_and_cost(loops: Page) -> None:
    assert len(loops.tables[CAPS]) == 4
    assert loops.row(CAPS, HOSTILE) == [
        "ticket", "2", "all", "10", "0.5%", "$9.00", "9.0%", "1", "4.0", "2",
    ]  # fmt: skip


def test_the_hops_of_the_newest_month_are_listed_the_dearest_first(loops: Page) -> None:
    hops = loops.tables["What a task is made of, June 2026"][2:]
    assert [[cell.text for cell in line] for line in hops] == [
        [HOSTILE, "ticket", HOSTILE_END, "model", "3.5", "$0.05000", "80.0%", "7.0", "0.2",
         "20,480.0", "2", HOSTILE_BOLD],
        [HOSTILE, "ticket", "search", "tool", "0.5", "$0.01250", "20.0%", "1.0", "0.0", "—", "2",
         "—"],
    ]  # fmt: skip


def test_a_tool_stands_with_its_price_beside_its_invoice(loops: Page) -> None:
    tools = loops.tables["Tools and outside APIs, June 2026"][2:]
    assert [[cell.text for cell in line] for line in tools] == [
        ["search", HOSTILE_END, "1,200", "800", "$8.00", "$0.01000", "$16.00", "$0.02000", "50.0%",
         HOSTILE],
        [HOSTILE, HOSTILE_BOLD, "1,200", "800", "$8.00", "$0.01000", "—", "—", "50.0%", "—"],
    ]  # fmt: skip


def test_the_steps_of_what_loops_multiply_most_come_first(loops: Page) -> None:
    tokens, success, *others = loops.charts["loop-steps"]["data"]
    assert tokens["name"].endswith(", ticket")
    assert (tokens["x"], tokens["y"]) == ([1, 2], [1000, 2500])
    assert success["y"] == [0.9, None]
    assert "300 tasks reached it<br>2,500 tokens in, 2.5 times the first" in tokens["hovertext"][1]
    assert "carried along: 50.0% at most<br>" in tokens["hovertext"][0]
    assert "carried along: 25.0%, as stated<br>" in tokens["hovertext"][1]
    assert len(others) == 2


def test_the_curve_of_what_saves_most_comes_first(loops: Page) -> None:
    saved, lost, *others = loops.charts["cap-curve"]["data"]
    assert (saved["x"], saved["y"]) == ([1, 2, 3], [0.49, 0.09, 0.06])
    assert lost["y"] == [1, 1 / 901, 0]
    assert saved["name"] == "deep, ticket"
    assert len(others) == 4
    assert "saves $27.00" in saved["hovertext"][1]


def test_ways_stand_beside_the_cheapest_where_a_feature_has_several(loops: Page) -> None:
    lines = loops.tables["Ways to answer a task"][2:]
    assert [[cell.text for cell in line] for line in lines] == [
        [HOSTILE, HOSTILE_BOLD, way, "1,600", "90.0%", "$0.03000", "$0.03330", *gain]
        for way, *gain in (
            ("single call", "—", "—", "—", "—", "—", "—", "baseline"),
            ("vote of 3", "+$0.02000", "+40.0%", "+21.7%", "+58.4%", "$0.05000", "$0.1000",
             "worth it"),
            (HOSTILE_END, "+$0.02000", "+40.0%", "+21.7%", "+58.4%", "$0.05000", "$0.1000",
             "no choice"),
        )
    ]  # fmt: skip


def test_what_more_buys_leaves_out_what_proves_nothing_and_later_steps_alike(loops: Page) -> None:
    lines = loops.tables["What more buys"][2:]
    assert [[cell.text for cell in line[:6]] for line in lines] == [
        [HOSTILE, HOSTILE_BOLD, "3 samples", HOSTILE_END, "1,600", "3.0"],
        ["deep", "ticket", "step 2", "step 1", "1,600", "—"],
    ]
    assert lines[1][-2].tooltip == "not known"


def test_days_show_how_deep_loops_ran_and_what_further_steps_cost(loops: Page) -> None:
    depth, further, unknown, little, everything = loops.charts["loops-daily"]["data"]
    assert depth["x"] == ["2026-06-01", "2026-06-02"]
    assert (depth["y"], further["y"]) == ([8.5, 8.5], ["6.250000000"] * 2)
    assert (unknown["y"], little["y"]) == ([None, None], ["0.250000000"] * 2)
    assert (everything["name"], everything["y"]) == ("All features", [8.0, 8.0])
