from __future__ import annotations

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.page_reader import Page


def test_sums_stand_with_their_interval_and_the_error_of_before(forecast: Page) -> None:
    lines = forecast.tables["In sum"][1:]
    assert [[cell.text for cell in line] for line in lines] == [
        ["company", "Next 30 days, from 1 Jul 2026", "$300.00", "$250.00", "$600.00", "profile",
         "10.0%"],
        ["company", "July 2026", "$310.00", "$260.00", "$620.00", "profile", "10.0%"],
        [f"feature {HOSTILE}", "Next 30 days, from 1 Jul 2026", "$100.00", "\u2014", "\u2014",
         "profile", "\u2014"],
    ]  # fmt: skip


def test_what_a_forecast_is_made_of_begins_with_the_company(forecast: Page) -> None:
    first, *features, last = forecast.tables["What it is made of"][1:]
    assert {line[0].text for line in features} == {f"feature {HOSTILE_BOLD}",
                                                   f"feature {HOSTILE_END}"}  # fmt: skip
    assert [[cell.text for cell in line] for line in (first, last)] == [
        ["company", "$300.00", "1,250.1", "4.0", "10,498.9", "$0.5000", "$0.00", "\u2014"],
        [f"tenant {HOSTILE}", "$100.00", "\u2014", "\u2014", "1,200.5", "$0.7900", "-$12.00",
         "15 Jul 2026"],
    ]  # fmt: skip


def test_a_peak_that_a_quota_does_not_hold_stands_above(forecast: Page) -> None:
    lines = forecast.tables["Peaks and quotas"][1:]
    assert [[cell.text for cell in line] for line in lines] == [
        [f"provider {HOSTILE}", "requests", HOSTILE_BOLD, "12 Jul 2026", "1,000", "1,500.0",
         "1,200", "125.0%", "300.0", "50.5", "\u2014", "249.5", "28 Jun 2026", HOSTILE_END,
         "short"],
        [f"model {HOSTILE}", "requests", "other days", "9 Jul 2026", "1,000", "900.5", "1,200",
         "75.0%", "0.0", "50.5", "10.0", "0.0", "\u2014", HOSTILE_END, "ok"],
    ]  # fmt: skip


def test_each_day_of_the_company_is_drawn_in_its_band(forecast: Page) -> None:
    high, low, line = forecast.charts["forecast-days"]["data"]
    assert line["x"] == ["2026-07-01", "2026-07-02"]
    assert [float(y) for y in line["y"]] == [10.5, 11]
    assert [float(y) for y in low["y"]] == [8, 9]
    assert [float(y) for y in high["y"]] == [21, 22]
    assert low["fill"] == "tonexty"
