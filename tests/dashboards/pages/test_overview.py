from __future__ import annotations

from typing import Any

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.page_reader import Page

UNIT_COST = "Unit cost by task type, June 2026"


def traces(page: Page, chart: str) -> dict[str, dict[str, Any]]:
    return {trace["name"]: trace for trace in page.charts[chart]["data"] if "name" in trace}


def test_the_headline_is_the_newest_complete_month_not_the_newest_one(overview: Page) -> None:
    assert "The newest month whose days are all in the data and billed." in overview.text
    assert overview.tiles["charge"][1] == "$12,345.68"
    assert overview.row("Month by month", "July 2026")[:2] == ["no", "$88.88"]


def test_each_tile_shows_its_report_value_with_its_comparison_and_basis(overview: Page) -> None:
    assert overview.tiles == {
        "cost-per-success": [
            "Cost per successful task",
            "$3.184",
            "-9.0% on the month before ($3.500)",
            "Estimate. Not in it: 55 tasks pending, 6 without a verdict",
        ],
        "charge": [
            "Billed spend",
            "$12,345.68",
            "+23.5% on the month before ($9,999.99)",
            "Billed charge",
        ],
        "success-rate": [
            "Success rate",
            "74.3%",
            "3,210 of 4,321 closed tasks",
            "Task outcomes",
        ],
        "waste": ["Waste", "$2,000.00", "19.6% of the estimated cost of tasks", "Estimate"],
        "gateway-hit-rate": [
            "Gateway cache hit rate",
            "22.2%",
            "$77.01 of calls avoided",
            "Count of calls; avoided cost is an estimate",
        ],
        "provider-hit-rate": [
            "Provider prefix-cache hit rate",
            "—",
            "of input tokens came from the cache",
            "Count of tokens",
        ],
        "loop-depth": [
            "Average loop depth",
            "3.5",
            "p95: 11.0",
            "Rounds of calls for each closed task",
        ],
        "tie-out": [
            "Tie-out gap",
            "+3.1%",
            "+$344.17: billed $11,345.67, estimated $11,001.50",
            "Usage on billed days; fees, tax and credits stand on the Tie-out page",
        ],
        "unallocated": [
            "Unallocated share",
            "0.4%",
            "$45.68 of the bill that no call explains",
            "Billed charge; calls that name nobody stand on the Showback page",
        ],
        "unpriced": ["Unpriced share", "<0.1%", "17 calls of unknown cost", "Count of calls"],
    }


def test_a_tile_explains_an_unknown_and_gives_an_amount_to_its_last_digit(overview: Page) -> None:
    assert overview.tooltips["provider-hit-rate"] == "not known"
    assert overview.tooltips["cost-per-success"] == "$3.184457944"


def test_a_month_row_shows_an_unknown_amount_as_a_dash_with_an_explanation(overview: Page) -> None:
    assert overview.row("Month by month", "June 2026") == [
        "yes",
        "$12,345.68",
        "≥\u00a0$12,001.50",
        "—",
        "+$344.17",
        "0.4%",
        "4,321",
        "74.3%",
        "$3.184",
        "-9.0%",
        "$4.123",
        "19.6%",
    ]
    assert overview.cells("Month by month", "June 2026")[4].tooltip == "not known"


def test_what_is_not_the_product_stands_apart(overview: Page) -> None:
    title = "Beside the product, June 2026"
    assert overview.row(title, HOSTILE) == [
        "non production",
        "1,200",
        "≥\u00a0$10.50",
        "10.0%",
        "2",
    ]
    assert overview.row(title, HOSTILE_END) == ["shadow", "1,200", "—", "—", "2"]
    assert len(overview.tables[title]) == 3


def test_unit_cost_stands_on_one_row_with_what_moves_it(overview: Page) -> None:
    assert overview.row(UNIT_COST, HOSTILE) == [
        "4,000",
        "3,000",
        "75.0%",
        "≥\u00a0$8,765.43",
        "$2.191",
        "$0.02922",
        "$1,500.25",
        "61.0%",
        "27.0%",
        "11.5%",
        "0.5%",
        "31.3%",
        "47.5%",
        "2.2",
        "8.0",
        "9",
    ]


def test_all_task_types_come_last_and_the_reported_basis_is_not_mixed_in(overview: Page) -> None:
    rows = overview.tables[UNIT_COST][2:]
    assert [row[0].text for row in rows] == [HOSTILE, "All task types"]
    assert overview.row(UNIT_COST, "All task types")[5] == "—"
    assert "666.66" not in overview.text


def test_spend_bars_hold_the_exact_amounts_and_mark_the_days_not_billed_yet(overview: Page) -> None:
    bars = {
        trace["legendgroup"]: trace
        for trace in overview.charts["spend"]["data"]
        if trace["type"] == "bar" and not trace.get("showlegend", True)
    }
    billed, waiting = bars["Billed charge"], bars["Not billed yet (estimate)"]
    assert (billed["x"], billed["y"]) == (["2026-06-30"], ["10.000000001"])
    assert (waiting["x"], waiting["y"]) == (["2026-07-01"], ["8.250000000"])
    assert waiting["marker"]["pattern"]["shape"] == "/"
    assert "Billed: not billed yet<br>Estimate: $8.25" in waiting["hovertext"][0]


def test_cost_per_success_and_success_rate_are_drawn_side_by_side(overview: Page) -> None:
    drawn = [(trace["xaxis"], trace["y"]) for trace in overview.charts["unit-cost-month"]["data"]]
    assert drawn == [
        ("x", ["0.029218107"]),
        ("x2", [0.75]),
        ("x", [None]),
        ("x2", [0.75]),
    ]


def test_each_tile_links_to_its_definition(overview: Page, definitions: Page) -> None:
    defined = {f"definitions.html#{attrs.get('id')}" for _, attrs in definitions.tags}
    links = {value for _, value in overview.references if value.startswith("definitions.html#")}
    assert links <= defined
    assert {f"definitions.html#term-{key}" for key in overview.tiles} <= links


def test_waste_stands_by_feature_and_part_and_the_dearest_feature_first(overview: Page) -> None:
    rows = overview.tables["Waste by feature, June 2026"][2:]
    assert [[cell.text for cell in row] for row in rows] == [
        [HOSTILE_BOLD, "$400.00", "12.5%", "—", "—", "$4.50", "—", "—", "—"],
        [HOSTILE, "$333.30", "12.5%", "$200.25", "—", "—", "$1.50", "—", "—"],
        ["All features", "$500.50", "12.5%", "$300.01", "—", "—", "—", "—", "—"],
    ]
    assert "777.77" not in overview.text
    assert "666.67" not in overview.text


def test_waste_bars_stack_the_parts_of_a_month(overview: Page) -> None:
    bars = traces(overview, "waste")
    assert (bars["Failed"]["x"], bars["Failed"]["y"]) == (["June 2026"], ["300.005000000"])
    assert bars["Judged neutral"]["y"] == [None]
    assert bars["Retried"]["y"] == []
    assert bars["Failed"]["hovertext"] == [
        "<b>Failed</b>, June 2026<br>$300.01, 25.0% of the waste<br>in 30 tasks"
    ]


def test_the_overview_says_what_moved_what_is_over_what_comes_and_what_to_do(
    overview: Page,
) -> None:
    said = " ".join(overview.text.split())
    for line in (
        f"+$0.004000a success: loops {HOSTILE_BOLD}",
        "-$0.001000a success: price, after price gpt-5 FinOps",
        f"+$89.00incident of 29 Jun 2026: api key {HOSTILE}, loops nobody",
        f"$1,001.00spent by feature {HOSTILE_BOLD} this month: over its limit of $1,000.00",
        "$310.00July 2026: $260.00 to $620.00, four times in five",
        "$300.0030 days from 1 Jul 2026: $250.00 to $600.00, four times in five",
        f"$40.00{HOSTILE} on {HOSTILE_BOLD} could wait for batch {HOSTILE_END}",
        f"$9.00a cap of 2 steps on {HOSTILE} would have saved so far, for 1 of 901 successes",
    ):
        assert line in said
    # what is dearest stands first
    first = said[said.index("Do this first") :]
    assert first.index("$89.00") < first.index("$40.00") < first.index("$9.00")
