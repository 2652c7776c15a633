"""PDF of statements: what the printable page says, and of a cost centre nothing of others."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from pypdf import PdfReader

from tests.dashboards.page_reader import read_page
from tests.dashboards.statements.october import charge_cost_centre, write

ARABIC = "محمد"
NAMES = (
    "../=Ops", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", '"; drop table', "#let x = 1 *b*",
    "x" * 300, ARABIC,
)  # fmt: skip


@pytest.fixture(scope="module")
def several(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Statements of a month with cost centres that are called so."""
    folder = tmp_path_factory.mktemp("several")
    path = folder / "showback.duckdb"
    path.write_bytes(database.read_bytes())
    with duckdb.connect(str(path)) as con:
        for number, name in enumerate(NAMES, start=101):
            usd = Decimal(number) + Decimal("0.07")
            charge_cost_centre(con, name, usd, f"host-{number}")
    return write(path, folder / "draft")


def words(pdf: Path) -> str:
    """All text of a PDF, without what separates it."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(pdf).pages))


def test_every_cell_of_the_printable_page_stands_on_paper(several: Path) -> None:
    page, found = read_page(several / "statements.html"), words(several / "statements.pdf")
    cells = {cell.text for table in page.tables.values() for line in table for cell in line}
    assert len(cells) > 60
    missing = {cell for cell in cells if re.sub(r"\s", "", cell) not in found}
    assert missing <= {ARABIC}  # it is read from right to left, and extracted as it is drawn
    assert set(ARABIC) <= set(found)


def test_paper_is_a4_and_every_sheet_says_whose_and_that_it_is_a_draft(several: Path) -> None:
    reader = PdfReader(several / "statements.pdf")
    assert {(round(p.mediabox.width), round(p.mediabox.height)) for p in reader.pages} == {
        (842, 595)
    }
    stamps = ["Ann & <i>Co</i>, October 2026: DRAFT, not closed" in page.extract_text()
              for page in reader.pages]  # fmt: skip
    assert all(stamps)
    assert len(stamps) >= 2 + len(NAMES)
    assert reader.metadata is not None
    assert reader.metadata.get("/CreationDate") is None


def test_a_cost_centre_has_a_pdf_of_its_own_that_holds_nothing_of_others(several: Path) -> None:
    files = sorted(several.glob("cost-centre-*.pdf"))
    assert len(files) == len(NAMES)
    assert {file.stem for file in files} == {
        file.stem for file in several.glob("cost-centre-*.xlsx")
    }
    seen = set()
    for file in files:
        text = words(file)
        hosts = set(re.findall(r"host-(\d{3})", text))
        assert len(hosts) == 1
        (number,) = hosts
        seen |= hosts
        assert f"${number}.07" in text
        others = {f"${other}.07" for other in range(101, 101 + len(NAMES))} - {f"${number}.07"}
        assert not any(other in text for other in others)
        assert "genai-prices" in text
        foreign = {name for place, name in enumerate(NAMES, start=101) if place != int(number)}
        assert not any(re.sub(r"\s", "", name) in text for name in foreign)
    assert len(seen) == len(NAMES)


def test_the_same_rows_give_the_same_bytes(database: Path, tmp_path: Path) -> None:
    one, two = (write(database, tmp_path / name) / "statements.pdf" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
