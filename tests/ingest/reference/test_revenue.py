"""What tenants pay, as a workspace writes it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.reference.charging.revenue import TENANT_REVENUE, Revenue
from ingest.reference.columns import OPEN


def written(tmp_path: Path, *rows: str) -> tuple[Revenue, ...]:
    path = tmp_path / "revenue.csv"
    path.write_text("\n".join([",".join(TENANT_REVENUE.header), *rows]) + "\n", encoding="utf-8")
    return TENANT_REVENUE.read(path)


def test_revenue_changes_from_one_month_to_the_next(tmp_path: Path) -> None:
    rows = written(tmp_path, "acme,1000,2026-01-01,2026-07-01,", "acme,1250.5,2026-07-01,,renewed")
    assert TENANT_REVENUE.to_arrow(rows).to_pylist()[1] == {
        "tenant_id": "acme", "usd_per_month": Decimal("1250.5"),
        "valid_from": datetime(2026, 7, 1), "valid_to": OPEN,
    }  # fmt: skip


def test_a_workspace_without_the_file_says_nothing_of_revenue(tmp_path: Path) -> None:
    assert TENANT_REVENUE.read(tmp_path / "revenue.csv") == ()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([",1,,,"], "row 2, column tenant: name the tenant"),
        (["a,much,,,"], "row 2, column usd_per_month: 'much' is not a number"),
        (["a,-1,,,"], "row 2, column usd_per_month: write US dollars"),
        (["a,1,2026-01-15,,"], "row 2, column valid_from: revenue is stated by whole months"),
        (["a,1,,2026-01-31,"], "row 2, column valid_to: revenue is stated by whole months"),
        (["a,1,,,", "a,2,2026-02-01,,"], "row 3, column valid_from: overlaps line 2"),
    ],
)
def test_wrong_revenue_is_refused_with_row_and_column(
    tmp_path: Path, rows: list[str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        written(tmp_path, *rows)
