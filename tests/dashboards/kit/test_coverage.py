"""The strip of every page, and the mark of amounts that leave something out."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from dashboards.kit.tables import Column, cell
from dashboards.site import PAGES

STRIP = re.compile(r"<div title=\"[^\"]+\"><dt>([^<]*)</dt> <dd>([^<]*)</dd></div>")


@pytest.mark.parametrize("name", PAGES)
def test_each_page_says_how_much_of_it_is_known(handful_site: Path, name: str) -> None:
    assert STRIP.findall((handful_site / name).read_text()) == [
        ("Month", "June 2026"),
        ("Calls to", "30 Jun 2026"),
        ("Bills to", "28 Jun 2026"),
        ("Estimated", "8.1%"),
        ("Unpriced", "&lt;0.1%"),
        ("Unallocated", "0.4%"),
        ("Untagged", "1.3%"),
    ]


def test_an_estimate_that_leaves_calls_out_says_at_least() -> None:
    column, row = Column("estimate_usd", "Estimate", "money"), {"estimate_usd": Decimal("1.239")}
    part = cell(column, row | {"unpriced_calls": 1200})
    assert (part.text, part.raw) == ("≥\u00a0$1.24", "1.239")
    assert part.tooltip == "at least $1.239: 1,200 calls of unknown cost add nothing"
    assert cell(column, row | {"unpriced_calls": 0}).text == "$1.24"
    assert cell(column, {"estimate_usd": None, "unpriced_calls": 3}).text == "—"


def test_a_bill_is_whole_whatever_calls_cost() -> None:
    column = Column("cost_usd", "Total", "money")
    row = {"cost_usd": Decimal(1), "unpriced_calls": 2, "cost_basis": "charge"}
    assert cell(column, row).text == "$1.00"
