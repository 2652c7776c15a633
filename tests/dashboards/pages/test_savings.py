from __future__ import annotations

from tests.dashboards.handful_rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.page_reader import Page


def test_each_months_levers_stand_beside_their_total(savings: Page) -> None:
    assert [line[0].text for line in savings.tables["What was saved"][1:]] == [
        "June 2026", "May 2026",
    ]  # fmt: skip
    assert savings.row("What was saved", "June 2026") == [
        "+$40.50", "+$5.00", "-$2.00", "+$10.00", "-$1.25", "+$52.25", "+$45.25", "$100.00", "3",
    ]  # fmt: skip


def test_what_saved_stands_above_the_line_and_what_cost_below(savings: Page) -> None:
    bars = savings.charts["savings-months"]["data"]
    assert [(bar["name"], [float(y) for y in bar["y"]]) for bar in bars] == [
        ("Provider's prefix cache", [40.5, 40.5]),
        ("Gateway's cache", [5, 5]),
        ("Batch and other tiers", [-2, -2]),
        ("Routing", [10, 10]),
        ("Interaction", [-1.25, -1.25]),
    ]


def test_the_caches_of_the_newest_month_have_a_verdict(savings: Page) -> None:
    caches = savings.tables["Caches in June 2026"][1:]
    assert [[cell.text for cell in line] for line in caches] == [
        ["prefix", "openai", HOSTILE, "50.0%", "5.0%", "—", "+$42.50", "$2.00", "$0.00", "+$40.50",
         "saves"],
        ["prefix", "openai", HOSTILE_BOLD, "0.0%", "—", "—", "$0.00", "$1.50", "$0.00", "-$1.50",
         "costs money"],
        ["retrieval", "search", HOSTILE_END, "40.0%", "—", "25.0%", "+$1.00", "$0.00", "$3.00",
         "-$2.00", "costs money"],
        ["semantic", HOSTILE_END, "unpriced", "25.0%", "—", "10.0%", "—", "$0.00", "$0.00", "—",
         "no data"],
    ]  # fmt: skip


def test_what_could_wait_is_apart_from_what_nobody_said(savings: Page) -> None:
    waits = savings.tables["Work that could wait in June 2026"][1:]
    assert [[cell.text for cell in line] for line in waits] == [
        [HOSTILE, HOSTILE_BOLD, "batch", "1,200", "$80.00", "+$40.00", "+$2.50", "75.0%",
         HOSTILE_END],
        ["\u2014", "small", "flex", "0", "$0.00", "$0.00", "+$12.00", "0.0%", "\u2014"],
    ]  # fmt: skip


def test_a_route_has_what_it_saved_at_least_and_how_often_it_was_overridden(savings: Page) -> None:
    routes = savings.tables["Routing in June 2026"][1:]
    assert [[cell.text for cell in line] for line in routes] == [
        [HOSTILE, HOSTILE_BOLD, HOSTILE_END, "30", "75.0%", "$4.00", "+$10.00", "+$8.00", "20.0%",
         "$0.25", HOSTILE],
        ["\u2014", "own", "house", "10", "25.0%", "\u2014", "\u2014", "\u2014", "\u2014", "$0.25",
         "\u2014"],
    ]  # fmt: skip


def test_degraded_tasks_stand_above_the_others_of_their_feature(savings: Page) -> None:
    fallbacks = savings.tables["Fallbacks in June 2026"][1:]
    assert [[cell.text for cell in line] for line in fallbacks] == [
        [HOSTILE, "ticket", HOSTILE_BOLD, "20", "20.0%", "24", "$0.25", "50.0%", "$2.00",
         HOSTILE_END],
        [HOSTILE, "ticket", "none", "80", "80.0%", "0", "\u2014", "90.0%", "$2.00", "\u2014"],
    ]  # fmt: skip


def test_the_recommended_threshold_is_named(savings: Page) -> None:
    rows = savings.tables["Similarity of semantic hits"][1:]
    assert [[cell.text for cell in line] for line in rows] == [
        [HOSTILE, "ticket", "90", "20", "30.0%", "10.0%", "$3.00", "$4.00", "-$1.00", "\u2014"],
        [HOSTILE, "ticket", "95", "10", "10.0%", "10.0%", "$2.00", "$0.00", "+$2.00",
         "recommended"],
    ]  # fmt: skip


def test_an_audit_shows_what_was_found_and_what_nobody_states(savings: Page) -> None:
    rows = savings.tables["Answers kept and shared in June 2026"][1:]
    assert [[cell.text for cell in line] for line in rows] == [
        [HOSTILE_END, "exact", "cross tenant", "10", "2", "25.0%", "2", "\u2014", HOSTILE],
        [HOSTILE_END, "exact", "stale", "10", "1", "10.0%", "0", "1,440", "\u2014"],
        [HOSTILE_END, "exact", "no lifetime", "10", "0", "\u2014", "10", "\u2014", "\u2014"],
    ]  # fmt: skip


def test_prompts_that_no_cache_answered_have_their_cost(savings: Page) -> None:
    rows = savings.tables["Prompts asked again in June 2026"][1:]
    assert [[cell.text for cell in line] for line in rows] == [
        [HOSTILE, HOSTILE_BOLD, "100", "40.0%", "30.0%", "10", "$2.50", "Gateway Team"],
        ["\u2014", "house", "100", "40.0%", "30.0%", "10", "\u2014", "Gateway Team"],
    ]


def test_the_calls_that_wrote_wrong_answers_are_listed_the_dearest_first(savings: Page) -> None:
    rows = savings.tables["Where wrong answers come from"][1:]
    assert [[cell.text for cell in line] for line in rows] == [
        [HOSTILE, HOSTILE_END, HOSTILE, HOSTILE_BOLD, "1 Jun 2026, 08:30 UTC",
         "10", "9", "20.0%", "$7.00", "yes"],
        [HOSTILE, "unpriced", "\u2014", HOSTILE_BOLD, "\u2014", "10", "2",
         "20.0%", "\u2014", "no"],
    ]  # fmt: skip


def test_prompts_that_begin_anew_are_beside_the_version_before(savings: Page) -> None:
    rows = savings.tables["Prompts that begin anew"][1:]
    assert [[cell.text for cell in line] for line in rows] == [
        [HOSTILE, HOSTILE_END, "v2", "v1", HOSTILE_BOLD, event, "60", "61", "80.0%", "20.0%", usd,
         HOSTILE]
        for event, usd in ((HOSTILE_END, "$1.50"), ("\u2014", "\u2014"))
    ]  # fmt: skip
