"""Workbooks: one of all members, one of each cost centre alone."""

from __future__ import annotations

import re
import zipfile
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from pipelines.cli.views.months import _in_words
from tests.dashboards.statements.october import HOSTILE, charge_cost_centre, write

SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def names_of(workbook: Path) -> list[str]:
    with zipfile.ZipFile(workbook) as archive:
        return re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())


def sheet_xml(workbook: Path, name: str) -> ElementTree.Element:
    number = names_of(workbook).index(name) + 1
    with zipfile.ZipFile(workbook) as archive:
        return ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314


def sheet(workbook: Path, name: str) -> dict[str, str | float]:
    """The cells of a sheet as a reader of the format finds them: text, or numbers."""
    with zipfile.ZipFile(workbook) as archive:
        strings = [
            "".join(node.itertext())
            for node in ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))  # noqa: S314
        ]
    cells: dict[str, str | float] = {}
    for cell in sheet_xml(workbook, name).iterfind(".//m:c", SPACE):
        value = cell.findtext("m:v", namespaces=SPACE)
        if value is not None:
            is_text = cell.get("t") == "s"
            cells[str(cell.get("r"))] = strings[int(value)] if is_text else float(value)
    return cells


def formulas(workbook: Path, name: str) -> dict[str, tuple[str, str, str]]:
    """Cells that sum others: of each the column, the first and the last line of what it sums."""
    found = {}
    for cell in sheet_xml(workbook, name).iterfind(".//m:c", SPACE):
        formula = cell.findtext("m:f", namespaces=SPACE)
        if formula is not None:
            parts = re.fullmatch(r"SUM\(([A-Z])(\d+):\1(\d+)\)", formula)
            assert parts, formula
            found[str(cell.get("r"))] = (parts[1], parts[2], parts[3])
    return found


def test_the_workbook_has_a_sheet_for_each_kind_of_member_and_numbers_are_numbers(
    folder: Path,
) -> None:
    workbook = folder / "statements.xlsx"
    assert names_of(workbook) == [
        "Summary", "Cost centre", "Team", "Feature", "Tenant", "Coverage", "Versions",
    ]  # fmt: skip
    feature = sheet(workbook, "Feature")
    assert feature["A1"] == "Ann & <i>Co</i>, October 2026: DRAFT, not closed. USD."
    assert [feature[f"{column}3"] for column in "ABCD"] == ["Name", "Line", "Provider", "USD"]
    assert [feature.get(f"A{n}") for n in range(4, 10)] == [HOSTILE] * 4 + ["Nobody"] * 2
    assert [feature.get(f"B{n}") for n in range(4, 10)] == [
        "usage", "adjustment of September 2026: usage", "internal price", "Charged",
        "untagged gateway traffic", "Charged",
    ]  # fmt: skip
    assert [feature.get(f"D{n}") for n in range(4, 8)] == [1239.75, -5.25, 185.18, 1419.68]
    summary = sheet(workbook, "Summary")
    row = next(cell[1:] for cell, value in summary.items() if value == HOSTILE)
    assert summary[f"A{row}"] == "Feature"
    assert [summary.get(f"{column}{row}") for column in "CDEFGHIJKLMN"] == [
        1234.5, -5.25, 185.18, 1419.68, 1400, 19.68, 1400, -19.68, 7, 4, 2, 600.1234,
    ]  # fmt: skip
    total = next(cell[1:] for cell, value in summary.items() if value == "Total")
    assert f"G{total}" not in summary  # not known is an empty cell


@pytest.mark.parametrize(("name", "expected"), [("Summary", 4), ("Feature", 2)])
def test_totals_are_sums_of_their_lines_and_come_to_what_the_report_states(
    folder: Path, name: str, expected: int
) -> None:
    workbook = folder / "statements.xlsx"
    cells = sheet(workbook, name)
    summed = formulas(workbook, name)
    assert len(summed) == expected
    for cell, (column, first, last) in summed.items():
        lines = [cells[f"{column}{n}"] for n in range(int(first), int(last) + 1)]
        assert sum(Decimal(str(value)) for value in lines) == Decimal(str(cells[cell]))


def test_a_sheet_prints_on_a4_with_its_headings_in_view_and_filters(folder: Path) -> None:
    workbook = folder / "statements.xlsx"
    root = sheet_xml(workbook, "Summary")
    page, pane = root.find(".//m:pageSetup", SPACE), root.find(".//m:pane", SPACE)
    assert page is not None
    assert pane is not None
    assert (page.get("paperSize"), page.get("orientation")) == ("9", "landscape")
    assert (pane.get("ySplit"), pane.get("state")) == ("3", "frozen")
    filters = root.find(".//m:autoFilter", SPACE)
    assert filters is not None
    assert str(filters.get("ref")).startswith("A3:")
    with zipfile.ZipFile(workbook) as archive:
        assert "$3:$3" in archive.read("xl/workbook.xml").decode()  # repeated on each page


def test_a_cost_centre_has_a_file_of_its_own_that_holds_nothing_of_others(
    database: Path, tmp_path: Path
) -> None:
    two = tmp_path / "two.duckdb"
    two.write_bytes(database.read_bytes())
    with duckdb.connect(str(two)) as con:
        for name, usd in (("../=Ops", 10), ("secret", 77)):
            charge_cost_centre(con, name, usd, f"for {name}")
    folder = write(two, tmp_path / "draft")
    files = sorted(file.name for file in folder.glob("cost-centre-*.xlsx"))
    assert [re.sub(r"-[0-9a-f]{8}\.", ".", name) for name in files] == [
        "cost-centre-ops.xlsx", "cost-centre-secret.xlsx",
    ]  # fmt: skip
    own = folder / files[0]
    assert names_of(own) == ["Summary", "Lines", "Versions"]
    assert sheet(own, "Summary")["B4"] == "../=Ops"
    assert [sheet(own, "Lines")[f"D{n}"] for n in (4, 5)] == [10, 10]
    assert sheet(own, "Versions")["B4"] == "genai-prices"
    with zipfile.ZipFile(own) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"secret" not in whole


def test_files_of_single_cost_centres_are_said_by_number() -> None:
    files = ["cost-centre-ops-12345678.xlsx", "cost-centre-87654321.xlsx", "lines.csv"]
    assert _in_words(files) == "lines.csv, 2 of single cost centres"
    assert _in_words(["lines.csv"]) == "lines.csv"
