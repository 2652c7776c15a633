from __future__ import annotations

import csv
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from dashboards.statements import write_statements
from tests.dashboards.page_reader import read_page
from tests.dashboards.statements.october import ACCOUNTS, HOSTILE, write
from tests.dashboards.statements.test_workbooks import sheet


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
    assert [feature.get(f"E{n}") for n in range(3, 8)] == [
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
