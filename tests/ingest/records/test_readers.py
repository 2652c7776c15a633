"""Fast path and slow path read the same records; damaged files take the slow one."""

from __future__ import annotations

import atexit
import csv
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.records import line_reader
from ingest.records import reader as records
from ingest.records.fields import Leaf
from ingest.records.format import InputFile
from ingest.records.reader import read_records

LEAVES = [
    Leaf(("text",)),
    Leaf(("outer", "inner"), "VARCHAR"),
    Leaf(("key.with.dots",), "VARCHAR"),
    Leaf(("anything",)),
    Leaf(("count",), "BIGINT"),
    Leaf(("seconds",), "DOUBLE"),
    Leaf(("flag",), "BOOLEAN"),
    Leaf(("tags",), "VARCHAR[]"),
    Leaf(("usd",), "DECIMAL(18,9)"),
    Leaf(("prompt",), keep=lambda text: f"strlen({text})"),
    Leaf(
        ("spans",), 'STRUCT("id" VARCHAR, "sizes" STRUCT("n" VARCHAR)[])[]',
        lambda spans: f"list_transform({spans}, lambda s: s.id || len(s.sizes))",
    ),
]  # fmt: skip

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
int64s = st.integers(-(2**63), 2**63 - 1)
amounts = st.decimals(0, 999_999, places=9, allow_nan=False, allow_infinity=False)
plain = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | texts
nested = st.recursive(
    plain, lambda v: st.lists(v, max_size=3) | st.dictionaries(texts, v, max_size=3), max_leaves=6
)
objects = st.fixed_dictionaries(
    {},
    optional={
        "text": st.none() | texts,
        "outer": st.none() | st.fixed_dictionaries({}, optional={"inner": plain, "x": nested}),
        "key.with.dots": st.none() | texts,
        "anything": nested,
        "count": st.none() | int64s | int64s.map(str) | st.integers(0, 10**6).map(float),
        "seconds": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "flag": st.none() | st.booleans(),
        "tags": st.none() | st.lists(st.none() | texts | st.integers(0, 9), max_size=3),
        "usd": st.none() | amounts.map(float) | amounts.map(str) | st.integers(0, 10**8),
        "prompt": nested,
        "spans": st.none() | st.lists(
            st.none() | st.fixed_dictionaries(
                {}, optional={"id": plain, "sizes": st.lists(st.just({"n": 1})), "x": nested}
            ), max_size=3,
        ),
    },
)  # fmt: skip
modest = settings(max_examples=80, derandomize=True, deadline=None)


@contextmanager
def only_the_fast_way() -> Iterator[None]:
    def refuse(*_: object) -> Iterator[str]:
        raise AssertionError("the fast way gave up on a file of valid records")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "read_line_by_line", refuse)
        yield


@cache
def scratch_database() -> tuple[Path, duckdb.DuckDBPyConnection]:
    """A folder, and a database with its scratch space there: opening one costs more than a read."""
    folder = tempfile.mkdtemp(prefix="outlay-readers-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    con = duckdb.connect()
    con.execute(f"set temp_directory = '{folder}/scratch'")
    con.execute("set threads = 1")
    return Path(folder), con


def read(
    content: bytes, leaves: list[Leaf], file_type: str, documents: tuple[str, ...] = ()
) -> list[tuple[Any, ...]]:
    """Every record of one file that was not rejected, with its line, in order."""
    folder, shared = scratch_database()
    with shared.cursor() as con:
        path = folder / "a"
        path.write_bytes(content)
        found: list[tuple[Any, ...]] = []
        for relation in read_records(con, [InputFile(1, path, "a")], leaves, file_type, documents):
            found += con.execute(
                f"select * exclude (file_id) from {relation} where reject_reason is null"
                " order by source_line"
            ).fetchall()
        return found


@modest
@given(st.lists(objects, min_size=1, max_size=6))
def test_lines_read_fast_are_the_lines_read_carefully(found: list[dict[str, Any]]) -> None:
    whole = b"".join(json.dumps(record).encode() + b"\n" for record in found)
    with only_the_fast_way():
        fast = read(whole, LEAVES, "jsonl")
    assert len(fast) == len(found)
    assert read(whole + b'{"text": \n', LEAVES, "jsonl") == fast


@modest
@given(st.lists(objects, min_size=1, max_size=6))
def test_raw_text_reads_like_escaped_text(found: list[dict[str, Any]]) -> None:
    escaped = b"".join(json.dumps(record).encode() + b"\n" for record in found)
    raw = b"".join(json.dumps(r, ensure_ascii=False).encode() + b"\n" for r in found)
    assert read(raw, LEAVES, "jsonl") == read(escaped, LEAVES, "jsonl")


@modest
@given(st.lists(objects, min_size=1, max_size=6))
def test_an_array_read_fast_is_the_array_read_carefully(found: list[dict[str, Any]]) -> None:
    with only_the_fast_way():
        fast = read(json.dumps(found).encode(), LEAVES, "jsonl")
    assert len(fast) == len(found)
    assert read(json.dumps([*found, 17], indent=2).encode(), LEAVES, "jsonl") == fast


@modest
@given(
    st.lists(
        st.tuples(texts, int64s.map(str) | st.just(""), amounts.map(str) | st.just(""),
                  st.sampled_from(["true", "false", ""])),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_csv_read_fast_is_csv_read_carefully(rows: list[tuple[str, ...]]) -> None:
    leaves = [
        Leaf(("t",)), Leaf(("n",), "BIGINT"), Leaf(("usd",), "DECIMAL(18,9)"),
        Leaf(("b",), "BOOLEAN"),
    ]  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("t", "n", "usd", "b"), *rows])
    content = text.getvalue().encode()
    plain_read = read(content, leaves, "csv")
    assert read(content + b"one,two\n", leaves, "csv") == plain_read
    assert [row[3:] for row in plain_read] == [
        (t or None, int(n) if n else None, Decimal(usd) if usd else None,
         {"true": True, "false": False, "": None}[b])
        for t, n, usd, b in rows
    ]  # fmt: skip


DOCUMENT_LEAVES = [
    Leaf(("id",), "BIGINT"),
    Leaf(("meta", "a", "b")),
    Leaf(("meta", "count"), "BIGINT"),
    Leaf(("meta", "usd"), "DECIMAL(18,9)"),
    Leaf(("meta", "list"), "VARCHAR[]"),
    Leaf(("tags",), "VARCHAR[]"),
]
inner = st.fixed_dictionaries(
    {},
    optional={
        "a": st.none() | st.fixed_dictionaries({}, optional={"b": plain, "x": nested}),
        "count": st.none() | int64s | st.integers(0, 10**6).map(str),
        "usd": st.none() | amounts.map(str) | st.integers(0, 10**8),
        "list": st.none() | st.lists(texts, max_size=3),
        "prompt": nested,
    },
)
documents = st.lists(st.tuples(st.none() | inner, st.none() | st.lists(texts, max_size=3)),
                     min_size=1, max_size=6)  # fmt: skip


@pytest.mark.slow
@modest
@given(documents)
def test_json_as_text_reads_like_the_object_it_stands_for_in_every_form(
    found: list[tuple[Any, Any]],
) -> None:
    objects = [{"id": n, "meta": meta, "tags": tags} for n, (meta, tags) in enumerate(found)]
    as_text = [
        record | {k: json.dumps(record[k]) for k in ("meta", "tags") if record[k] is not None}
        for record in objects
    ]
    keys = ("meta", "tags")
    lines = b"".join(json.dumps(record).encode() + b"\n" for record in objects)
    texts_in_lines = b"".join(json.dumps(record).encode() + b"\n" for record in as_text)
    table = io.StringIO()
    writer = csv.DictWriter(table, ["id", *keys], lineterminator="\n")
    writer.writeheader()
    writer.writerows(as_text)
    with only_the_fast_way():
        expected = read(lines, DOCUMENT_LEAVES, "jsonl", keys)
        assert read(texts_in_lines, DOCUMENT_LEAVES, "jsonl", keys) == expected
        from_table = read(table.getvalue().encode(), DOCUMENT_LEAVES, "csv", keys)
    assert [row[3:] for row in from_table] == [row[3:] for row in expected]
    assert len(expected) == len(found)
    assert read(lines + b"{\n", DOCUMENT_LEAVES, "jsonl", keys) == expected
    assert read(texts_in_lines + b"{\n", DOCUMENT_LEAVES, "jsonl", keys) == expected
    damaged = table.getvalue().encode() + b"1,2\n"
    assert read(damaged, DOCUMENT_LEAVES, "csv", keys) == from_table


def test_a_map_a_struct_and_a_text_of_parquet_are_documents(tmp_path: Path) -> None:
    leaves = [Leaf(("usage", "input"), "BIGINT"), Leaf(("meta", "a"))]
    text = "'{\"input\": 7}'"
    forms = ("map {'input': 7::ubigint}", "{'input': 7}", text, f"{text}::json")
    for form in forms:
        with duckdb.connect() as con:
            con.execute(
                f"copy (select {form} as usage, null::map(varchar, varchar) as meta)"
                f" to '{tmp_path}/a' (format parquet)"
            )
        content = (tmp_path / "a").read_bytes()
        assert read(content, leaves, "parquet", ("usage", "meta")) == [(1, None, None, 7, None)]


@modest
@given(st.lists(objects.filter(bool), min_size=1, max_size=4))
def test_records_spread_over_lines_are_read_like_records_on_one_line(
    found: list[dict[str, Any]],
) -> None:
    spread = b"\n".join(json.dumps(record, indent=1).encode() for record in found) + b"\n"
    lines = b"".join(json.dumps(record).encode() + b"\n" for record in found)
    with only_the_fast_way():
        assert read(spread, LEAVES, "jsonl") == read(lines, LEAVES, "jsonl")


def test_long_lines_are_held_in_memory_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    take = line_reader.take_chunk

    def noted(lines: Iterator[Any], characters: Callable[[Any], int]) -> list[Any]:
        taken.append(take(lines, characters))
        return taken[-1]

    monkeypatch.setattr(line_reader, "CHUNK_CHARACTERS", 3_000)
    monkeypatch.setattr(line_reader, "take_chunk", noted)
    line = json.dumps({"count": 7, "prompt": "x" * 990}).encode() + b"\n"
    found = read(line * 10 + b"broken\n", [Leaf(("count",), "BIGINT")], "jsonl")
    assert [len(rows) for rows in taken] == [3, 3, 3, 2, 0]
    assert [row[0] for row in found] == [*range(1, 11)]
