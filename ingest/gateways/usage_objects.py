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

from collections.abc import Mapping

_INCLUDING = ("prompt_tokens", "input_tokens_details", "promptTokenCount")
"""Keys of objects whose input counts tokens of the prompt cache too."""

_READ = (
    "cache_read_input_tokens", "cacheReadInputTokens", "cacheReadInputTokenCount",
    "prompt_tokens_details.cached_tokens", "input_tokens_details.cached_tokens",
    "cachedContentTokenCount",
)  # fmt: skip
_WRITE = (
    "cache_creation_input_tokens", "cacheWriteInputTokens", "cacheWriteInputTokenCount",
    "prompt_tokens_details.cache_write_tokens", "input_tokens_details.cache_write_tokens",
)  # fmt: skip
_REASONING = (
    "completion_tokens_details.reasoning_tokens", "output_tokens_details.reasoning_tokens",
    "output_tokens_details.thinking_tokens", "thoughtsTokenCount",
)  # fmt: skip


def token_vector(usage: str) -> Mapping[str, str]:
    """SQL of every token class, given the SQL of a usage object as JSON.

    A class is NULL when the object says nothing of its side, and 0 when the side is known and the
    class unmentioned. Counts that contradict each other give a negative class, never a guess.
    """
    read, write = _first(usage, _READ), _first(usage, _WRITE)
    write_5m, write_1h = _written_for(usage, "5m"), _written_for(usage, "1h")
    written = f"greatest(coalesce({write}, 0), {write_5m} + {write_1h})"
    audio_in, audio_out = _audio_in(usage), _audio_out(usage)
    total_in, total_out = _input(usage), _output(usage)
    includes = " or ".join(f"json_exists({usage}, '$.{key}')" for key in _INCLUDING)
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
    bedrock = _listed(usage, "cacheDetails", "ttl", lifetime, "inputTokens")
    return f"coalesce({anthropic}, {bedrock}, 0)"


def _input(usage: str) -> str:
    google = _number(usage, "promptTokenCount")
    tools = f"coalesce({_number(usage, 'toolUsePromptTokenCount')}, 0)"
    names = ("input_tokens", "inputTokens", "prompt_tokens")
    return f"coalesce({_first(usage, names)}, {google} + {tools})"


def _output(usage: str) -> str:
    """Google leaves out a count that is 0, of an answer that only thought, for instance."""
    google = (
        f"case when json_exists({usage}, '$.promptTokenCount')"
        f" then coalesce({_number(usage, 'candidatesTokenCount')}, 0)"
        f" + coalesce({_number(usage, 'thoughtsTokenCount')}, 0) end"
    )
    names = ("output_tokens", "outputTokens", "completion_tokens")
    return f"coalesce({_first(usage, names)}, {google})"


def _audio_in(usage: str) -> str:
    """Uncached audio: Google's count per modality holds the cached part too."""
    google = _listed(usage, "promptTokensDetails", "modality", "AUDIO", "tokenCount")
    cached = _listed(usage, "cacheTokensDetails", "modality", "AUDIO", "tokenCount")
    openai = _number(usage, "prompt_tokens_details.audio_tokens")
    return f"coalesce({openai}, {google} - coalesce({cached}, 0), 0)"


def _audio_out(usage: str) -> str:
    google = _listed(usage, "candidatesTokensDetails", "modality", "AUDIO", "tokenCount")
    return f"coalesce({_number(usage, 'completion_tokens_details.audio_tokens')}, {google}, 0)"


def _number(usage: str, path: str) -> str:
    return f"try_cast(json_extract_string({usage}, '$.{path}') as bigint)"


def _first(usage: str, paths: tuple[str, ...]) -> str:
    return f"coalesce({', '.join(_number(usage, path) for path in paths)})"


def _listed(usage: str, path: str, key: str, word: str, count: str) -> str:
    """The count of the entries of a list that carry a word; NULL when there is none."""
    entries = f"try_cast(json_extract({usage}, '$.{path}') as json[])"
    wanted = f"list_filter({entries}, lambda e: json_extract_string(e, '$.{key}') = '{word}')"
    counts = f"list_transform({wanted}, lambda e: {_number('e', count)})"
    return f"list_sum({counts})::bigint"


def _known(total: str, part: str) -> str:
    return f"case when {total} is not null then {part} end"
