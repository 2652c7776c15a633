from __future__ import annotations

import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.prices.matching import match_models
from ingest.prices.overrides import Override

OwnPrices = Callable[..., tuple[Override, ...]]


def match(provider: str | None, model: str, overrides: tuple[Override, ...] = ()) -> dict[str, str]:
    (row,) = match_models([(provider, model)], overrides).to_pylist()
    return dict(row)


@pytest.mark.parametrize(
    ("provider", "model", "price_key"),
    [
        ("openai", "gpt-4o-2024-08-06", "openai/gpt-4o"),
        ("OpenAI", "GPT-4o", "openai/gpt-4o"),
        ("anthropic", "claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4-5"),
        ("aws.bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
         "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("bedrock", "bedrock/global.anthropic.claude-opus-4-5-20251101-v1:0",
         "aws/global.anthropic.claude-opus-4-5-v1:0"),
        ("gcp.vertex_ai", "gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("gcp.gemini", "gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("vertex_ai", "vertex_ai/gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("x_ai", "grok-4.3", "x-ai/grok-4.3"),
        ("xai", "grok-4.3", "x-ai/grok-4.3"),
        ("mistral_ai", "codestral-latest", "mistral/codestral"),
        ("deepseek", "deepseek-chat", "deepseek/deepseek-chat"),
        ("together_ai", "meta-llama/Llama-3.3-70B-Instruct-Turbo",
         "together/meta-llama/Llama-3.3-70B-Instruct-Turbo"),
        ("openrouter", "anthropic/claude-sonnet-5", "openrouter/anthropic/claude-sonnet-5"),
    ],
)  # fmt: skip
def test_a_model_is_found_under_the_names_that_gateways_write(
    provider: str, model: str, price_key: str
) -> None:
    row = match(provider, model)
    assert (row["price_key"], row["match_rule"], row["reason"]) == (price_key, "genai-prices", None)


@pytest.mark.parametrize("word", ["azure", "azure.ai.openai", "azure.ai.inference"])
def test_azure_without_a_list_price_pays_the_owners_standard_price_on_its_own_card(
    word: str,
) -> None:
    row = match(word, "gpt-4o-2024-08-06")
    assert row["price_key"] == "azure/openai/gpt-4o"
    assert row["reason"] == "azure has no list price: openai's standard price is used"


def test_a_call_that_names_no_provider_is_matched_by_its_model_and_says_so() -> None:
    assert match(None, "gpt-4o")["price_key"] == "openai/gpt-4o"
    assert match(None, "azure/gpt-4o")["price_key"] == "azure/openai/gpt-4o"
    assert match("litellm_proxy", "openai/gpt-4o")["price_key"] == "openai/gpt-4o"
    assert match(None, "gpt-4o")["reason"].startswith("no provider stated")


def test_one_provider_in_front_of_the_model_does_not_override_another_stated_one() -> None:
    assert match("openai", "azure/gpt-4o")["price_key"] is None


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "ft:gpt-4.1-2025-04-14:acme::abc"),
        ("openai", "ft:gpt-4-0613:acme::abc"),
        ("openai", "openai/ft:gpt-4.1-mini:acme::abc"),
        (None, "ft:gpt-4.1:acme::abc"),
        ("azure", "ft:gpt-5:acme::abc"),
        ("openai", "davinci:ft-acme-2023-01-01"),
        ("mistral", "ft:open-mistral-7b:acme:20250101:1"),
        ("aws.bedrock",
         "arn:aws:bedrock:us-east-1:1:custom-model/anthropic.claude-3-haiku-20240307-v1:0/x"),
        ("aws.bedrock", "arn:aws:bedrock:us-east-1:1:provisioned-model/anthropic.claude-3-haiku"),
        ("gcp.gemini", "tunedModels/gemini-2.5-flash-acme"),
    ],
)  # fmt: skip
def test_a_fine_tuned_or_reserved_model_is_not_priced_as_its_base_model(
    provider: str | None, model: str
) -> None:
    row = match(provider, model)
    assert (row["price_key"], row["match_rule"]) == (None, "own name")
    assert row["model_id"] == model.lower()
    assert "fine-tuned" in row["reason"]


def test_a_fine_tuned_model_with_a_price_of_its_own_in_the_book_gets_that_price() -> None:
    assert match("openai", "ft:gpt-4o-mini-2024-07-18:a::b")["price_key"] == "openai/ft:gpt-4o-mini"


@pytest.mark.parametrize(
    ("provider", "model", "reason"),
    [
        ("custom_openai", "gpt-4o", "provider 'custom_openai' is not in the price book"),
        ("openai", "llama-at-home", "no model of openai in the price book has this name"),
        ("openai", "  ", "the call names no model"),
        ("openai", "whisper-1", "the price book does not price it by tokens (it states "
         "audio_hours, input_audio_hours)"),
        ("perplexity", "sonar-pro",
         "the price book adds a fee per request, which token counts cannot carry"),
        ("perplexity", "sonar-deep-research", "the price book adds a price of its own for "
         "reasoning tokens, which token counts cannot carry"),
    ],
)  # fmt: skip
def test_an_unpriced_model_is_kept_with_its_reason(provider: str, model: str, reason: str) -> None:
    row = match(provider, model)
    assert (row["price_key"], row["reason"]) == (None, reason)


def test_each_pair_is_matched_once_and_provider_null_is_a_pair_of_its_own() -> None:
    pairs = [("openai", "gpt-4o"), (None, "gpt-4o"), ("openai", "gpt-4o"), ("openai", "b")]
    table = match_models(pairs)
    found = [(row["provider"], row["model"]) for row in table.to_pylist()]
    assert found == [(None, "gpt-4o"), ("openai", "b"), ("openai", "gpt-4o")]


def test_an_exact_name_in_the_price_file_comes_before_the_book(own_prices: OwnPrices) -> None:
    overrides = own_prices("openai,gpt-4o-2024-08-06,,output,9,,,,")
    row = match("openai", "GPT-4o-2024-08-06", overrides)
    assert (row["price_key"], row["match_rule"]) == ("openai/gpt-4o-2024-08-06", "override")
    assert match("openai", "gpt-4o-2024-05-13", overrides)["match_rule"] == "genai-prices"


def test_the_price_file_can_price_a_fine_tuned_model(own_prices: OwnPrices) -> None:
    overrides = own_prices("openai,ft:gpt-4.1:acme::1,,output,9,,,,")
    assert match("openai", "ft:gpt-4.1:acme::1", overrides)["match_rule"] == "override"
    assert match("openai", "ft:gpt-4.1:acme::2", overrides)["match_rule"] == "own name"


marks = st.sampled_from(string.punctuation + "ft:/ ")
odd = st.text(st.one_of(marks, st.characters(codec="utf-8")))


@given(st.one_of(st.none(), odd, st.just("openai")), odd)
def test_no_name_is_odd_enough_to_stop_a_run(provider: str | None, model: str) -> None:
    assert match(provider, model)["match_rule"] in {
        "genai-prices", "same words", "own name", "unmatched",
    }  # fmt: skip
