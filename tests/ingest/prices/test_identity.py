"""One model is one name, whichever channel sells it and however a bill spells it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.billing.aws.models import parse
from ingest.billing.azure.models import parse_meter
from ingest.billing.gcp.models import read_sku
from ingest.prices.identity import words
from ingest.prices.matching import match_models


def identity(provider: str | None, model: str) -> str | None:
    (row,) = match_models([(provider, model)]).to_pylist()
    return row["model_id"]


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("anthropic", "claude-sonnet-4-6"),
        ("anthropic", "Claude Sonnet 4.6"),
        ("aws.bedrock", "us.anthropic.claude-sonnet-4-6-v1:0"),
        ("bedrock", "bedrock/global.anthropic.claude-sonnet-4-6-v1:0"),
        ("aws.bedrock", "Claude4.6Sonnet"),
        ("aws.bedrock", "Claude Sonnet 4.6"),
        ("vertex_ai", "claude-sonnet-4-6"),
        ("azure", "claude-sonnet-4-6"),
        ("openrouter", "anthropic/claude-sonnet-4.6"),
        ("openrouter", "anthropic/claude-sonnet-4.6:batch"),
    ],
)
def test_claude_is_one_model_in_every_channel(provider: str, model: str) -> None:
    assert identity(provider, model) == "claude-sonnet-4-6"


@pytest.mark.parametrize(
    ("provider", "model", "model_id"),
    [
        # a publisher that sells nothing itself: the seller's name without how it is served
        ("aws.bedrock", "amazon.nova-pro-v1:0", "nova-pro"),
        ("aws.bedrock", "us.meta.llama3-3-70b-instruct-v1:0", "llama3-3-70b-instruct"),
        # a second revision is another model, a first one says nothing
        ("aws.bedrock", "amazon.titan-embed-text-v1", "titan-embed-text"),
        ("aws.bedrock", "amazon.titan-embed-text-v2:0", "titan-embed-text-v2"),
        ("aws.bedrock", "openai.gpt-oss-120b-1:0", "gpt-oss-120b"),
        ("groq", "openai/gpt-oss-120b", "gpt-oss-120b"),
        # sizes of open weights stay apart, though the book's names are loose
        ("aws.bedrock", "google.gemma-3-27b-it", "gemma-3-27b-it"),
        ("openrouter", "deepseek/deepseek-r1-distill-llama-70b", "deepseek-r1-distill-llama-70b"),
        ("openai", "gpt-4o-2024-08-06", "gpt-4o"),
        ("azure", "azure/gpt-4o-2024-08-06", "gpt-4o"),
        ("google-vertex", "gemini-2.5-pro", "gemini-2.5-pro"),
    ],
)
def test_what_only_says_how_a_model_is_served_is_not_part_of_its_name(
    provider: str, model: str, model_id: str
) -> None:
    assert identity(provider, model) == model_id


def test_words_are_equal_in_any_order_and_numbers_only_in_theirs() -> None:
    assert words("Claude4.6Sonnet") == words("claude-sonnet-4-6")
    assert words("claude-sonnet-4-5") != words("claude-sonnet-5-4")
    assert words("Nova2.0Lite") == words("nova-2-lite")
    assert words("nova-20-lite") != words("nova-2-lite")
    assert words("gpt-4o-mini") != words("gpt-4o")


def test_words_that_fit_several_models_give_none_of_them() -> None:
    (row,) = match_models([("google", "Flash 1.5 Gemini")]).to_pylist()
    assert (row["model_id"], row["match_rule"]) == (None, "unmatched")
    assert row["reason"] == ("its words fit several models: gemini-1.5-flash, gemini-flash-1.5")


def test_words_give_an_identity_and_never_a_price() -> None:
    (row,) = match_models([("azure", "GPT4o")]).to_pylist()
    assert (row["model_id"], row["price_key"], row["match_rule"]) == ("gpt-4o", None, "same words")


def observed(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.strip('"')


def test_every_model_of_the_observed_bedrock_usage_types_is_known(shared: Path) -> None:
    path = shared / "samples" / "billing" / "aws" / "bedrock_usage_types_observed.txt"
    named = {parse(text, None).model for text in observed(path)} - {None}
    assert {model: identity("aws.bedrock", str(model)) for model in named} == {
        "Claude4.6Sonnet": "claude-sonnet-4-6",
        "Claude4Sonnet": "claude-sonnet-4-0",
        "Claude3-5Haiku": "claude-3-5-haiku",
        "NovaPro": "nova-pro",
        "Nova2.0Lite": "nova-2-lite",
        "Nova2.0Pro": "nova-2-pro",
        "gpt-oss-120b": "gpt-oss-120b",
        "openai.gpt-oss-120b": "gpt-oss-120b",
        "anthropic.claude-opus-4-8": "claude-opus-4-8",
        "xai.grok-4.6": "grok-4.6",
        "TitanEmbeddingV2-Text": "titan-embed-text-v2",
        "cohere.rerank-english-v3": "rerank-english-v3",
    }


def test_every_model_of_the_observed_azure_meters_is_known(shared: Path) -> None:
    path = shared / "samples" / "billing" / "azure" / "azure_openai_meter_names_observed.txt"
    named = set()
    for line in observed(path):
        name, unit, product = line.split("|")
        named.add(parse_meter("Foundry Models", product, name, unit).model)
    assert {model: identity("azure.ai.openai", model) for model in named if model} == {
        "gpt 4o 1120": "gpt-4o",
        "gpt 4.1 nano": "gpt-4.1-nano",
        "o3 0416": "o3",
        "o4-mini 0416": "o4-mini",
        "GPT 5": "gpt-5",
        "5.4": "gpt-5.4",
        "5.5": "gpt-5.5",
        "5.6 luna": "gpt-5.6-luna",
        "V4 Pro": "deepseek-v4-pro",
        "Grok 4.1": "grok-4.1",
    }


def test_every_model_of_the_observed_gemini_skus_is_known(shared: Path) -> None:
    path = shared / "samples" / "billing" / "gcp" / "vertex_gemini_sku_descriptions_observed.txt"
    named = {read_sku(text).model for text in observed(path)} - {None}
    unknown = {model for model in named if identity("gcp.vertex_ai", str(model)) is None}
    assert unknown == set()
    assert identity("gcp.vertex_ai", "gemini-2.5-flash-live") == "gemini-live-2.5-flash"
