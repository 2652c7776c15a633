"""What people say of a month in its files: page, PDF and workbook, never in a member's own."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.dashboards.page_reader import read_page
from tests.dashboards.statements.october import charge_cost_centre, write
from tests.dashboards.statements.test_pdf import words
from tests.dashboards.statements.test_workbooks import names_of, sheet

SAID = """\
## Two incidents

Up **by half**: <script>alert(1)</script> #let x = 1, [more](https://example.com/a).

- =cmd|' /C calc'!A0
"""
LINES = (
    "Two incidents",
    "Up by half: <script>alert(1)</script> #let x = 1, more (https://example.com/a).",
    "=cmd|' /C calc'!A0",
)


@pytest.fixture(scope="module")
def said(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Statements of a month of which something is said, with one cost centre."""
    folder = tmp_path_factory.mktemp("said")
    path = folder / "showback.duckdb"
    path.write_bytes(database.read_bytes())
    with duckdb.connect(str(path)) as con:
        charge_cost_centre(con, "Ops", Decimal("1.07"), "host")
    return write(path, folder / "draft", SAID)


def test_it_stands_on_page_and_paper_before_the_figures(said: Path) -> None:
    page = read_page(said / "statements.html").text
    assert page.index("What we say of October 2026") < page.index("By cost centre")
    paper = words(said / "statements.pdf")
    for line in LINES:
        assert re.sub(r"\s", "", line) in paper
        # a link of the page leads there, and does not say so
        assert line.replace(" (https://example.com/a)", "") in page.replace("\n", " ")
    assert paper.index("Whatwesay") < paper.index("Bycostcentre")
    assert "OfSeptember" not in paper


def test_it_is_a_sheet_of_the_workbook_whose_lines_are_text(said: Path) -> None:
    cells = sheet(said / "statements.xlsx", "Commentary")
    assert cells["A3"] == "What we say of October 2026"
    assert [cells[f"A{n}"] for n in (4, 5, 6)] == [LINES[0], LINES[1], f"• {LINES[2]}"]


def test_a_cost_centre_is_sent_none_of_it(said: Path, folder: Path) -> None:
    (pdf,) = said.glob("cost-centre-*.pdf")
    (book,) = said.glob("cost-centre-*.xlsx")
    assert "incidents" not in words(pdf)
    assert "Commentary" not in names_of(book)
    # and of a month of which nobody says anything there is no sheet
    assert "Commentary" not in names_of(folder / "statements.xlsx")
    assert "What we say" not in read_page(folder / "statements.html").text
