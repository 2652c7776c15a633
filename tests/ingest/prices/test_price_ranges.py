from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    PriceVariant,
    StartDateConstraint,
    TimeOfDateConstraint,
)

from ingest.prices.price_ranges import RangePrice, card_prices
from ingest.reference.columns import ALWAYS, OPEN
from tests.ingest.prices.warehouse import rate_cards


def usd(amount: str) -> ModelPrice:
    return ModelPrice(output_mtok=Decimal(amount))


def model(*prices: ConditionalPrice, variants: list[PriceVariant] | None = None) -> ModelInfo:
    return ModelInfo("m", ClauseEquals("m"), prices=list(prices), price_variants=variants)


def output_prices(
    info: ModelInfo, context: dict[str, str] | None = None
) -> list[tuple[datetime, datetime, time, time | None, Decimal]]:
    prices: list[RangePrice] = list(card_prices(info, context or {}, ()))
    return [
        (
            p.price_range.valid_from,
            p.price_range.valid_to,
            p.price_range.daily_from,
            p.price_range.daily_to,
            p.usd_per_mtok,
        )
        for p in prices
        if p.token_class == "output"  # noqa: S105 - a class of tokens, no secret
    ]


def test_an_hour_window_over_midnight_becomes_two_windows() -> None:
    night = TimeOfDateConstraint(time(22, tzinfo=UTC), time(6, tzinfo=UTC))
    info = model(ConditionalPrice(prices=usd("2")), ConditionalPrice(night, prices=usd("1")))
    assert output_prices(info) == [
        (ALWAYS, OPEN, time(0), time(6), Decimal("1.000000")),
        (ALWAYS, OPEN, time(6), time(22), Decimal("2.000000")),
        (ALWAYS, OPEN, time(22), None, Decimal("1.000000")),
    ]


def test_hours_of_another_zone_are_cut_in_utc() -> None:
    china = timezone(timedelta(hours=8))
    morning = TimeOfDateConstraint(time(9, tzinfo=china), time(12, tzinfo=china))
    info = model(ConditionalPrice(prices=usd("1")), ConditionalPrice(morning, prices=usd("2")))
    windows = {(start, end): price for _, _, start, end, price in output_prices(info)}
    assert windows[(time(1), time(4))] == 2
    assert windows[(time(0), time(1))] == windows[(time(4), None)] == 1


def test_the_first_price_applies_when_no_condition_holds() -> None:
    later = ConditionalPrice(StartDateConstraint(date(2026, 1, 1)), prices=usd("3"))
    assert output_prices(model(later)) == [
        (ALWAYS, datetime(2026, 1, 1), time(0), None, 3),
        (datetime(2026, 1, 1), OPEN, time(0), None, 3),
    ]


def test_the_last_price_whose_condition_holds_wins() -> None:
    older = ConditionalPrice(StartDateConstraint(date(2025, 1, 1)), prices=usd("2"))
    newer = ConditionalPrice(StartDateConstraint(date(2026, 1, 1)), prices=usd("1"))
    info = model(ConditionalPrice(prices=usd("4")), older, newer)
    assert [price for *_, price in output_prices(info)] == [4, 2, 1]


def test_a_tier_price_starts_on_its_own_date_and_its_first_variant_wins() -> None:
    batch = {"processing": "batch"}
    variants = [
        PriceVariant(batch, usd("1"), StartDateConstraint(date(2026, 10, 14))),
        PriceVariant(batch, usd("2")),
    ]
    info = model(ConditionalPrice(prices=usd("4")), variants=variants)
    assert [p for *_, p in output_prices(info, batch)] == [2, 1]
    assert [p for *_, p in output_prices(info)] == [4]


def test_a_class_without_a_price_carries_the_nearest_class_above_it() -> None:
    prices = ModelPrice(
        input_mtok=Decimal(5), cache_write_mtok=Decimal("6.25"), output_mtok=Decimal(25)
    )
    found = {
        p.token_class: (p.usd_per_mtok, p.inherited_from)
        for p in card_prices(model(ConditionalPrice(prices=prices)), {}, ())
    }
    assert found == {
        "input_uncached": (5, None),
        "cache_read": (5, "input_uncached"),
        "cache_write_5m": (Decimal("6.25"), "cache_write_other"),
        "cache_write_1h": (Decimal("6.25"), "cache_write_other"),
        "cache_write_other": (Decimal("6.25"), None),
        "input_audio": (5, "input_uncached"),
        "output": (25, None),
        "output_audio": (25, "output"),
    }


def test_the_price_ranges_of_a_card_never_overlap_so_a_call_finds_at_most_one() -> None:
    overlaps = (
        rate_cards(())
        .execute(
            """
        with cards as (select *, row_number() over () as n from int_rate_cards)
        select count(*)
        from cards as a
        join cards as b
            on a.price_key = b.price_key and a.service_tier = b.service_tier and a.n < b.n
            and a.region is not distinct from b.region
            and a.valid_from < b.valid_to and b.valid_from < a.valid_to
            and a.daily_from < coalesce(b.daily_to, '24:00:00'::time)
            and b.daily_from < coalesce(a.daily_to, '24:00:00'::time)
            and a.min_input_tokens < coalesce(b.max_input_tokens, 1e18::bigint)
            and b.min_input_tokens < coalesce(a.max_input_tokens, 1e18::bigint)
        """
        )
        .fetchone()
    )
    assert overlaps == (0,)


def test_every_card_prices_every_moment_and_size_from_its_first_on() -> None:
    """Ranges that do not overlap tile the whole range when their volumes sum to its volume."""
    broken = (
        rate_cards(())
        .execute(
            """
        with sizes as (
            select price_key, service_tier, region,
                epoch(timestamp '9999-12-31') - epoch(min(valid_from)) as seconds,
                sum(epoch(valid_to - valid_from) * (epoch(coalesce(daily_to, '24:00:00'::time))
                    - epoch(daily_from)) * (coalesce(max_input_tokens, 1e6::bigint)
                    - min_input_tokens)) as volume
            from int_rate_cards
            group by all
        )
        select count(*) filter (abs(volume / (seconds * 86400.0 * 1e6) - 1)
            > 1e-9 or (service_tier = 'standard'
            and seconds < epoch(timestamp '9999-12-31'))), count(*) from sizes
        """
        )
        .fetchone()
    )
    assert broken is not None
    assert broken[0] == 0
    assert broken[1] > 1500
