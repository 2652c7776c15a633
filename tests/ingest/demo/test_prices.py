"""The demo's own rates against the public price book."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import genai_prices
import pytest
from genai_prices import Usage

from ingest.demo.clock import moment, utc
from ingest.demo.company.prices import (
    IN_HOUSE,
    LONG_FROM,
    MID,
    PROVIDER_OF,
    RATES,
    SMALL,
    SONNET,
    TOKEN_CLASSES,
    Rates,
    cost_nano,
)
from ingest.prices.book import model_prices
from tests.ingest.demo.plain import Demo, rate

FIRST, LAST = date(2026, 6, 29), date(2026, 10, 26)


@pytest.mark.parametrize(
    "rates",
    [r for r in RATES if r.tier == "standard" and not r.from_tokens],
    ids=lambda r: f"{r.model}-{r.valid_from}",
)
def test_every_standard_rate_is_the_public_price_while_it_is_valid(rates: Rates) -> None:
    since = max(FIRST, moment(rates.valid_from).date())
    successor = [r for r in RATES if r.model == rates.model and r.valid_from > rates.valid_from]
    until = date(2026, 7, 29) if successor else LAST
    for token_class, text in zip(TOKEN_CLASSES, rates.usd_per_mtok, strict=True):
        if text != "0":
            for day in (since, until):
                public = rate(rates.model, "standard", token_class, day)
                assert public is not None
                assert Decimal(text) == public * 1_000_000, (token_class, day)


def test_the_luna_price_changes_at_the_first_moment_of_its_day_as_in_the_price_book() -> None:
    cut = datetime(2026, 7, 30, tzinfo=UTC)
    tokens = Usage(input_tokens=100_000, cache_read_tokens=40_000, output_tokens=1_000)
    for at in (cut.replace(day=29, hour=23, minute=59, second=59), cut):
        public = genai_prices.calc_price(tokens, SMALL, genai_request_timestamp=at).total_price
        us = utc(at.replace(tzinfo=None).isoformat())
        nano = cost_nano(SMALL, "standard", us, (60_000, 40_000, 0, 0, 1_000))
        assert nano == public * 10**9


def test_the_batch_rates_are_those_the_price_book_states_once_it_states_any() -> None:
    at = datetime(2026, 10, 14, 12, tzinfo=UTC)
    usage = Usage(input_tokens=100_000, cache_read_tokens=30_000, output_tokens=10_000)
    public = genai_prices.calc_price(
        usage,
        "gpt-4.1-mini",
        genai_request_timestamp=at,
        price_context={"processing": "batch"},
    )
    nano = cost_nano("gpt-4.1-mini", "batch", utc("2026-10-14"), (70_000, 30_000, 0, 0, 10_000))
    assert nano == public.total_price * 10**9


def test_nobody_prices_the_in_house_model() -> None:
    assert cost_nano(IN_HOUSE, "standard", utc("2026-07-01"), (10, 0, 0, 0, 5)) is None
    with pytest.raises(LookupError):
        genai_prices.calc_price(Usage(input_tokens=1), IN_HOUSE)


def test_every_rate_is_a_whole_number_of_nano_dollars_a_token() -> None:
    for rates in RATES:
        for text in rates.usd_per_mtok:
            assert Decimal(text) * 1000 % 1 == 0


def test_tiers_long_contexts_and_regions_cost_what_the_price_book_says() -> None:
    """Flex and priority as it states them since October, and the region by Anthropic's tenth."""
    at = datetime(2026, 10, 14, 12, tzinfo=UTC)
    for tier, read, context in (
        ("flex", 30_000, {"service_tier": "flex"}),
        ("priority", 30_000, {"service_tier": "priority"}),
        ("standard", 30_000, {}),
        ("standard", LONG_FROM - 1 - 70_000, {}),
        ("standard", LONG_FROM - 70_000, {}),
    ):
        public = genai_prices.calc_price(
            Usage(input_tokens=70_000 + read, cache_read_tokens=read, output_tokens=10_000),
            MID,
            genai_request_timestamp=at,
            price_context=context,
        )
        nano = cost_nano(MID, tier, utc("2026-07-21"), (70_000, read, 0, 0, 10_000))
        assert nano == public.total_price * 10**9, (tier, read)
    tokens = (1_000, 200_000, 3_000, 4_000, 500)
    anywhere, pinned = (cost_nano(SONNET, "standard", 0, tokens, to) for to in (None, "us"))
    assert anywhere is not None
    assert pinned == Decimal(anywhere) * Decimal("1.1")


def test_no_request_of_the_first_days_reaches_a_long_context_price(demo: Demo) -> None:
    bands = {
        row["price_model"]: row["min_input_tokens"]
        for row in model_prices().to_pylist()
        if row["price_provider"] in ("openai", "anthropic") and row["min_input_tokens"]
    }
    assert bands["gpt-5.5"] == 272_001
    for row in demo.rows:
        total_input = sum(row.tokens.values()) - row.tokens["output"]
        assert total_input < bands.get(row.model, 1_000_000)


def test_every_model_belongs_to_a_provider() -> None:
    assert {rates.model for rates in RATES} <= set(PROVIDER_OF)
