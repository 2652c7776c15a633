from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path

import pytest

from dashboards.site import render_site
from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.handful.tables import HANDFUL, JUNE
from tests.dashboards.page_reader import Page, read_page, read_part
from tests.dashboards.published import publish


@pytest.fixture(scope="module")
def by_tenant(handful_site: Path) -> Page:
    """What the page shows of June by tenant."""
    return june(handful_site, "tenant")


def june(site: Path, dimension: str) -> Page:
    file = f"2026-06-01-{dimension.replace('_', '-')}"
    return read_part(site, "showback", file, "2026-06-01", dimension)


def test_the_page_says_that_features_and_tenants_sum_to_the_bill(showback: Page) -> None:
    assert "Features and tenants each sum to the bill: $300.00." in showback.text


def test_a_member_row_shows_charge_share_change_and_unit_cost(showback: Page) -> None:
    assert showback.row("By feature", "chat") == [
        "$200.25",
        "42.4%",
        "$150.20",
        "+$50.05",
        "+33.3%",
        "1,234",
        "1,111",
        "$0.1802",
    ]


def test_unallocated_stands_before_the_total_and_both_after_the_members(by_tenant: Page) -> None:
    names = [row[0].text for row in by_tenant.tables["By tenant"][1:]]
    assert names == [
        HOSTILE_END,
        "usage, openai",
        HOSTILE,
        "usage, openai",
        HOSTILE_BOLD,
        "usage, provider not known",
        "Unallocated",
        "not seen by the gateway, openai",
        "Total = the bill",
    ]
    assert by_tenant.row("By tenant", "Total = the bill")[:2] == ["$300.00", "100.0%"]


def test_statement_lines_show_the_exact_charge_on_request(by_tenant: Page) -> None:
    charge = by_tenant.cells("By tenant", "usage, provider not known")[1]
    assert (charge.text, charge.tooltip) == ("$0.05", "$0.050000000000")


def test_teams_and_cost_centres_are_shown_where_somebody_names_one(tmp_path: Path) -> None:
    rows = copy.deepcopy(HANDFUL)
    for dimension in ("team", "cost_centre"):
        for member, kind in (("platform", "member"), ("total", "total")):
            rows["reports.rpt_showback_summary"].append(
                {"month": JUNE, "dimension": dimension, "row_kind": kind, "member": member,
                 "charge_usd": Decimal("300.00")}
            )  # fmt: skip
        rows["reports.rpt_showback"].append(
            {"month": JUNE, "dimension": dimension, "member": "platform", "line": "shared cost",
             "pool": "vector database", "provider": "v", "charge_usd": Decimal("300.00")}
        )  # fmt: skip
    database = publish(tmp_path / "d.duckdb", rows)
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    page = read_page(tmp_path / "site" / "showback.html")
    assert "Features, tenants, teams and cost centres each sum to the bill: $300.00." in page.text
    cost_centres = june(tmp_path / "site", "cost_centre")
    assert cost_centres.row("By cost centre", "shared cost (vector database), v")[0] == "$300.00"
    assert "showback-cost_centre" in page.charts


def test_without_an_org_tree_the_page_speaks_of_features_and_tenants_only(
    handful_site: Path,
) -> None:
    written = {file.name for file in (handful_site / "data" / "showback").iterdir()}
    assert written == {"2026-06-01-feature.js", "2026-06-01-tenant.js"}


def test_the_page_says_in_words_who_carries_whom(showback: Page) -> None:
    assert showback.row("Who carries whom, by feature", "chat") == [
        "$12.00", "$7.50", "$0.00", "$19.50", "-$3.75", "+7.0%",
    ]  # fmt: skip
    said = f"Most is borne by {HOSTILE}, $2.50 for others; most is borne for chat, $3.75."
    assert said in showback.text


def test_cost_per_success_on_the_bill_stands_beside_the_estimate(showback: Page) -> None:
    title = "Cost per success on the bill, by feature"
    assert showback.row(title, HOSTILE) == [
        "40", "$0.5000", "$0.6250", "$25.00", "$0.50", "$0.25", "$25.00", "$1.50", "$0.00",
    ]  # fmt: skip
    names = [row[0].text for row in showback.tables[title]]
    assert names[-3:] == [HOSTILE, "Unattributed", "Total"]
    assert "never shown" not in showback.text


def test_readers_of_a_cache_owe_its_writers(by_tenant: Page) -> None:
    table = "Who reads what others wrote into caches"
    assert by_tenant.row(table, HOSTILE) == ["$5.00", "$1.50", "+$3.50"]
    assert by_tenant.row(table, HOSTILE_END) == ["$0.00", "$3.50", "-$3.50"]
    assert "It is not settled: cache_sharing is off." in by_tenant.text


def test_a_tenant_without_stated_revenue_has_no_margin(by_tenant: Page) -> None:
    assert by_tenant.row("Margin by tenant", HOSTILE_END)[-2:] == ["+$120.00", "+75.0%"]
    assert by_tenant.row("Margin by tenant", HOSTILE)[-2:] == ["—", "—"]


def test_spend_without_a_tag_names_whom_to_ask(showback: Page) -> None:
    assert showback.row("Spend without a tag, by month", "June 2026") == [
        "feature", "77", "$98.50", "$99.75", "33.3%", "-$4.25", HOSTILE_BOLD, "$60.50",
    ]  # fmt: skip
    assert showback.row("Whom to ask about the newest month", HOSTILE_BOLD)[1:3] == [
        "gw",
        "support-prod",
    ]


def test_task_figures_of_a_total_line_do_not_apply_rather_than_being_unknown(
    showback: Page,
) -> None:
    total = showback.cells("By feature", "Total = the bill")
    assert [cell.tooltip for cell in total[3:]] == ["not known"] * 3 + ["does not apply"] * 3


def test_the_chart_stacks_members_and_unallocated_up_to_the_total(showback: Page) -> None:
    drawn = {trace["name"]: trace["y"] for trace in showback.charts["showback-feature"]["data"]}
    assert drawn == {
        "chat": ["200.250000000"],
        "Unallocated": ["99.750000000"],
        "Total = the bill": ["300.000000000"],
    }


def test_totals_that_differ_are_called_out_instead_of_claimed_equal(tmp_path: Path) -> None:
    rows = copy.deepcopy(HANDFUL)
    for row in rows["reports.rpt_showback_summary"]:
        if row["row_kind"] == "total" and row["dimension"] == "tenant":
            row["charge_usd"] = Decimal("299.999999999")
    database = publish(tmp_path / "d.duckdb", rows)
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    text = read_page(tmp_path / "site" / "showback.html").text
    assert "each sum to the bill" not in text
    assert "Features sum to $300.000000000, tenants to $299.999999999." in text


def test_a_month_that_is_not_complete_says_so(tmp_path: Path) -> None:
    rows = copy.deepcopy(HANDFUL)
    for row in rows["reports.rpt_overview"]:
        row["is_complete"] = False
    database = publish(tmp_path / "d.duckdb", rows)
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    assert "still open: more will be billed" in read_page(tmp_path / "site" / "showback.html").text


def test_a_month_behind_a_complete_one_is_not_open_any_more(tmp_path: Path) -> None:
    rows = copy.deepcopy(HANDFUL)
    for row in rows["reports.rpt_overview"]:
        row["is_complete"] = row["month"] != JUNE
    database = publish(tmp_path / "d.duckdb", rows)
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    text = read_page(tmp_path / "site" / "showback.html").text
    assert "not whole: some of its days are not in the data, or not billed" in text
    assert "still open: more" not in text


def test_before_the_first_bill_the_page_shows_the_estimate(tmp_path: Path) -> None:
    rows = {"reports.rpt_cost_scopes": HANDFUL["reports.rpt_cost_scopes"]}
    database = publish(tmp_path / "d.duckdb", rows)
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    page = read_page(tmp_path / "site" / "showback.html")
    assert "No bill has arrived yet" in page.text
    shown = page.tables["Estimate by feature and month"][1:]
    assert [row[1].text for row in shown if row[2].text == "non production"] == [HOSTILE]
    assert [row[4].text for row in shown if row[2].text == "non production"] == ["≥\u00a0$10.50"]


def test_a_tenant_beyond_the_largest_twelve_is_in_the_table_and_the_caption_says_so(
    tmp_path: Path,
) -> None:
    members = [
        {
            "month": JUNE,
            "dimension": "tenant",
            "row_kind": "member",
            "member": f"t{size:02}",
            "charge_usd": Decimal(size),
        }
        for size in range(1, 14)
    ]
    database = publish(tmp_path / "d.duckdb", HANDFUL | {"reports.rpt_showback_summary": members})
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    page = read_page(tmp_path / "site" / "showback.html")
    drawn = {trace["name"] for trace in page.charts["showback-tenant"]["data"]}
    assert "t02" in drawn
    assert "t01" not in drawn
    assert june(tmp_path / "site", "tenant").row("By tenant", "t01")[0] == "$1.00"
    assert "Only the 12 largest are drawn" in page.text


def test_a_closed_month_says_that_its_figures_stay(tmp_path: Path) -> None:
    rows = copy.deepcopy(HANDFUL)
    rows["reports.rpt_statements"] = [{"month": JUNE, "close_number": 2}] * 2
    database = publish(tmp_path / "d.duckdb", rows)
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    page = read_page(tmp_path / "site" / "showback.html")
    assert "closed: later changes are charged in the first open month" in page.text
    assert "each sum to what the closed month is charged: $300.00." in page.text


def test_readiness_says_what_is_missing_before_costs_are_charged_for_real(showback: Page) -> None:
    lines = showback.tables["Ready to charge for real?"][1:]
    assert [[cell.text for cell in line[2:]] for line in lines] == [
        ["96.0%", "at least 95.0%", "ok", "\u2014"],
        ["5.1%", "at most 5.0%", "not yet", HOSTILE],
        ["not known", "at most 10.0%", "not yet", HOSTILE],
        ["4", "at least 3", "ok", "\u2014"],
        ["1", "at least 3", "not yet", HOSTILE],
    ]
