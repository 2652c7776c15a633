from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.prices.book import model_prices
from ingest.prices.overrides import PRICES, Override
from ingest.prices.vocabulary import PRICED
from tests.ingest.prices.warehouse import price

OwnPrices = Callable[..., tuple[Override, ...]]
GPT = {"provider": "openai", "request_model": "gpt-4o-2024-08-06", "service_tier": "standard"}


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("openai,gpt-4o,,reasoning,1,,,,", "token_class", "is not one of input_uncached"),
        ("openai,gpt-4o,turbo,output,1,,,,", "service_tier", "is not one of standard, batch"),
        ("openai,gpt-4o,,output,-1,,,,", "usd_per_mtok", "0 to below 1000000"),
        ("openai,gpt-4o,,output,NaN,,,,", "usd_per_mtok", "0 to below 1000000"),
        ("openai,gpt-4o,,output,cheap,,,,", "usd_per_mtok", "is not a number"),
        ("openai,gpt-4o,,output,,,,,", "usd_per_mtok", "is not a number"),
        ("openai,gpt-4o,,output,0.0000001,,,,", "usd_per_mtok", "at most 6 decimals"),
        ("openai,gpt-4o,,output,1000000,,,,", "usd_per_mtok", "below 1000000"),
        ("openai,gpt-4o,,output,1,01.02.2026,,,", "valid_from", "write YYYY-MM-DD"),
        ("openai,gpt-4o,,output,1,,2026-02-30,,", "valid_to", "write YYYY-MM-DD"),
        ("openai,gpt-4o,,output,1,2026-02-01,2026-02-01,,", "valid_to", "after valid_from"),
        ("openai,gpt-4o,,output,1,,,-5,", "min_input_tokens", "is not a count of tokens"),
        ("openai,,,output,1,,,,", "model", "name the model"),
        ("openai,gpt-4o,,output,1,,,,EUR, not USD", "note", "10 cells instead of 9"),
    ],
)
def test_a_wrong_cell_is_named_with_its_row_and_column_and_cure(
    own_prices: OwnPrices, line: str, column: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=r"^config/prices\.csv: ") as error:
        own_prices("openai,gpt-4o,,input_uncached,1,,,,", line)
    assert error.value.key == f"row 3, column {column}"
    assert words in error.value.reason


def test_two_prices_of_one_cell_at_one_time_are_refused(own_prices: OwnPrices) -> None:
    with pytest.raises(ConfigError) as error:
        own_prices(
            "openai,GPT-4o,,output,1,2026-01-01,2026-03-01,,",
            "OpenAI,gpt-4o,standard,output,2,2026-02-28T23:59:59Z,,,",
        )
    assert error.value.key == "row 3, column valid_from"
    assert "overlaps line 2" in error.value.reason


def test_prices_that_follow_each_other_or_differ_in_size_do_not_overlap(
    own_prices: OwnPrices,
) -> None:
    rows = own_prices(
        "openai,gpt-4o,,output,1,2026-01-01,2026-03-01,,",
        "openai,gpt-4o,,output,2,2026-03-01,,,",
        "openai,gpt-4o,,output,3,2026-03-01,,128001,",
    )
    assert [price.row.line for price in rows] == [2, 3, 4]


def test_a_wrong_header_is_refused_with_the_right_one(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("provider,model,price\n")
    with pytest.raises(ConfigError, match="write exactly provider,model,service_tier"):
        PRICES.read(path)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="save the file as UTF-8"):
        PRICES.read(path)


def test_a_workspace_without_a_price_file_has_no_overrides(tmp_path: Path) -> None:
    assert PRICES.read(tmp_path / "prices.csv") == ()


def test_an_own_price_replaces_one_class_in_its_window_and_no_other_class(
    own_prices: OwnPrices,
) -> None:
    overrides = own_prices("openai,gpt-4o,,output,8,2026-03-01,2026-04-01,,negotiated")
    usage = {"input_uncached_tokens": 1_000_000, "output_tokens": 1_000_000}
    last_before, first, last, first_after = price(
        [
            GPT | usage | {"started_at": at}
            for at in (
                datetime(2026, 2, 28, 23, 59, 59, 999999),
                datetime(2026, 3, 1),
                datetime(2026, 3, 31, 23, 59, 59, 999999),
                datetime(2026, 4, 1),
            )
        ],
        overrides,
    )
    assert last_before["estimate_usd"] == first_after["estimate_usd"] == Decimal("12.5")
    assert first["estimate_usd"] == last["estimate_usd"] == Decimal("10.5")
    assert first["price_source"] == "config/prices.csv:2"
    assert last_before["price_source"].startswith("genai-prices ")


def test_an_own_price_of_a_raw_name_leaves_the_other_names_at_the_book(
    own_prices: OwnPrices,
) -> None:
    overrides = own_prices("openai,gpt-4o-2024-08-06,,output,8,,,,")
    at = {"started_at": datetime(2026, 3, 1), "output_tokens": 1_000_000}
    own, other = price([GPT | at, GPT | at | {"request_model": "gpt-4o-2024-11-20"}], overrides)
    assert (own["estimate_usd"], other["estimate_usd"]) == (8, 10)


def test_a_class_without_a_price_carries_the_own_price_above_it(own_prices: OwnPrices) -> None:
    overrides = own_prices("acme,local,,input_uncached,2,,,,", "acme,local,,output,4,,,,")
    call = {"provider": "acme", "request_model": "Local", "started_at": datetime(2026, 1, 1)}
    read, write, output = price(
        [
            call | {"cache_read_tokens": 1_000_000},
            call | {"cache_write_1h_tokens": 1_000_000},
            call | {"output_tokens": 1_000_000},
        ],
        overrides,
    )
    assert (read["estimate_usd"], write["estimate_usd"], output["estimate_usd"]) == (2, 2, 4)
    assert read["cache_saving_usd"] == 0


def test_an_own_price_starts_at_its_smallest_total_input(own_prices: OwnPrices) -> None:
    overrides = own_prices(
        "acme,local,,input_uncached,2,,,,", "acme,local,,input_uncached,3,,,100001,"
    )
    call = {"provider": "acme", "request_model": "local", "started_at": datetime(2026, 1, 1)}
    below, from_it = price(
        [call | {"input_uncached_tokens": n} for n in (100_000, 100_001)], overrides
    )
    assert below["estimate_usd"] == Decimal("0.2")
    assert from_it["estimate_usd"] == Decimal("0.300003")


def test_a_tier_has_its_own_price_or_none(own_prices: OwnPrices) -> None:
    overrides = own_prices("acme,local,,output,4,,,,", "acme,local,batch,output,1,,,,")
    call = {"provider": "acme", "request_model": "local", "started_at": datetime(2026, 1, 1),
            "output_tokens": 1_000_000}  # fmt: skip
    tiers = ("standard", "batch", "flex")
    rows = price([call | {"service_tier": tier} for tier in tiers], overrides)
    assert [row["estimate_usd"] for row in rows] == [4, 1, None]


def test_a_call_without_a_provider_has_its_own_price_row(own_prices: OwnPrices) -> None:
    overrides = own_prices(",local,,output,4,,,,")
    call = {"request_model": "local", "started_at": datetime(2026, 1, 1), "output_tokens": 1000}
    (row,) = price([call], overrides)
    assert (row["price_key"], row["estimate_usd"]) == ("unstated/local", Decimal("0.004"))


def test_a_zone_in_a_date_is_turned_into_utc(own_prices: OwnPrices) -> None:
    (row,) = own_prices("openai,gpt-4o,,output,1,2026-03-01T00:00:00+02:00,,,")
    assert row.valid_from == datetime(2026, 2, 28, 22)


def test_the_book_says_when_it_was_known_only_when_told() -> None:
    known = datetime(2026, 11, 1)
    assert set(model_prices(known_from=known)["known_from"].to_pylist()) == {known}
    assert set(model_prices()["known_from"].to_pylist()) == {None}


def test_prices_stand_in_one_order_so_that_the_same_book_is_kept_once() -> None:
    """Of a range the classes come as `PRICED` lists them, whatever a process's hashes are."""
    rows = model_prices().to_pylist()
    place = ("price_key", "region", "service_tier", "valid_from", "daily_from", "min_input_tokens")
    for _, prices in groupby(rows, key=lambda row: tuple(row[name] for name in place)):
        classes = [PRICED.index(price["token_class"]) for price in prices]
        assert classes == sorted(classes)
