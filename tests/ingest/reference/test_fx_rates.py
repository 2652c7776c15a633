"""Exchange rates, as a workspace writes them and as days on which they hold."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.reference.charging.fx_rates import FX_RATES, NATIONAL, FxRate, fx_rate_table


def written(tmp_path: Path, *rows: str) -> tuple[FxRate, ...]:
    path = tmp_path / "fx_rates.csv"
    path.write_text("\n".join([",".join(FX_RATES.header), *rows]) + "\n", encoding="utf-8")
    return FX_RATES.read(path)


def held(rates: tuple[FxRate, ...], max_age_days: int) -> list[tuple[str, str, str]]:
    """Currency, day on which a rate holds, day of the rate."""
    return [
        (row["currency"], f"{row['valid_from']:%m-%d}", f"{row['rate_day']:%m-%d}")
        for row in fx_rate_table(rates, max_age_days).to_pylist()
    ]


def test_a_rate_holds_over_a_weekend_until_the_next_row_and_then_its_days_and_no_longer(
    tmp_path: Path,
) -> None:
    # newest first, another currency between
    rates = written(
        tmp_path, "EUR,2026-10-05,1.09,ECB", "GBP,2026-10-03,1.3,BoE", "EUR,2026-10-02,1.08,ECB"
    )
    assert held(rates, 2) == [
        ("EUR", "10-02", "10-02"), ("EUR", "10-03", "10-02"), ("EUR", "10-04", "10-02"),
        ("EUR", "10-05", "10-05"), ("EUR", "10-06", "10-05"), ("EUR", "10-07", "10-05"),
        ("GBP", "10-03", "10-03"), ("GBP", "10-04", "10-03"), ("GBP", "10-05", "10-03"),
    ]  # fmt: skip
    assert held(rates, 1)[1:3] == [("EUR", "10-03", "10-02"), ("EUR", "10-05", "10-05")]
    assert [day for _, day, _ in held(rates, 0)] == ["10-02", "10-05", "10-03"]


def test_a_row_of_the_table_says_the_rate_its_source_and_its_day(tmp_path: Path) -> None:
    assert fx_rate_table(written(tmp_path, "JPY,2026-10-02,0.006712345678,ECB"), 0).to_pylist() == [
        {
            "currency": "JPY", "rate_day": date(2026, 10, 2), "usd": Decimal("0.006712345678"),
            "source": "ECB", "valid_from": datetime(2026, 10, 2),
            "valid_to": datetime(2026, 10, 3),
        }
    ]  # fmt: skip


def test_a_workspace_without_the_file_has_no_rates(tmp_path: Path) -> None:
    assert FX_RATES.read(tmp_path / "fx_rates.csv") == ()
    assert fx_rate_table((), 7).num_rows == 0


def test_a_virtual_currency_is_none_of_a_country_even_with_three_capitals() -> None:
    assert {"EUR", "JPY", "DEM"} <= NATIONAL
    assert not {"Token", "DBU", "Credits"} & NATIONAL


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["USD,2026-10-02,1,us"], "row 2, column currency: USD is what the others are converted"),
        (["DBU,2026-10-02,1,us"], "row 2, column currency: 'DBU' is no ISO 4217 code"),
        (["eur,2026-10-02,1,ECB"], "row 2, column currency: 'eur' is no ISO 4217 code"),
        (["EUR,2.10.2026,1,ECB"], r"row 2, column day: '2.10.2026' is not a day: write YYYY-MM-DD"),
        (['EUR,2026-10-02,"1,08",ECB'], "row 2, column usd: '1,08' is not a number"),
        (["EUR,2026-10-02,0,ECB"], "row 2, column usd: write US dollars for one unit"),
        (["EUR,2026-10-02,-1,ECB"], "row 2, column usd: write US dollars for one unit"),
        (["EUR,2026-10-02,nan,ECB"], "row 2, column usd: write US dollars for one unit"),
        (["EUR,2026-10-02,1.0000000000001,ECB"], "row 2, column usd: .* at most 12 decimals"),
        (["EUR,2026-10-02,1.08,"], "row 2, column source: say who publishes the rate"),
        (["EUR,2026-10-02,1,ECB", "", "EUR,2026-10-02,2,ECB"],
         "row 4, column day: line 2 gives a rate of the same currency and day"),
    ],
)  # fmt: skip
def test_a_wrong_rate_is_refused_with_row_and_column(
    tmp_path: Path, rows: list[str], message: str
) -> None:
    with pytest.raises(ConfigError, match=f"config/fx_rates.csv: {message}"):
        written(tmp_path, *rows)
