"""The usage object of a provider's answer as our token vector: the one place that knows them.

Flavours read, and what their input counts:

* Anthropic messages (`input_tokens` beside `cache_*`), Bedrock Converse (`inputTokens`): without
  tokens of the prompt cache
* OpenAI chat completions and the many that imitate it (`prompt_tokens`), OpenAI responses
  (`input_tokens` with `input_tokens_details`), Google (`promptTokenCount`): with them. Google
  counts tool prompts and thoughts beside prompt and candidates

Anything else has no vector. Names are distinct between flavours, so that one expression serves all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from ingest.records.fields import json_paths
from ingest.sql import literal

_NUMBERS = (
    "input_tokens",
    "inputTokens",
    "prompt_tokens",
    "promptTokenCount",
    "toolUsePromptTokenCount",
    "output_tokens",
    "outputTokens",
    "completion_tokens",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "cache_read_input_tokens",
    "cacheReadInputTokens",
    "cacheReadInputTokenCount",
    "cachedContentTokenCount",
    "cache_creation_input_tokens",
    "cacheWriteInputTokens",
    "cacheWriteInputTokenCount",
)
_DETAILS: Mapping[str, tuple[str, ...]] = {
    "cache_creation": ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"),
    "prompt_tokens_details": ("cached_tokens", "cache_write_tokens", "audio_tokens"),
    "input_tokens_details": ("cached_tokens", "cache_write_tokens"),
    "completion_tokens_details": ("reasoning_tokens", "audio_tokens"),
    "output_tokens_details": ("reasoning_tokens", "thinking_tokens"),
}
_LISTS: Mapping[str, tuple[str, str]] = {
    "cacheDetails": ("ttl", "inputTokens"),
    "promptTokensDetails": ("modality", "tokenCount"),
    "cacheTokensDetails": ("modality", "tokenCount"),
    "candidatesTokensDetails": ("modality", "tokenCount"),
}
"""Lists of counts by a word."""

STRUCTURE: Mapping[str, object] = {
    **dict.fromkeys(_NUMBERS, "BIGINT"),
    **{name: dict.fromkeys(parts, "BIGINT") for name, parts in _DETAILS.items()},
    **{name: [{word: "VARCHAR", count: "BIGINT"}] for name, (word, count) in _LISTS.items()},
}
"""Every value that a vector needs, as `json_transform` wants it: one pass over the object."""

_READ = (
    "cache_read_input_tokens",
    "cacheReadInputTokens",
    "cacheReadInputTokenCount",
    "prompt_tokens_details.cached_tokens",
    "input_tokens_details.cached_tokens",
    "cachedContentTokenCount",
)
_WRITE = (
    "cache_creation_input_tokens",
    "cacheWriteInputTokens",
    "cacheWriteInputTokenCount",
    "prompt_tokens_details.cache_write_tokens",
    "input_tokens_details.cache_write_tokens",
)
_REASONING = (
    "completion_tokens_details.reasoning_tokens",
    "output_tokens_details.reasoning_tokens",
    "output_tokens_details.thinking_tokens",
    "thoughtsTokenCount",
)


def usage_struct(text: str) -> str:
    """SQL of a usage object as a struct, given the SQL of its JSON."""
    return f"json_transform({text}, {literal(json.dumps(STRUCTURE))})"


def has_unfit_counts(text: str) -> str:
    """SQL of whether a usage object states a plain count that is no whole number."""
    stated = f"json_extract({text}, {json_paths([(name,) for name in _NUMBERS])})"
    return (
        f"len(list_filter({stated}, lambda v: json_type(v) <> 'NULL'"
        " and try_cast(v as bigint) is null)) > 0"
    )


def token_vector(usage: str) -> Mapping[str, str]:
    """SQL of every token class, given the SQL of a `usage_struct`, which must be a column.

    A class is NULL when the object says nothing of its side, and 0 when the side is known and the
    class unmentioned. Counts that contradict each other give a negative class, never a guess.
    """
    read, write = _first(usage, _READ), _first(usage, _WRITE)
    write_5m, write_1h = _written_for(usage, "5m"), _written_for(usage, "1h")
    written = f"greatest(coalesce({write}, 0), {write_5m} + {write_1h})"
    audio_in, audio_out = _audio_in(usage), _audio_out(usage)
    total_in, total_out = _input(usage), _output(usage)
    # the flavours whose input counts tokens of the prompt cache too
    includes = (
        f"coalesce({usage}.prompt_tokens, {usage}.promptTokenCount) is not null"
        f" or {usage}.input_tokens_details is not null"
    )
    parts = f"case when {includes} then coalesce({read}, 0) + {written} else 0 end"
    return {
        "input_uncached_tokens": f"({total_in} - {parts} - {audio_in})",
        "cache_read_tokens": _known(total_in, f"coalesce({read}, 0)"),
        "cache_write_5m_tokens": _known(total_in, write_5m),
        "cache_write_1h_tokens": _known(total_in, write_1h),
        "cache_write_other_tokens": _known(total_in, f"({written} - {write_5m} - {write_1h})"),
        "input_audio_tokens": _known(total_in, audio_in),
        "output_tokens": f"({total_out} - {audio_out})",
        "reasoning_tokens": _known(total_out, f"coalesce({_first(usage, _REASONING)}, 0)"),
        "output_audio_tokens": _known(total_out, audio_out),
    }


def _written_for(usage: str, lifetime: str) -> str:
    anthropic = _number(usage, f"cache_creation.ephemeral_{lifetime}_input_tokens")
    bedrock = _listed(usage, "cacheDetails", lifetime)
    return f"coalesce({anthropic}, {bedrock}, 0)"


def _input(usage: str) -> str:
    google = _number(usage, "promptTokenCount")
    tools = f"coalesce({_number(usage, 'toolUsePromptTokenCount')}, 0)"
    names = ("input_tokens", "inputTokens", "prompt_tokens")
    return f"coalesce({_first(usage, names)}, {google} + {tools})"


def _output(usage: str) -> str:
    """Google leaves out a count that is 0, of an answer that only thought, for instance."""
    google = (
        f"case when {usage}.promptTokenCount is not null"
        f" then coalesce({_number(usage, 'candidatesTokenCount')}, 0)"
        f" + coalesce({_number(usage, 'thoughtsTokenCount')}, 0) end"
    )
    names = ("output_tokens", "outputTokens", "completion_tokens")
    return f"coalesce({_first(usage, names)}, {google})"


def _audio_in(usage: str) -> str:
    """Uncached audio: Google's count per modality holds the cached part too."""
    google = _listed(usage, "promptTokensDetails", "AUDIO")
    cached = _listed(usage, "cacheTokensDetails", "AUDIO")
    openai = _number(usage, "prompt_tokens_details.audio_tokens")
    return f"coalesce({openai}, {google} - coalesce({cached}, 0), 0)"


def _audio_out(usage: str) -> str:
    google = _listed(usage, "candidatesTokensDetails", "AUDIO")
    return f"coalesce({_number(usage, 'completion_tokens_details.audio_tokens')}, {google}, 0)"


def _number(usage: str, path: str) -> str:
    return f"{usage}.{path}"


def _first(usage: str, paths: tuple[str, ...]) -> str:
    return f"coalesce({', '.join(_number(usage, path) for path in paths)})"


def _listed(usage: str, path: str, word: str) -> str:
    """The count of the entries of a list that carry a word; NULL when there is none."""
    key, count = _LISTS[path]
    wanted = f"list_filter({usage}.{path}, lambda e: e.{key} = {literal(word)})"
    return f"list_sum(list_transform({wanted}, lambda e: e.{count}))::bigint"


def _known(total: str, part: str) -> str:
    return f"case when {total} is not null then {part} end"
