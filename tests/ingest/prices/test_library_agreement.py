"""Prices by SQL against genai-prices itself, which shares only its price list with our ranges."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import (
    ModelInfo,
    ModelPrice,
    PriceCalculation,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.prices.lookup import (
    Entry,
    book_entries,
    conditional_prices,
    find_entry,
    unusable_because,
)
from tests.ingest.prices.warehouse import price

AT = datetime(2026, 9, 15, 12, 0)
CONTEXT: dict[str, dict[str, str]] = {
    "standard": {},
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
}
CARRIED = {
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
    "cache_write_5m_tokens", "cache_write_1h_tokens", "input_audio_tokens", "output_audio_tokens",
}  # fmt: skip


def token_vector(usage: Mapping[str, int]) -> dict[str, int]:
    """The disjoint classes of a usage whose totals include their parts."""
    u: Counter[str] = Counter(usage)
    audio = u["input_audio_tokens"] - u["cache_audio_read_tokens"]
    write, read = u["cache_write_tokens"], u["cache_read_tokens"]
    timed = u["cache_write_5m_tokens"] + u["cache_write_1h_tokens"]
    return {
        "input_uncached_tokens": u["input_tokens"] - read - write - audio,
        "cache_read_tokens": read,
        "cache_write_5m_tokens": u["cache_write_5m_tokens"],
        "cache_write_1h_tokens": u["cache_write_1h_tokens"],
        "cache_write_other_tokens": write - timed,
        "input_audio_tokens": audio,
        "output_tokens": u["output_tokens"] - u["output_audio_tokens"],
        "output_audio_tokens": u["output_audio_tokens"],
    }


def tolerance(tokens: Mapping[str, int], prices: ModelPrice) -> Decimal:
    """Half a unit of the ninth decimal per class, and of the sixth where a price has more."""
    rounding = Decimal("0.5e-9") * sum(1 for count in tokens.values() if count)
    stated = [p for p in vars(prices).values() if p is not None]
    values = [
        v
        for p in stated
        for v in ([p.base, *(t.price for t in p.tiers)] if isinstance(p, TieredPrices) else [p])
    ]
    if any(value != round(value, 6) for value in values):
        rounding += Decimal("0.5e-12") * sum(tokens.values())
    return rounding


def uncarried(prices: ModelPrice, usage: Mapping[str, int]) -> list[str]:
    """Units of a usage that the model prices apart and our token vector does not hold."""
    reported = (key for key, count in usage.items() if count and key not in CARRIED)
    names = {"web_searches": "web_searches_kcount"}
    keys = {key: names.get(key, key.replace("_tokens", "_mtok")) for key in reported}
    return [key for key, price_key in keys.items() if vars(prices).get(price_key) is not None]


def real_usages(shared: Path) -> list[tuple[str, str, dict[str, int], dict[str, str]]]:
    """(model, provider, usage, stated prices) of each payload and each extraction of it."""
    path = shared / "real/usage_payloads_with_expected_prices.json.gz"
    payloads = json.loads(gzip.decompress(path.read_bytes()))
    return [
        (payload.get("model") or "", extractor["provider_id"], extraction["usage"], extractor)
        for payload in payloads
        for extraction in payload["extracted"]
        for extractor in extraction["extractors"]
    ]


def test_real_usage_costs_in_sql_what_the_library_calculates(shared: Path) -> None:
    left_out: Counter[str] = Counter()
    compared: list[tuple[dict[str, Any], dict[str, int], PriceCalculation]] = []
    as_stated = 0
    for model, provider, usage, stated in real_usages(shared):
        call = {"provider": provider, "request_model": model, "started_at": AT}
        try:
            expected = get_snapshot().calc(
                Usage(**usage), model, provider, None, AT.replace(tzinfo=UTC)
            )
        except LookupError:
            left_out["the library has no such model" if model else "names no model"] += 1
            continue
        except ValueError:
            left_out["the library refuses the usage"] += 1
            continue
        tokens = token_vector(usage)
        if extra := uncarried(expected.model_price, usage):
            left_out[f"prices {extra[0]}"] += 1
        elif min(tokens.values()) < 0:
            left_out["parts exceed their total"] += 1
        elif "requests_kcount" in vars(expected.model_price):
            left_out["pays a fee per request"] += 1
        elif not vars(expected.model_price):
            left_out["has no price, which the library counts as free"] += 1
        else:
            compared.append(({**call, **tokens}, tokens, expected))
            money = [expected.input_price, expected.output_price]
            as_stated += [str(stated.get(f"{d}_price")) for d in ("input", "output")] == [
                format(m.normalize(), "f") for m in money
            ]
    priced = price(call for call, _, _ in compared)
    for row, (call, tokens, expected) in zip(priced, compared, strict=True):
        gap = abs(row["estimate_usd"] - expected.total_price)
        assert gap <= tolerance(tokens, expected.model_price), call
    # With genai-prices 0.2.3: 3,556 compared, 3,266 of them also at the very prices that the
    # payload file states. Left out are 15,416 foreign and 332 missing models, 14 usages with
    # searches, images or cached audio priced apart, and 3 models without any price.
    assert len(compared) > 3000, left_out
    assert as_stated > 3000, left_out


@cache
def entries() -> list[Entry]:
    return sorted(book_entries(), key=lambda entry: entry.price_key)


@cache
def conditional_entries() -> list[Entry]:
    """Entries whose price depends on more than the model: they hold all the hard cases."""
    return [e for e in entries() if edges(e.model)[0] or edges(e.model)[1] or sizes(e.model)]


def edges(model: ModelInfo) -> tuple[list[datetime], list[time]]:
    """Dates and times of day at which a price of the model starts or ends."""
    stated = [c.constraint for c in conditional_prices(model)]
    stated += [v.constraint for v in model.price_variants or ()]
    starts = [c.start_date for c in stated if isinstance(c, StartDateConstraint)]
    dates = [datetime.combine(start, time(0)) for start in starts]
    hours = [c for c in stated if isinstance(c, TimeOfDateConstraint)]
    return dates, [t.replace(tzinfo=None) for c in hours for t in (c.start_time, c.end_time)]


def sizes(model: ModelInfo) -> list[int]:
    """Thresholds of the model's price tiers, in tokens of total input."""
    lists = [c.prices for c in conditional_prices(model)]
    lists += [v.prices for v in model.price_variants or ()]
    tiered = [p for prices in lists for p in vars(prices).values() if isinstance(p, TieredPrices)]
    return [tier.start for p in tiered for tier in p.tiers]


@st.composite
def calls(draw: st.DrawFn) -> tuple[Entry, str, datetime, dict[str, int]]:
    entry = draw(st.one_of(st.sampled_from(conditional_entries()), st.sampled_from(entries())))
    dates, hours = edges(entry.model)
    at = draw(st.datetimes(datetime(2023, 1, 1), datetime(2028, 1, 1)))
    if dates and draw(st.booleans()):
        at = draw(st.sampled_from(dates))
    if hours and draw(st.booleans()):
        at = datetime.combine(at.date(), draw(st.sampled_from(hours)))
    at += timedelta(microseconds=draw(st.integers(-1, 1)))
    total = draw(st.integers(0, 2_000_000))
    if (starts := sizes(entry.model)) and draw(st.booleans()):
        total = draw(st.sampled_from(starts)) + draw(st.integers(-1, 1))
    cuts = sorted(draw(st.lists(st.integers(0, total), min_size=5, max_size=5)))
    parts = [high - low for low, high in zip([0, *cuts], [*cuts, total], strict=True)]
    counts = [*parts, draw(st.integers(0, 200_000)), draw(st.sampled_from([0, 0, 77]))]
    return entry, draw(st.sampled_from(list(CONTEXT))), at, dict(zip(TOKENS, counts, strict=True))


TOKENS = tuple(token_vector({}))


def library_usage(tokens: Mapping[str, int]) -> Usage:
    write = {k: tokens[f"cache_write_{k}_tokens"] for k in ("5m", "1h", "other")}
    return Usage(
        input_tokens=sum(tokens[name] for name in TOKENS[:6]),
        cache_read_tokens=tokens["cache_read_tokens"],
        cache_write_tokens=sum(write.values()),
        cache_write_5m_tokens=write["5m"],
        cache_write_1h_tokens=write["1h"],
        input_audio_tokens=tokens["input_audio_tokens"],
        output_tokens=tokens["output_tokens"] + tokens["output_audio_tokens"],
        output_audio_tokens=tokens["output_audio_tokens"],
        cache_audio_read_tokens=0,
        cache_audio_write_tokens=0,
    )


def listed_at(entry: Entry, tier: str, at: datetime) -> datetime | None:
    """The moment whose list price holds in a tier; None when nobody lists one.

    A tier's price that begins at a date holds before it, too, while the standard price is the same.
    """
    if tier == "standard":
        return at
    variants = [
        v for v in entry.model.price_variants or () if v.when.items() <= CONTEXT[tier].items()
    ]
    if not variants or entry.is_borrowed:
        return None
    starts = [v.constraint for v in variants]
    if not all(isinstance(start, StartDateConstraint) for start in starts):
        return at
    first = min(s.start_date for s in starts if isinstance(s, StartDateConstraint))
    begun = datetime(first.year, first.month, first.day)
    if at >= begun:
        return at
    same = entry.model.get_prices(at, {}) == entry.model.get_prices(begun, {})
    return begun if same else None


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(calls())
def test_any_model_moment_tier_and_usage_costs_what_the_library_calculates(
    drawn: tuple[Entry, str, datetime, dict[str, int]],
) -> None:
    entry, tier, drawn_at, tokens = drawn
    at = listed_at(entry, tier, drawn_at)
    if at is None:
        call = {"provider": "p", "request_model": "m", "started_at": drawn_at, "service_tier": tier}
        (row,) = price([call | tokens], price_keys={"m": entry.price_key})
        assert row["estimate_usd"] is None or not any(tokens.values())
        return
    seller = next(p for p in get_snapshot().providers if p.id == entry.provider)
    expected = entry.model.calc_price(
        library_usage(tokens),
        seller,
        genai_request_timestamp=at.replace(tzinfo=UTC),
        price_context=CONTEXT[tier],
    )
    call = {"provider": "p", "request_model": "m", "started_at": drawn_at, "service_tier": tier}
    (row,) = price([call | tokens], price_keys={"m": entry.price_key})
    used = {"input": TOKENS[:6], "output": TOKENS[6:]}
    stated = vars(expected.model_price)
    if any(
        stated.get(f"{side}_mtok") is None and any(tokens[name] for name in names)
        for side, names in used.items()
    ):
        assert row["estimate_usd"] is None  # the library says 0, which is not what it costs
    else:
        gap = abs(row["estimate_usd"] - expected.total_price)
        assert gap <= tolerance(tokens, expected.model_price)


@pytest.mark.parametrize("provider", [None, "openai", "azure", "google", "openrouter", "aws"])
def test_every_book_id_resolves_as_the_library_resolves_it(provider: str | None) -> None:
    for name in sorted({entry.model.id for entry in entries() if "/" not in entry.model.id}):
        try:
            seller, model = get_snapshot().find_provider_model(name, None, provider, None)
        except LookupError:
            found = find_entry(provider, name).entry
            # Bedrock's way of naming tells the seller that nobody states
            assert found is None or (provider is None and found.provider == "aws"), name
            continue
        if name.startswith("ft:") or unusable_because(model) is not None:
            continue
        entry = find_entry(provider, name).entry
        assert entry is not None, name
        assert (entry.provider, entry.model) == (seller.id, model)
