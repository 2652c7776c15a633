"""Statement files: numbers as numbers, names as text, the same bytes for the same rows."""

from __future__ import annotations

import csv
import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest

from dashboards.statements import write_statements
from tests.dashboards.page_reader import read_page

OCTOBER = date(2026, 10, 1)
HOSTILE = '=HYPERLINK("http://x","<b>")'
ACCOUNTS = {"expense": "6000", "clearing": "2000", "internal price": "6900"}

_TABLES = {
    "rpt_statements": """month date, kind varchar, row_kind varchar, member varchar,
        cost_usd decimal(18, 2), adjustment_usd decimal(18, 2), internal_price_usd decimal(18, 2),
        charged_usd decimal(18, 2), previous_month_usd decimal(18, 2), change_usd decimal(18, 2),
        budget_usd decimal(18, 2), remaining_usd decimal(18, 2), calls bigint, tasks_closed bigint,
        successes bigint, cost_per_success_usd decimal(28, 9), charged_reporting decimal(18, 2),
        reporting_currency varchar""",
    "rpt_statement_lines": """month date, kind varchar, member varchar, line varchar,
        adjusted_line varchar, original_month date, pool varchar, provider varchar,
        exact_usd decimal(28, 12), amount_usd decimal(18, 2), reporting_currency varchar,
        reporting_amount decimal(18, 2)""",
    "rpt_statement_notes": """month date, section varchar, name varchar,
        amount_usd decimal(18, 2), share_ratio double, value varchar""",
    "rpt_invoice_months": """month date, provider varchar, invoiced_usd decimal(18, 2),
        of_earlier_months_usd decimal(18, 2), of_this_month_usd decimal(18, 2),
        of_later_months_usd decimal(18, 2), credited_usd decimal(18, 2),
        clearing_usd decimal(18, 2)""",
    "rpt_invoice_statements": """invoice_month date, provider varchar, invoice_id varchar,
        kind varchar, member varchar, charge_usd decimal(28, 12), amount_usd decimal(18, 2)""",
    "rpt_invoices": """invoice_id varchar, provider varchar, status varchar, invoice_date date,
        invoice_month date, currency varchar, total decimal(28, 12), charge_lines bigint,
        billed_cost decimal(28, 12), charge_usd decimal(28, 12), difference_usd decimal(28, 12),
        comparison varchar""",
    "rpt_journal": """month date, journal_line bigint, account varchar, cost_centre varchar,
        provider varchar, invoice_month date, invoice_id varchar,
        debit_usd decimal(18, 2), credit_usd decimal(18, 2),
        debit_reporting decimal(18, 2), credit_reporting decimal(18, 2),
        reporting_currency varchar""",
}

ROWS: dict[str, list[dict[str, Any]]] = {
    "rpt_statements": [
        {"kind": "feature", "row_kind": "member", "member": HOSTILE, "cost_usd": "1234.50",
         "adjustment_usd": "-5.25", "internal_price_usd": "185.18", "charged_usd": "1419.68",
         "previous_month_usd": "1400.00", "change_usd": "19.68", "budget_usd": "1400.00",
         "remaining_usd": "-19.68", "calls": 7, "tasks_closed": 4, "successes": 2,
         "cost_per_success_usd": "600.123400000"},
        {"kind": "feature", "row_kind": "unallocated", "member": None, "cost_usd": "0.10",
         "adjustment_usd": "0", "internal_price_usd": "0", "charged_usd": "0.10"},
        {"kind": "feature", "row_kind": "total", "member": None, "cost_usd": "1234.60",
         "adjustment_usd": "-5.25", "internal_price_usd": "185.18", "charged_usd": "1419.78"},
        {"kind": "cost_centre", "row_kind": "unallocated", "member": None, "cost_usd": "1234.60",
         "adjustment_usd": "-5.25", "internal_price_usd": "0", "charged_usd": "1234.60"},
    ],
    "rpt_statement_lines": [
        {"kind": "feature", "member": HOSTILE, "line": "usage", "original_month": OCTOBER,
         "provider": "openai", "exact_usd": "1239.751", "amount_usd": "1239.75"},
        {"kind": "feature", "member": HOSTILE, "line": "adjustment", "adjusted_line": "usage",
         "original_month": date(2026, 9, 1), "provider": "openai", "exact_usd": "-5.251",
         "amount_usd": "-5.25"},
        {"kind": "feature", "member": HOSTILE, "line": "internal price",
         "original_month": OCTOBER, "amount_usd": "185.18"},
        {"kind": "feature", "member": None, "line": "usage", "original_month": OCTOBER,
         "provider": "openai", "exact_usd": "0.1", "amount_usd": "0.10"},
    ],
    "rpt_statement_notes": [
        {"section": "coverage", "name": "no tenant", "amount_usd": "0.10", "share_ratio": 0.25},
        {"section": "version of price", "name": "genai-prices", "value": "0.2.3"},
    ],
    "rpt_invoice_months": [
        {"provider": "openai", "invoiced_usd": "1230.5", "of_earlier_months_usd": "0",
         "of_this_month_usd": "1230.5", "of_later_months_usd": "0", "credited_usd": "1234.6",
         "clearing_usd": "4.1"},
    ],
    "rpt_invoice_statements": [
        {"invoice_month": OCTOBER, "provider": "openai", "invoice_id": "<i>7</i>",
         "kind": "cost_centre", "member": "-100", "charge_usd": "1000.001",
         "amount_usd": "1000.00"},
        {"invoice_month": OCTOBER, "provider": "openai", "invoice_id": "<i>7</i>",
         "kind": "cost_centre", "charge_usd": "230.499", "amount_usd": "230.50"},
        {"invoice_month": OCTOBER, "provider": "openai", "invoice_id": "<i>7</i>",
         "kind": "team", "member": "t", "charge_usd": "1230.5", "amount_usd": "1230.50"},
        {"invoice_month": date(2026, 9, 1), "provider": "openai", "kind": "cost_centre",
         "member": "-100", "charge_usd": "9", "amount_usd": "9"},
    ],
    "rpt_invoices": [
        {"invoice_id": "<i>7</i>", "provider": "openai", "status": "disputed",
         "invoice_date": date(2026, 11, 2), "invoice_month": OCTOBER, "currency": "EUR",
         "total": "1100.5", "charge_lines": 1204, "billed_cost": "1000.125",
         "charge_usd": "1230.5", "difference_usd": "123.461", "comparison": "differs"},
        {"invoice_id": "late", "status": "issued", "invoice_date": date(2026, 10, 31),
         "currency": "USD", "total": "5", "charge_lines": 0, "difference_usd": "5",
         "comparison": "not_billed"},
        {"invoice_id": "other", "status": "paid", "invoice_date": date(2026, 10, 2),
         "invoice_month": date(2026, 9, 1), "currency": "USD", "total": "6",
         "comparison": "agrees"},
    ],
    "rpt_journal": [
        {"journal_line": 1, "account": "expense", "cost_centre": "-100", "debit_usd": "1234.60"},
        {"journal_line": 2, "account": "clearing", "provider": "openai",
         "invoice_month": OCTOBER, "invoice_id": "=INV-7", "credit_usd": "1234.60"},
    ],
}  # fmt: skip

UNDATED = ("rpt_invoices", "rpt_invoice_statements")
"""Tables without the column `month`."""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "showback.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema reports")
        for table, columns in _TABLES.items():
            con.execute(f"create table reports.{table} ({columns})")
            for row in ROWS[table]:
                full = row if table in UNDATED else {"month": OCTOBER, **row}
                names, marks = ", ".join(full), ", ".join("?" for _ in full)
                con.execute(
                    f"insert into reports.{table} ({names}) values ({marks})", [*full.values()]
                )
    return path


def write(database: Path, folder: Path) -> Path:
    write_statements(database, folder, OCTOBER, company="Ann & <i>Co</i>",
                     status="DRAFT, not closed", accounts=ACCOUNTS)  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def folder(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(database, tmp_path_factory.mktemp("statements") / "draft")


def sheet(workbook: Path, name: str) -> dict[str, str | float]:
    """The cells of a sheet as a reader of the format finds them: text, or numbers."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(workbook) as archive:
        strings = [
            "".join(node.itertext())
            for node in ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))  # noqa: S314
        ]
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
        names = [node.get("name") for node in book.iterfind(".//m:sheet", space)]
        number = names.index(name) + 1
        root = ElementTree.fromstring(  # noqa: S314
            archive.read(f"xl/worksheets/sheet{number}.xml")
        )
    cells: dict[str, str | float] = {}
    for cell in root.iterfind(".//m:c", space):
        assert cell.find("m:f", space) is None, "a cell holds a formula"
        value = cell.findtext("m:v", namespaces=space)
        if value is not None:
            is_text = cell.get("t") == "s"
            cells[str(cell.get("r"))] = strings[int(value)] if is_text else float(value)
    return cells


def test_the_workbook_has_a_sheet_for_each_kind_of_member_and_numbers_are_numbers(
    folder: Path,
) -> None:
    with zipfile.ZipFile(folder / "statements.xlsx") as archive:
        names = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
    assert names == ["Summary", "Cost centre", "Team", "Feature", "Tenant", "Notes"]
    feature = sheet(folder / "statements.xlsx", "Feature")
    assert feature["A1"] == "Ann & <i>Co</i>, October 2026: DRAFT, not closed. USD."
    assert [feature.get(f"A{n}") for n in range(3, 8)] == [
        HOSTILE, "usage", "adjustment of September 2026: usage", "internal price", "Charged",
    ]  # fmt: skip
    assert [feature.get(f"C{n}") for n in range(4, 8)] == [1239.75, -5.25, 185.18, 1419.68]
    assert [feature.get(f"A{n}") for n in range(9, 12)] == [
        "Nobody", "untagged gateway traffic", "Charged",
    ]  # fmt: skip
    summary = sheet(folder / "statements.xlsx", "Summary")
    row = next(cell[1:] for cell, value in summary.items() if value == HOSTILE)
    assert [summary.get(f"{column}{row}") for column in "BCDEFGHIJKLM"] == [
        1234.5, -5.25, 185.18, 1419.68, 1400, 19.68, 1400, -19.68, 7, 4, 2, 600.1234,
    ]  # fmt: skip
    total = next(cell[1:] for cell, value in summary.items() if value == "Total")
    assert f"F{total}" not in summary  # not known is an empty cell


def test_the_same_rows_give_the_same_bytes_of_every_file(
    database: Path, folder: Path, tmp_path: Path
) -> None:
    again = write(database, tmp_path / "again")
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in again.iterdir())
    assert [n for n in names if (folder / n).read_bytes() != (again / n).read_bytes()] == []


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_csv_files_have_every_digit_and_no_text_that_a_spreadsheet_runs(folder: Path) -> None:
    lines = rows(folder / "lines.csv")
    assert [(r["name"], r["line"], r["exact_usd"], r["amount_usd"]) for r in lines] == [
        (f"'{HOSTILE}", "usage", "1239.751000000000", "1239.75"),
        (f"'{HOSTILE}", "adjustment of September 2026: usage", "-5.251000000000", "-5.25"),
        (f"'{HOSTILE}", "internal price", "", "185.18"),
        ("Nobody", "untagged gateway traffic", "0.100000000000", "0.10"),
    ]
    for path in folder.glob("*.csv"):
        with path.open(newline="") as stream:
            cells = [cell for row in csv.reader(stream) for cell in row]
        risky = [c for c in cells if c.startswith(("=", "+", "-", "@"))]
        assert all(re.fullmatch(r"-\d+\.\d+", cell) for cell in risky), path


def test_the_journal_names_the_ledgers_accounts_and_balances(folder: Path) -> None:
    journal = rows(folder / "journal.csv")
    assert [(r["account"], r["cost_centre"], r["provider"]) for r in journal] == [
        ("6000", "'-100", ""), ("2000", "", "openai"),
    ]  # fmt: skip
    sides = [sum(Decimal(r[side] or 0) for r in journal) for side in ("debit_usd", "credit_usd")]
    assert sides == [Decimal("1234.60"), Decimal("1234.60")]
    assert {r["status"] for r in journal} == {"DRAFT, not closed"}


def test_the_page_shows_names_literally_and_marks_a_draft(folder: Path) -> None:
    html = (folder / "statements.html").read_text()
    page = read_page(folder / "statements.html")
    assert "<script" not in html
    assert "<b>" not in html
    assert page.title.endswith("Ann & <i>Co</i>")
    # summary, the one member, invoices, notes
    assert html.count('class="status draft"') == 4
    assert html.count('<section class="sheet">') == 3


def test_the_page_has_the_months_invoices_and_what_the_journal_clears(folder: Path) -> None:
    """An invoice that no line names stands in the month of its date."""
    page = read_page(folder / "statements.html")
    assert [[c.text for c in line] for line in page.tables["Invoices of the month"][1:]] == [
        ["<i>7</i>", "openai", "disputed", "2 Nov 2026", "EUR", "1,100.50", "1,204", "1,000.13",
         "$1,230.50", "+$123.46", "differs"],
        ["late", "—", "issued", "31 Oct 2026", "USD", "5.00", "0", "—", "—", "+$5.00",
         "not billed"],
    ]  # fmt: skip
    assert page.row("Invoiced and credited", "openai") == [
        "$1,230.50", "$0.00", "$1,230.50", "$0.00", "$1,234.60", "$4.10",
    ]  # fmt: skip
    paid = page.tables["Who pays for the invoices"][1:]
    assert [[cell.text for cell in line] for line in paid] == [
        ["openai", "<i>7</i>", "-100", "$1,000.00"],
        ["openai", "<i>7</i>", "No cost centre", "$230.50"],
    ]
    assert [(r["kind"], r["member"], r["charge_usd"]) for r in paid_for(folder)] == [
        ("cost_centre", "'-100", "1000.001000000000"),
        ("cost_centre", "", "230.499000000000"),
        ("team", "t", "1230.500000000000"),
    ]


def paid_for(folder: Path) -> list[dict[str, str]]:
    return rows(folder / "invoice_statements.csv")


def test_a_reporting_currency_stands_beside_the_dollars(database: Path, tmp_path: Path) -> None:
    euros = tmp_path / "euros.duckdb"
    euros.write_bytes(database.read_bytes())
    with duckdb.connect(str(euros)) as con:
        con.execute("update reports.rpt_statements set charged_reporting = charged_usd * 2,"
                    " reporting_currency = 'EUR'")  # fmt: skip
        con.execute("update reports.rpt_statement_lines set reporting_amount = amount_usd * 2,"
                    " reporting_currency = 'EUR'")  # fmt: skip
    folder = write(euros, tmp_path / "draft")
    feature = sheet(folder / "statements.xlsx", "Feature")
    assert [feature.get(f"D{n}") for n in range(3, 8)] == [
        "Charged, EUR", 2479.5, -10.5, 370.36, 2839.36,
    ]  # fmt: skip
    assert rows(folder / "lines.csv")[0]["reporting_amount"] == "2479.50"
    assert "2,839.36" in (folder / "statements.html").read_text()


def test_a_month_without_charges_writes_nothing(database: Path, tmp_path: Path) -> None:
    written = write_statements(
        database, tmp_path / "none", date(2026, 1, 1), company="Acme", status="DRAFT",
        accounts=ACCOUNTS,
    )  # fmt: skip
    assert written == []
    assert not (tmp_path / "none").exists()
