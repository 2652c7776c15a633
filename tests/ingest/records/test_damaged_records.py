"""Records that cannot be right: each is quarantined by line and field, and nothing of it leaks."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.gateways import mapped
from ingest.lake.file_entries import SourceReport
from tests.support.lake import Lake
from tests.support.texts import files_holding

OPTIONS: dict[str, Any] = {
    "file_type": "jsonl",
    "fields": {
        "call_id": "id", "started_at": {"path": "ts", "time": "epoch_s"}, "request_model": "model",
        "reported_cost_usd": "usd", "feature": {"path": "tags", "tag": "feature"},
        "status": {"path": "state", "values": {"done": "ok"}}, "tenant_id": "meta.tenant",
    },
    "tokens": {"input": "in", "output": "out"},
}  # fmt: skip
SECRET = "TOPSECRET"  # noqa: S105 - what must not leak
GOOD = {"id": "good", "ts": 1790856000, "model": "gpt-4.1", "usd": 0.5, "in": 3, "out": 2,
        "tags": ["feature:x"], "state": "done", "prompt": SECRET}  # fmt: skip


def line(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes).encode() + b"\n"


def landed(root: Path, *lines: bytes) -> tuple[Lake, SourceReport]:
    lake = Lake(root, "bot", "mapped", OPTIONS)
    lake.drop("a.jsonl", b"".join(lines))
    return lake, lake.land()


@pytest.mark.parametrize(
    ("bad", "field", "reason"),
    [
        (line(usd=float("nan")), "usd", "the value is not a DECIMAL(18,9)"),
        (line(usd=float("inf")), "usd", "the value is not a DECIMAL(18,9)"),
        (line(usd=-float("inf")), "usd", "the value is not a DECIMAL(18,9)"),
        (line(usd="NaN"), "usd", "the value is not a DECIMAL(18,9)"),
        (line(usd=SECRET), "usd", "the value is not a DECIMAL(18,9)"),
        (line(usd=12345678901), "usd", "the value is not a DECIMAL(18,9)"),
        (line(usd=-0.01), "reported_cost_usd", "is negative"),
        (line(usd=[SECRET]), "usd", "the value is not a DECIMAL(18,9)"),
        (line(**{"in": -1}), "tokens.input", "a count of tokens is negative"),
        (line(**{"in": 10**12}), "input_uncached_tokens",
         "is more tokens than one row can have"),
        (line(**{"in": 2**70}), "tokens.input",
         "the value does not fit what the mapping says of it"),
        (line(**{"in": "12 tokens"}), "in", "the value is not a DOUBLE"),
        (line(**{"in": {SECRET: 1}}), "in", "the value is not a DOUBLE"),
        (line(ts=SECRET), "ts", "the value is not a DOUBLE"),
        (line(ts=None), "started_at", "is required and missing"),
        (line(id=""), "call_id", "is required and missing"),
        (line(tags=SECRET), "tags", "the value is not a VARCHAR[]"),
        (line(state=SECRET), "fields.status",
         "the value does not fit what the mapping says of it"),
        (line()[:-2] + b"\n", "record", "the line is not valid JSON"),
        (line()[:-1] + line(), "record", "the line is not valid JSON"),
        (line().replace(b"gpt", b"g\xffpt"), "record", "the line is not UTF-8 text"),
        (line().replace(b"TOP", b"\xc3\x28"), "record", "the line is not UTF-8 text"),
        (line().replace(b"gpt", b"g\x00pt"), "record", "the line is not valid JSON"),
        (line().replace(b"gpt", b"\\ud800"), "record", "the line is not valid JSON"),
        (line().replace(b'"', b"'"), "record", "the line is not valid JSON"),
        (b"\x00\x00\x00\n", "record", "the line is not valid JSON"),
        (SECRET.encode() + b"\n", "record", "the line is not valid JSON"),
        (b'["' + SECRET.encode() + b'"]\n', "record", "the record is not a JSON object"),
        (b"17\n", "record", "the record is not a JSON object"),
        (b"[" * 5000 + b"\n", "record", "the line is not valid JSON"),
    ],
)  # fmt: skip
def test_a_bad_record_is_kept_aside_and_its_neighbours_load(
    tmp_path: Path, bad: bytes, field: str, reason: str
) -> None:
    lake, report = landed(tmp_path, line(id="before"), bad, line(id="after"))
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (2, 1, [])
    assert lake.catalog("select source_file, source_line, field, reason from quarantine") == [
        ("a.jsonl", 2, field, reason)
    ]
    assert lake.rows("select call_id, source_line from rows order by 2") == [
        ("before", 1), ("after", 3)
    ]  # fmt: skip
    assert files_holding(lake.paths.lake, SECRET) == set()


def test_a_record_that_states_nothing_is_counted_as_no_call(tmp_path: Path) -> None:
    lake, report = landed(tmp_path, line(id="before"), b"{}\n", line(id="after"))
    assert (report.rows_loaded, report.rows_quarantined) == (2, 0)
    assert lake.rows("select reason, records from rows", "omitted_records") == [
        ("names no model and states neither usage nor cost", 1)
    ]


@pytest.mark.parametrize("damage", [b"", b"{broken\n"], ids=["fast path", "slow path"])
@pytest.mark.parametrize(
    ("odd", "column", "value"),
    [
        (line(**{"in": "7"}), "input_uncached_tokens", 7),
        (line(**{"in": 7.0}), "input_uncached_tokens", 7),
        (line(usd="0.000000001"), "reported_cost_usd", Decimal("1E-9")),
        (line(usd=1e-9), "reported_cost_usd", Decimal("1E-9")),
        (line(usd=0), "reported_cost_usd", Decimal(0)),
        (line(usd=None), "reported_cost_usd", None),
        # halves of the ninth decimal, which a binary number cannot hold
        (line(usd=0.1339257065), "reported_cost_usd", Decimal("0.133925707")),
        (line(usd=548.6298907405), "reported_cost_usd", Decimal("548.629890741")),
        (line(model=4), "request_model", "4"),
        (line(model=2**63), "request_model", "9223372036854775808"),
        (line(model="gpt \u2028\u00e9\U0001f600"), "request_model", "gpt \u2028\u00e9\U0001f600"),
        (line(extra={"never": ["seen"]}, Model="other"), "request_model", "gpt-4.1"),
        (line()[:-2] + b', "model": "second"}\n', "request_model", "gpt-4.1"),
        (line(meta=SECRET), "tenant_id", None),
        (line(meta={"tenant": {"a": 1}}), "tenant_id", '{"a":1}'),
        (line(prompt="y" * 5_000_000), "request_model", "gpt-4.1"),
        (line(prompt="y" * 20_000_000), "request_model", "gpt-4.1"),
        (b"\xef\xbb\xbf" + line(), "request_model", "gpt-4.1"),
        (line()[:-1] + b" \t\r\n", "request_model", "gpt-4.1"),
    ],
)  # fmt: skip
def test_an_odd_record_reads_the_same_by_both_ways(
    tmp_path: Path, odd: bytes, column: str, value: object, damage: bytes
) -> None:
    lake, report = landed(tmp_path, odd, damage)
    assert (report.rows_loaded, report.rows_quarantined) == (1, 1 if damage else 0)
    assert lake.rows(f"select {column} from rows") == [(value,)]


@pytest.mark.slow
@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    st.lists(st.binary(max_size=40) | st.sampled_from([line(), line(**{"in": "x"})]), max_size=5)
)
def test_no_bytes_end_a_run_and_every_line_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes]
) -> None:
    lines = [chunk.replace(b"\n", b"").replace(b"\r", b"") + b"\n" for chunk in chunks]
    _, report = landed(tmp_path_factory.mktemp("bytes"), line(), *lines)
    assert report.failed == []
    written = [content for content in lines if content.strip()]
    assert report.rows_loaded + report.rows_quarantined == 1 + len(written)
    assert report.rows_loaded == 1 + written.count(line())


def test_a_value_that_no_type_can_hold_fails_its_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A conversion that nobody foresaw must not take the other files with it."""
    monkeypatch.setitem(
        mapped._CALL_DEFAULTS,
        "operation",
        "case when \"model\" = 'bad' then cast(\"model\" as integer)::varchar else 'chat' end",
    )
    lake = Lake(tmp_path, "bot", "mapped", OPTIONS)
    lake.drop("bad.jsonl", line(model="bad"))
    lake.drop("good.jsonl", line())
    report = lake.land()
    assert report.failed == [
        ("bad.jsonl", "a value fits no type that the settings ask of it; check units")
    ]
    assert report.rows_loaded == 1


HEADER = b"id,ts,model,prompt\n"
CSV_OPTIONS: dict[str, Any] = {
    "file_type": "csv",
    "fields": {"call_id": "id", "started_at": {"path": "ts", "time": "epoch_s"},
               "request_model": "model"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"b,1790856000,gpt\n", "3 columns where the header has 4"),
        (b"b,1790856000,gpt,x,y\n", "5 columns where the header has 4"),
        (b'b,1790856000,"gpt"4,x\n', "the line is not valid CSV"),
        (b"b,1790856000,gpt\xe9,x\n", "the line is not UTF-8 text"),
        (b"b,1790856000,gpt,TOPSECRET\xff\n", "the line is not UTF-8 text"),
    ],
)
def test_a_bad_row_of_csv_is_kept_aside_and_its_neighbours_load(
    tmp_path: Path, bad: bytes, reason: str
) -> None:
    lake = Lake(tmp_path, "bot", "mapped", CSV_OPTIONS)
    rows = b'a,1790856000,gpt,"two\nlines"\n', bad, b"c,1790856000,\xc3\xa9\xf0\x9f\x98\x80,\n"
    lake.drop("a.csv", HEADER + b"".join(rows))
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (2, 1, [])
    assert lake.catalog("select source_line, field, reason from quarantine") == [
        (4, "record", reason)
    ]
    assert lake.rows("select call_id, source_line, request_model from rows order by 2") == [
        ("a", 2, "gpt"), ("c", 5, "\u00e9\U0001f600")
    ]  # fmt: skip


GOOD_ROW = b'%s,1790856000,gpt,"a, ""b"""\n'


@pytest.mark.parametrize(
    "bad",
    [
        b'x,1790856000,"gpt,p\n',  # swallows what follows up to the next quote
        b'x,1790856000,gpt,"p\n',
        b'x,1790856000,gpt,"p""\n',
        b'"x,1790856000,gpt,p\n',
        b'x,1790856000,gpt,"p"q"\n',
        b"x,1790856000,gpt\rp,q\n",
    ],
)
@pytest.mark.parametrize("last", [False, True], ids=["amid", "at the end"])
def test_a_stray_quote_costs_its_own_line_alone(tmp_path: Path, bad: bytes, last: bool) -> None:
    lake = Lake(tmp_path, "bot", "mapped", CSV_OPTIONS)
    after = b"" if last else GOOD_ROW % b"c" + GOOD_ROW % b"d"
    lake.drop("a.csv", HEADER + GOOD_ROW % b"a" + GOOD_ROW % b"b" + bad + after)
    report = lake.land()
    assert report.failed == []
    assert lake.catalog("select source_line, reason from quarantine") == [
        (4, "the line is not valid CSV")
    ]
    loaded = lake.rows("select call_id, source_line from rows order by 2")
    assert loaded == [("a", 2), ("b", 3)] + ([] if last else [("c", 5), ("d", 6)])


def test_a_spread_record_that_is_not_utf8_is_one_bad_record(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "bot", "mapped", CSV_OPTIONS)
    spread = b'x,1790856000,gpt,"caf\xe9\nz,1790856000,gpt,said\n"\n'
    lake.drop("a.csv", HEADER + spread + GOOD_ROW % b"a")
    lake.land()
    assert lake.catalog("select source_line, reason from quarantine") == [
        (2, "the line is not UTF-8 text")
    ]
    assert lake.rows("select call_id, source_line from rows") == [("a", 5)]


@pytest.mark.parametrize("damage", [b"", b"too,short\n"], ids=["fast path", "slow path"])
def test_a_long_field_of_csv_is_no_fault(tmp_path: Path, damage: bytes) -> None:
    lake = Lake(tmp_path, "bot", "mapped", CSV_OPTIONS)
    lake.drop("a.csv", HEADER + b"a,1790856000,gpt," + b"y" * 5_000_000 + b"\n" + damage)
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined) == (1, 1 if damage else 0)


@pytest.mark.parametrize("damage", [b"", b", 17"], ids=["fast path", "slow path"])
def test_the_first_of_two_equal_keys_counts_in_an_array_too(tmp_path: Path, damage: bytes) -> None:
    lake = Lake(tmp_path, "bot", "mapped", OPTIONS)
    lake.drop("a.json", b"[" + line()[:-2] + b', "model": "second"}' + damage + b"]")
    assert lake.land().rows_loaded == 1
    assert lake.rows("select request_model from rows") == [("gpt-4.1",)]
