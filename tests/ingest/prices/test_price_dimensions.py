"""What a call is charged for beside plain tokens: pictures, film, searches, its tier, its place."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ingest.prices.vocabulary import canonical_provider, provider_name
from tests.ingest.prices.warehouse import price

OCTOBER = {"started_at": datetime(2026, 10, 20)}
SONNET = OCTOBER | {"provider": "anthropic", "request_model": "claude-sonnet-4-6"}
LLAMA = OCTOBER | {"provider": "groq", "request_model": "llama-3.3-70b-versatile"}


def costs(*calls: dict[str, Any], **options: Any) -> list[Decimal | None]:
    return [row["estimate_usd"] for row in price([OCTOBER | call for call in calls], **options)]


def test_pictures_and_film_have_prices_of_their_own_within_their_class() -> None:
    """`gpt-image-1`: 5 a million of text, 10 of pictures in, 40 out. `gemini-2.5-flash-image`: 0.30
    in, 2.50 of text and 30 of pictures out. `gemini-omni-1.1-flash`: 9 and 17.50 out.
    """
    assert costs(
        {"provider": "openai", "request_model": "gpt-image-1", "input_uncached_tokens": 150_000,
         "input_image_tokens": 50_000, "output_tokens": 20_000},
        {"provider": "google", "request_model": "gemini-2.5-flash-image",
         "input_uncached_tokens": 1_000_000, "output_tokens": 100_000,
         "output_image_tokens": 60_000},
        {"provider": "google", "request_model": "gemini-omni-1.1-flash",
         "input_uncached_tokens": 0, "output_tokens": 100_000, "output_video_tokens": 100_000},
    ) == [Decimal("1.8"), Decimal("2.2"), Decimal("1.75")]  # fmt: skip


def test_a_part_without_a_price_of_its_own_costs_what_its_class_costs() -> None:
    seen = {"input_uncached_tokens": 1_000_000, "input_image_tokens": 400_000, "output_tokens": 0}
    assert costs(SONNET | seen) == [3]


def test_searches_are_paid_by_the_piece_beside_tokens() -> None:
    """Anthropic: 10 USD for a thousand searches."""
    tokens = {"input_uncached_tokens": 1_000_000, "output_tokens": 0}
    assert costs(SONNET | tokens | {"web_searches": 3}, SONNET | tokens | {"web_searches": 0}) == [
        Decimal("3.03"), 3,
    ]  # fmt: skip


def test_searches_without_a_price_make_the_cost_unknown() -> None:
    tokens = {"input_uncached_tokens": 10, "output_tokens": 10}
    assert costs(LLAMA | tokens | {"web_searches": 2}) == [None]
    assert costs(LLAMA | tokens) != [None]


def test_a_tier_without_a_price_is_unknown_unless_the_workspace_says_standard() -> None:
    batch = LLAMA | {"input_uncached_tokens": 10**6, "output_tokens": 0, "service_tier": "batch"}
    standard = batch | {"service_tier": "standard"}
    assert costs(batch) == [None]
    (row,) = price([batch], tier_without_price="standard")
    assert [row["estimate_usd"]] == costs(standard)
    assert row["priced_as_tier"] == "standard"


def test_inference_that_stays_in_the_united_states_costs_a_tenth_more() -> None:
    """Of Opus 4.6 and later models; batch is half of 3 and 15 since 2026-10-14."""
    tokens = {"input_uncached_tokens": 100_000, "output_tokens": 100_000}
    older = SONNET | {"request_model": "claude-sonnet-4-5"}
    assert costs(
        SONNET | tokens | {"region": "us"},
        SONNET | tokens | {"region": "us", "service_tier": "batch"},
        SONNET | tokens | {"region": "eu"},
        older | tokens | {"region": "us"},
    ) == [Decimal("1.98"), Decimal("0.99"), Decimal("1.8"), Decimal("1.8")]


def test_an_interface_behind_a_provider_is_still_that_provider() -> None:
    assert [
        (canonical_provider(word), provider_name(word))
        for word in ("anthropic.messages", "OpenAI.chat.completions", "mistral_ai", "acme.chat")
    ] == [
        ("anthropic", "anthropic"), ("openai", "openai"), ("mistral", "mistral_ai"),
        ("acme.chat", "acme.chat"),
    ]  # fmt: skip


def test_a_framework_or_gateway_is_nobody_who_served_the_call() -> None:
    """A call of one is priced by its model alone, where only one sells that."""
    words = ("LangChain", "pydantic-ai", "litellm_proxy", "langgraph.node", " ", None)
    assert [canonical_provider(word) for word in words] == [None] * len(words)
    tokens = {"input_uncached_tokens": 1_000_000, "output_tokens": 0}
    assert costs(SONNET | tokens | {"provider": "langchain"}) == [3]
