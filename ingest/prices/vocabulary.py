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

PART_PRICES: Mapping[str, str] = {
    "cache_read_audio": "cache_audio_read_mtok",
    "input_image": "input_image_mtok",
    "input_video": "input_video_mtok",
    "output_image": "output_image_mtok",
    "output_video": "output_video_mtok",
}
"""Parts of a class (`TOKEN_PARTS`) with the name of their own price in genai-prices; a part without
one costs what its class does."""

FEES: Mapping[str, str] = {"web_search": "web_searches_kcount"}
"""What is billed by the piece beside tokens, with its price in genai-prices, per thousand. Our
prices are per million of anything."""

PRICED = (*TOKEN_CLASSES, *PART_PRICES, *FEES)
"""Everything that a rate card can price."""

OWN_PRICE: Mapping[str, str] = {name: chain[0][1] for name, chain in CLASS_PRICES.items()}
"""The name that genai-prices gives each token class's own price."""

OWN_PRICES: Mapping[str, str] = {**OWN_PRICE, **PART_PRICES, **FEES}
"""The same of everything that a rate card can price."""

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

_PROVIDERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("anthropic", "anthropic", ("anthropic_text",)),
    ("anthropic", "anthropic.claude_enterprise", ()),
    (
        "aws",
        "aws.bedrock",
        (
            "aws",
            "aws_bedrock",
            "aws-bedrock",
            "bedrock",
            "amazon_bedrock",
            "amazon-bedrock",
            "amazon.bedrock",
            "bedrock_converse",
            "bedrock_mantle",
        ),
    ),
    # Azure bills every model service as one, so both of OpenTelemetry's names are one channel.
    (
        "azure",
        "azure.ai.openai",
        (
            "azure",
            "azure.ai.inference",
            "azure.openai",
            "azure_openai",
            "azure-openai",
            "azure-openai-responses",
            "az.ai.openai",
            "az.ai.inference",
            "azure_ai",
            "azure_text",
        ),
    ),
    ("cohere", "cohere", ("cohere_chat",)),
    ("fireworks", "fireworks", ("fireworks_ai", "fireworks-ai", "fireworks.ai")),
    ("groq", "groq", ()),
    ("github-copilot", "github-copilot", ("github_copilot",)),
    (
        "google",
        "gcp.gemini",
        ("gemini", "google_ai_studio", "google_genai", "google-gla", "google.generative-ai"),
    ),
    (
        "google",
        "gcp.vertex_ai",
        (
            "vertex_ai",
            "vertex_ai_beta",
            "vertexai",
            "vertex",
            "google_vertexai",
            "google-vertex",
            "google-vertex-ai",
            "vertex_ai-anthropic_models",
            "google.vertex",
        ),
    ),
    ("google", "gcp.gen_ai", ()),
    ("meta", "meta", ("meta_llama",)),
    ("mistral", "mistral_ai", ("mistral", "mistralai", "mistral-ai")),
    ("moonshotai", "moonshot_ai", ("moonshot", "moonshot-ai", "moonshotai")),
    (
        "openai",
        "openai",
        (
            "text-completion-openai",
            "openai_text",
            "openai.chat",
            "openai.responses",
        ),
    ),
    ("perplexity", "perplexity", ("perplexity_ai",)),
    ("together", "together", ("together_ai", "together-ai", "togetherai")),
    ("voyageai", "voyageai", ("voyage", "voyage_ai")),
    ("x-ai", "x_ai", ("xai", "x.ai", "x-ai")),
    ("zai", "zai", ("z_ai", "z.ai", "z-ai")),
)
"""Providers: genai-prices id, the `gen_ai.provider.name` of OpenTelemetry, and other words, such as
LiteLLM's `custom_llm_provider`. Listed one by one: the library's own rule (`contains 'openai'`)
would price `azure.ai.openai` and any self-hosted `custom_openai` endpoint as OpenAI."""

PROVIDER_ALIASES: Mapping[str, str] = {
    word: seller for seller, name, words in _PROVIDERS for word in (name, *words)
}
"""genai-prices provider id of a provider word."""

_PROVIDER_NAMES: Mapping[str, str] = {
    word: name for _, name, words in _PROVIDERS for word in (name, *words)
}

NO_SELLERS = frozenset(
    {
        # gateways
        "litellm",
        "litellm_proxy",
        "gateway",
        "ai-gateway",
        "ai_gateway",
        "vercel",
        # frameworks and software development kits
        "adk",
        "agno",
        "ai-sdk",
        "autogen",
        "crewai",
        "dspy",
        "gcp.vertex.agent",
        "google_adk",
        "haystack",
        "langchain",
        "langgraph",
        "llama_index",
        "llamaindex",
        "openai_agents",
        "pydantic_ai",
        "pydantic-ai",
        "semantic_kernel",
        "smolagents",
        "spring_ai",
        "strands",
        "strands-agents",
    }
)
"""Words that name a gateway or the framework that wrote the record, and not who served the call: as
good as no provider. Seen as `gen_ai.system` in traces of these frameworks."""


def canonical_provider(provider: str | None) -> str | None:
    """Return the genai-prices id for a provider word; an unknown word only in lower case.

    None, a blank and the name of a gateway or framework all give None: nobody said who served the
    call. Emitters put the interface behind a provider (`anthropic.messages`, `azure-openai.chat`):
    of a dotted word that is unknown, its beginning counts when that is known.
    """
    word = _known_word(provider)
    if not word or word in NO_SELLERS:
        return None
    return PROVIDER_ALIASES.get(word, word)


def provider_name(provider: str | None) -> str | None:
    """Return the `gen_ai.provider.name` under which bills and calls of a provider meet.

    `bedrock` and `aws_bedrock` are `aws.bedrock`; an unknown word stays, in lower case. `google`
    alone stays too: it does not say which of Google's two channels served the call.
    """
    word = _known_word(provider)
    return _PROVIDER_NAMES.get(word, word) or None


def _known_word(provider: str | None) -> str:
    """The word, in lower case, without an interface behind it."""
    word = (provider or "").strip().lower()
    short = word
    while "." in short and short not in PROVIDER_ALIASES and short not in NO_SELLERS:
        short = short.rpartition(".")[0]
    return short if short in PROVIDER_ALIASES or short in NO_SELLERS else word


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
