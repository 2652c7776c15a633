"""Langfuse's `usage_details` as counts of usage.

Every key is a bucket of its own and `total` their sum, not a bucket; integrations name one bucket
in several ways. So the documentation says, and what Langfuse's own wrappers and its OpenTelemetry
endpoint write keeps to it. Counts that a program sends itself are stored as they are sent: many
send `input` with cached tokens in it, LiteLLM's callback with the written ones alone; then `total`
gives them away. LangChain's callback numbers Google's modalities (`input_modality_1`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.mapping.usage_readings import is_whole
from ingest.records.fields import Leaf
from ingest.sql import literal, quote

KEY = "usage_details"

_BUCKETS: Mapping[str, Sequence[str]] = {
    "input": ("input", "input_tokens", "prompt_tokens", "prompt_token_count"),
    "input_text": ("input_text_tokens", "input_text"),
    "input_image": ("input_image_tokens", "input_image"),
    "input_video": ("input_video_tokens", "input_video"),
    "cache_read": (
        "input_cached_tokens",
        "cache_read_input_tokens",
        "input_cache_read",
        "cached_content_token_count",
    ),
    "cache_read_text": ("input_cached_text_tokens",),
    "cache_read_audio": ("input_cached_audio_tokens",),
    "cache_write": ("cache_creation_input_tokens", "input_cache_creation"),
    "cache_write_5m": ("input_cache_creation_5m",),
    "cache_write_1h": ("input_cache_creation_1h",),
    "input_audio": ("input_audio_tokens", "input_audio"),
    "output": ("output", "output_tokens", "completion_tokens", "candidates_token_count"),
    "output_text": ("output_text_tokens", "output_text"),
    "output_image": ("output_image_tokens", "output_image"),
    "output_video": ("output_video_tokens", "output_video"),
    "predicted": ("output_accepted_prediction_tokens",),
    "unpredicted": ("output_rejected_prediction_tokens",),
    "reasoning": (
        "output_reasoning_tokens",
        "output_reasoning",
        "thoughts_token_count",
        "reasoning_tokens",
    ),
    "output_audio": ("output_audio_tokens", "output_audio"),
    "total": ("total", "total_tokens"),
}
"""The names of each bucket; of several that are present the largest counts, for they are one."""

_NUMBERED = r"(input|output)_modality_\d+"


def _buckets(text: str) -> str:
    """SQL of the buckets of a `usage_details`, a map from name to text; NULL without an object."""
    doc = f"try_cast({text} as json)"
    entry = "{k: k, v: json_extract_string(d, '$.\"' || k || '\"')}"
    entries = f"list_transform(json_keys(d), lambda k: {entry})"
    # a one-element list names the document, so that it is parsed once
    made = f"list_transform([{doc}], lambda d: map_from_entries({entries}))[1]"
    return f"case when json_type({doc}) = 'OBJECT' then {made} end"


LEAVES = [Leaf((KEY,), keep=_buckets)]

_MAP = quote(KEY)
_DOUBLES = f"list_transform(map_values({_MAP}), lambda v: try_cast(v as double))"
UNFIT = (
    f"len(list_filter(map_values({_MAP}), lambda v: v is not null)) > len(list_filter({_DOUBLES},"
    f" lambda v: coalesce({is_whole('v')}, false)))"
)
"""Predicate: a bucket holds what is no whole number."""


def _stated(bucket: str) -> str:
    found = (f"try_cast({_MAP}[{literal(name)}] as double)" for name in _BUCKETS[bucket])
    return f"greatest({', '.join(found)})"


def _sum(*counts: str) -> str:
    """SQL of a sum, NULL when nothing of it is stated."""
    total = " + ".join(f"coalesce({count}, 0)" for count in counts)
    return f"case when coalesce({', '.join(counts)}) is not null then {total} end"


def _listed(test: str) -> str:
    """SQL of the sum of the buckets whose name passes a test over `k`."""
    names = f"list_filter(map_keys({_MAP}), lambda k: {test})"
    return f"list_sum(list_transform({names}, lambda k: try_cast({_MAP}[k] as double)))"


def _numbered(side: str) -> str:
    return _listed(f"regexp_full_match(k, {literal(_NUMBERED)}) and starts_with(k, '{side}')")


_KNOWN = ", ".join(literal(name) for names in _BUCKETS.values() for name in names)
_READ = _sum(_stated("cache_read"), _stated("cache_read_text"), _stated("cache_read_audio"))

COUNTS: Mapping[str, str] = {
    **{
        name: _stated(name)
        for name in _BUCKETS
        if name not in ("cache_read", "cache_read_text", "predicted", "unpredicted")
    },
    "input_text": _sum(_stated("input_text"), _numbered("input")),
    "cache_read": _READ,
    "output_text": _sum(
        _stated("output_text"), _stated("predicted"), _stated("unpredicted"), _numbered("output")
    ),
    "unclassified": _listed(
        f"k not in ({_KNOWN}) and not regexp_full_match(k, {literal(_NUMBERED)})"
    ),
}
"""SQL of what `usage_readings` counts, over the leaf."""
