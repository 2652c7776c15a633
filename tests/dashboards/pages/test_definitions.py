"""The definitions page: what the published file says of itself."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dashboards.site import render_site
from tests.dashboards.handful.tables import HANDFUL
from tests.dashboards.page_reader import read_page
from tests.dashboards.published import publish

OPS = {
    "ops.models": [
        {
            "relation": "reports.rpt_spend_daily",
            "domain": "tie_out",
            "code": "select 1 < 2 as {{ ref('x') }}",
        }
    ],
    "ops.decisions": [
        {
            "entry": "charge_usd and estimate_usd",
            "columns": ["charge_usd", "estimate_usd"],
            "words": "The rule.\n\nAn <b>example</b>.",
        },
        {"entry": "waste_usd", "columns": ["waste_usd"], "words": "Another."},
    ],
}


def test_a_relation_shows_its_words_columns_decisions_and_sql(tmp_path: Path) -> None:
    database = publish(tmp_path / "d.duckdb", HANDFUL | OPS)
    with duckdb.connect(database) as con:
        con.execute("comment on table reports.rpt_spend_daily is 'Charge of a day. Grain: day.'")
        con.execute("comment on column reports.rpt_spend_daily.charge_usd is 'Billed, USD.'")
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    page = read_page(tmp_path / "site" / "definitions.html")
    assert "reports.rpt_spend_daily Charge of a day. Grain: day." in page.text
    block = page.text[page.text.index("reports.rpt_spend_daily") :]
    assert "charge_usd\nDECIMAL(28,9)\nBilled, USD." in block
    assert block.index("charge_usd and estimate_usd") < block.index(
        "select 1 < 2 as {{ ref('x') }}"
    )
    assert "An <b>example</b>." in page.text
    anchors = {attrs.get("id") for tag, attrs in page.tags if tag == "details"}
    assert {"rpt_spend_daily", "decision-charge_usd-and-estimate_usd"} <= anchors
    links = {value[1:] for _, value in page.references if value.startswith("#decision-")}
    assert links
    assert links <= anchors


def test_without_definitions_the_words_and_columns_are_still_there(tmp_path: Path) -> None:
    database = publish(tmp_path / "d.duckdb", HANDFUL)
    with duckdb.connect(database) as con:
        con.execute("drop table ops.models; drop table ops.decisions")
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    page = read_page(tmp_path / "site" / "definitions.html")
    assert "Cost per successful task" in page.text
    assert "reports.rpt_overview" in page.text
    assert "Numbers that people argue about" not in page.text
