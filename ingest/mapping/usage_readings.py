"""Counts of tokens as sources state them, read as our token vector: which of them hold which.

A usage object states wholes (input, output, total) and parts (cached, written, reasoning, audio
...). Whether a part lies inside its whole or beside it differs between providers, gateways and
their versions, and the names do not tell. So every reading is a candidate: each of the parts inside
or beside. The reading of the source's own convention goes first; where a total is stated, the first
reading that gives that total counts; where none does, or none is stated, the convention, as far as
no part is larger than the whole that ought to hold it.

Seen: LiteLLM's callback for Langfuse takes cache reads out of the input and leaves writes in;
x.ai's reasoning stands beside the completion; an Anthropic answer's input holds no cached token,
and its total, where somebody adds one up, does not either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

COUNTS = (
    "input",
    "input_text",
    "input_audio",
    "input_image",
    "input_video",
    "cache_read",
    "cache_read_audio",
    "cache_write",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "output_text",
    "output_audio",
    "output_image",
    "output_video",
    "reasoning",
    "unclassified",
    "total",
    "web_searches",
)
"""What can be stated. `input_text` and `output_text` matter only where they stand beside their
whole; `unclassified` is the sum of buckets whose name no reader knows."""

_READ, _WRITTEN, _MODALITIES, _REASONING, _UNCLASSIFIED = 1, 2, 4, 8, 16
_CACHE = _READ | _WRITTEN
_CONTRADICTORY = 32
"""Bits of a reading: the part stands beside its whole; or the total fits no reading."""


@dataclass(frozen=True)
class Convention:
    """How a source counts unless its total says otherwise.

    Attributes:
        cache: SQL predicate: cached and written tokens stand beside the input.
        modalities: text, audio, image and video stand beside the whole, as buckets of their own.
        reasoning: reasoning stands beside the output.
    """

    cache: str = "false"
    modalities: bool = False
    reasoning: bool = False


INCLUSIVE = Convention()
"""OpenAI's, OpenTelemetry's and LiteLLM's: every part lies inside its whole."""

EXCLUSIVE = Convention(cache="true")
"""Anthropic's: cached and written tokens stand beside the input."""

BUCKETS = Convention(cache="true", modalities=True, reasoning=True)
"""Langfuse's: every key is a bucket of its own."""


def with_reading(relation: str, counts: Mapping[str, str], convention: Convention) -> str:
    """A relation with the columns that `VECTOR` needs beside its own.

    Args:
        relation: SQL of a relation.
        counts: SQL of whole numbers by a name of `COUNTS`; a name that is missing is not stated.
        convention: how the source counts.
    """
    counted = ", ".join(f"{sql} as counted_{name}" for name, sql in counts.items())
    names = [f"counted_{name}" for name in counts]
    unfit = " or ".join(f"{name} < 0 or not {is_whole(name)}" for name in names) or "false"
    stated = ", ".join(
        f"try_cast({f'counted_{name}' if name in counts else 'null'} as bigint) as stated_{name}"
        for name in COUNTS
    )
    layers = (
        f"*, {counted}" if counted else "*",
        f"*, coalesce({unfit}, false) as usage_is_unfit, {stated}",
        "*, " + ", ".join(f"{sql} as usage_{name}" for name, sql in _AMOUNTS.items()),
        # what of the total is neither input nor output stands beside them
        "*, case when stated_total > 0 and usage_is_counted then stated_total - usage_whole end"
        " as usage_beside",
        f"*, {_reading(convention)} as usage_reading",
        f"*, {_TEXT} as usage_text, {_OUTPUT} as usage_output",
        f"*, {_AUDIO_IN} as usage_audio_in, {_AUDIO_OUT} as usage_audio_out",
    )
    for columns in layers:
        relation = f"(select {columns} from {relation})"
    return relation


UNFIT = ("usage_is_unfit", "a count of tokens is negative or no whole number")
"""Check of a record `with_reading`: the predicate and what is wrong with it."""


def is_whole(number: str) -> str:
    """SQL of whether a DOUBLE is a whole number; DuckDB would round it in silence."""
    return f"(isfinite({number}) and abs({number}) < 9e18 and {number} = trunc({number}))"


def whole_number(number: str) -> str:
    """SQL of a DOUBLE as a BIGINT; NULL when it has a fraction."""
    return f"case when {is_whole(number)} then try_cast({number} as bigint) end"


def _sum(*names: str) -> str:
    return " + ".join(f"coalesce(stated_{name}, 0)" for name in names)


_AMOUNTS = {
    "input": _sum("input"),
    "out": _sum("output"),
    "whole": _sum("input", "output"),
    "read": _sum("cache_read"),
    # the lifetimes are stated instead of the whole, or inside it (litellm#42663)
    "written": f"greatest({_sum('cache_write')}, {_sum('cache_write_5m', 'cache_write_1h')})",
    "modal_in": _sum("input_text", "input_audio", "input_image", "input_video"),
    "modal_out": _sum("output_text", "output_audio", "output_image", "output_video"),
    "reasoning": _sum("reasoning"),
    "other": _sum("unclassified"),
    "is_counted": "coalesce(stated_input, stated_output, stated_input_text, stated_input_audio,"
    " stated_input_image, stated_output_text, stated_output_audio, stated_output_image)"
    " is not null",
}
"""SQL of what readings add up, each unmentioned count 0."""

_BESIDE = {
    _READ: "usage_read",
    _WRITTEN: "usage_written",
    _MODALITIES: "usage_modal_in + usage_modal_out",
    _REASONING: "usage_reasoning",
    _UNCLASSIFIED: "usage_other",
}
"""What a part adds to a total that it stands beside of."""


def _readings(convention: int) -> Iterator[int]:
    """Every reading, the convention's first; unknown buckets beside the rest come last."""
    caches = (0, _CACHE, _READ, _WRITTEN)
    for other, modal, reasoning, cache in product(
        (0, _UNCLASSIFIED), (0, _MODALITIES), (0, _REASONING), caches
    ):
        yield convention ^ (modal | reasoning | cache) | other


def _reading(convention: Convention) -> str:
    fixed = _MODALITIES * convention.modalities | _REASONING * convention.reasoning
    inside, beside = _chain(fixed), _chain(fixed | _CACHE)
    if convention.cache in ("true", "false"):
        return beside if convention.cache == "true" else inside
    return f"case when {convention.cache} then {beside} else {inside} end"


def _chain(convention: int) -> str:
    """SQL of the reading of a record."""
    whens = " ".join(
        f"when usage_beside = {_beside_of(reading)} and {_is_possible(reading)} then {reading}"
        for reading in _readings(convention)
    )
    usual = _usual(convention)
    # a total that leaves the cache out altogether
    without_cache = (
        "when usage_beside = 0 and usage_read + usage_written > 0"
        f" and not {_is_possible(convention & ~_CACHE)} then {usual}"
    )
    return (
        f"case when usage_beside is null then {usual} {whens} {without_cache}"
        f" else ({usual}) + {_CONTRADICTORY} end"
    )


def _beside_of(reading: int) -> str:
    return " + ".join([sql for bit, sql in _BESIDE.items() if reading & bit]) or "0"


def _is_possible(reading: int) -> str:
    """Predicate: no part is larger than the whole that holds it."""
    modal = bool(reading & _MODALITIES)
    parts_in = [_BESIDE[bit] for bit in (_READ, _WRITTEN) if not reading & bit]
    whole_in = "usage_input + usage_modal_in" if modal else "usage_input"
    fits = [f"{' + '.join(parts_in)} <= {whole_in}"] if parts_in else []
    if not reading & _REASONING:
        fits.append(f"usage_reasoning <= usage_out{' + usage_modal_out' * modal}")
    return f"({' and '.join(fits)})" if fits else "true"


def _usual(convention: int) -> str:
    """The convention, with a part beside its whole where it cannot lie inside.

    Without a total that leaves them out, buckets of an unknown name count.
    """
    cache = str(convention & _CACHE)
    if not convention & _CACHE:
        inside = f"stated_input is null or {_is_possible(convention | _REASONING)}"
        cache = f"case when {inside} then 0 else {_CACHE} end"
    reasoning = str(convention & _REASONING)
    if not convention & _REASONING:
        inside = _is_possible(convention | _CACHE)
        reasoning = f"case when {inside} then 0 else {_REASONING} end"
    return f"({convention & _MODALITIES} + {cache} + {reasoning} + {_UNCLASSIFIED})"


def _when(part: int, beside: str, inside: str) -> str:
    """SQL of a value that depends on where a part stands."""
    return f"case when usage_reading & {part} > 0 then {beside} else {inside} end"


_TEXT = (
    f"usage_input + {_when(_MODALITIES, _sum('input_text', 'input_image', 'input_video'), '0')}"
    f" - {_when(_READ, '0', 'usage_read')} - {_when(_WRITTEN, '0', 'usage_written')}"
)
# cached audio is counted as cached, and more audio than uncached input is not audio alone
_AUDIO_IN = _when(
    _MODALITIES,
    _sum("input_audio"),
    f"greatest(least({_sum('input_audio')} - ({_sum('cache_read_audio')}), usage_text), 0)",
)
_AUDIO_OUT = _when(
    _MODALITIES, _sum("output_audio"), f"least({_sum('output_audio')}, usage_output)"
)
_OUTPUT = f"usage_out + {_when(_REASONING, 'usage_reasoning', '0')} + " + _when(
    _MODALITIES, _sum("output_text", "output_image", "output_video"), "0"
)

KNOWS_INPUT = (
    "(stated_input is not null or usage_modal_in > 0"
    f" or (usage_reading & {_CACHE} = {_CACHE} and usage_read + usage_written > 0))"
)
KNOWS_OUTPUT = "(stated_output is not null or usage_modal_out + usage_reasoning > 0)"
"""Predicates: a side of the call is counted at all; only then is an unmentioned class 0."""

IS_USED = f"({KNOWS_INPUT} or {KNOWS_OUTPUT} or coalesce(stated_total, 0) > 0)"
"""Predicate: anything was counted."""


def _of_input(sql: str) -> str:
    return f"case when {KNOWS_INPUT} then {sql} end"


def _of_input_or(stated: str, sql: str) -> str:
    return f"case when {KNOWS_INPUT} or {stated} is not null then {sql} end"


def _of_output(sql: str) -> str:
    return f"case when {KNOWS_OUTPUT} then {sql} end"


def _part(name: str, whole: str) -> str:
    return f"case when stated_{name} is not null then least(stated_{name}, {whole}) end"


VECTOR: Mapping[str, str] = {
    "input_uncached_tokens": _of_input(f"usage_text - {_when(_MODALITIES, '0', 'usage_audio_in')}"),
    "cache_read_tokens": f"coalesce(stated_cache_read, {_of_input('0')})",
    "cache_write_5m_tokens": f"coalesce(stated_cache_write_5m, {_of_input('0')})",
    "cache_write_1h_tokens": f"coalesce(stated_cache_write_1h, {_of_input('0')})",
    "cache_write_other_tokens": _of_input_or(
        "coalesce(stated_cache_write, stated_cache_write_5m, stated_cache_write_1h)",
        f"usage_written - ({_sum('cache_write_5m', 'cache_write_1h')})",
    ),
    "input_audio_tokens": _of_input("usage_audio_in"),
    "output_tokens": _of_output(f"usage_output - {_when(_MODALITIES, '0', 'usage_audio_out')}"),
    "reasoning_tokens": _of_output("usage_reasoning"),
    "output_audio_tokens": _of_output("usage_audio_out"),
    "cache_read_audio_tokens": _part("cache_read_audio", "usage_read"),
    "input_image_tokens": _part("input_image", "usage_text"),
    "input_video_tokens": _part("input_video", "usage_text"),
    "output_image_tokens": _part("output_image", "usage_output"),
    "output_video_tokens": _part("output_video", "usage_output"),
    "web_searches": "stated_web_searches",
    "unclassified_tokens": f"case when not ({KNOWS_INPUT} or {KNOWS_OUTPUT}) and"
    f" stated_total > 0 then stated_total when usage_reading & {_UNCLASSIFIED} > 0"
    " then nullif(stated_unclassified, 0) end",
    "is_usage_contradictory": f"case when usage_reading & {_CONTRADICTORY} > 0 then true"
    " when stated_total > 0 then false end",
}
"""SQL of every column of usage of `gateway_calls`, over a relation `with_reading`."""

CLASSES_IN = (
    "input_uncached",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "cache_write_other",
    "input_audio",
)
CLASSES_OUT = ("output", "output_audio")
"""The disjoint classes of either side."""

ALL_INPUT = " + ".join(f"({VECTOR[f'{name}_tokens']})" for name in CLASSES_IN)
ALL_OUTPUT = " + ".join(f"({VECTOR[f'{name}_tokens']})" for name in CLASSES_OUT)
"""SQL of all input and of all output tokens, over the same relation; NULL when not stated."""
