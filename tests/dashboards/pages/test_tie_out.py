from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path

from dashboards.pages.tie_out.page import CAUSES
from dashboards.site import render_site
from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.handful.tables import HANDFUL
from tests.dashboards.page_reader import Page, read_page
from tests.dashboards.published import publish

MONTH = "June 2026 by provider"


def test_the_page_says_what_was_computed_what_was_billed_and_the_gap(tie_out: Page) -> None:
    assert (
        "Our records compute $250.00; the providers billed $300.00. The gap of +$50.00 has these"
        " causes."
    ) in tie_out.text


def test_every_cause_of_a_provider_stands_in_its_column(tie_out: Page) -> None:
    shown = dict(zip(CAUSES, tie_out.row(MONTH, "openai")[3:], strict=True))
    assert shown.pop("off_gateway_usd") == "+$60.25"
    assert shown.pop("price_usd") == "-$10.00"
    assert set(shown.values()) == {"$0.00"}
    assert tie_out.row(MONTH, HOSTILE_BOLD)[:3] == ["$50.00", "$49.75", "-$0.25"]
    assert tie_out.row(MONTH, "All providers")[:3] == ["$250.00", "$300.00", "+$50.00"]


def test_the_waterfall_goes_from_computed_to_billed_and_skips_what_is_nothing(
    tie_out: Page,
) -> None:
    (drawn,) = tie_out.charts["reconciliation"]["data"]
    assert drawn["x"] == [
        "Computed", "Not seen by gateway", "Other price", "Rounding", "Billed",
    ]  # fmt: skip
    assert [Decimal(value) for value in drawn["y"]] == [
        Decimal(250), Decimal("60.25"), Decimal(-10), Decimal("-0.25"), Decimal(300),
    ]  # fmt: skip
    assert [Decimal(level) for level in drawn["base"]] == [
        0, 250, Decimal("310.25"), Decimal("300.25"), 0,
    ]  # fmt: skip


def test_only_prices_that_drift_are_listed(tie_out: Page) -> None:
    table = tie_out.tables["Prices that differ from the price list"]
    assert len(table) == 4  # two lines of headings, two drifts
    row = next(row for row in table if row[2].text == HOSTILE)
    assert [cell.text for cell in row[3:]] == [
        "input uncached", "2", "$2.500", "$2.250", "-10.0%", "-$10.00",
    ]  # fmt: skip


def test_only_costs_of_gateways_that_differ_are_listed(tie_out: Page) -> None:
    (*_, row) = table = tie_out.tables["Costs that gateways state otherwise"]
    assert len(table) == 2
    assert [cell.text for cell in row] == [
        "June 2026", "gateway", HOSTILE, "chat", "3", "250.0%", "-$7.25", "cache reads left out",
    ]  # fmt: skip


def test_a_bill_stands_in_its_own_currency_beside_its_rates_and_dollars(tie_out: Page) -> None:
    *_, euros, coins = [[cell.text for cell in row] for row in tie_out.tables["What bills state"]]
    assert euros == [
        "June 2026", HOSTILE, "EUR", "1,000.50", "1.0843", "1.1", "$1,090.25", "$1,500.00",
        "$1,400.00", "+$100.00", "+$509.75",
    ]  # fmt: skip
    assert coins == ["June 2026", HOSTILE_END, "Token", "7.00", *["—"] * 7]


def test_without_a_month_that_is_billed_in_full_the_newest_is_shown(tmp_path: Path) -> None:
    rows = copy.deepcopy(HANDFUL)
    for row in rows["reports.rpt_overview"]:
        row["is_complete"] = False
    rows["reports.rpt_price_drift"] = []
    rows["reports.rpt_reported_cost"] = []
    database = publish(tmp_path / "d.duckdb", rows)
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    text = read_page(tmp_path / "site" / "tie-out.html").text
    assert "Tie-out: June 2026" in text
    assert "Every bill charges the prices of the price list." in text
    assert "Every cost that a gateway states is that of the price list." in text


def test_tie_out_shows_bill_against_estimate_with_its_status(tie_out: Page) -> None:
    assert tie_out.row("Tie-out by provider and month", HOSTILE_BOLD) == [
        "June 2026",
        "$320.99",
        "$321.09",
        "-$0.10",
        ">-0.1%",
        "29",
        "1",
        "tied",
    ]


def test_only_settled_days_count_as_gaps(tie_out: Page) -> None:
    rows = tie_out.tables["Largest gaps, June 2026"][1:]
    assert [[cell.text for cell in row] for row in rows] == [
        [
            "1 Jun 2026",
            "openai",
            HOSTILE,
            "5",
            "$2.22",
            "$1.11",
            "+$1.11",
            "+100.0%",
            "over billed",
        ],
    ]


def test_what_is_billed_by_the_piece_is_counted_where_the_bill_counts_it(tie_out: Page) -> None:
    rows = tie_out.tables["Billed by the piece in June 2026"][1:]
    assert [[cell.text for cell in line] for line in rows] == [
        [HOSTILE, "file search", "200", HOSTILE_END, "$0.50", "$0.002500", "5.0%"],
        [HOSTILE, "web search", "—", "—", "$0.50", "—", "5.0%"],
    ]
