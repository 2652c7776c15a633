"""Properties that every gateway's format has, over payloads made with dice.

Token classes come out as they were stated; order and cut of files do not matter; a record that
cannot be right is quarantined with a reason, and its neighbours load.
"""

from __future__ import annotations

import functools
import json
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.gateways.presets import OF_CHANGES
from ingest.sources import FORMATS
from tests.ingest.gateways.payloads import CLASSES, PAYLOADS, Payload, Record, changed
from tests.support.lake import Lake

SECRET = "TOPSECRET"  # noqa: S105 - what must not leak
WITHOUT_PLACE = "select * exclude (source_file, source_line, file_id) from rows"
# a line of Codex says something only after the lines before it: order and cut do matter there
SESSIONS = {"codex"}
BILLS = {"openai", "anthropic", "aws_cur", "azure", "focus", "gcp", "openrouter"}

numbers = st.integers(0, 10**6)
counts = st.fixed_dictionaries(dict.fromkeys(CLASSES, numbers)).map(
    lambda drawn: drawn | {"thought": min(drawn["thought"], drawn["out"])}
)
# several records of one identifier are attempts, retries inside retries, or plain mistakes
drawn_records = st.lists(st.tuples(st.integers(1, 4), counts), min_size=1, max_size=8)
modest = settings(max_examples=12, derandomize=True, deadline=None)
every = pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.format)


def text(record: object) -> bytes:
    return json.dumps(record).encode() + b"\n"


def _time(value: Any) -> Callable[[Payload, Record], bytes]:
    return lambda p, record: text(changed(record, p.time, value))


def _output(value: Any) -> Callable[[Payload, Record], bytes]:
    def damage(payload: Payload, record: Record) -> bytes:
        if payload.output is None:
            return b'{"never": "ends\n'  # no counts: cut in half instead
        bad = payload.number(value)
        stated = functools.reduce(lambda part, key: part[key], payload.output, record)
        # also where the record states the same count again: a good one of two would count
        return text(replaced(changed(record, payload.output, bad), payload.output[-1], stated, bad))

    return damage


def replaced(part: Any, key: str | int, stated: Any, bad: Any) -> Any:
    """A record with another value wherever a key has this one, in JSON as text too."""
    if isinstance(part, str) and part.startswith("{"):
        return json.dumps(replaced(json.loads(part), key, stated, bad))
    if isinstance(part, list):
        return [replaced(item, key, stated, bad) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        name: bad if name == key and value == stated else replaced(value, key, stated, bad)
        for name, value in part.items()
    }


BAD: dict[str, Callable[[Payload, Record], bytes]] = {
    "cut off": lambda _, record: text(record)[:-20] + b"\n",
    "no UTF-8": lambda _, record: text(record).replace(b'": "', b'": "\xff' + SECRET.encode(), 1),
    "no JSON": lambda *_: SECRET.encode() + b"\n",
    "no object": lambda *_: text(17),
    "a clock years off": lambda p, record: text(changed(record, p.time, p.early)),
    "no time": _time(None),
    "NaN": _output(math.nan),
    "negative": _output(-(10**7)),
    "more than can be": _output(10**13),
}
ODD: dict[str, Callable[[Payload, Record], bytes]] = {
    "as it is": lambda _, record: text(record),
    "unknown keys": lambda _, record: text({"zz": {"new": [SECRET]}} | record | {"aa": None}),
    "spaces": lambda _, record: text(record)[:-1] + b" \t\r\n",
}


def numbers_as_strings(payload: Payload, record: Record) -> bytes:
    """A count in quotes is the same count."""
    if payload.output is None:
        return text(record)
    inner: Any = record
    for step in payload.output:
        inner = inner[step]
    spelt = str(inner) if isinstance(inner, int) else inner
    return text(changed(record, payload.output, spelt))


ODD["numbers as strings"] = numbers_as_strings


def lake_of(payload: Payload, folder: Any) -> Lake:
    return Lake(folder, "gateway", payload.format, dict(payload.options))


def drop(lake: Lake, payload: Payload, name: str, lines: list[bytes]) -> None:
    """A file of these lines; its blank end keeps it from being a copy of another, read once."""
    if lines:
        lake.drop(f"{payload.folder}{name}.jsonl", b"".join(lines) + b"\n" * ord(name))


def contents(lake: Lake, table: str) -> Counter[tuple[Any, ...]]:
    """Rows by value; none of a table that the format does not write."""
    if not (lake.paths.lake / table).exists():
        return Counter()
    return Counter(lake.rows(WITHOUT_PLACE, table))


@pytest.mark.slow
@every
@modest
@given(found=drawn_records)
def test_token_classes_are_disjoint_and_come_out_as_they_were_stated(
    payload: Payload, found: list[tuple[int, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    stated = [
        {name: count if name in payload.classes else 0 for name, count in drawn.items()}
        for _, drawn in found
    ]
    lake = lake_of(payload, tmp_path_factory.mktemp(payload.format))
    records = [payload.make(number, number + 1, of) for number, of in enumerate(stated)]
    drop(lake, payload, "a", [text(record) for record in records])
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (len(found), 0, [])
    if payload.classes:
        columns = ", ".join(f"coalesce({column}, 0)" for column in CLASSES.values())
        assert lake.rows(f"select {columns} from rows order by source_line") == [
            tuple(of[name] for name in CLASSES) for of in stated
        ]


@pytest.mark.slow
@every
@modest
@given(
    found=st.lists(
        st.tuples(st.integers(1, 4), counts, st.sampled_from([*ODD, *ODD, *BAD])),
        min_size=1, max_size=10,
    ),
    dice=st.randoms(use_true_random=False),
)  # fmt: skip
def test_bad_records_are_set_aside_and_the_good_ones_are_the_same_in_any_order_and_cut(
    payload: Payload, found: list[tuple[int, Any, str]], dice: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    made = [
        (payload.make(number, of, drawn), word)
        for number, (of, drawn, word) in enumerate([(1, found[0][1], "as it is"), *found])
    ]
    good = [text(record) for record, word in made if word in ODD]
    whole = lake_of(payload, tmp_path_factory.mktemp("whole"))
    drop(whole, payload, "a", good)
    whole.land()
    lines = [(BAD | ODD)[word](payload, record) for record, word in made]
    dice.shuffle(lines)
    cuts = sorted(dice.randint(0, len(lines)) for _ in range(2))
    cut = lake_of(payload, tmp_path_factory.mktemp("cut"))
    drop(cut, payload, "a", lines[: cuts[0]])
    drop(cut, payload, "c", lines[cuts[1] :])
    first = cut.land()
    drop(cut, payload, "b", lines[cuts[0] : cuts[1]])
    second = cut.land()
    assert first.failed + second.failed == []
    assert contents(cut, payload.table) == contents(whole, payload.table)
    # a call that is quarantined for its counts keeps its place in the tree
    assert contents(cut, "trace_spans") >= contents(whole, "trace_spans")
    aside = cut.catalog("select field, reason from quarantine")
    assert len(aside) == len(made) - len(good)
    for field, reason in aside:
        assert field, reason
        assert SECRET not in f"{field} {reason}"


@every
def test_a_large_batch_is_read_as_a_small_one(
    payload: Payload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of a small batch wait in a table, those of a large one are never all in memory."""
    counted = [dict.fromkeys(CLASSES, number) for number in (7, 40, 900)]
    lines = [text(payload.make(number, number, of)) for number, of in enumerate(counted, 1)]
    lines.insert(1, BAD["no time"](payload, payload.make(4, 4, counted[0])))
    found = []
    for name, limit in (("small", 1 << 20), ("large", 0)):
        monkeypatch.setattr("ingest.lake.reading.SMALL_BYTES", limit)
        lake = lake_of(payload, tmp_path / name)
        drop(lake, payload, "a", lines)
        assert lake.land().rows_quarantined == 1
        tables = [contents(lake, table) for table in (payload.table, "trace_spans")]
        found.append((tables, lake.catalog("select source_line, field, reason from quarantine")))
    assert found[0] == found[1]
    assert found[0][0][0].total() == len(counted)


def test_every_format_of_calls_and_evaluations_is_generated() -> None:
    """`outcomes` and others are the mapping of `mapped`, for another table."""
    left = BILLS | SESSIONS | {"outcomes", "change_events", "queue_samples", *OF_CHANGES}
    assert {payload.format for payload in PAYLOADS} == set(FORMATS) - left
