"""What a workspace says that a name means, and since when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ConfigError
from ingest.prices.aliases import MODEL_NAMES, Alias, shipped_aliases
from ingest.prices.matching import match_models
from ingest.prices.proposals import propose
from ingest.prices.vocabulary import provider_name
from ingest.reference.columns import ALWAYS, OPEN

OwnNames = Callable[..., tuple[Alias, ...]]


@pytest.fixture
def own_names(tmp_path: Path) -> OwnNames:
    def write(*rows: str) -> tuple[Alias, ...]:
        path = tmp_path / "models.csv"
        path.write_text("\n".join([",".join(MODEL_NAMES.header), *rows]) + "\n", encoding="utf-8")
        return MODEL_NAMES.read(path)

    return write


def matches(provider: str | None, model: str, aliases: tuple[Alias, ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = match_models([(provider, model)], (), aliases).to_pylist()
    return found


def test_a_deployment_that_moved_to_another_model_has_each_models_price_in_its_time(
    own_names: OwnNames,
) -> None:
    aliases = own_names(
        "azure,prod-chat,gpt-4o,,2026-03-01,first deployment",
        "azure,prod-chat,gpt-5,2026-03-01,,moved",
    )
    rows = matches("azure.ai.openai", "prod-chat", aliases)
    assert [
        (r["valid_from"], r["valid_to"], r["model_id"], r["price_key"], r["match_rule"])
        for r in rows
    ] == [
        (ALWAYS, datetime(2026, 3, 1), "gpt-4o", "azure/openai/gpt-4o", "alias"),
        (datetime(2026, 3, 1), OPEN, "gpt-5", "azure/openai/gpt-5", "alias"),
    ]


def test_a_name_is_what_it_was_before_and_after_its_alias_holds(own_names: OwnNames) -> None:
    aliases = own_names("openai,gpt-4o,gpt-4.1,2026-03-01,2026-04-01,a mirror")
    rows = matches("openai", "gpt-4o", aliases)
    assert [(r["model_id"], r["match_rule"]) for r in rows] == [
        ("gpt-4o", "genai-prices"), ("gpt-4.1", "alias"), ("gpt-4o", "genai-prices"),
    ]  # fmt: skip


def test_a_row_for_the_provider_goes_before_one_for_any(own_names: OwnNames) -> None:
    aliases = own_names(",smart,gpt-5,,,any", "anthropic,smart,claude-opus-5,,,one")
    assert matches("anthropic", "smart", aliases)[0]["model_id"] == "claude-opus-5"
    assert matches("openai", "smart", aliases)[0]["model_id"] == "gpt-5"
    assert matches(None, "smart", aliases)[0]["model_id"] == "gpt-5"


def test_an_alias_may_name_a_model_that_the_price_book_lacks(own_names: OwnNames) -> None:
    (row,) = matches("openai", "x", own_names("openai,x,Acme-Own-7B,,,self-hosted"))
    assert (row["model_id"], row["price_key"], row["match_rule"]) == ("acme-own-7b", None, "alias")


def test_an_alias_may_be_given_in_a_sellers_words_and_still_means_the_one_model(
    own_names: OwnNames,
) -> None:
    aliases = own_names("aws.bedrock,nightly,us.anthropic.claude-sonnet-4-6-v1:0,,,")
    (row,) = matches("bedrock", "nightly", aliases)
    assert row["model_id"] == "claude-sonnet-4-6"
    assert row["price_key"] == "aws/regional.anthropic.claude-sonnet-4-6-v1:0"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["openai,,gpt-5,,,"], "row 2, column model: is empty"),
        (["openai,x,,,,"], "row 2, column model_id: is empty"),
        (["openai,x,gpt-5,yesterday,,"], "row 2, column valid_from: 'yesterday' is not a date"),
        (["openai,x,gpt-5,2026-03-01,2026-03-01,"], "row 2, column valid_to: must lie after"),
        (["openai,x,gpt-5,,,a,b"], "row 2, column note: 7 cells instead of 6"),
        (["openai,x,gpt-5,,,", "OpenAI,X,gpt-4o,2026-01-01,,"],
         "row 3, column valid_from: overlaps line 2, which explains the same cell"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_with_its_line_and_column(
    own_names: OwnNames, rows: list[str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        own_names(*rows)


def test_the_shipped_names_are_well_formed_and_each_states_its_source() -> None:
    assert shipped_aliases()
    assert all(alias.note for alias in shipped_aliases())


def test_a_workspaces_row_goes_before_a_shipped_one(own_names: OwnNames) -> None:
    aliases = own_names("aws.bedrock,Nova2.0Pro,something-else,,,")
    assert matches("aws.bedrock", "Nova2.0Pro", ())[0]["model_id"] == "nova-2-pro"
    assert matches("aws.bedrock", "Nova2.0Pro", aliases)[0]["model_id"] == "something-else"


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("bedrock", "aws.bedrock"), ("AWS.Bedrock", "aws.bedrock"), ("azure", "azure.ai.openai"),
        ("azure.ai.inference", "azure.ai.openai"), ("vertex_ai", "gcp.vertex_ai"),
        ("gemini", "gcp.gemini"), ("xai", "x_ai"), ("mistral", "mistral_ai"),
        ("my-gateway", "my-gateway"), ("google", "google"), (None, None), (" ", None),
    ],
)  # fmt: skip
def test_bills_and_calls_of_a_provider_meet_under_one_name(
    word: str | None, name: str | None
) -> None:
    assert provider_name(word) == name


@pytest.mark.parametrize(
    ("provider", "name", "model_id"),
    [
        ("aws.bedrock", "Claude 5.5 Sonnet Preview", "claude-sonnet-5-5"),
        ("azure.ai.openai", "5.6 terra mini", "gpt-5.6-terra"),
        ("azure.ai.openai", "my-gpt4o-deployment", "gpt-4o"),
        ("custom_openai", "gpt-4o", "gpt-4o"),
        (None, "gpt4.1", "gpt-4.1"),
        ("aws.bedrock", "Llama3.3-70B", "llama3-3-70b-instruct"),
    ],
)
def test_a_proposal_shares_words_and_every_number(
    provider: str | None, name: str, model_id: str
) -> None:
    proposal = propose(provider, name)
    assert proposal is not None
    assert proposal.model_id == model_id


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("azure.ai.openai", "prod-chat"),  # no word in common
        ("anthropic", "Claude Sonnet 9"),  # no such number
        ("aws.bedrock", "TitanEmbeddingV3-Text"),
        ("anthropic", "Claude"),  # no number to hold on to
    ],
)
def test_without_shared_words_and_numbers_nothing_is_proposed(provider: str, name: str) -> None:
    assert propose(provider, name) is None
