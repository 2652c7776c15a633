"""What the words of Azure's meters say."""

from pathlib import Path

import pytest

from ingest.billing.azure.models import Meter, parse_meter
from tests.ingest.billing.azure.bills import BLOCK, OBSERVED, Seen


def said(name: str, unit: str = "1K", product: str = "Azure OpenAI") -> Meter:
    return parse_meter("Foundry Models", product, name, unit)


@pytest.mark.parametrize("seen", OBSERVED, ids=lambda seen: seen.name)
def test_an_observed_meter_says_model_class_tier_scope_and_context(seen: Seen) -> None:
    meter = said(seen.name, seen.unit, seen.product)
    is_tokens = seen.token_class is not None
    assert meter == Meter(
        is_model_service=True,
        model=seen.model,
        token_class=seen.token_class,
        service_tier=seen.tier,
        cost_type="tokens" if is_tokens else "provisioned_throughput",
        block=int(BLOCK[seen.unit]) if is_tokens else None,
        scope=seen.scope,
        context=seen.context,
    )


def test_every_observed_string_is_covered(samples: Path) -> None:
    path = samples / "azure" / "azure_openai_meter_names_observed.txt"
    lines = [text for text in path.read_text().splitlines() if not text.startswith("#")]
    assert [tuple(text.split("|")) for text in lines] == [
        (seen.name, seen.unit, seen.product) for seen in OBSERVED
    ]


@pytest.mark.parametrize(
    ("name", "model", "token_class"),
    [
        ("gpt-4o-mini-0718-Inp-regnl Tokens", "gpt-4o-mini-0718", "input_uncached"),
        ("gpt-4o-0806-cached-Inp-glbl Tokens", "gpt-4o-0806", "cache_read"),
        ("gpt 4.1 cchd Inp Data Zone Tokens", "gpt 4.1", "cache_read"),
        ("V4 Pro cached glbl Tokens", "V4 Pro", "cache_read"),
        ("Llama 3.3 70B Inp glbl Tokens", "Llama 3.3 70B", "input_uncached"),
        ("gpt-4o-rt-aud1217 Outp glbl Tokens", "gpt-4o-rt-aud1217", "output_audio"),
        ("gpt-4o-rt-aud1217 Inp glbl Tokens", "gpt-4o-rt-aud1217", "input_audio"),
        ("gpt-4o-rt-aud1217 cchd Inp glbl Tokens", "gpt-4o-rt-aud1217", "cache_read"),
        ("gpt-4o-rt-txt Inp glbl Tokens", "gpt-4o-rt-txt", "input_uncached"),
        ("gpt image 1 img inp glbl Tokens", "gpt image 1 img", None),
        ("text-embedding-3-large glbl Tokens", "text-embedding-3-large", None),
        ("gpt 4o Inp Outp glbl Tokens", "gpt 4o", None),
        ("Inp glbl Tokens", None, "input_uncached"),
    ],
)
def test_words_of_the_grammar_leave_the_model_and_nothing_else(
    name: str, model: str | None, token_class: str | None
) -> None:
    assert (said(name).model, said(name).token_class) == (model, token_class)


@pytest.mark.parametrize(
    ("words", "scope"),
    [("DZ", "data_zone"), ("DZn", "data_zone"), ("DZone", "data_zone"), ("DataZone", "data_zone"),
     ("Data Zone", "data_zone"), ("glbl", "global"), ("Gl", "global"), ("regnl", "regional"),
     ("", None)],
)  # fmt: skip
def test_every_spelling_of_a_scope_is_read(words: str, scope: str | None) -> None:
    meter = said(f"gpt 4.1 Inp {words} Tokens")
    assert (meter.scope, meter.model) == (scope, "gpt 4.1")


@pytest.mark.parametrize(
    ("words", "tier"),
    [("PP", "priority"), ("Batch", "batch"), ("Flex", "flex"), ("Std", "standard"), ("", None),
     ("Batch PP", None)],
)  # fmt: skip
def test_a_tier_is_read_when_one_is_stated(words: str, tier: str | None) -> None:
    meter = said(f"5.4 {words} opt Gl 1M Tokens", "1M")
    assert (meter.service_tier, meter.model, meter.token_class) == (tier, "5.4", "output")


def test_words_that_stick_together_are_taken_apart() -> None:
    meter = said("gpt 4.1 BatchOutp glbl Tokens")
    assert (meter.model, meter.token_class, meter.service_tier) == ("gpt 4.1", "output", "batch")


@pytest.mark.parametrize(
    ("name", "unit", "block"),
    [("gpt 4o Inp Tokens", "1K", 1_000), ("5.4 inp 1M Tokens", "1M", 1_000_000),
     ("gpt 4o Inp Tokens", "1 M", 1_000_000), ("gpt 4o Inp Tokens", "1000 Tokens", 1_000),
     ("gpt 4o Inp Tokens", "10K", 10_000), ("gpt 4o Inp Tokens", "1 Hour", None),
     ("gpt 4o Inp Tokens", "", None), ("5.4 inp 1M Tokens", "1K", None)],
)  # fmt: skip
def test_the_unit_of_measure_counts_tokens_unless_the_name_contradicts_it(
    name: str, unit: str, block: int | None
) -> None:
    assert said(name, unit).block == block


@pytest.mark.parametrize(
    ("category", "product"),
    [("Azure OpenAI", "gpt-4o"), ("Cognitive Services", "Azure OpenAI"),
     ("Foundry Models", "Azure Grok Models"), ("Something New", "Whatever"), (None, None)],
)  # fmt: skip
def test_a_service_that_was_renamed_is_known_by_its_token_meters(
    category: str | None, product: str | None
) -> None:
    meter = parse_meter(category, product, "gpt 4o 1120 Inp glbl Tokens", "1K")
    assert (meter.is_model_service, meter.model) == (True, "gpt 4o 1120")


@pytest.mark.parametrize(
    ("category", "product", "name"),
    [("Virtual Machines", "BS Series", "B1s"), ("Cognitive Services", "Speech", "S1 Characters"),
     ("Cognitive Services", "Language", "Standard Text Records"),
     ("Azure Machine Learning", "Azure Machine Learning Models", "Standard Units"),
     ("Virtual Network", "Peering", "Intra-Region Ingress"), (None, None, None)],
)  # fmt: skip
def test_other_meters_of_the_bill_say_nothing(
    category: str | None, product: str | None, name: str | None
) -> None:
    assert parse_meter(category, product, name, "1K") == Meter(is_model_service=False)


def test_capacity_and_hosting_are_no_tokens() -> None:
    capacity = said("Provisioned Managed Data Zone Unit", "1/Hour")
    assert (capacity.cost_type, capacity.model) == ("provisioned_throughput", None)
    assert (capacity.scope, capacity.block) == ("data_zone", None)
    hosting = said("gpt 4o mini ft hstng Unit", "1 Hour")
    assert (hosting.cost_type, hosting.model) == ("hosting", "gpt 4o mini ft")
    training = said("gpt 4o mini ft trn glbl Tokens")
    assert (training.cost_type, training.token_class, training.block) == ("training", None, 1_000)


def test_a_meter_of_the_service_that_is_not_understood_keeps_its_service_only() -> None:
    assert said("Code Interpreter Session", "1") == Meter(is_model_service=True)
