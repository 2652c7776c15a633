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
    stated = ", ".join(
        f"{counts.get(name, 'null::bigint')}::bigint as stated_{name}" for name in COUNTS
    )
    return (
        f"(select *, {_reading(convention)} as usage_reading from (select *,"
        f" {_written()} as usage_written from (select *, {stated} from {relation})))"
    )


def is_whole(number: str) -> str:
    """SQL of whether a DOUBLE is a whole number; DuckDB would round it in silence."""
    return f"({number} = trunc({number}))"


def whole_number(number: str) -> str:
    """SQL of a DOUBLE as a BIGINT; NULL when it has a fraction."""
    return f"case when {is_whole(number)} then try_cast({number} as bigint) end"


def _n(name: str) -> str:
    return f"coalesce(stated_{name}, 0)"


def _sum(*names: str) -> str:
    return " + ".join(_n(name) for name in names)


def _written() -> str:
    """The lifetimes are stated instead of the whole, or inside it (litellm#42663)."""
    return f"greatest({_n('cache_write')}, {_sum('cache_write_5m', 'cache_write_1h')})"


_BASE = _sum("input", "output")
_MODAL_IN = _sum("input_text", "input_audio", "input_image", "input_video")
_MODAL_OUT = _sum("output_text", "output_audio", "output_image", "output_video")
_AMOUNTS = {
    _READ: _n("cache_read"),
    _WRITTEN: "usage_written",
    _MODALITIES: f"{_MODAL_IN} + {_MODAL_OUT}",
    _REASONING: _n("reasoning"),
    _UNCLASSIFIED: _n("unclassified"),
}


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
    only_total = "coalesce(stated_input, stated_output) is null"
    whens = " ".join(
        f"when stated_total = {_total(reading)} and {_is_possible(reading)} then {reading}"
        for reading in _readings(convention)
    )
    usual = _usual(convention)
    # a total that leaves the cache out altogether
    without_cache = (
        f"when stated_total = {_BASE} and {_n('cache_read')} + usage_written > 0"
        f" and not {_is_possible(convention & ~_CACHE)} then {usual}"
    )
    return (
        f"case when coalesce(stated_total, 0) = 0 or ({only_total} and {_MODAL_IN} + {_MODAL_OUT}"
        f" = 0) then {usual} {whens} {without_cache} else ({usual}) + {_CONTRADICTORY} end"
    )


def _total(reading: int) -> str:
    return " + ".join([_BASE, *(sql for bit, sql in _AMOUNTS.items() if reading & bit)])


def _is_possible(reading: int) -> str:
    """Predicate: no part is larger than the whole that holds it."""
    parts_in = [_AMOUNTS[bit] for bit in (_READ, _WRITTEN) if not reading & bit]
    whole_in = f"{_n('input')} + {_MODAL_IN}" if reading & _MODALITIES else _n("input")
    fits = [f"{' + '.join(parts_in)} <= {whole_in}"] if parts_in else []
    if not reading & _REASONING:
        whole_out = f"{_n('output')} + {_MODAL_OUT}" if reading & _MODALITIES else _n("output")
        fits.append(f"{_n('reasoning')} <= {whole_out}")
    return f"({' and '.join(fits)})" if fits else "true"


def _usual(convention: int) -> str:
    """The convention, with a part beside its whole where it cannot lie inside.

    Without a total that leaves them out, buckets of an unknown name count.
    """
    cache = str(convention & _CACHE)
    if not convention & _CACHE:
        cache = f"case when {_is_possible(convention | _REASONING)} then 0 else {_CACHE} end"
    reasoning = str(convention & _REASONING)
    if not convention & _REASONING:
        inside = _is_possible(convention | _CACHE)
        reasoning = f"case when {inside} then 0 else {_REASONING} end"
    return f"({convention & _MODALITIES} + {cache} + {reasoning} + {_UNCLASSIFIED})"


def _is_beside(part: int) -> str:
    return f"(usage_reading & {part}) > 0"


def _inside(part: int, sql: str) -> str:
    return f"case when {_is_beside(part)} then 0 else {sql} end"


def _beside(part: int, sql: str) -> str:
    return f"case when {_is_beside(part)} then {sql} else 0 end"


_TEXT_AND_MORE = (
    f"({_n('input')} + {_beside(_MODALITIES, _sum('input_text', 'input_image', 'input_video'))}"
    f" - {_inside(_READ, _n('cache_read'))} - {_inside(_WRITTEN, 'usage_written')})"
)
# cached audio is counted as cached, and more audio than uncached input is not audio alone
_AUDIO_IN = (
    f"case when {_is_beside(_MODALITIES)} then {_n('input_audio')} else least(greatest("
    f"{_n('input_audio')} - {_n('cache_read_audio')}, 0), {_TEXT_AND_MORE}) end"
)
_AUDIO_OUT = (
    f"case when {_is_beside(_MODALITIES)} then {_n('output_audio')}"
    f" else least({_n('output_audio')}, {_n('output')}) end"
)
KNOWS_INPUT = f"(stated_input is not null or {_MODAL_IN} + {_n('cache_read')} + usage_written > 0)"
KNOWS_OUTPUT = f"(stated_output is not null or {_MODAL_OUT} + {_n('reasoning')} > 0)"
"""Predicates: a side of the call is counted at all; only then is an unmentioned class 0."""

IS_USED = f"({KNOWS_INPUT} or {KNOWS_OUTPUT} or stated_total > 0)"
"""Predicate: anything was counted."""


def _of_input(sql: str) -> str:
    return f"case when {KNOWS_INPUT} then {sql} end"


def _of_output(sql: str) -> str:
    return f"case when {KNOWS_OUTPUT} then {sql} end"


_OUTPUT = (
    f"{_n('output')} + {_beside(_REASONING, _n('reasoning'))} + case when {_is_beside(_MODALITIES)}"
    f" then {_sum('output_text', 'output_image', 'output_video')} else -({_AUDIO_OUT}) end"
)


def _part(name: str, whole: str) -> str:
    return f"case when stated_{name} is not null then least(stated_{name}, {whole}) end"


VECTOR: Mapping[str, str] = {
    "input_uncached_tokens": _of_input(
        f"{_TEXT_AND_MORE} - {_inside(_MODALITIES, f'({_AUDIO_IN})')}"
    ),
    "cache_read_tokens": _of_input(_n("cache_read")),
    "cache_write_5m_tokens": _of_input(_n("cache_write_5m")),
    "cache_write_1h_tokens": _of_input(_n("cache_write_1h")),
    "cache_write_other_tokens": _of_input(
        f"usage_written - ({_sum('cache_write_5m', 'cache_write_1h')})"
    ),
    "input_audio_tokens": _of_input(_AUDIO_IN),
    "output_tokens": _of_output(_OUTPUT),
    "reasoning_tokens": _of_output(_n("reasoning")),
    "output_audio_tokens": _of_output(_AUDIO_OUT),
    "cache_read_audio_tokens": _part("cache_read_audio", _n("cache_read")),
    "input_image_tokens": _part("input_image", _TEXT_AND_MORE),
    "input_video_tokens": _part("input_video", _TEXT_AND_MORE),
    "output_image_tokens": _part("output_image", _OUTPUT),
    "output_video_tokens": _part("output_video", _OUTPUT),
    "web_searches": "stated_web_searches",
    "unclassified_tokens": f"case when not ({KNOWS_INPUT} or {KNOWS_OUTPUT}) and"
    f" stated_total > 0 then stated_total when {_is_beside(_UNCLASSIFIED)}"
    " then nullif(stated_unclassified, 0) end",
    "is_usage_contradictory": f"case when (usage_reading & {_CONTRADICTORY}) > 0 then true"
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
