"""Mapped logs: three file types with one meaning, and errors that name file, key and cure."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.errors import ConfigError
from tests.support.lake import Lake

FIELDS: dict[str, Any] = {
    "call_id": ["run", "step"],
    "task_id": "run",
    "started_at": "ts",
    "provider": {"constant": "openai"},
    "request_model": "model",
    "status": {"path": "state", "values": {"done": "ok", "failed": "error"}},
    "reported_cost_usd": {"path": "cents", "multiply": "0.01"},
    "is_stream": "stream",
}
TOKENS: dict[str, Any] = {
    "input": "in", "input_includes_cache": True, "cache_read": "hit", "output": "out",
}  # fmt: skip
RECORDS: list[dict[str, Any]] = [
    {"run": "r1", "step": 1, "ts": "2026-10-01T14:00:00+02:00", "model": "gpt-4.1",
     "state": "done", "cents": "0.123456789", "stream": True, "in": 100, "hit": 60, "out": 7},
    {"run": "r1", "step": 2, "ts": "2026-10-01T12:00:01Z", "model": "größer, \"neu\"\nÄ",
     "state": "failed", "cents": "12", "stream": False, "in": 9, "hit": None, "out": 0},
    {"run": "r2", "step": 1, "ts": "2026-10-02 00:00:00", "model": None,
     "state": "failed", "cents": None, "stream": None, "in": None, "hit": None, "out": None},
]  # fmt: skip
COLUMNS = (
    "call_id, task_id, started_at, provider, request_model, response_model, status, operation,"
    " service_tier, reported_cost_usd, is_stream, input_uncached_tokens, cache_read_tokens,"
    " output_tokens"
)
ROWS = [
    ("r1/1", "r1", datetime(2026, 10, 1, 12), "openai", "gpt-4.1", "gpt-4.1", "ok", "chat",
     "standard", Decimal("0.001234568"), True, 40, 60, 7),
    ("r1/2", "r1", datetime(2026, 10, 1, 12, 0, 1), "openai", "größer, \"neu\"\nÄ",
     "größer, \"neu\"\nÄ", "error", "chat", "standard", Decimal("0.12"), False, 9, None, 0),
    ("r2/1", "r2", datetime(2026, 10, 2), "openai", None, None, "error", "chat", "standard", None,
     None, None, None, None),
]  # fmt: skip


def as_jsonl(records: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def as_csv(records: list[dict[str, Any]], separator: str = ",") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), lineterminator="\n", delimiter=separator)
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode()


def as_parquet(records: list[dict[str, Any]]) -> bytes:
    """The same records with types of Parquet's own where it has them."""
    stored = [
        record | {
            "ts": datetime.fromisoformat(record["ts"] + ("" if "T" in record["ts"] else "Z")),
            "cents": Decimal(record["cents"]) if record["cents"] else None,
        }
        for record in records
    ]  # fmt: skip
    schema = pa.schema(
        [("run", pa.string()), ("step", pa.int32()), ("ts", pa.timestamp("us", "Asia/Tokyo")),
         ("model", pa.string()), ("state", pa.dictionary(pa.int8(), pa.string())),
         ("cents", pa.decimal128(20, 9)), ("stream", pa.bool_()), ("in", pa.int64()),
         ("hit", pa.int16()), ("out", pa.uint32())]
    )  # fmt: skip
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(stored, schema=schema), sink)
    return sink.getvalue()


def source(root: Path, file_type: str, **sections: Any) -> Lake:
    options = {"file_type": file_type, "fields": FIELDS, "tokens": TOKENS} | sections
    return Lake(root, "bot", "mapped", options)


@pytest.mark.parametrize(
    ("file_type", "name", "content"),
    [
        ("jsonl", "a.jsonl", as_jsonl(RECORDS)),
        ("jsonl", "a.json", json.dumps(RECORDS).encode()),
        ("jsonl", "a.log.gz", gzip.compress(as_jsonl(RECORDS), mtime=0)),
        ("csv", "a.csv", as_csv(RECORDS)),
        ("csv", "a.csv", b"\xef\xbb\xbf" + as_csv(RECORDS)),
        ("csv", "a.csv", as_csv(RECORDS).replace(b"\n", b"\r\n").replace(b"\r\n\xc3", b"\n\xc3")),
        ("csv", "a.csv.gz", gzip.compress(as_csv(RECORDS), mtime=0)),
        ("csv", "a.csv", as_csv(RECORDS, ";")),
        ("csv", "a.csv.gz", gzip.compress(as_csv(RECORDS, "\t"), mtime=0)),
        ("parquet", "a.parquet", as_parquet(RECORDS)),
    ],
    ids=["lines", "array", "packed", "csv", "csv with a mark", "csv with CRLF", "packed csv",
         "semicolons", "packed tabs", "parquet"],
)  # fmt: skip
def test_the_same_records_are_the_same_rows(
    tmp_path: Path, file_type: str, name: str, content: bytes
) -> None:
    lake = source(tmp_path, file_type)
    lake.drop(name, content)
    report = lake.land()
    assert (report.rows_quarantined, report.failed) == (0, [])
    assert lake.rows(f"select {COLUMNS} from rows order by call_id") == ROWS


def test_files_with_other_separators_are_read_beside_each_other(tmp_path: Path) -> None:
    lake = source(tmp_path, "csv")
    for record, separator in zip(RECORDS, ",;\t", strict=True):
        lake.drop(f"{record['run']}-{record['step']}.csv", as_csv([record], separator))
    report = lake.land()
    assert (report.rows_quarantined, report.failed) == (0, [])
    assert lake.rows(f"select {COLUMNS} from rows order by call_id") == ROWS


def test_a_decimal_comma_is_quarantined_with_its_field(tmp_path: Path) -> None:
    """1,234 may be a thousand or a little more than one: nobody guesses at money."""
    lake = source(tmp_path, "csv")
    lake.drop("a.csv", as_csv([RECORDS[0] | {"cents": "1,234"}, RECORDS[2]], ";"))
    report = lake.land()
    assert report.rows_quarantined == 1
    assert lake.rows("select call_id from rows") == [("r2/1",)]


def test_a_row_of_csv_has_the_line_it_begins_in(tmp_path: Path) -> None:
    lake = source(tmp_path, "csv")
    lake.drop("a.csv", as_csv(RECORDS))
    lake.land()
    assert lake.rows("select call_id, source_line from rows order by 2") == [
        ("r1/1", 2), ("r1/2", 3), ("r2/1", 5)
    ]  # fmt: skip


def test_a_time_of_parquet_without_a_zone_is_utc_or_in_the_zone_that_the_mapping_says(
    tmp_path: Path,
) -> None:
    table = pa.table({"run": ["r"], "step": [1], "ts": [datetime(2026, 7, 1, 14)]})
    sink = io.BytesIO()
    pq.write_table(table, sink)
    for zone, hour in ((None, 14), ("Europe/Berlin", 12)):
        started = {"path": "ts"} | ({"zone": zone} if zone else {})
        fields = {"call_id": ["run", "step"], "started_at": started}
        lake = source(tmp_path / str(zone), "parquet", fields=fields, tokens={})
        lake.drop("a.parquet", sink.getvalue())
        lake.land()
        assert lake.rows("select started_at from rows") == [(datetime(2026, 7, 1, hour),)]


@pytest.mark.parametrize(
    ("file_type", "content", "reason"),
    [
        ("csv", as_csv(RECORDS).replace(b"model", b"Model", 1),
         "field fields.request_model: the mapping reads column 'model', which this file does not"
         " have; its header is run, step, ts, Model, state, cents, stream, in, hit, out"),
        ("csv", as_csv(RECORDS).replace(b",", b"|"),
         "field fields.call_id: the mapping reads column 'run', which this file does not have;"
         " its header is separated by bars: export it with commas, semicolons or tabs"),
        ("csv", as_csv(RECORDS).split(b"\n", 1)[1],
         "field fields.call_id: the mapping reads column 'run', which this file does not have;"
         " its header is r1, 1, ..., gpt-4.1, done, 0.123456789, True, 100,"
         " 60, 7"),
        ("csv", b"How do I get at the secret of the ages?,b\n1,2\n",
         "field fields.call_id: the mapping reads column 'run', which this file does not have;"
         " its header is ..., b"),
        ("csv", as_csv(RECORDS).replace(b"stream", b"in", 1),
         "field fields.is_stream: the mapping reads column 'stream', which this file does not"
         " have; its header is run, step, ts, model, state, cents, in, in, hit, out"),
        ("csv", as_csv(RECORDS).replace(b"cents", b"in", 1).replace(b"stream", b"cents,stream", 1),
         "field tokens.input: the header names column 'in' twice"),
        ("csv", b"\n" + as_csv(RECORDS), "line 1: the CSV has no header line"),
        ("csv", b"", "the file is empty: no data returned"),
        ("csv", gzip.compress(as_csv(RECORDS) * 99, mtime=0)[:40],
         "is a truncated or damaged compressed file; copy it again"),
        ("parquet", b"PAR1 or not", "this is not a Parquet file, or it is damaged; deliver it"
         " again"),
        ("parquet", as_parquet(RECORDS)[:-60], "this is not a Parquet file, or it is damaged;"
         " deliver it again"),
        ("jsonl", as_jsonl(RECORDS[:1]) * 0, "the file is empty: no data returned"),
    ],
)  # fmt: skip
def test_a_file_that_the_mapping_does_not_fit_says_why(
    tmp_path: Path, file_type: str, content: bytes, reason: str
) -> None:
    lake = source(tmp_path, file_type)
    lake.drop(f"bad.{file_type}", content)
    good = {"csv": as_csv, "parquet": as_parquet, "jsonl": as_jsonl}[file_type]
    lake.drop(f"good.{file_type}", good(RECORDS))
    report = lake.land()
    assert report.failed == [(f"bad.{file_type}", reason)]
    assert report.rows_loaded == 3


@pytest.mark.parametrize("write", [as_csv, as_parquet])
def test_a_choice_of_columns_needs_only_one_of_them(tmp_path: Path, write: Any) -> None:
    file_type = write.__name__.removeprefix("as_")
    fields = FIELDS | {
        "tenant_id": {"coalesce": ["customer", "run"]},
        "feature": {"coalesce": ["feature", {"constant": "none"}]},
    }
    lake = source(tmp_path, file_type, fields=fields)
    lake.drop(f"a.{file_type}", write(RECORDS))
    assert lake.land().failed == []
    assert lake.rows("select tenant_id, feature from rows order by call_id") == [
        ("r1", "none"), ("r1", "none"), ("r2", "none")
    ]  # fmt: skip
    lake.options["fields"] = fields | {"tenant_id": {"coalesce": ["customer", "client"]}}
    lake.fingerprint = "v2"
    ((_, reason),) = lake.land().failed
    assert reason.startswith(
        "field fields.tenant_id: the mapping reads column 'customer' or 'client', which"
    )


@pytest.mark.parametrize(
    ("sections", "error"),
    [
        ({"fields": {"tenant": "x"}}, "fields.tenant: gateway_calls has no column 'tenant'"),
        ({"fields": {"call_id": "id"}}, "fields.started_at: is required for gateway_calls"),
        ({"fields": FIELDS | {"feature": 7}}, "fields.feature: write a path, a list of paths"),
        ({"fields": FIELDS | {"feature": []}}, "fields.feature: write a path, a list of paths"),
        ({"fields": FIELDS | {"feature": [7]}}, "fields.feature: a path must be text, not int"),
        ({"fields": FIELDS | {"feature": "a..b"}}, "fields.feature: 'a..b' is not a dotted path"),
        ({"fields": FIELDS | {"feature": {"way": "a"}}}, "fields.feature: write a path"),
        ({"fields": FIELDS | {"feature": {"path": "a", "tags": "b"}}},
         "fields.feature: unknown word 'tags'"),
        ({"fields": FIELDS | {"feature": {"path": "a", "default": "b"}}},
         "fields.feature.default: default means nothing by itself"),
        ({"fields": FIELDS | {"feature": {"path": "a", "tag": "b", "multiply": "2"}}},
         "fields.feature.multiply: multiply means nothing beside tag"),
        ({"fields": FIELDS | {"feature": {"path": "a", "time": "iso"}}},
         "fields.feature.time: only a time has a format"),
        ({"fields": FIELDS | {"feature": {"path": "a", "zone": "UTC"}}},
         "fields.feature.zone: zone means nothing by itself"),
        ({"fields": FIELDS | {"feature": {"constant": "a", "path": "b"}}},
         "fields.feature: constant stands alone"),
        ({"fields": FIELDS | {"feature": {"coalesce": []}}},
         "fields.feature: coalesce takes a list"),
        ({"fields": FIELDS | {"http_status": {"constant": "fine"}}},
         "fields.http_status.constant: 'fine' is not a INTEGER"),
        ({"fields": FIELDS | {"feature": {"path": "a", "values": "b"}}},
         "fields.feature.values: write a table"),
        ({"fields": FIELDS | {"feature": {"path": "a", "multiply": "2"}}},
         "fields.feature.multiply: a VARCHAR cannot be multiplied"),
        ({"fields": FIELDS | {"reported_cost_usd": {"path": "a", "multiply": "x"}}},
         "fields.reported_cost_usd.multiply: write a decimal number"),
        ({"fields": FIELDS | {"reported_cost_usd": {"path": "a", "multiply": "1e-10"}}},
         "fields.reported_cost_usd.multiply: write a decimal number"),
        ({"fields": FIELDS | {"reported_cost_usd": {"path": "a", "multiply": "NaN"}}},
         "fields.reported_cost_usd.multiply: write a decimal number"),
        ({"fields": FIELDS | {"ended_at": {"path": "a", "time": "epoch"}}},
         "fields.ended_at.time: 'epoch' is neither iso"),
        ({"fields": FIELDS | {"ended_at": {"path": "a", "time": "%d %Q"}}},
         "fields.ended_at.time: '%d %Q' is neither iso"),
        ({"fields": FIELDS | {"ended_at": {"path": "a", "zone": "Berlin"}}},
         "fields.ended_at.zone: 'Berlin' is not an IANA time zone"),
        ({"fields": FIELDS | {"ended_at": {"path": "a", "time": "%c %z", "zone": "UTC"}}},
         "fields.ended_at.zone: a time in '%c %z' says itself where it is"),
        ({"fields": FIELDS | {"ended_at": {"path": "a", "time": "epoch_s", "zone": "UTC"}}},
         "fields.ended_at.zone: a time in 'epoch_s' says itself where it is"),
        ({"fields": FIELDS | {"ended_at": {"path": "a", "multiply": "2"}}},
         "fields.ended_at.multiply: multiply means nothing beside time"),
        ({"attribution": {"tenant_id": "meta", "team": "meta.team"}},
         "attribution.team: path meta.team lies inside meta, which attribution.tenant_id reads"),
        ({"attribution": {"tenant_id": "ts.zone"}},
         "attribution.tenant_id: path ts.zone lies inside ts, which fields.started_at reads"),
        ({"attribution": "tenant_id"}, "attribution: write it as a table: [attribution]"),
        ({"tokens": {"prompt": "p"}}, "tokens.prompt: known words: cache_read"),
        ({"tokens": {"input": "i", "cache_read": "r"}},
         "tokens.input_includes_cache: say true when"),
        ({"tokens": {"input": "i", "input_includes_cache": "yes"}},
         "tokens.input_includes_cache: write true or false"),
        ({"file_type": "xlsx"}, "file_type: must be one of jsonl, csv, parquet"),
        ({"table": "model_prices"}, "table: 'model_prices' is none of"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_mapping_names_the_file_and_the_key(
    tmp_path: Path, sections: dict[str, Any], error: str
) -> None:
    lake = source(tmp_path, **({"file_type": "jsonl"} | sections))
    lake.drop("a.jsonl", as_jsonl(RECORDS))
    with pytest.raises(ConfigError) as raised:
        lake.land()
    assert str(raised.value).startswith(f"config/sources/test.toml: {error}")


def test_labels_keep_short_named_values_and_leave_out_what_a_record_lacks(tmp_path: Path) -> None:
    labels = {"center": "cc", "who": {"path": "tags", "tag": "owner"}}
    lake = source(tmp_path, "jsonl", labels=labels)
    lake.drop("a.jsonl", as_jsonl([
        RECORDS[0] | {"cc": 'R"D', "tags": ["owner:ann", "x"]},
        RECORDS[1] | {"cc": "4711", "tags": ["owner:" + "a prompt" * 100]},
        RECORDS[2],
    ]))  # fmt: skip
    assert lake.land().rows_loaded == 3
    assert lake.rows("select labels from rows order by source_line") == [
        ('{"center":"R\\"D","who":"ann"}',), ('{"center":"4711"}',), (None,),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("cc", r"labels: write it as a table: \[labels\]"),
        ({"center": {"pth": "cc"}}, r"labels.center: write a path"),
        ({"deep": "in.x"}, r"labels: path in.x lies inside in, which tokens.input reads"),
    ],
)
def test_wrong_labels_are_refused_with_their_key(
    tmp_path: Path, labels: object, message: str
) -> None:
    lake = source(tmp_path, "jsonl", labels=labels)
    lake.drop("a.jsonl", as_jsonl(RECORDS))
    with pytest.raises(ConfigError, match=message):
        lake.land()
