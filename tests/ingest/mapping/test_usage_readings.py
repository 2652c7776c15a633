"""Counts that sources state, read as the token vector: what lies inside what, told by the total."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.mapping.usage_readings import (
    BUCKETS,
    EXCLUSIVE,
    INCLUSIVE,
    VECTOR,
    Convention,
    with_reading,
)
from tests.support.lake import database

CLASSES = (
    "input_uncached",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "cache_write_other",
    "input_audio",
    "output",
    "output_audio",
)


def vector(counts: Mapping[str, int], convention: Convention) -> dict[str, object]:
    """The columns of a record with these counts."""
    columns = ", ".join(f"{sql} as {name}" for name, sql in VECTOR.items())
    stated = {name: f"{count}::double" for name, count in counts.items()}
    relation = with_reading("(select 1 as record)", stated, convention)
    with database().cursor() as con:
        found = con.execute(f"select {columns} from {relation}")
        names = [column[0] for column in found.description or ()]
        return dict(zip(names, found.fetchall()[0], strict=True))


def read(counts: Mapping[str, int], convention: Convention) -> tuple[object, ...]:
    """Uncached, read, written in all, and output tokens, and whether the total contradicts."""
    row = vector(counts, convention)
    written = sum(int(str(row[f"cache_write_{name}_tokens"])) for name in ("5m", "1h", "other"))
    return (
        row["input_uncached_tokens"],
        row["cache_read_tokens"],
        written,
        row["output_tokens"],
        row["is_usage_contradictory"],
    )


@pytest.mark.parametrize(
    ("convention", "counts", "expected"),
    [
        # no total: the convention
        (INCLUSIVE, {"input": 100, "cache_read": 30, "output": 7}, (70, 30, 0, 7, None)),
        (EXCLUSIVE, {"input": 100, "cache_read": 30, "output": 7}, (100, 30, 0, 7, None)),
        # more cached than input: it cannot lie inside
        (INCLUSIVE, {"input": 10, "cache_read": 30, "output": 7}, (10, 30, 0, 7, None)),
        # the total agrees with the convention, or tells another reading
        (INCLUSIVE, {"input": 100, "cache_read": 30, "output": 7, "total": 107},
         (70, 30, 0, 7, False)),
        (INCLUSIVE, {"input": 100, "cache_read": 30, "output": 7, "total": 137},
         (100, 30, 0, 7, False)),
        (EXCLUSIVE, {"input": 100, "cache_read": 30, "output": 7, "total": 107},
         (70, 30, 0, 7, False)),
        # reads inside and writes beside, and the other way round
        (EXCLUSIVE, {"input": 100, "cache_read": 60, "cache_write": 25, "output": 5, "total": 130},
         (40, 60, 25, 5, False)),
        (EXCLUSIVE, {"input": 100, "cache_read": 60, "cache_write": 25, "output": 5, "total": 165},
         (75, 60, 25, 5, False)),
        # reasoning beside the output, as x.ai has it
        (INCLUSIVE, {"input": 40, "output": 3, "reasoning": 9}, (40, 0, 0, 12, None)),
        (INCLUSIVE, {"input": 40, "output": 30, "reasoning": 9, "total": 79},
         (40, 0, 0, 39, False)),
        (INCLUSIVE, {"input": 40, "output": 30, "reasoning": 9, "total": 70},
         (40, 0, 0, 30, False)),
        # an Anthropic total that leaves the cache out
        (INCLUSIVE, {"input": 8, "cache_read": 500, "output": 4, "total": 12},
         (8, 500, 0, 4, False)),
        # nothing gives that total: the convention, marked
        (INCLUSIVE, {"input": 100, "cache_read": 30, "output": 7, "total": 999},
         (70, 30, 0, 7, True)),
        # the lifetimes cover less than the whole
        (EXCLUSIVE, {"input": 5, "cache_write": 90, "cache_write_5m": 60, "output": 1},
         (5, 0, 90, 1, None)),
        # a bucket a modality, with cached tokens inside them and reasoning beside
        (BUCKETS, {"input": 0, "input_text": 900, "cache_read": 600, "output": 2, "reasoning": 40,
                   "total": 942}, (300, 600, 0, 42, False)),
        (BUCKETS, {"input": 70, "cache_read": 30, "output": 7, "total": 107},
         (70, 30, 0, 7, False)),
        (BUCKETS, {"input": 100, "cache_read": 30, "output": 7, "total": 107},
         (70, 30, 0, 7, False)),
    ],
)  # fmt: skip
def test_the_reading_that_gives_the_total_counts(
    convention: Convention, counts: Mapping[str, int], expected: tuple[object, ...]
) -> None:
    assert read(counts, convention) == expected


def test_audio_that_was_cached_is_counted_as_cached_and_as_its_part() -> None:
    row = vector(
        {"input": 500, "input_audio": 200, "cache_read": 320, "cache_read_audio": 150,
         "output": 60, "output_audio": 45, "total": 560}, INCLUSIVE,
    )  # fmt: skip
    assert {name: row[f"{name}_tokens"] for name in CLASSES if row[f"{name}_tokens"]} == {
        "input_uncached": 130, "input_audio": 50, "cache_read": 320, "output": 15,
        "output_audio": 45,
    }  # fmt: skip
    assert row["cache_read_audio_tokens"] == 150


def test_a_part_that_nobody_states_is_unknown_and_not_its_whole() -> None:
    row = vector({"input": 10, "output": 5, "output_image": 3}, INCLUSIVE)
    assert (row["output_tokens"], row["output_image_tokens"]) == (5, 3)
    assert (row["input_image_tokens"], row["cache_read_audio_tokens"]) == (None, None)


@pytest.mark.parametrize(
    ("counts", "unclassified"),
    [
        ({"input": 10, "output": 5, "unclassified": 4, "total": 15}, None),
        ({"input": 10, "output": 5, "unclassified": 4, "total": 19}, 4),
        ({"input": 10, "output": 5, "unclassified": 4}, 4),
        ({"total": 33}, 33),
        ({}, None),
    ],
)
def test_tokens_of_an_unknown_name_are_counted_unless_the_total_has_them_already(
    counts: Mapping[str, int], unclassified: int | None
) -> None:
    assert vector(counts, INCLUSIVE)["unclassified_tokens"] == unclassified


def test_what_is_not_counted_is_unknown() -> None:
    row = vector({"output": 5}, INCLUSIVE)
    assert (row["input_uncached_tokens"], row["cache_read_tokens"]) == (None, None)
    assert (row["output_tokens"], row["reasoning_tokens"]) == (5, 0)


@given(
    uncached=st.integers(0, 50),
    read_=st.integers(0, 50),
    written=st.integers(0, 50),
    text_out=st.integers(0, 50),
    reasoning=st.integers(0, 50),
    beside=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    convention=st.sampled_from([INCLUSIVE, EXCLUSIVE, BUCKETS]),
)
def test_every_stated_token_is_in_the_vector_whatever_lies_inside_what(
    uncached: int,
    read_: int,
    written: int,
    text_out: int,
    reasoning: int,
    beside: tuple[bool, bool, bool],
    convention: Convention,
) -> None:
    """A source that adds up correctly loses no token, in whatever way it counts."""
    read_beside, written_beside, reasoning_beside = beside
    counts = {
        "input": uncached + (0 if read_beside else read_) + (0 if written_beside else written),
        "cache_read": read_,
        "cache_write": written,
        "output": text_out + (0 if reasoning_beside else reasoning),
        "reasoning": reasoning,
        "total": uncached + read_ + written + text_out + reasoning,
    }
    row = vector(counts, convention)
    assert row["is_usage_contradictory"] in (False, None)
    assert sum(int(str(row[f"{name}_tokens"])) for name in CLASSES) == counts["total"]
