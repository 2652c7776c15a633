"""Budgets and internal prices of the workspace: what is read, and what is refused by row."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.reference.charging.budgets import BUDGETS
from ingest.reference.charging.internal_prices import INTERNAL_PRICES


def budgets(folder: Path, *rows: str) -> Path:
    path = folder / "budgets.csv"
    path.write_text("\n".join([",".join(BUDGETS.header), *rows]) + "\n")
    return path


def prices(folder: Path, *rows: str) -> Path:
    path = folder / "internal_prices.csv"
    path.write_text("\n".join([",".join(INTERNAL_PRICES.header), *rows]) + "\n")
    return path


def test_a_budget_holds_for_whole_months_and_may_change(tmp_path: Path) -> None:
    path = budgets(
        tmp_path, "team,Search,1000.50,,2026-10-01,", "team,Search,1200,2026-10-01,,raised",
        "tenant,acme,0,2026-01-01,,",
    )  # fmt: skip
    rows = BUDGETS.to_arrow(BUDGETS.read(path)).to_pylist()
    assert [(r["name"], r["monthly_usd"], r["valid_from"]) for r in rows] == [
        ("Search", Decimal("1000.50"), datetime(1970, 1, 1)),
        ("Search", Decimal(1200), datetime(2026, 10, 1)),
        ("acme", Decimal(0), datetime(2026, 1, 1)),
    ]
    assert rows[2]["source"] == "config/budgets.csv:4"


def test_a_workspace_without_the_files_has_neither_budgets_nor_prices(tmp_path: Path) -> None:
    assert BUDGETS.read(tmp_path / "budgets.csv") == ()
    assert INTERNAL_PRICES.read(tmp_path / "internal_prices.csv") == ()


@pytest.mark.parametrize(("row", "message"), [
    ("squad,Search,1,,,", "row 2, column kind: 'squad' is not one of"),
    ("team,,1,,,", "row 2, column name: name the member"),
    ("team,Search,much,,,", "row 2, column monthly_usd: 'much' is not a number"),
    ("team,Search,-1,,,", "row 2, column monthly_usd: write USD for a month, 0 to below"),
    ("team,Search,1,2026-10-15,,", "row 2, column valid_from: a budget holds for whole months"),
    ("team,Search,1,2026-10-01,2026-11-02,", "row 2, column valid_to: a budget holds for whole"),
])  # fmt: skip
def test_a_wrong_budget_is_refused_by_row_and_column(
    tmp_path: Path, row: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=f"config/budgets.csv: {message}"):
        BUDGETS.read(budgets(tmp_path, row))


def test_two_budgets_of_one_member_must_not_overlap(tmp_path: Path) -> None:
    path = budgets(tmp_path, "team,Search,1,,2026-11-01,", "team,Search,2,2026-10-01,,")
    with pytest.raises(ConfigError, match="row 3, column valid_from: overlaps line 2"):
        BUDGETS.read(path)


def test_an_internal_price_is_a_percentage_or_usd_for_a_unit(tmp_path: Path) -> None:
    path = prices(
        tmp_path, "feature,*,percent,12.5,2026-10-01,,", "feature,chat,call,0.002,2026-10-01,,",
        "tenant,acme,successful_task,1.5,,,", "team,Search,million_tokens,4,,,",
        "cost_centre,100,percent,0,,,",
    )  # fmt: skip
    rows = INTERNAL_PRICES.to_arrow(INTERNAL_PRICES.read(path)).to_pylist()
    assert [(r["kind"], r["name"], r["unit"], r["value"]) for r in rows] == [
        ("feature", "*", "percent", Decimal("12.5")),
        ("feature", "chat", "call", Decimal("0.002")),
        ("tenant", "acme", "successful_task", Decimal("1.5")),
        ("team", "Search", "million_tokens", Decimal(4)),
        ("cost_centre", "100", "percent", Decimal(0)),
    ]


@pytest.mark.parametrize(("row", "message"), [
    ("feature,chat,hour,1,,,", "row 2, column unit: 'hour' is not one of percent, call"),
    ("cost_centre,100,call,1,,,", "row 2, column unit: a cost_centre cannot be charged by call"),
    ("team,Search,successful_task,1,,,", "row 2, column unit: a team cannot be charged by"),
    ("feature,chat,percent,-5,,,", "row 2, column value: write percent on top of cost, 0 to"),
    ("feature,chat,call,1,2026-10-02,,", "row 2, column valid_from: a price holds for whole"),
])  # fmt: skip
def test_a_wrong_internal_price_is_refused_by_row_and_column(
    tmp_path: Path, row: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=f"config/internal_prices.csv: {message}"):
        INTERNAL_PRICES.read(prices(tmp_path, row))
