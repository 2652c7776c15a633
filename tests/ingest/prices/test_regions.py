"""Prices of a region: which row a call pays, on both sides of every edge."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.prices.overrides import PRICES, Override
from tests.ingest.prices.warehouse import price

RegionalPrices = Callable[..., tuple[Override, ...]]

SONNET = {
    "provider": "anthropic", "request_model": "claude-sonnet-4-6",
    "started_at": datetime(2026, 6, 1), "input_uncached_tokens": 1_000_000,
    "output_tokens": 1_000_000,
}  # fmt: skip
"""At list, 3 and 15 USD for a million tokens; batch is half of it since 2026-10-14."""


@pytest.fixture
def regional(tmp_path: Path) -> RegionalPrices:
    """Read a price file with the column `region` behind the model."""

    def read(*lines: str) -> tuple[Override, ...]:
        header = ("provider", "model", "region", *PRICES.header[2:])
        path = tmp_path / "prices.csv"
        path.write_text("\n".join([",".join(header), *lines]) + "\n", encoding="utf-8")
        return PRICES.read(path)

    return read


def test_a_region_pays_its_premium_and_every_other_call_the_list_price(
    regional: RegionalPrices,
) -> None:
    overrides = regional(
        "anthropic,claude-sonnet-4-6,us,,input_uncached,3.30,,,,1.1 for inference in the US only",
        "anthropic,claude-sonnet-4-6,US,,output,16.50,,,,",
    )
    regions = ("us", "US", "global", "us-east-1", None)
    rows = price([SONNET | {"region": region} for region in regions], overrides)
    assert [row["estimate_usd"] for row in rows] == [
        Decimal("19.8"), Decimal("19.8"), 18, 18, 18,
    ]  # fmt: skip
    assert [row["price_source"] for row in rows[:2]] == ["config/prices.csv:2"] * 2
    assert rows[2]["price_source"].startswith("genai-prices ")


def test_a_regions_price_holds_from_its_first_to_before_its_last_moment(
    regional: RegionalPrices,
) -> None:
    overrides = regional(
        "anthropic,claude-sonnet-4-6,eu,,output,20,2026-07-01,2026-08-01,,",
        "anthropic,claude-sonnet-4-6,,,output,14,2026-07-16,,,negotiated",
    )
    moments = (
        datetime(2026, 6, 30, 23, 59, 59, 999999), datetime(2026, 7, 1), datetime(2026, 7, 16),
        datetime(2026, 7, 31, 23, 59, 59, 999999), datetime(2026, 8, 1),
    )  # fmt: skip
    calls = [SONNET | {"started_at": at, "region": "eu"} for at in moments]
    calls.append(SONNET | {"started_at": datetime(2026, 7, 16), "region": "apac"})
    rows = price(calls, overrides)
    # the region's row goes before the negotiated one, which holds again once the region's ended
    assert [row["estimate_usd"] for row in rows] == [18, 23, 23, 23, 17, 17]


def test_a_class_that_the_region_does_not_price_costs_what_it_costs_elsewhere(
    regional: RegionalPrices,
) -> None:
    overrides = regional(
        "acme,local,,,input_uncached,2,,,,", "acme,local,,,cache_read,1,,,,",
        "acme,local,eu,,input_uncached,3,,,,",
    )  # fmt: skip
    call = {"provider": "acme", "request_model": "local", "started_at": datetime(2026, 1, 1),
            "region": "eu"}  # fmt: skip
    fresh, read, written = price(
        [
            call | {"input_uncached_tokens": 1_000_000},
            call | {"cache_read_tokens": 1_000_000},
            call | {"cache_write_5m_tokens": 1_000_000},
        ],
        overrides,
    )
    # a class without any price carries the input price above it, which is the region's here
    assert [row["estimate_usd"] for row in (fresh, read, written)] == [3, 1, 3]


def test_a_regions_tier_and_long_context_have_rows_of_their_own(regional: RegionalPrices) -> None:
    overrides = regional(
        "acme,local,,,input_uncached,0,,,,",
        "acme,local,,batch,input_uncached,0,,,,",
        "acme,local,,,output,4,,,,",
        "acme,local,,batch,output,2,,,,",
        "acme,local,,,output,8,,,200001,",
        "acme,local,eu,,output,5,,,,",
        "acme,local,eu,,output,10,,,300001,",
        "acme,local,us,batch,output,3,,,,",
    )
    call = {"provider": "acme", "request_model": "local", "started_at": datetime(2026, 1, 1),
            "output_tokens": 1_000_000, "cached_hit": False}  # fmt: skip

    def usd(region: str | None, tier: str, input_tokens: int) -> Decimal | None:
        (row,) = price(
            [call | {"region": region, "service_tier": tier,
                     "input_uncached_tokens": input_tokens}],
            overrides,
        )  # fmt: skip
        found: Decimal | None = row["estimate_usd"]
        return found

    assert usd(None, "standard", 200_000) == 4
    assert usd(None, "standard", 200_001) == 8
    assert usd("eu", "standard", 200_000) == 5
    # the region's own row covers every size until a row of the region takes over
    assert usd("eu", "standard", 300_000) == 5
    assert usd("eu", "standard", 300_001) == 10
    assert usd("eu", "batch", 0) == 2
    assert usd("us", "batch", 0) == 3
    assert usd("us", "standard", 200_001) == 8
    # nobody prices flex: unknown, wherever
    assert usd("eu", "flex", 0) is None
    assert usd("us", "flex", 0) is None


def test_a_region_of_one_model_is_no_region_of_another(regional: RegionalPrices) -> None:
    overrides = regional(
        "acme,local,,,output,4,,,,", "acme,local,eu,,output,5,,,,", "acme,other,,,output,6,,,,"
    )
    call = {"provider": "acme", "started_at": datetime(2026, 1, 1), "output_tokens": 1_000_000,
            "region": "eu"}  # fmt: skip
    rows = price([call | {"request_model": name} for name in ("local", "other")], overrides)
    assert [row["estimate_usd"] for row in rows] == [5, 6]


def test_bedrocks_global_and_regional_endpoints_are_two_models_of_the_book() -> None:
    call = {"provider": "bedrock", "started_at": datetime(2026, 11, 1),
            "input_uncached_tokens": 1_000_000}  # fmt: skip
    names = ("global.anthropic.claude-sonnet-4-6-v1:0", "us.anthropic.claude-sonnet-4-6-v1:0")
    rows = price([call | {"request_model": name} for name in names])
    # AWS adds a tenth where the data stays in one geography
    assert [row["estimate_usd"] for row in rows] == [3, Decimal("3.3")]


def test_one_region_priced_twice_at_one_time_is_refused_and_two_regions_are_not(
    regional: RegionalPrices,
) -> None:
    regional("acme,local,eu,,output,4,,,,", "acme,local,us,,output,4,,,,")
    with pytest.raises(ConfigError) as error:
        regional("acme,local,eu,,output,4,,,,", "acme,local,EU,standard,output,5,2026-01-01,,,")
    assert error.value.key == "row 3, column valid_from"


@pytest.mark.parametrize(
    "header",
    ["provider,model,region,service_tier", ",".join(("region", *PRICES.header, "region")),
     ",".join((*PRICES.header, "zone"))],
)  # fmt: skip
def test_another_header_is_refused_and_names_the_column_that_may_be_added(
    tmp_path: Path, header: str
) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(header + "\n")
    with pytest.raises(ConfigError, match="with region where you need it"):
        PRICES.read(path)


def test_a_missing_cell_of_a_file_with_regions_is_counted_against_its_own_header(
    regional: RegionalPrices,
) -> None:
    with pytest.raises(ConfigError, match="9 cells instead of 10"):
        regional("acme,local,,output,4,,,,")
