"""What is longer, larger or deeper than any real file is refused, and its neighbours load."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import pytest

from ingest.records import csv_records, file_bytes, json_array, limits, line_reader
from ingest.records.limits import LONGEST_RECORD, TOO_LONG
from tests.ingest.records.test_damaged_records import CSV_OPTIONS, HEADER, OPTIONS, line
from tests.support.lake import Lake

SHORT = 4096
"""A limit that a test can afford."""


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (csv_records, json_array):
        monkeypatch.setattr(module, "LONGEST_RECORD", SHORT)


def padded(size: int, number: str = "long") -> bytes:
    """A record of that many bytes, its line feed included."""
    bare = len(line(id=number, prompt=""))
    return line(id=number, prompt="y" * (size - bare))


@pytest.mark.usefixtures("short")
def test_a_line_that_is_too_long_is_quarantined_alone(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "bot", "mapped", OPTIONS)
    # the damaged line sends the file to the slow path, which has the limit
    records = (line(id="a"), padded(SHORT), padded(SHORT + 1), b"damaged\n", line(id="b"))
    lake.drop("a.jsonl", b"".join(records))
    report = lake.land()
    assert (report.rows_loaded, report.failed) == (3, [])
    assert lake.catalog("select source_line, reason from quarantine order by 1") == [
        (3, TOO_LONG), (4, "the line is not valid JSON"),
    ]  # fmt: skip


@pytest.mark.usefixtures("short")
def test_a_row_of_csv_that_is_too_long_is_quarantined_alone(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "bot", "mapped", CSV_OPTIONS)
    long = b"x,1790856000,gpt," + b"y" * SHORT + b"\n"
    good = b"a,1790856000,gpt,z\n"
    spread = b'x,1790856000,gpt,"' + good * (SHORT // len(good)) + b'"\n'
    lake.drop("a.csv", HEADER + good + long + b"too,short\n" + spread + good)
    report = lake.land()
    # a quote that closes too late is taken for a stray one: what looks like rows behind it is rows
    assert (report.rows_loaded, report.failed) == (2 + SHORT // len(good) - 1, [])
    reasons = lake.catalog("select source_line, reason from quarantine order by 1")
    assert reasons[:3] == [
        (3, TOO_LONG), (4, "2 columns where the header has 4"), (5, TOO_LONG),
    ]  # fmt: skip


@pytest.mark.usefixtures("short")
def test_an_element_of_an_array_that_is_too_long_refuses_its_file(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "bot", "mapped", OPTIONS)
    # the number is no record and sends the file to the slow path
    lake.drop("a.json", b"[7," + padded(3 << 20) + b"]")
    lake.drop("b.jsonl", line())
    report = lake.land()
    assert report.failed == [("a.json", f"{TOO_LONG}; leave it out of the export")]
    assert report.rows_loaded == 1


def test_a_record_at_the_limit_loads(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "bot", "mapped", OPTIONS)
    lake.drop("a.jsonl", padded(LONGEST_RECORD) + line(id="b") + b"damaged\n")
    assert lake.land().rows_loaded == 2


def test_a_record_of_more_values_than_memory_holds_is_quarantined_alone(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "bot", "mapped", OPTIONS)
    many = line(prompt=None).replace(b"null", b"[" + b"1," * 14_000_000 + b"1]")
    lake.drop("a.jsonl", line(id="a") + many + b"damaged\n" + line(id="b"))
    report = lake.land()
    assert (report.rows_loaded, report.failed) == (2, [])
    assert lake.catalog("select source_line, reason from quarantine order by 1") == [
        (2, line_reader.TOO_MUCH), (3, "the line is not valid JSON"),
    ]  # fmt: skip


def bomb(megabytes: int) -> bytes:
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as packed:
        packed.write(HEADER)
        for _ in range(megabytes):
            packed.write(b"\n" * (1 << 20))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "format_name", "options"),
    [
        ("a.jsonl.gz", "mapped", OPTIONS), ("a.csv.gz", "mapped", CSV_OPTIONS),
        ("a.csv.gz", "focus", {}), ("a.jsonl.gz", "gcp", {}), ("a.json.gz", "openai", {}),
        ("a.csv.gz", "openai", {}),
    ],
)  # fmt: skip
def test_a_gzip_that_grows_without_measure_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, format_name: str,
    options: dict[str, Any],
) -> None:  # fmt: skip
    monkeypatch.setattr(limits, "HARMLESS_BYTES", 1 << 20)
    lake = Lake(tmp_path, "bot", format_name, options)
    lake.drop(name, bomb(16))
    assert lake.land().failed == [(name, file_bytes.EXPANDS)]


def test_a_gzip_may_grow_up_to_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HARMLESS_BYTES", 1 << 10)
    lake = Lake(tmp_path, "bot", "mapped", OPTIONS)
    packed = gzip.compress(line(prompt="y" * 20_000), mtime=0)
    assert 50 < 20_000 / len(packed) < limits.LARGEST_EXPANSION
    lake.drop("a.jsonl.gz", packed)
    assert lake.land().rows_loaded == 1


@pytest.mark.parametrize("depth", [2_000, 300_000])
def test_nesting_that_no_page_has_is_refused_and_in_a_line_of_no_matter(
    tmp_path: Path, depth: int
) -> None:
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    lines = Lake(tmp_path / "lines", "bot", "mapped", OPTIONS)
    lines.drop("a.jsonl", line()[:-2] + b', "other": ' + deep + b"}\n")
    lines.drop("b.json", b"[7, " + deep + b"]")
    report = lines.land()
    assert report.rows_loaded == 1
    assert report.failed == [
        ("b.json", "the JSON array is malformed or cut off; export the file again")
    ]
    pages = Lake(tmp_path / "pages", "bill", "openai")
    pages.drop("a.json", b'{"object": "page", "data": [' + deep + b"]}")
    assert pages.land().failed == [("a.json", "is not JSON of an API page")]
