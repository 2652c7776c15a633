from __future__ import annotations

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.page_reader import Page

UNKNOWN = "\u2014"


def texts(page: Page, title: str) -> list[list[str]]:
    return [[cell.text for cell in line] for line in page.tables[title][1:]]


def test_the_worst_hour_says_what_waited_failed_and_cost(operations: Page) -> None:
    first, second = texts(operations, "Hours in which most was turned away")[1:]
    assert first == [
        "1 Jul 2026, 15:00 UTC", HOSTILE, "240.0", "22.5 s", "1,200", "31", "4", "2", "29",
        "3.21 s", "60.1 s", "$12.50", "$41.01",
    ]  # fmt: skip
    assert second[1] == HOSTILE_END


def test_days_come_newest_first_and_say_what_nobody_measured(operations: Page) -> None:
    newest, before = texts(operations, "Day by day")[1:]
    assert newest == [
        "1 Jul 2026", "0.3", "240.0", UNKNOWN, "1,200", "37", "0.874 s", "60.1 s", UNKNOWN,
        "0.212 s", "0.119 s", "$12.50", "$41.01",
    ]  # fmt: skip
    assert (before[0], before[-1]) == ("30 Jun 2026", UNKNOWN)


def test_queues_stand_above_the_hops_behind_them(operations: Page) -> None:
    assert texts(operations, "Hop by hop") == [
        ["queue", HOSTILE_BOLD, UNKNOWN, "3.1", "240.0", "0", "12", UNKNOWN, UNKNOWN, UNKNOWN,
         UNKNOWN, UNKNOWN],
        ["model", HOSTILE_END, "openai", UNKNOWN, UNKNOWN, "900", "33", "3.2 s", "60.1 s", "0.9 s",
         "$100.13", "$41.01"],
    ]  # fmt: skip


def test_a_level_is_no_dollar_and_a_cost_has_all_its_digits(operations: Page) -> None:
    line = operations.tables["Hours in which most was turned away"][2]
    assert (line[2].tooltip, line[-1].tooltip) == (None, "$41.005000000")


def test_hours_are_drawn_one_below_the_other_with_a_gap_for_the_unknown(operations: Page) -> None:
    waits, answers, lost = operations.charts["operations-hours"]["data"]
    assert waits["y"] == [None, 240.0]
    assert answers["y"] == [9.871, 60.123]
    assert [float(y) for y in lost["y"]] == [0, 41.005]
    assert "31 timed out, 29 tried again" in waits["hovertext"][1]


def test_logs_end_in_their_total_and_what_no_policy_allows_is_a_badge(operations: Page) -> None:
    first, second, total = texts(operations, "What the logs themselves cost, July 2026")[1:]
    assert first == [HOSTILE, "1,000,000,000", "2,000,000,000", "$0.5000", "$1.13", "365", UNKNOWN,
                     "90", "too long"]  # fmt: skip
    assert second[3:] == [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, "no policy"]
    assert (total[0], total[4]) == ("total", "$1.13")
