"""Numbers and days as a locale writes them; what programs read stays as it is."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from babel.numbers import get_decimal_symbol, get_group_symbol

from dashboards.kit.formatting import (
    count,
    day,
    exact_money,
    money,
    number,
    ratio,
    seconds,
    signed_money,
    signed_unit_cost,
    unit_cost,
)
from dashboards.kit.locales import LOCALES, written_as
from dashboards.site import render_site
from pipelines.workspace.settings import Settings
from tests.dashboards.handful.tables import HANDFUL
from tests.dashboards.page_reader import parse, read_page, read_part
from tests.dashboards.published import publish


def test_each_figure_has_the_marks_once() -> None:
    with written_as("de"):
        assert money(Decimal("1234567.891")) == "$1.234.567,89"
        assert signed_money(Decimal("-1234.5")) == "-$1.234,50"
        assert money(Decimal("0.001")) == "<$0,01"
        assert unit_cost(Decimal("0.0123456")) == "$0,01235"
        assert signed_unit_cost(Decimal("0.0000001")) == "+<$0,000001"
        assert signed_unit_cost(Decimal("1234.5")) == "+$1.235"
        assert exact_money(Decimal("1234.5678")) == "$1.234,5678"
        assert (ratio(12.345), count(1234), number(2.25)) == ("1.234,5%", "1.234", "2,2")
        assert seconds(1250.0) == "1.250 s"
        assert day(dt.date(2026, 6, 3)) == "03.06.2026"
    assert money(Decimal("1234.5")) == "$1,234.50"


@pytest.mark.parametrize("tag", LOCALES)
def test_marks_are_those_of_the_unicode_cldr(tag: str) -> None:
    known = tag.replace("-", "_")
    assert LOCALES[tag].thousands == get_group_symbol(known)
    assert LOCALES[tag].decimals == get_decimal_symbol(known)


def test_a_workspace_may_choose_each_of_them() -> None:
    assert set(get_args(Settings.model_fields["locale"].annotation)) == set(LOCALES)


def test_pages_and_charts_are_written_so_and_downloads_are_not(tmp_path: Path) -> None:
    database = publish(tmp_path / "d.duckdb", HANDFUL)
    render_site(database, tmp_path / "site", company="c", generated_for="g", locale="de")
    overview = read_page(tmp_path / "site" / "index.html")
    assert overview.tiles["charge"][1] == "$12.345,68"
    assert overview.charts["spend"]["layout"]["separators"] == ",."
    assert overview.charts["spend"]["data"][0]["y"] == ["10.000000001"]
    raw = (tmp_path / "site" / "index.html").read_text()
    assert 'data-raw="12345.678000000"' in raw
    part = read_part(
        tmp_path / "site", "spend", "month-2026-06-01-key", "month", "2026-06-01", "key"
    )
    assert "$40,01" in part.text
    assert "1,234" not in parse(raw).text
