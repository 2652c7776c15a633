from __future__ import annotations

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.page_reader import Page


def test_limits_stand_with_where_they_will_end_the_worst_above(budgets: Page) -> None:
    lines = budgets.tables["Limits"][1:]
    rest = ["$260.00", "$800.00", "$700.00", "$900.00"]
    assert [[cell.text for cell in line] for line in lines] == [
        [f"feature {HOSTILE_BOLD}", "month", "hard", "$1,000.00", "$1,001.00", "-$1.00", *rest,
         "29 Jun 2026", "over"],
        ["company", "month", "soft", "$1,000.00", "$250.50", "$749.50", *rest, "\u2014", "warn"],
        [f"feature {HOSTILE}", "month", "hard", "$1,000.00", "$250.50", "$749.50", *rest, "\u2014",
         "ok"],
    ]  # fmt: skip


def test_the_month_so_far_is_drawn_as_a_share_of_what_may_be_spent(budgets: Page) -> None:
    company, feature = budgets.charts["running-total"]["data"]
    assert (company["name"], company["x"]) == ("company", ["2026-07-01", "2026-07-03"])
    assert company["y"] == feature["y"] == [0.04, 1.2]
    assert "$60.00 of $50.00 (120.0%)" in company["hovertext"][1]


def test_a_plan_stands_in_its_own_unit(budgets: Page) -> None:
    lines = budgets.tables["Plans: limits of tokens and requests"][1:]
    assert [[cell.text for cell in line] for line in lines] == [
        [f"feature {HOSTILE_END}", "5h", "hard", "5,000,000", "uncached tokens", "1,250,000",
         "25.0%", "\u2014", "1,250,000", "\u2014", "30 Jun 2026, 03:00 UTC", "ok"],
    ]  # fmt: skip


def test_support_reads_a_reason_of_each_limit_that_is_not_as_it_should_be(budgets: Page) -> None:
    lines = budgets.tables["What to say about them"][1:]
    assert [[cell.text for cell in line] for line in lines] == [
        [f"feature {HOSTILE_BOLD}", f"{HOSTILE_BOLD} is over.", "block", "1 Jul 2026, 00:00 UTC",
         HOSTILE_END],
        ["company", "all is warn.", "\u2014", "\u2014", "\u2014"],
    ]  # fmt: skip


def test_a_cap_that_did_not_hold_has_its_cause_and_size(budgets: Page) -> None:
    lines = budgets.tables["Caps that did not hold, or held too early"][2:]
    assert [[cell.text for cell in line] for line in lines] == [
        [f"tenant {HOSTILE}", "day", "28 Jun 2026, 00:00 UTC", "$10.00", "\u2014", "refused",
         "counter drift", "$6.00", "3", "12", "2", "50.0%", "25.0%", "\u2014"],
        [f"tenant {HOSTILE}", "day", "20 Jun 2026, 00:00 UTC", "$10.00", "20 Jun 2026, 12:10 UTC",
         "passed", "race", "$4.50", "3", "12", "\u2014", "\u2014", "\u2014",
         "\u2014"],
    ]  # fmt: skip
