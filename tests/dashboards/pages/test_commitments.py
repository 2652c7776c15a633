from __future__ import annotations

import copy
from pathlib import Path

from dashboards.site import render_site
from tests.dashboards.handful.bills import IDLE
from tests.dashboards.handful.rows import HOSTILE
from tests.dashboards.handful.tables import HANDFUL
from tests.dashboards.page_reader import Page, read_page
from tests.dashboards.published import publish


def test_a_row_says_what_is_left_when_it_runs_out_and_keeps_cash_and_consumption_apart(
    commitments: Page,
) -> None:
    assert commitments.row("Where each stands", HOSTILE) == [
        "spend", "1 Jul 2026", "$1,000.00", "$610.26", "$389.75", "—", "$77.13",
        "$1,000.00", "$610.26",
    ]  # fmt: skip


def test_use_stands_beside_break_even_and_a_loss_has_its_sign(commitments: Page) -> None:
    assert commitments.row("What they are used for", HOSTILE) == [
        "June 2026", "20 Jun 2026", "62.5%", "50.0%", "—", "$8.125", "$10.00", "$22.50", "-$29.68",
    ]  # fmt: skip


def test_the_burn_down_draws_what_is_left_exactly(commitments: Page) -> None:
    (trace,) = commitments.charts["burn-down"]["data"]
    assert trace["y"] == ["999.995000000", "450.250000000"]
    assert trace["x"] == ["2026-05-01", "2026-06-01"]


def test_a_small_commitment_has_a_scale_of_its_own_beside_a_large_one(tmp_path: Path) -> None:
    rows = copy.deepcopy(HANDFUL)
    burn_down = rows["reports.rpt_commitment_burn_down"]
    burn_down += [
        {**row, "commitment": "large", "remaining_usd": row["remaining_usd"] * 150}
        for row in burn_down
    ]
    database = publish(tmp_path / "d.duckdb", rows)
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    figure = read_page(tmp_path / "site" / "commitments.html").charts["burn-down"]
    axes = {trace["name"]: trace["yaxis"] for trace in figure["data"]}
    assert len(set(axes.values())) == len(axes) == 2
    assert figure["layout"]["yaxis2"]["rangemode"] == "tozero"


def test_who_bears_what_lay_idle_stands_by_team_and_feature(
    commitments: Page, tmp_path: Path
) -> None:
    table = "Who pays for what lay idle"
    assert table not in commitments.tables
    rows = copy.deepcopy(HANDFUL)
    rows["reports.rpt_showback"] += IDLE
    database = publish(tmp_path / "d.duckdb", rows)
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    page = read_page(tmp_path / "site" / "commitments.html")
    assert [[cell.text for cell in row] for row in page.tables[table][1:]] == [
        ["June 2026", "team", "platform", "idle capacity", "host", "$30.25"],
        ["June 2026", "feature", HOSTILE, "idle capacity", "host", "$10.25"],
    ]
