"""What each observed usage type says, written down by hand from the grammars."""

from pathlib import Path

import pytest

from ingest.billing.aws.models import UsageType, parse
from tests.ingest.billing.aws.cur_lines import EDITION

# usage type -> model, token class, tokens in one unit, tier, cost type, what else it says
SONNET = "Claude Sonnet 4.6"
GLOBAL = {"routing": "global"}
MANTLE = {"endpoint": "mantle"}
WORDED = {
    "USE1-Claude4.6Sonnet-input-tokens":
        ("Claude4.6Sonnet", "input_uncached", "standard", {}),
    "USE1-Claude4.6Sonnet-output-tokens":
        ("Claude4.6Sonnet", "output", "standard", {}),
    "USE1-Claude4.6Sonnet-cache-read-input-token-count":
        ("Claude4.6Sonnet", "cache_read", "standard", {}),
    "USE1-Claude4.6Sonnet-output-tokens-cross-region-global":
        ("Claude4.6Sonnet", "output", "standard", GLOBAL),
    "USE1-Claude4Sonnet-cache-read-input-token-count-cross-region-global":
        ("Claude4Sonnet", "cache_read", "standard", GLOBAL),
    "USE1-Claude4Sonnet-cache-read-input-token-count-long-context-cross-region-global":
        ("Claude4Sonnet", "cache_read", "standard", {"context": "long", **GLOBAL}),
    "USE1-NovaPro-input-tokens": ("NovaPro", "input_uncached", "standard", {}),
    "USE1-NovaPro-output-tokens": ("NovaPro", "output", "standard", {}),
    "USE1-NovaPro-cache-read-input-token-count": ("NovaPro", "cache_read", "standard", {}),
    "USE1-NovaPro-cache-write-input-token-count": ("NovaPro", "cache_write_other", "standard", {}),
    "APN1-NovaPro-input-tokens-batch": ("NovaPro", "input_uncached", "batch", {}),
    "USE1-Nova2.0Lite-input-tokens-flex": ("Nova2.0Lite", "input_uncached", "flex", {}),
    "USE1-Nova2.0Lite-input-tokens-cross-region-global-batch":
        ("Nova2.0Lite", "input_uncached", "batch", GLOBAL),
    "USE1-Nova2.0Pro-text-input-tokens-priority-cross-region-global":
        ("Nova2.0Pro", "input_uncached", "priority", {"modality": "text", **GLOBAL}),
    "USE1-Claude3-5Haiku-input-tokens-latency-optimized":
        ("Claude3-5Haiku", "input_uncached", None, {"latency": "optimized"}),
    "USE1-gpt-oss-120b-output-tokens-priority": ("gpt-oss-120b", "output", "priority", {}),
    "USE1-openai.gpt-oss-120b-mantle-input-tokens-standard":
        ("openai.gpt-oss-120b", "input_uncached", "standard", MANTLE),
    "USW2-anthropic.claude-opus-4-8-mantle-input-tokens-global-standard":
        ("anthropic.claude-opus-4-8", "input_uncached", "standard", {**MANTLE, **GLOBAL}),
    "APN1-xai.grok-4.6-mantle-input-tokens-standard":
        ("xai.grok-4.6", "input_uncached", "standard", MANTLE),
    "EU-TitanEmbeddingV2-Text-input-tokens":
        ("TitanEmbeddingV2-Text", "input_uncached", "standard", {}),
}  # fmt: skip
COUNTED = {
    "USE1-MP:USE1_InputTokenCount-Units": ("input_uncached", "standard", {}),
    "USE1-MP:USE1_InputTokenCount_Global-Units": ("input_uncached", "standard", GLOBAL),
    "USE1-MP:USE1_InputTokenCount_Batch-Units": ("input_uncached", "batch", {}),
    "USE1-MP:USE1_OutputTokenCount-Units": ("output", "standard", {}),
    "USE1-MP:USE1_CacheReadInputTokenCount-Units": ("cache_read", "standard", {}),
    "USE1-MP:USE1_CacheWriteInputTokenCount-Units": ("cache_write_other", "standard", {}),
    "USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units": ("cache_write_1h", "standard", GLOBAL),
    "USE1-MP:USE1_input_tokens_standard-Units": ("input_uncached", "standard", {}),
    "USE1-MP:USE1_input_tokens_global_standard-Units": ("input_uncached", "standard", GLOBAL),
    "USE1-MP:USE1_output_tokens_standard-Units": ("output", "standard", {}),
}
NO_TOKENS = {
    "USE1-cohere.rerank-english-v3-search-units": ("cohere.rerank-english-v3", "search_units"),
    "USE1-Guardrail-AutomatedReasoningPolicyUnitsConsumed": (None, "guardrail"),
    "USE1-GuardrailsTextUnit": (None, "guardrail"),
    "USE1-MP:USE1_Reserved_1Month_InputTPM_Geo-Units": (SONNET, "reserved_capacity"),
}
OBSERVED = {
    **{name: UsageType(model, kind, 1_000, tier, "tokens", said)
       for name, (model, kind, tier, said) in WORDED.items()},
    **{name: UsageType(SONNET, kind, 1_000_000, tier, "tokens", said)
       for name, (kind, tier, said) in COUNTED.items()},
    **{name: UsageType(model=model, cost_type=cost_type)
       for name, (model, cost_type) in NO_TOKENS.items()},
}  # fmt: skip


def product_of(usage_type: str) -> str:
    return EDITION if "-MP:" in usage_type else "Amazon Bedrock"


@pytest.mark.parametrize("usage_type", OBSERVED)
def test_an_observed_usage_type_says_what_we_wrote_down(usage_type: str) -> None:
    assert parse(usage_type, product_of(usage_type)) == OBSERVED[usage_type]


def test_every_observed_string_is_written_down_here(samples: Path) -> None:
    lines = (samples / "aws" / "bedrock_usage_types_observed.txt").read_text().splitlines()
    assert {text for text in lines if text and text[0] != "#"} == OBSERVED.keys()


@pytest.mark.parametrize(
    ("usage_type", "kind", "tier", "said"),
    [
        ("EUW1-MP:EUW1_CacheReadInputTokenCount_LCtx_Global_Batch-Units",
         "cache_read", "batch", {"context": "long", **GLOBAL}),
        ("USE1-MP:USE1_cache_write_tokens_1h_long_ctx_global_standard-Units",
         "cache_write_1h", "standard", {"context": "long", **GLOBAL}),
        ("USE1-MP:USE1_cache_write_tokens_standard-Units", "cache_write_other", "standard", {}),
        ("USE1-MP:USE1_cache_read_tokens_standard-Units", "cache_read", "standard", {}),
    ],
)  # fmt: skip
def test_the_rest_of_the_marketplace_grammars_is_read(
    usage_type: str, kind: str, tier: str, said: dict[str, str]
) -> None:
    assert parse(usage_type, EDITION) == UsageType(SONNET, kind, 1_000_000, tier, "tokens", said)


def test_a_suffix_nobody_knows_leaves_the_tier_unknown_and_the_tokens_read() -> None:
    found = parse("USE1-NovaPro-output-tokens-turbo", None)
    assert (found.model, found.token_class, found.tier) == ("NovaPro", "output", None)


def test_audio_is_a_token_class_of_its_own() -> None:
    found = [parse(f"USE1-Sonic-speech-{way}-tokens", None) for way in ("input", "output")]
    assert [said.token_class for said in found] == ["input_audio", "output_audio"]


def test_a_marketplace_line_without_the_edition_names_no_model() -> None:
    assert parse("USE1-MP:USE1_OutputTokenCount-Units", "Something else").model is None
    assert parse("USE1-MP:USE1_OutputTokenCount-Units", None).model is None


@pytest.mark.parametrize("usage_type", ["USE1-T2I-1024-Premium", "", "input-tokens", "Tax"])
def test_what_no_grammar_covers_stays_unknown(usage_type: str) -> None:
    assert parse(usage_type, "Amazon Bedrock") == UsageType()
