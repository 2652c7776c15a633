from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path

from dashboards.kit.drivers import DRIVERS
from dashboards.site import render_site
from ingest.reference.guardrails.owners import DRIVERS as OWNED
from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.handful.tables import HANDFUL
from tests.dashboards.page_reader import Page, read_page
from tests.dashboards.published import publish

OF_SUCCESS = "Cost of a successful task: what moved it"


def test_every_driver_that_can_be_owned_is_told_in_words() -> None:
    assert DRIVERS.keys() == set(OWNED)


def test_the_page_says_what_it_cost_before_and_now(why: Page) -> None:
    assert "Why it moved: June 2026 against May 2026" in why.text
    assert "$0.04000 before, $0.04200 now: +$0.002000 (+5.0%)." in why.text
    assert "$200.00 before, $250.00 now: +$50.00 (+25.0%)." in why.text


def test_drivers_stand_by_size_and_what_moved_nothing_is_left_out(why: Page) -> None:
    assert why.row(OF_SUCCESS, "Loops") == ["+$0.004000", "+200.0%", HOSTILE_BOLD, "—"]
    assert why.row(OF_SUCCESS, "Success rate") == ["-$0.001000", "-50.0%", "—", "—"]
    assert why.row(OF_SUCCESS, "Price")[-1] == "price gpt-5"
    shown = [row[0].text for row in why.tables[OF_SUCCESS][1:]]
    assert shown == ["Loops", "Price", "Success rate"]


def test_the_waterfall_goes_from_the_earlier_month_to_the_later(why: Page) -> None:
    (drawn,) = why.charts["total_cost"]["data"]
    assert drawn["y"] == ["May 2026", "Success rate", "Loops", "Price", "June 2026"]
    assert [Decimal(value) for value in drawn["x"]] == [200, -25, 100, -25, 250]
    assert [Decimal(level) for level in drawn["base"]] == [0, 200, 175, 275, 0]
    assert drawn["text"] == ["$200.00", "-$25.00", "+$100.00", "-$25.00", "$250.00"]


def test_the_axis_leaves_zero_out_only_where_the_steps_could_not_be_seen(why: Page) -> None:
    """Cost per success moves between 0.039 and 0.043; total cost between 175 and 275."""
    near = why.charts["cost_per_success"]["layout"]["xaxis"]["range"]
    far = why.charts["total_cost"]["layout"]["xaxis"]["range"]
    assert (Decimal(near[0]), Decimal(near[1])) == (Decimal("0.0382"), Decimal("0.0438"))
    assert (Decimal(far[0]), Decimal(far[1])) == (Decimal(0), Decimal(295))
    assert why.text.count("The axis does not begin at zero") == 1


def test_peoples_work_is_told_where_it_adds_something(why: Page, tmp_path: Path) -> None:
    heading = "A successful task with people's work"
    assert f"{heading}, May 2026 to June 2026" in why.text
    assert "$2.000 before, $2.500 now: +$0.5000 (+25.0%)." in why.text
    rows = copy.deepcopy(HANDFUL)
    for row in rows["reports.rpt_cost_bridge"]:
        if row["measure"] == "cost_per_success_with_people":
            row |= {"previous_usd": Decimal("0.04"), "current_usd": Decimal("0.042")}
    database = publish(tmp_path / "d.duckdb", rows)
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    assert heading not in read_page(tmp_path / "site" / "why.html").text


def test_members_that_moved_most_come_first_with_their_largest_driver(why: Page) -> None:
    first, second = why.tables["By feature"][1:]
    assert [cell.text for cell in first] == [
        HOSTILE, "$0.5000", "$0.2500", "-$0.2500", "-50.0%", "Loops", "-$0.5000", HOSTILE_BOLD,
        "—",
    ]  # fmt: skip
    assert second[0].text == "quiet"
    assert why.row("Week by week", "1 Jun 2026")[:4] == [
        "$0.05000", "$0.04900", "-$0.001000", "-2.0%",
    ]  # fmt: skip


def test_only_changes_that_are_a_cause_are_listed_beside_what_other_days_do(why: Page) -> None:
    _, heading, row = why.tables["Changes that moved something"]
    assert heading[1].text == "Change"
    assert [cell.text for cell in row] == [
        "11 Jun 2026", f"flag {HOSTILE_END}", HOSTILE_BOLD, "Prompt cache", "+$0.003400", "+34.0%",
        "+$2.90", "$0.0008000", "4.2", "6.0",
    ]  # fmt: skip


def test_a_residual_would_be_shown(tmp_path: Path) -> None:
    rows = copy.deepcopy(HANDFUL)
    for row in rows["reports.rpt_cost_bridge"]:
        if row["driver"] == "residual":
            row["effect_usd"] = Decimal("0.5")
    database = publish(tmp_path / "d.duckdb", rows)
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    page = read_page(tmp_path / "site" / "why.html")
    assert page.row(OF_SUCCESS, "residual")[0] == "+$0.5000"
    assert page.charts["total_cost"]["data"][0]["y"][-2] == "residual"


def test_more_members_than_are_shown_are_counted(tmp_path: Path) -> None:
    rows = copy.deepcopy(HANDFUL)
    bridge = rows["reports.rpt_cost_bridge"]
    bridge += [row | {"member": f"f{n:02d}"} for row in bridge for n in range(30)
               if row["member"] == "quiet"]  # fmt: skip
    database = publish(tmp_path / "d.duckdb", rows)
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    page = read_page(tmp_path / "site" / "why.html")
    assert "12 that moved less stand in reports.rpt_cost_bridge." in page.text
    assert len(page.tables["By feature"]) == 1 + 20


def test_a_prompt_version_stands_beside_the_one_before(why: Page) -> None:
    rows = [[cell.text for cell in row] for row in why.tables["Prompt versions"][1:]]
    assert [row[1] for row in rows[-2:]] == [HOSTILE_END, "v1"]
    assert rows[-2][3:] == [
        "1,200", "75.0%", "$0.7500", "+50.0%", "1,500.5", "+50.0%", "-$12.50", "25.0%", "20.0%",
        "10.0%", "100.0%",
    ]  # fmt: skip


def test_tenants_and_regions_of_a_change_that_is_a_cause_stand_below_it(why: Page) -> None:
    *_, tenant, region = [
        [cell.text for cell in row] for row in why.tables["Who felt these changes"]
    ]
    assert tenant == [
        "11 Jun 2026", f"flag {HOSTILE_END}", "tenant", HOSTILE, "$20.00", "$30.00", "$1.000",
        "$1.600", "4.2", "6.0", "90.0%", "85.0%",
    ]  # fmt: skip
    assert region[2:] == ["region", "eu", "$20.00", "$30.00", *["—"] * 6]
    # features stand in the table above, and a change that did nothing in none
    assert len(why.tables["Who felt these changes"]) == 4
