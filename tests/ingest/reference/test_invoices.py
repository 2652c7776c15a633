"""Invoices: what a row holds, and what is refused with file, row and cure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.reference.charging.invoices import INVOICES


def invoices(folder: Path, *rows: str) -> Path:
    path = folder / "invoices.csv"
    path.write_text("\n".join([",".join(INVOICES.header), *rows]) + "\n")
    return path


def test_an_invoice_holds_its_total_and_its_state(tmp_path: Path) -> None:
    path = invoices(
        tmp_path,
        "VH-202609,vectorhaus,2026-10-02,USD,106.55,Paid,",
        "VH-CN-1,vectorhaus,,EUR,-12.5,open,credit note",
        "A7,,2026-10-02,USD,0,disputed,all of the cloud",
    )
    rows = INVOICES.to_arrow(INVOICES.read(path)).to_pylist()
    assert rows[0] == {
        "invoice_id": "VH-202609", "provider": "vectorhaus", "invoice_date": date(2026, 10, 2),
        "currency": "USD", "total": Decimal("106.55"), "status": "paid",
        "source": "config/invoices.csv:2",
    }  # fmt: skip
    assert (rows[1]["total"], rows[1]["invoice_date"]) == (Decimal("-12.5"), None)
    assert (rows[2]["provider"], rows[2]["status"]) == (None, "disputed")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ((",v,,USD,1,paid,",), "row 2, column invoice_id: write the number"),
        (("A,v,,usd,1,paid,",), "row 2, column currency: 'usd' is no ISO 4217 code"),
        (("A,v,,USD,1e,paid,",), "row 2, column total: '1e' is not a number"),
        (("A,v,,USD,inf,paid,",), "row 2, column total: write the total, within"),
        (("A,v,2.10.2026,USD,1,paid,",), "row 2, column invoice_date: '2.10.2026' is not a day"),
        (("A,v,,USD,1,payed,",), "row 2, column status: 'payed' is not one of open, .*mean 'paid'"),
        (("A,v,,USD,1,paid,", "A,v,,USD,2,open,"), "row 3, column invoice_id: line 2 states it"),
        (("A,v,,USD,1,paid,", "A,,,USD,2,open,"), "row 3, column invoice_id: line 2 states it"),
    ],
)
def test_a_wrong_invoice_is_refused_by_row_and_column(
    tmp_path: Path, rows: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ConfigError, match=f"config/invoices.csv: {message}"):
        INVOICES.read(invoices(tmp_path, *rows))


def test_one_number_of_two_providers_is_two_invoices(tmp_path: Path) -> None:
    path = invoices(tmp_path, "1,a,,USD,1,paid,", "1,b,,USD,2,paid,")
    assert [row.total for row in INVOICES.read(path)] == [1, 2]
