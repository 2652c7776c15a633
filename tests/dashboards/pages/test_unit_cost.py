"""The unit cost page: its parts hold what the report says of each choice."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboards.site import render_site
from tests.dashboards.handful.rows import HOSTILE, UNIT
from tests.dashboards.handful.tables import HANDFUL
from tests.dashboards.page_reader import Page, read_page, read_part
from tests.dashboards.published import BY_MEMBER, publish


def part(site: Path, *values: str) -> Page:
    grain, period, dimension, _ = values
    file = f"{grain}-{period}-{dimension.replace('_', '-')}"
    return read_part(site, "unit-cost", file, *values)


def test_a_member_stands_on_one_line_with_what_moves_its_cost(handful_site: Path) -> None:
    shown = part(handful_site, "month", "2026-06-01", "task_type", "estimate")
    title = "Unit cost by task type, June 2026"
    assert shown.row(title, HOSTILE) == [
        "4,000", "3,000", "75.0%", "70.5%", "≥\u00a0$8,765.43", "$2.191", "$0.02922", "$1,500.25",
        "11.5%", "31.3%", "47.5%", "2.2", "8.0", "9", "—", "—", "—", "—", "—", "—",
    ]  # fmt: skip
    assert [row[0].text for row in shown.tables[title][1:]] == [HOSTILE, "All"]
    assert "666.66" not in shown.text


def test_each_basis_and_grain_is_a_choice_of_its_own(handful_site: Path) -> None:
    reported = part(handful_site, "month", "2026-06-01", "task_type", "reported")
    assert reported.row("Unit cost by task type, June 2026", HOSTILE)[4] == "≥\u00a0$666.66"
    day = part(handful_site, "day", "2026-06-01", "task_type", "estimate")
    assert day.row("Unit cost by task type, 1 Jun 2026", HOSTILE)[0] == "4,000"


def test_tasks_are_shown_by_whatever_they_are_known_by(tmp_path: Path) -> None:
    members = {
        "feature": "chat", "tenant": "acme", "team": "support", "cost_centre": "service",
        "model": "large + small", "key": "k1",
    }  # fmt: skip
    kinds = [
        UNIT
        | {"dimension": dimension, "member": member, "cost_basis": basis, "period_grain": grain}
        | ({"member_name": "nightly jobs"} if dimension == "key" else {})
        for dimension, member in members.items()
        for basis in ("estimate", "charge")
        for grain in ("month", "day")
        # no bill says which models and keys worked together
        if not (basis == "charge" and dimension in ("model", "key"))
    ]
    database = publish(tmp_path / "d.duckdb", HANDFUL | {BY_MEMBER: kinds})
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    page = read_page(tmp_path / "site" / "unit-cost.html")
    assert page.row("Unit cost by feature, June 2026", "chat")[0] == "4,000"
    assert "shared cost, tax and credits included" in page.text
    files = {file.stem for file in (tmp_path / "site" / "data" / "unit-cost").iterdir()}
    assert {file for file in files if file.startswith("month")} == {
        f"month-2026-06-01-{dimension.replace('_', '-')}" for dimension in (*members, "task_type")
    }
    # by day those of many members are left out
    assert {file for file in files if file.startswith("day")} == {
        f"day-2026-06-01-{dimension}"
        for dimension in ("feature", "team", "cost-centre", "task-type")
    }
    by_key = part(tmp_path / "site", "month", "2026-06-01", "key", "estimate")
    assert by_key.row("Unit cost by key, June 2026", "nightly jobs")[0] == "4,000"
    by_models = part(tmp_path / "site", "month", "2026-06-01", "model", "estimate")
    assert by_models.row("Unit cost by models, June 2026", "large + small")[0] == "4,000"
    assert "No bill says who worked together" in by_models.text
    with pytest.raises(KeyError):
        part(tmp_path / "site", "month", "2026-06-01", "model", "charge")


def test_a_dimension_that_names_nobody_is_no_choice(tmp_path: Path) -> None:
    nobody = [
        UNIT | {"dimension": dimension, "member": "unattributed"}
        for dimension in ("team", "cost_centre", "key")
    ]
    database = publish(tmp_path / "d.duckdb", HANDFUL | {BY_MEMBER: nobody})
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    files = {file.stem for file in (tmp_path / "site" / "data" / "unit-cost").iterdir()}
    assert "month-2026-06-01-task-type" in files
    assert not [file for file in files if file.endswith(("team", "centre", "key"))]


def test_the_loop_depth_chart_leaves_an_unknown_cost_out_instead_of_drawing_zero(
    unit_cost: Page,
) -> None:
    bars, line = unit_cost.charts["loop-depth"]["data"]
    assert (bars["x"], bars["y"]) == (["1", "21+"], [30, 3])
    assert line["y"] == ["0.500000000", None]


def test_what_successes_are_worth_stands_beside_what_models_and_people_cost(
    unit_cost: Page,
) -> None:
    assert unit_cost.row("Value by task type, June 2026", HOSTILE) == [
        "$0.02922", "$1.250", "75.0%", "70.5%", "12", "7", "$15,000.00", "-$2,515.43", "—",
    ]  # fmt: skip
