"""An array is read a part at a time: same records as at once, no digit lost, little memory."""

from __future__ import annotations

import gzip
import io
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.lake.catalog import open_catalog
from ingest.lake.landing import land_source
from ingest.records.format import SourceConfig
from ingest.records.json_array import array_elements
from ingest.sources import FORMATS
from tests.bench.measure import least_peak, run
from tests.recording.recorder import RECORDING
from tests.support.lake import Lake

SIZE_MB = 20
MOST_GROWTH_MB = 50
"""Of the 60 that the larger file has more: part by part it grows by 24 to 35 (a row group of
Parquet fills up), read whole by 70."""

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
modest = settings(max_examples=200, derandomize=True, deadline=None)


def elements(text: str, block: int) -> list[str]:
    return list(array_elements(io.BytesIO(text.encode()), block))


@modest
@given(st.lists(values, max_size=5), st.integers(1, 9), st.booleans(), st.sampled_from([None, 1]))
def test_however_the_file_is_cut_its_elements_are_the_same(
    array: list[Any], block: int, is_ascii: bool, indent: int | None
) -> None:
    text = json.dumps(array, ensure_ascii=is_ascii, indent=indent)
    found = elements(text, block)
    # as text again, since NaN is no equal of itself
    assert json.dumps([json.loads(one) for one in found]) == json.dumps(array)


def test_no_digit_of_a_number_is_lost_and_keys_stay_as_they_stand() -> None:
    text = '[{"usd": 0.123456789012345678901, "a": 1, "a": 2}, 12345678901234567890123, 1.10]'
    found = elements(text, 3)
    assert found == [
        '{"usd": 0.123456789012345678901, "a": 1, "a": 2}', "12345678901234567890123", "1.10",
    ]  # fmt: skip
    assert Decimal(found[2]).as_tuple().exponent == -2


def test_a_byte_order_mark_and_white_space_are_no_records() -> None:
    assert list(array_elements(io.BytesIO(b"\xef\xbb\xbf \n[ 1 ,\n2 ] \n"), 2)) == ["1", "2"]


@pytest.mark.parametrize("block", [1, 4, 1 << 20])
@pytest.mark.parametrize(
    "text",
    ["", "{}", "[", "[1", "[1,", "[1,]", "[1 2]", "[1] 2", '["a', "[nul", "[{]", "[1,,2]",
     '[{"a": 1 "b": 2}]'],
)  # fmt: skip
def test_what_is_not_one_whole_array_is_refused(text: str, block: int) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the reader names the file
        elements(text, block)


def test_a_malformed_record_is_noticed_before_the_rest_of_the_file_is_read() -> None:
    stream = io.BytesIO(b'[{"a": 1 "b": 2}, ' + b'"x", ' * 100_000 + b"1]")
    with pytest.raises(ValueError, match="delimiter"):
        list(array_elements(stream, 100))
    assert stream.tell() < 1_000


@pytest.mark.slow
def test_an_array_four_times_as_large_takes_no_four_times_the_memory(tmp_path: Path) -> None:
    small, large = (least_peak(peak_mb, tmp_path, size) for size in (SIZE_MB, 4 * SIZE_MB))
    assert large - small < MOST_GROWTH_MB, (small, large)


def peak_mb(root: Path, size_mb: int) -> float:
    """Peak memory of a process that lands that much of an array that DuckDB refuses."""
    lake = Lake(root)
    lines = gzip.decompress(RECORDING.read_bytes()).splitlines()
    number = 0
    with lake.drop("a.json", "").open("wb") as array:
        array.write(b"[17")  # no record: the slow path rejects it and reads the others
        while array.tell() < size_mb * 1_000_000:
            line = lines[number % len(lines)]
            line = line.replace(b'"litellm_call_id": "', b'"litellm_call_id": "%07d' % number)
            array.write(b",\n" + line)
            number += 1
        array.write(b"]")
    return run("-m", __name__, str(root), str(number)).peak_mb


def _land(root: Path, records: int) -> None:
    lake = Lake(root)
    config = SourceConfig(lake.source, lake.format, Path("test.toml"))
    with open_catalog(lake.paths, threads=1) as con:
        report = land_source(con, lake.paths, config, FORMATS[lake.format])
    assert (report.rows_loaded, report.rows_quarantined) == (records, 1), report


if __name__ == "__main__":
    _land(Path(sys.argv[1]), int(sys.argv[2]))
