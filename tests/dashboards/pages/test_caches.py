from __future__ import annotations

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.page_reader import Page


def test_the_caches_of_the_newest_month_have_a_verdict(caches: Page) -> None:
    caches = caches.tables["Caches in June 2026"][1:]
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


def test_the_recommended_threshold_is_named(caches: Page) -> None:
    rows = caches.tables["Similarity of semantic hits"][1:]
    assert [[cell.text for cell in line] for line in rows] == [
        [HOSTILE, "ticket", "90", "20", "30.0%", "10.0%", "$3.00", "$4.00", "-$1.00", "\u2014"],
        [HOSTILE, "ticket", "95", "10", "10.0%", "10.0%", "$2.00", "$0.00", "+$2.00",
         "recommended"],
    ]  # fmt: skip


def test_an_audit_shows_what_was_found_and_what_nobody_states(caches: Page) -> None:
    rows = caches.tables["Answers kept and shared in June 2026"][1:]
    assert [[cell.text for cell in line] for line in rows] == [
        [HOSTILE_END, "exact", "cross tenant", "10", "2", "25.0%", "2", "\u2014", HOSTILE],
        [HOSTILE_END, "exact", "stale", "10", "1", "10.0%", "0", "1,440", "\u2014"],
        [HOSTILE_END, "exact", "no lifetime", "10", "0", "\u2014", "10", "\u2014", "\u2014"],
    ]  # fmt: skip


def test_prompts_that_no_cache_answered_have_their_cost(caches: Page) -> None:
    rows = caches.tables["Prompts asked again in June 2026"][1:]
    assert [[cell.text for cell in line] for line in rows] == [
        [HOSTILE, HOSTILE_BOLD, "100", "40.0%", "30.0%", "10", "$2.50", "Gateway Team"],
        ["\u2014", "house", "100", "40.0%", "30.0%", "10", "\u2014", "Gateway Team"],
    ]


def test_the_calls_that_wrote_wrong_answers_are_listed_the_dearest_first(caches: Page) -> None:
    rows = caches.tables["Where wrong answers come from"][1:]
    assert [[cell.text for cell in line] for line in rows] == [
        [HOSTILE, HOSTILE_END, HOSTILE, HOSTILE_BOLD, "1 Jun 2026, 08:30 UTC",
         "10", "9", "20.0%", "$7.00", "yes"],
        [HOSTILE, "unpriced", "\u2014", HOSTILE_BOLD, "\u2014", "10", "2",
         "20.0%", "\u2014", "no"],
    ]  # fmt: skip


def test_prompts_that_begin_anew_are_beside_the_version_before(caches: Page) -> None:
    rows = caches.tables["Prompts that begin anew"][1:]
    assert [[cell.text for cell in line] for line in rows] == [
        [HOSTILE, HOSTILE_END, "v2", "v1", HOSTILE_BOLD, event, "60", "61", "80.0%", "20.0%", usd,
         HOSTILE]
        for event, usd in ((HOSTILE_END, "$1.50"), ("\u2014", "\u2014"))
    ]  # fmt: skip


def test_cache_savings_may_be_negative(caches: Page) -> None:
    prefix = [t for t in caches.charts["cache"]["data"] if t["legendgroup"] == "provider prefix"]
    assert [trace["y"] for trace in prefix] == [[0.2222], ["-0.750000000"]]
    assert prefix[1]["hovertext"][0].endswith("Saved: -$0.75")
