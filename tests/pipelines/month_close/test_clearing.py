"""What journals credit to invoices: closed months stay, and the first open one makes up for it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.month_close.close import close_month, reopen_month
from pipelines.workspace.paths import Workspace as Books
from tests.support.warehouse import Engine, Workspace
from tests.support.workspaces.two_months import (
    DECEMBER,
    HEADER,
    LATE,
    NOVEMBER,
    OCTOBER,
    bill,
    build,
    built_books,
)

Month = tuple[Workspace, Books]


@pytest.fixture
def month(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Month:
    """The workspace of two months, built: 4.00 of October and 2.00 of November."""
    workspace = built_books(tmp_path / "acme", tmp_path_factory)
    return workspace, Books(workspace.root)


def usd(text: str) -> Decimal:
    return Decimal(text)


def close(books: Books, month: date) -> None:
    accepted = {"tie_out": "credits", "bills_complete": "few", "checks_green": "a test"}
    result = close_month(books, month, accepted)
    assert result.folder is not None, [c for c in result.checks if not c.passed]


def credits(workspace: Workspace) -> list[tuple[Any, ...]]:
    return workspace.query(
        "select month, invoice_month, amount_usd, close_number from marts.fct_clearing_lines"
        " order by all"
    )


def restate_october(workspace: Workspace, amount: str, engine: Engine | None = "sql") -> None:
    workspace.drop("openai", "2.json", bill({date(2026, 10, 5): amount}, "2026-11-20T06:00:00Z"))
    build(workspace, engine)


@pytest.mark.slow
def test_what_a_closed_month_credited_stays_and_the_next_month_clears_its_invoice(
    month: Month,
) -> None:
    """October is billed 4.00, later 6.006: 6.01, of which 4.00 are credited in October."""
    workspace, books = month
    close(books, OCTOBER)
    restate_october(workspace, "6.006", engine=None)
    assert credits(workspace) == [
        (OCTOBER, OCTOBER, usd("4.00"), 1),
        (NOVEMBER, OCTOBER, usd("2.01"), None),
        (NOVEMBER, NOVEMBER, usd("2.00"), None),
    ]
    assert workspace.query(
        "select month, invoiced_usd, credited_usd, clearing_usd from reports.rpt_invoice_months"
        " order by month"
    ) == [
        (OCTOBER, usd("6.01"), usd("4.00"), usd("-2.01")),
        (NOVEMBER, usd("2.00"), usd("4.01"), usd("0.00")),
    ]
    # the entry of November balances: what cost centres are charged is what clears
    assert workspace.query(
        "select sum(debit_usd), sum(credit_usd) from reports.rpt_journal"
        " where month = date '2026-11-01'"
    ) == [(usd("4.01"), usd("4.01"))]


@pytest.mark.slow
def test_a_close_of_before_invoices_were_kept_cleared_the_providers_month(month: Month) -> None:
    workspace, books = month
    close(books, OCTOBER)
    (books.closes / "2026-10" / "1" / "clearing_lines.parquet").unlink()
    build(workspace, "sql")
    with duckdb.connect(str(books.warehouse)) as con:  # as that version left it
        con.execute("drop view staging.stg_closes__clearing_lines")
        con.execute("drop table raw.closed_clearing_lines")
    restate_october(workspace, "5.00")
    assert credits(workspace) == [
        (OCTOBER, OCTOBER, usd("4.00"), 1),
        (NOVEMBER, OCTOBER, usd("1.00"), None),
        (NOVEMBER, NOVEMBER, usd("2.00"), None),
    ]


@pytest.mark.slow
def test_after_a_reopening_its_month_is_charged_what_was_noticed_of_earlier_ones(
    month: Month,
) -> None:
    """October's 2.00 more, noticed while November was closed, were December's, now November's."""
    workspace, books = month
    workspace.drop("gateway", "d.csv", HEADER + "d1,2026-12-10T09:00:00Z,chat,acme,1000000\n")
    workspace.drop("openai", "d.json", bill({date(2026, 12, 10): "1.00"}, "2026-12-12T06:00:00Z"))
    build(workspace, "sql")
    close(books, OCTOBER)
    build(workspace, "sql")
    close(books, NOVEMBER)
    restate_october(workspace, "6.00")
    december = "select sum(charge_usd) from marts.fct_chargeback where month = date '2026-12-01'"
    assert workspace.value(december) == usd("3.00")
    reopen_month(books, NOVEMBER, "a mistake")
    build(workspace, "sql")
    assert workspace.value(december) == usd("1.00")
    assert workspace.query(
        "select original_month, booked_month, sum(charge_usd) from marts.fct_adjustments"
        " group by all"
    ) == [(OCTOBER, NOVEMBER, usd("2.00"))]
    assert credits(workspace) == [
        (OCTOBER, OCTOBER, usd("4.00"), 1),
        (NOVEMBER, OCTOBER, usd("2.00"), None),
        (NOVEMBER, NOVEMBER, usd("2.00"), None),
        (DECEMBER, DECEMBER, usd("1.00"), None),
    ]
    # more of October comes in the same month
    workspace.drop("gateway", "late.csv", HEADER + LATE)
    build(workspace, "sql")
    assert workspace.value(december) == usd("1.00")
