"""The words of the price book: token classes, service tiers, and the many names of a provider."""

from __future__ import annotations

from collections.abc import Mapping

CLASS_PRICES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "input_uncached": (("input_uncached", "input_mtok"),),
    "cache_read": (("cache_read", "cache_read_mtok"), ("input_uncached", "input_mtok")),
    "cache_write_5m": (
        ("cache_write_5m", "cache_write_5m_mtok"),
        ("cache_write_other", "cache_write_mtok"),
        ("input_uncached", "input_mtok"),
    ),
    "cache_write_1h": (
        ("cache_write_1h", "cache_write_1h_mtok"),
        ("cache_write_other", "cache_write_mtok"),
        ("input_uncached", "input_mtok"),
    ),
    "cache_write_other": (
        ("cache_write_other", "cache_write_mtok"),
        ("input_uncached", "input_mtok"),
    ),
    "input_audio": (("input_audio", "input_audio_mtok"), ("input_uncached", "input_mtok")),
    "output": (("output", "output_mtok"),),
    "output_audio": (("output_audio", "output_audio_mtok"), ("output", "output_mtok")),
}
"""Per token class, the classes whose price it may carry, own price first, with the name that
genai-prices gives each (`genai_prices.data_units`, all per million tokens). The chain is that
library's rule: tokens of a class without a price are charged with the nearest class above it."""

TOKEN_CLASSES = tuple(CLASS_PRICES)

OWN_PRICE: Mapping[str, str] = {name: chain[0][1] for name, chain in CLASS_PRICES.items()}
"""The name that genai-prices gives each token class's own price."""

TIER_CONTEXT: Mapping[str, Mapping[str, str]] = {
    "standard": {},
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
}
"""Our service tiers as the request context that selects a `PriceVariant` in genai-prices."""

SERVICE_TIERS = tuple(TIER_CONTEXT)

INEXPRESSIBLE: Mapping[str, str] = {
    "requests_kcount": "a fee per request",
    "output_reasoning_mtok": "a price of its own for reasoning tokens",
}
"""Prices that every call of a model pays and that the token vector cannot carry: an estimate
without them would be wrong in silence, so such a model stays unpriced."""

_ALIASES: Mapping[str, tuple[str, ...]] = {
    "anthropic": ("anthropic_text",),
    "aws": (
        "aws.bedrock", "aws_bedrock", "aws-bedrock", "bedrock", "amazon_bedrock",
        "amazon-bedrock", "amazon.bedrock", "bedrock_converse", "bedrock_mantle",
    ),
    "azure": (
        "azure.ai.openai", "azure.ai.inference", "azure.openai", "azure_openai", "azure-openai",
        "az.ai.openai", "az.ai.inference", "azure_ai", "azure_text",
    ),
    "cohere": ("cohere_chat",),
    "fireworks": ("fireworks_ai", "fireworks-ai", "fireworks.ai"),
    "github-copilot": ("github_copilot",),
    "google": (
        "gcp.vertex_ai", "gcp.gemini", "gcp.gen_ai", "vertex_ai", "vertex_ai_beta", "vertexai",
        "vertex", "gemini", "google_ai_studio", "google_genai", "google_vertexai",
        "google-vertex", "google-gla", "google-vertex-ai", "vertex_ai-anthropic_models",
    ),
    "meta": ("meta_llama",),
    "mistral": ("mistral_ai", "mistralai", "mistral-ai"),
    "moonshotai": ("moonshot_ai", "moonshot", "moonshot-ai"),
    "openai": ("text-completion-openai", "openai_text", "openai.chat", "openai.responses"),
    "perplexity": ("perplexity_ai",),
    "together": ("together_ai", "together-ai", "togetherai"),
    "voyageai": ("voyage", "voyage_ai"),
    "x-ai": ("x_ai", "xai", "x.ai"),
    "zai": ("z_ai", "z.ai", "z-ai"),
}
"""`gen_ai.provider.name` values of OpenTelemetry and `custom_llm_provider` words of LiteLLM by
genai-prices provider id. Listed one by one: the library's own rule (`contains 'openai'`) would
price `azure.ai.openai` and any self-hosted `custom_openai` endpoint as OpenAI."""

PROVIDER_ALIASES: Mapping[str, str] = {
    alias: provider for provider, aliases in _ALIASES.items() for alias in aliases
}

PROXIES = frozenset({"litellm", "litellm_proxy"})
"""Words that name the gateway and not who served the call: as good as no provider."""


def canonical_provider(provider: str | None) -> str | None:
    """Return the genai-prices id for a provider word; an unknown word only in lower case.

    None, a blank and the name of a gateway all give None: nobody said who served the call.
    """
    word = (provider or "").strip().lower()
    if not word or word in PROXIES:
        return None
    return PROVIDER_ALIASES.get(word, word)


def is_private_model(model: str) -> bool:
    """Tell whether a name is a fine-tuned, imported or reserved-capacity model of one customer.

    Their price is not the base model's: `ft:gpt-4.1:acme::1`, `davinci:ft-acme-2023`, Bedrock's
    `custom-model` and `provisioned-model` ARNs, Gemini's `tunedModels/...`.
    """
    name = model.strip().lower()
    parts = name.replace(":", "/").split("/")
    marks = ("custom-model", "imported-model", "provisioned-model", "tunedmodels")
    return (
        name.startswith("ft:")
        or "/ft:" in name
        or ":ft-" in name
        or any(part.startswith(marks) for part in parts)
    )
