"""Langfuse's `usage_details` as our token vector.

Every key is a bucket of its own and `total` their sum, not a bucket; integrations name one bucket
in several ways. So the documentation says, and what Langfuse's own wrappers and its OpenTelemetry
endpoint write keeps to it. Counts that a program sends itself are stored as they are sent. Many,
LiteLLM's callback among them, send `input` with cached tokens in it: then `total` gives them away,
for it is less than the sum of the buckets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.records.fields import Leaf
from ingest.sql import quote

KEY = "usage_details"

_BUCKETS: Mapping[str, Sequence[str]] = {
    "input": ("input", "input_tokens", "prompt_tokens", "prompt_token_count"),
    "input_text": ("input_text_tokens", "input_text"),
    "input_image": ("input_image_tokens", "input_image"),
    "read": (
        "input_cached_tokens",
        "cache_read_input_tokens",
        "input_cache_read",
        "cached_content_token_count",
    ),
    "read_text": ("input_cached_text_tokens",),
    "read_audio": ("input_cached_audio_tokens",),
    "write": ("cache_creation_input_tokens", "input_cache_creation"),
    "write_5m": ("input_cache_creation_5m",),
    "write_1h": ("input_cache_creation_1h",),
    "audio_in": ("input_audio_tokens", "input_audio"),
    "output": ("output", "output_tokens", "completion_tokens", "candidates_token_count"),
    "output_text": ("output_text_tokens", "output_text"),
    "output_image": ("output_image_tokens", "output_image"),
    "predicted": ("output_accepted_prediction_tokens",),
    "unpredicted": ("output_rejected_prediction_tokens",),
    "reasoning": (
        "output_reasoning_tokens",
        "output_reasoning",
        "thoughts_token_count",
        "reasoning_tokens",
    ),
    "audio_out": ("output_audio_tokens", "output_audio"),
    "total": ("total", "total_tokens"),
}
"""The names of each bucket; of several that are present the largest counts, for they are one."""

LEAVES = [Leaf((KEY, name), "BIGINT") for names in _BUCKETS.values() for name in names]


def _sum(*counts: str) -> str:
    return "(" + " + ".join(f"coalesce({count}_count, 0)" for count in counts) + ")"


# the lifetimes are stated instead of the whole; a whole beside them holds them
_WRITE_OTHER = f"greatest(coalesce(write_count, 0) - {_sum('write_5m', 'write_1h')}, 0)"
_READ = _sum("read", "read_text", "read_audio")
_CACHED = f"({_READ} + {_sum('write_5m', 'write_1h')} + {_WRITE_OTHER})"
_IN = f"({_CACHED} + {_sum('audio_in', 'input_text', 'input_image')})"
_OUT_TEXT = _sum("output_text", "output_image", "predicted", "unpredicted", "reasoning")
_OUT = f"({_OUT_TEXT} + {_sum('audio_out')})"
_BASE = _sum("input", "output")
_OVERLAPS = f"total_count is not null and total_count <> {_BASE} + {_IN} + {_OUT}"
_IN_OVERLAPS = (
    f"coalesce({_OVERLAPS} and {_IN} > 0 and total_count in ({_BASE}, {_BASE} + {_OUT}), false)"
)
_OUT_OVERLAPS = (
    f"coalesce({_OVERLAPS} and {_OUT} > 0 and (total_count = {_BASE}"
    f" or (total_count = {_BASE} + {_IN} and {_IN} <> {_OUT})), false)"
)
_KNOWS_IN = f"(input_count is not null or {_IN} > 0)"
_KNOWS_OUT = f"(output_count is not null or {_OUT} > 0)"


def _known(side: str, sql: str) -> str:
    """SQL of a class: unmentioned is 0 only where its side of the call is counted at all."""
    return f"case when {side} then {sql} end"


VECTOR: Mapping[str, str] = {
    "input_uncached_tokens": _known(
        _KNOWS_IN,
        f"case when {_IN_OVERLAPS} then {_sum('input')} - {_CACHED} - {_sum('audio_in')}"
        f" else {_sum('input', 'input_text', 'input_image')} end",
    ),
    "cache_read_tokens": _known(_KNOWS_IN, _READ),
    "cache_write_5m_tokens": _known(_KNOWS_IN, _sum("write_5m")),
    "cache_write_1h_tokens": _known(_KNOWS_IN, _sum("write_1h")),
    "cache_write_other_tokens": _known(_KNOWS_IN, _WRITE_OTHER),
    "input_audio_tokens": _known(_KNOWS_IN, _sum("audio_in")),
    # an embedding has no output to count
    "output_tokens": f"case when {_KNOWS_OUT} then case when {_OUT_OVERLAPS}"
    f" then {_sum('output')} - {_sum('audio_out')} else {_sum('output')} + {_OUT_TEXT} end"
    f" when upper(\"type\") = 'EMBEDDING' and {_KNOWS_IN} then 0 end",
    "reasoning_tokens": _known(_KNOWS_OUT, _sum("reasoning")),
    "output_audio_tokens": _known(_KNOWS_OUT, _sum("audio_out")),
}
"""Token classes over the columns of `counts`, and over an observation's type."""

IS_USED = f"({_KNOWS_IN} or {_KNOWS_OUT})"
"""Predicate: anything was counted."""


def counts() -> str:
    """SQL of a column `<bucket>_count` for each bucket, over the leaves."""
    return ", ".join(
        f"greatest({', '.join(quote(f'{KEY}.{name}') for name in names)}) as {bucket}_count"
        for bucket, names in _BUCKETS.items()
    )
