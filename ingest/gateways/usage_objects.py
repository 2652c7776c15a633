"""The usage object of a provider's answer: the one place that knows where it states what.

Flavours read, and what their input counts:

* Anthropic messages (`input_tokens` beside `cache_*`), Bedrock Converse (`inputTokens`): without
  tokens of the prompt cache
* OpenAI chat completions and the many that imitate it (`prompt_tokens`; LiteLLM's normalised
  object too), OpenAI responses, realtime and images (`input_tokens` with details), Perplexity,
  x.ai, Google (`promptTokenCount`): with them. Google counts tool prompts and thoughts beside
  prompt and candidates

Names are distinct between flavours, so that one list of places serves all. Sources: the extractors
of genai-prices 0.2.3 and the providers' API references.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from ingest.mapping.usage_readings import Convention, is_whole
from ingest.records.fields import Leaf, json_paths
from ingest.sql import literal, quote

PLACES: Mapping[str, tuple[str, ...]] = {
    "input": ("prompt_tokens", "input_tokens", "inputTokens", "promptTokenCount"),
    "input_tools": ("toolUsePromptTokenCount",),
    "input_audio": ("prompt_tokens_details.audio_tokens", "input_token_details.audio_tokens"),
    "input_image": (
        "prompt_tokens_details.image_tokens",
        "input_tokens_details.image_tokens",
        "input_token_details.image_tokens",
    ),
    "input_video": ("prompt_tokens_details.video_tokens",),
    "cache_read": (
        "cache_read_input_tokens",
        "cacheReadInputTokens",
        "cacheReadInputTokenCount",
        "prompt_tokens_details.cached_tokens",
        "input_tokens_details.cached_tokens",
        "input_tokens_details.cache_read_input_tokens",
        "input_token_details.cached_tokens",
        "cached_prompt_text_tokens",
        "cachedContentTokenCount",
    ),
    "cache_read_audio": (
        "prompt_tokens_details.cached_tokens_details.audio_tokens",
        "input_token_details.cached_tokens_details.audio_tokens",
    ),
    "cache_write": (
        "cache_creation_input_tokens",
        "cacheWriteInputTokens",
        "cacheWriteInputTokenCount",
        "prompt_tokens_details.cache_write_tokens",
        "prompt_tokens_details.cache_creation_tokens",
        "input_tokens_details.cache_write_tokens",
    ),
    "cache_write_5m": (
        "cache_creation.ephemeral_5m_input_tokens",
        "prompt_tokens_details.cache_creation_token_details.ephemeral_5m_input_tokens",
    ),
    "cache_write_1h": (
        "cache_creation.ephemeral_1h_input_tokens",
        "prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens",
    ),
    "output": ("completion_tokens", "output_tokens", "outputTokens"),
    "output_google": ("candidatesTokenCount",),
    "output_thoughts": ("thoughtsTokenCount",),
    "output_audio": (
        "completion_tokens_details.audio_tokens",
        "output_token_details.audio_tokens",
    ),
    "output_image": (
        "completion_tokens_details.image_tokens",
        "output_tokens_details.image_tokens",
    ),
    "output_video": ("completion_tokens_details.video_tokens",),
    "reasoning": (
        "completion_tokens_details.reasoning_tokens",
        "output_tokens_details.reasoning_tokens",
        "output_tokens_details.thinking_tokens",
        "reasoning_tokens",
    ),
    "unclassified": ("citation_tokens",),
    "total": ("total_tokens", "totalTokens", "totalTokenCount"),
    "web_searches": (
        "server_tool_use.web_search_requests",
        "prompt_tokens_details.web_search_requests",
        "tool_calls_details.search_web.invocation",
        "num_search_queries",
    ),
}
"""The places of each count. Several of one are one count in several spellings: of a stale 0 and a
number the number is meant, so the largest counts (litellm#11789)."""

_LISTS: Mapping[str, tuple[str, str]] = {
    "cacheDetails": ("ttl", "inputTokens"),
    "promptTokensDetails": ("modality", "tokenCount"),
    "toolUsePromptTokensDetails": ("modality", "tokenCount"),
    "cacheTokensDetails": ("modality", "tokenCount"),
    "candidatesTokensDetails": ("modality", "tokenCount"),
}
"""Lists of counts by a word."""

_LISTED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "cache_write_5m": (("cacheDetails", "5m"),),
    "cache_write_1h": (("cacheDetails", "1h"),),
    "input_audio": (("promptTokensDetails", "AUDIO"), ("toolUsePromptTokensDetails", "AUDIO")),
    "input_image": (
        ("promptTokensDetails", "IMAGE"),
        ("promptTokensDetails", "DOCUMENT"),
        ("toolUsePromptTokensDetails", "IMAGE"),
        ("toolUsePromptTokensDetails", "DOCUMENT"),
    ),
    "input_video": (("promptTokensDetails", "VIDEO"), ("toolUsePromptTokensDetails", "VIDEO")),
    "cache_read_audio": (("cacheTokensDetails", "AUDIO"),),
    "output_audio": (("candidatesTokensDetails", "AUDIO"),),
    "output_image": (("candidatesTokensDetails", "IMAGE"), ("candidatesTokensDetails", "DOCUMENT")),
    "output_video": (("candidatesTokensDetails", "VIDEO"),),
}
"""What is listed by a word: list and word. The entries are added."""

GEO = "inference_geo"
"""Anthropic's word for where a call was served, which multiplies its price."""

TIER = "service_tier"
"""Anthropic's word for the tier that served the call."""

_INCLUSIVE_MARKS = (
    "prompt_tokens",
    "promptTokenCount",
    "input_tokens_details.cached_tokens",
    "input_tokens_details.text_tokens",
    "input_tokens_details.image_tokens",
    "input_token_details.cached_tokens",
    "input_token_details.text_tokens",
)
"""What only flavours have whose input counts tokens of the prompt cache too."""


_NORMALISED = (
    "prompt_tokens",
    "completion_tokens",
    "prompt_tokens_details",
    "completion_tokens_details",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "server_tool_use",
    "citation_tokens",
    "num_search_queries",
)
"""What LiteLLM makes of every provider's usage object."""


def usage_leaves(prefix: tuple[str, ...]) -> list[Leaf]:
    """The counts of a chat completion's usage object, LiteLLM's own form, as typed leaves.

    Args:
        prefix: path of the object.
    """
    paths = [path for paths in PLACES.values() for path in paths]
    kept = [path for path in paths if path.split(".")[0] in _NORMALISED]
    return [Leaf((*prefix, *path.split(".")), "DOUBLE") for path in kept]


def leaf_counts(prefix: tuple[str, ...], own: Mapping[str, str]) -> Mapping[str, str]:
    """SQL of the counts over the columns of `usage_leaves`.

    Args:
        own: SQL of counts that the record states beside the object, by name of `PLACES`.
    """
    names = {leaf.path[len(prefix) :]: quote(leaf.name) for leaf in usage_leaves(prefix)}

    def place(path: str) -> str | None:
        return names.get(tuple(path.split(".")))

    return _counts(place, lambda _list, _word: None, own)


def usage_struct(text: str) -> str:
    """SQL of a usage object as a struct, given the SQL of its JSON: one pass over the object."""
    structure: dict[str, object] = {}
    for paths in PLACES.values():
        for path in paths:
            *outer, name = path.split(".")
            node = structure
            for key in outer:
                node = node.setdefault(key, {})  # type: ignore[assignment]
            node[name] = "DOUBLE"
    structure |= {n: [{word: "VARCHAR", count: "DOUBLE"}] for n, (word, count) in _LISTS.items()}
    structure["input_tokens_details"]["text_tokens"] = "DOUBLE"  # type: ignore[index]
    structure["input_token_details"]["text_tokens"] = "DOUBLE"  # type: ignore[index]
    return f"json_transform({text}, {literal(json.dumps(structure))})"


def struct_counts(usage: str) -> Mapping[str, str]:
    """SQL of the counts, given the SQL of a `usage_struct`, which must be a column."""

    def listed(name: str, word: str) -> str | None:
        key, count = _LISTS[name]
        wanted = f"list_filter({usage}.{name}, lambda e: e.{key} = {literal(word)})"
        return f"list_sum(list_transform({wanted}, lambda e: e.{count}))"

    return _counts(lambda path: f"{usage}.{path}", listed, {})


def struct_convention(usage: str) -> Convention:
    """Whether cached tokens stand beside the input, which the flavour tells."""
    marks = ", ".join(f"{usage}.{path}" for path in _INCLUSIVE_MARKS)
    return Convention(cache=f"(coalesce({marks}) is null)")


def has_unfit_counts(text: str) -> str:
    """SQL of whether a usage object states a plain count that is no whole number."""
    plain = [(path,) for paths in PLACES.values() for path in paths if "." not in path]
    stated = f"json_extract({text}, {json_paths(plain)})"
    return (
        f"len(list_filter({stated}, lambda v: json_type(v) <> 'NULL'"
        f" and not coalesce({is_whole('try_cast(v as double)')}, false))) > 0"
    )


def _counts(
    place: Callable[[str], str | None],
    listed: Callable[[str, str], str | None],
    own: Mapping[str, str],
) -> dict[str, str]:
    def stated(name: str) -> str:
        found = [own[name]] if name in own else []
        found += [sql for sql in map(place, PLACES[name]) if sql]
        words = [sql for entry in _LISTED.get(name, ()) if (sql := listed(*entry))]
        if words:
            total = " + ".join(f"coalesce({sql}, 0)" for sql in words)
            found.append(f"case when coalesce({', '.join(words)}) is not null then {total} end")
        return f"greatest({', '.join(found)})" if found else "null::double"

    counts = {name: stated(name) for name in PLACES}
    tools, google, thoughts = (
        counts.pop(name) for name in ("input_tools", "output_google", "output_thoughts")
    )
    counts["input"] = f"({counts['input']} + coalesce({tools}, 0))"
    counts["reasoning"] = f"greatest({counts['reasoning']}, {thoughts})"
    # Google leaves out a count that is 0, of an answer that only thought, for instance
    prompt = place("promptTokenCount")
    if prompt:
        answer = f"coalesce({google}, 0) + coalesce({thoughts}, 0)"
        counts["output"] = (
            f"coalesce({counts['output']}, case when {prompt} is not null then {answer} end)"
        )
    return counts
