"""Fixed prices of tools, as a workspace writes them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.prices.tools import TOOL_PRICES, ToolPrice
from ingest.reference.columns import OPEN


def written(tmp_path: Path, *rows: str) -> tuple[ToolPrice, ...]:
    path = tmp_path / "tools.csv"
    path.write_text("\n".join([",".join(TOOL_PRICES.header), *rows]) + "\n", encoding="utf-8")
    return TOOL_PRICES.read(path)


def test_prices_follow_each_other_exactly_and_name_their_line(tmp_path: Path) -> None:
    prices = written(tmp_path, "search,0.005,,2026-03-01,", "search,0.0075,2026-03-01,,dearer")
    assert TOOL_PRICES.to_arrow(prices).to_pylist()[1] == {
        "tool": "search", "usd_per_call": Decimal("0.007500000"),
        "valid_from": datetime(2026, 3, 1), "valid_to": OPEN, "source": "config/tools.csv:3",
    }  # fmt: skip


def test_a_workspace_without_the_file_has_no_prices_of_tools(tmp_path: Path) -> None:
    assert TOOL_PRICES.read(tmp_path / "tools.csv") == ()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([",1,,,"], "row 2, column tool: name the tool"),
        (["search,free,,,"], "row 2, column usd_per_call: 'free' is not a number"),
        (["search,-1,,,"], "row 2, column usd_per_call: write USD for one call"),
        (["search,0.0000000001,,,"], "row 2, column usd_per_call: write USD for one call"),
        (["search,1,,,", "search,2,2026-01-01,,"],
         "row 3, column valid_from: overlaps line 2, which prices the same cell"),
    ],
)  # fmt: skip
def test_a_wrong_price_is_refused_with_row_and_column(
    tmp_path: Path, rows: list[str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        written(tmp_path, *rows)
