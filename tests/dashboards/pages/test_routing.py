from __future__ import annotations

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.page_reader import Page


def test_a_route_has_what_it_saved_at_least_and_how_often_it_was_overridden(routing: Page) -> None:
    routes = routing.tables["Routing in June 2026"][1:]
    assert [[cell.text for cell in line] for line in routes] == [
        [HOSTILE, HOSTILE_BOLD, HOSTILE_END, "30", "75.0%", "$4.00", "+$10.00", "+$8.00", "20.0%",
         "$0.25", HOSTILE],
        ["\u2014", "own", "house", "10", "25.0%", "\u2014", "\u2014", "\u2014", "\u2014", "$0.25",
         "\u2014"],
    ]  # fmt: skip


def test_degraded_tasks_stand_above_the_others_of_their_feature(routing: Page) -> None:
    fallbacks = routing.tables["Fallbacks in June 2026"][1:]
    assert [[cell.text for cell in line] for line in fallbacks] == [
        [HOSTILE, "ticket", HOSTILE_BOLD, "20", "20.0%", "24", "$0.25", "50.0%", "$2.00",
         HOSTILE_END],
        [HOSTILE, "ticket", "none", "80", "80.0%", "0", "\u2014", "90.0%", "$2.00", "\u2014"],
    ]  # fmt: skip


def test_days_show_what_routing_saved_and_leave_out_what_nobody_knows(routing: Page) -> None:
    overridden, saved = routing.charts["routing-daily"]["data"]
    assert overridden["x"] == ["2026-06-01", "2026-06-02", "2026-06-03"]
    assert overridden["y"] == [0.25, None, 0.5]
    assert saved["y"] == ["5.000000000", None, "-0.125000000"]
