"""The statements page: charged amounts, budgets, what changed after a close, invoices."""

from __future__ import annotations

import copy
from pathlib import Path

from dashboards.site import render_site
from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.handful.tables import HANDFUL
from tests.dashboards.page_reader import Page, read_page, read_part
from tests.dashboards.published import publish

TITLE = "Statements by cost centre, June 2026"


def test_a_statement_shows_cost_what_is_charged_and_what_is_left_of_the_budget(
    statements: Page,
) -> None:
    assert statements.row(TITLE, HOSTILE) == [
        "$200.25", "-$3.10", "+$12.00", "$209.15", "—", "—", "$200.00", "-$9.15", "1,234",
        "—", "—", "—",
    ]  # fmt: skip
    assert [row[0].text for row in statements.tables[TITLE][2:]] == [
        HOSTILE, "Unallocated", "Total",
    ]  # fmt: skip
    assert "Not closed: figures follow what arrives" in statements.text


def test_other_kinds_can_be_chosen(handful_site: Path) -> None:
    part = read_part(handful_site, "statements", "2026-06-01-tenant", "2026-06-01", "tenant")
    assert part.row("Statements by tenant, June 2026", HOSTILE_END)[3] == "$209.15"


def test_a_closed_month_says_so(tmp_path: Path) -> None:
    rows = copy.deepcopy(HANDFUL)
    for row in rows["reports.rpt_statements"]:
        row["close_number"] = 2
    database = publish(tmp_path / "d.duckdb", rows)
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    page = read_page(tmp_path / "site" / "statements.html")
    assert "closed, close 2" in page.text
    assert "Closed: figures stay." in page.text


def test_what_became_known_after_a_close_says_of_when_and_why(statements: Page) -> None:
    assert statements.row("What became known after a close", "4 Jun 2026") == [
        "May 2026", "June 2026", HOSTILE_BOLD, "openai", "usage", "-$3.10",
        "late calls", "a file of May arrived",
    ]  # fmt: skip


def test_an_invoice_stands_beside_the_lines_of_its_bill(statements: Page) -> None:
    assert statements.row("Invoices beside the bill", "VH-7") == [
        "vectorhaus", "June 2026", "2 Jul 2026", "paid", "EUR", "199.61", "199.61",
        ">-$0.01", "agrees",
    ]  # fmt: skip
