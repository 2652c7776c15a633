"""The spend page: each choice shows its rows of the report, the calendar each day's estimate."""

from __future__ import annotations

from pathlib import Path

from dashboards.kit.formatting import whose
from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.page_reader import Page, read_page, read_part


def part(site: Path, *values: str) -> Page:
    return read_part(site, "spend", "-".join(values), *values)


def test_a_member_stands_beside_its_past_and_its_budget(spend: Page) -> None:
    title = "Spend by feature, June 2026"
    assert spend.row(title, HOSTILE) == [
        "≥\u00a0$10.00", "25.0%", "$8.00", "+25.1%", "$5.00", "+100.1%", "$20.00", "-50.0%", "12",
        "3",
    ]  # fmt: skip
    assert [row[0].text for row in spend.tables[title][2:]] == [HOSTILE_BOLD, HOSTILE, "All"]


def test_one_comparison_is_shown_at_a_time(spend: Page) -> None:
    heads = [attrs for tag, attrs in spend.tags if tag == "th" and attrs.get("scope") == "col"]
    compared = {(one["data-only"], "hidden" in one) for one in heads if one.get("data-only")}
    assert compared == {("previous", False), ("year_before", True), ("budget", True)}


def test_a_key_is_shown_by_what_people_call_it(handful_site: Path) -> None:
    shown = part(handful_site, "month", "2026-06-01", "key")
    assert shown.row("Spend by key, June 2026", HOSTILE_END)[0] == "≥\u00a0$40.01"
    assert "0123456789abcdef" not in shown.text


def test_other_pages_show_it_so_too(handful_site: Path) -> None:
    assert "support-prod" in read_page(handful_site / "showback.html").text
    assert "a1b2" not in read_page(handful_site / "showback.html").text
    assert whose("api_key", "a1b2") == "api key a1b2"


def test_weeks_stand_beside_months_and_days(handful_site: Path) -> None:
    week = part(handful_site, "week", "2026-06-01", "feature")
    assert week.row("Spend by feature, week from 1 Jun 2026", HOSTILE)[0] == "≥\u00a0$7.00"


def test_who_is_never_named_is_no_choice_and_days_have_no_keys(handful_site: Path) -> None:
    files = {file.stem for file in (handful_site / "data" / "spend").iterdir()}
    assert files == {
        "month-2026-06-01-feature",
        "month-2026-06-01-key",
        "week-2026-06-01-feature",
        "day-2026-07-01-feature",
        "day-2026-07-03-feature",
    }


def test_the_calendar_has_a_field_for_each_day(spend: Page) -> None:
    (drawn,) = spend.charts["spend-calendar"]["data"]
    # 1 July 2026 is a Wednesday: its week begins on 29 June
    assert (drawn["x"], drawn["y"][:3]) == (["2026-06-29"], ["Mon", "Tue", "Wed"])
    assert [line for (line,) in drawn["z"]] == [
        None, None, "2.000000000", None, "58.000000000", None, None
    ]  # fmt: skip
    assert spend.row("Calendar of spend", "3 Jul 2026") == ["$58.00"]
