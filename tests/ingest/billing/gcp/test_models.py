"""Google Cloud SKU texts: every observed string, and the forms the price catalogue adds."""

import json
from pathlib import Path

import pytest

from ingest.billing.gcp.models import Sku, read_sku

TOKENS = "tokens"

OBSERVED = {
    "Gemini 2.5 Flash GA Text Input - Predictions": ("gemini-2.5-flash", "input_uncached"),
    "Gemini 2.5 Flash GA Thinking Text Output - Predictions": ("gemini-2.5-flash", "output"),
    "Gemini 2.5 Flash GA Text Output (Thinking On) - Predictions": ("gemini-2.5-flash", "output"),
    "Gemini 2.5 Flash GA Text Output - Predictions": ("gemini-2.5-flash", "output"),
    " Gemini 2.5 Flash GA Input Text Caching": ("gemini-2.5-flash", "cache_read"),
    " Gemini 2.5 Flash GA Input Text Caching (Long)": ("gemini-2.5-flash", "cache_read"),
    "Gemini 2.5 Flash Lite Text Input - Predictions": ("gemini-2.5-flash-lite", "input_uncached"),
    "Gemini 2.5 Flash Lite Text Output - Predictions": ("gemini-2.5-flash-lite", "output"),
    " Gemini 2.5 Flash Lite Input Text Caching": ("gemini-2.5-flash-lite", "cache_read"),
    "Gemini 2.5 Flash Text Input - Predictions": ("gemini-2.5-flash", "input_uncached"),
    "Gemini 2.5 Flash Live Audio (AV2A) Output - Predictions": (
        "gemini-2.5-flash-live", "output_audio",
    ),
    "Gemini 2.5 Pro Thinking Text Output - Predictions": ("gemini-2.5-pro", "output"),
    "Gemini 3.1 Flash Lite Global Text Input - Predictions": (
        "gemini-3.1-flash-lite", "input_uncached",
    ),
    "Gemini 3.5 Flash Regional Text Input - Predictions": ("gemini-3.5-flash", "input_uncached"),
    "Generate content input token count gemini 2.5 flash short input text": (
        "gemini-2.5-flash", "input_uncached",
    ),
    "Generate content output token count gemini 2.5 flash lite short output text non-thinking": (
        "gemini-2.5-flash-lite", "output",
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", OBSERVED)
def test_an_observed_sku_names_its_model_and_direction(text: str) -> None:
    model, token_class = OBSERVED[text]
    assert read_sku(text) == Sku(model, token_class, None, TOKENS)


def test_every_string_of_the_observed_file_is_covered(samples: Path) -> None:
    lines = (samples / "gcp/vertex_gemini_sku_descriptions_observed.txt").read_text().splitlines()
    observed = {json.loads(line) for line in lines if line.startswith('"')}
    assert observed == {*OBSERVED, "LLM Grounding with Google Search tool - Predictions"}


def test_grounding_is_a_search_and_no_model() -> None:
    sku = read_sku("LLM Grounding with Google Search tool - Predictions")
    assert sku == Sku(cost_type="web_search")


def test_cache_storage_is_not_tokens_read() -> None:
    sku = read_sku("Gemini 3 Flash Text Input Caching Storage")
    assert sku == Sku("gemini-3-flash", None, None, "cache_storage")


@pytest.mark.parametrize(
    ("text", "token_class", "tier"),
    [
        ("Gemini 3 Flash Batch Text Input - Predictions", "input_uncached", "batch"),
        ("Gemini 3 Flash Text Input Priority - Predictions", "input_uncached", "priority"),
        ("Gemini 3 Flash Text Input Caching Flex", "cache_read", "flex"),
        ("Gemini 3 Flash Audio Input - Predictions", "input_audio", None),
        ("Gemini 3 Flash Image Input - Predictions", "input_uncached", None),
        ("Generate content cached input token count gemini 3 flash short input text",
         "cache_read", None),
    ],
)  # fmt: skip
def test_tiers_and_modalities_are_read(text: str, token_class: str, tier: str | None) -> None:
    assert read_sku(text) == Sku("gemini-3-flash", token_class, tier, TOKENS)


def test_a_modality_before_a_modality_is_part_of_the_model() -> None:
    sku = read_sku("Gemini 2.5 Flash Image Text Input - Predictions")
    assert (sku.model, sku.token_class) == ("gemini-2.5-flash-image", "input_uncached")


def test_words_not_understood_leave_the_model_and_no_token_class() -> None:
    assert read_sku("Gemini 3 Flash Text Input Frobnicated") == Sku("gemini-3-flash")


@pytest.mark.parametrize(
    "text",
    [
        "N1 Predefined Instance Core running in Americas",
        "Gemini 2.5 Pro Tuning Text Input",
        "Claude Something Input Tokens",
        "Custom output of a gemini 2.5 flash input",
        "",
    ],
)
def test_a_text_of_no_known_family_names_no_model(text: str) -> None:
    assert read_sku(text) == Sku()


def test_provisioned_throughput_is_told_apart() -> None:
    sku = read_sku("Vertex AI: Provisioned Throughput 1 month")
    assert sku == Sku(cost_type="provisioned_throughput")
