"""What Google Cloud export files do to a reader: damage, layout, wrong columns and values."""

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.billing.gcp.reader import FORMAT
from ingest.errors import SourceFileError
from ingest.records.format import InputFile
from tests.ingest.billing.conftest import left_behind
from tests.ingest.billing.gcp.rows import as_csv, as_json_lines, as_parquet, credit, row

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

WHOLE = as_json_lines(*[row(cost=n / 10) for n in range(500)]).encode()
CSV = as_csv(row(), row(cost=2))

DAMAGED = {
    "empty": (b"", "a.json", "the file is empty"),
    "empty CSV": (b"", "a.csv", "the file is empty"),
    "empty array": (b"[]", "a.json", "no data returned"),
    "header only": (CSV.splitlines()[0].encode() + b"\n", "a.csv", "no data returned"),
    "half a gzip": (gzip.compress(WHOLE, mtime=0)[:500], "a.json.gz", "truncated"),
    "half a gzipped CSV": (gzip.compress(CSV.encode())[:-8], "a.csv.gz", "or damaged"),
    "half an array": (json.dumps([row(), row()]).encode()[:-50], "a.json", "complete JSON array"),
    "another bill": (b'{"object": "page", "data": []}', "a.json", "no column service.description"),
    "another CSV": (b"BilledCost,BillingCurrency\n1,USD\n", "a.csv", "no column"),
    "a CSV as Parquet": (CSV.encode(), "a.parquet", "not a readable Parquet file"),
}


@pytest.mark.parametrize(("content", "name", "sentence"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_or_wrong_file_is_refused_with_its_name_and_a_reason(
    con: duckdb.DuckDBPyConnection,
    as_file: Lay,
    stage: Stage,
    content: bytes,
    name: str,
    sentence: str,
) -> None:
    with pytest.raises(SourceFileError) as refused:
        stage(FORMAT, as_file(content, name))
    assert sentence in str(refused.value)
    assert str(refused.value).startswith(name)
    assert left_behind(con) == []


def test_a_dump_without_credits_is_refused_for_its_cost_is_not_the_invoiced_one(
    as_file: Lay, stage: Stage, tmp_path: Path
) -> None:
    record = row()
    del record["credits"]
    with pytest.raises(SourceFileError, match=r"no column credits; export the table"):
        stage(FORMAT, as_file(as_csv(record), "a.csv"))
    with pytest.raises(SourceFileError, match=r"no column credits; export the table"):
        stage(FORMAT, as_file(as_parquet(tmp_path / "a.parquet", record)))


def test_a_byte_order_mark_gzip_and_any_case_of_header_are_read(as_file: Lay, stage: Stage) -> None:
    lines = CSV.splitlines(keepends=True)
    content = "\ufeff" + lines[0].upper() + "".join(lines[1:])
    found = stage(FORMAT, as_file(gzip.compress(content.encode(), mtime=0), "a.csv.gz"))
    assert [(r["source_line"], r["billed_cost"]) for r in found] == [(2, Decimal("0.3")), (3, 2)]
    marked = stage(FORMAT, as_file(gzip.compress(b"\xef\xbb\xbf" + WHOLE, mtime=0), "a.jsonl.gz"))
    assert sum(r["billed_cost"] for r in marked) == sum(Decimal(n) / 10 for n in range(500))


def test_a_broken_line_is_rejected_alone_under_its_number(as_file: Lay, stage: Stage) -> None:
    good = as_json_lines(row())
    content = good + "\n" + good[:40] + "\n" + "[1]\n" + good
    found = stage(FORMAT, as_file(content, "a.json"))
    assert [(r["source_line"], r["reject_field"]) for r in found] == [
        (1, None), (3, "line"), (4, "line"), (5, None),
    ]  # fmt: skip


def test_a_line_that_is_not_utf8_is_rejected(as_file: Lay, stage: Stage) -> None:
    good = as_json_lines(row()).encode()
    found = stage(FORMAT, as_file(good + b'{"a": "caf\xe9"}\n' + good, "a.json"))
    assert [r["source_line"] for r in found if r["reject_reason"]] == [2]
    assert len([r for r in found if r["billed_cost"] == Decimal("0.3")]) == 2


BAD = {
    "cost": ({"cost": "1.234,56"}, "is not a number"),
    "usage_start_time": ({"usage_start_time": "last Tuesday"}, "is not a date or time"),
    "export_time": ({"export_time": "x"}, "is not a date or time"),
    "usage.amount": ({"usage__amount": "many"}, "is not a number"),
    "cost_at_list": ({"cost_at_list": "NaN"}, "is not a number"),
    "invoice.month": ({"invoice__month": "2026-09"}, "is not a month such as 202609"),
    "credits": ({"credits": [{"name": "x", "amount": "free"}]}, "each have an amount"),
    "labels": ({"labels": {"team": "a"}}, "is not a list of {key, value}"),
    "tags": ({"tags": [{"value": "a"}]}, "is not a list of {key, value}"),
}


@pytest.mark.parametrize(("field", "change", "reason"), [(k, *v) for k, v in BAD.items()])
def test_a_value_that_cannot_be_typed_rejects_its_row_by_field(
    as_file: Lay, stage: Stage, field: str, change: dict[str, Any], reason: str
) -> None:
    found = stage(FORMAT, as_file(as_json_lines(row(), row(**change)), "a.json"))
    assert [r["reject_field"] for r in found] == [None, field]
    assert reason in found[1]["reject_reason"]


def test_a_missing_cost_is_rejected_and_never_zero(as_file: Lay, stage: Stage) -> None:
    found = stage(FORMAT, as_file(as_json_lines(row(), row(cost=None)), "a.json"))
    assert (found[1]["reject_field"], found[1]["billed_cost"]) == ("cost", None)


CELLS = {
    "numpy": ("[{'name': 'x', 'amount': -0.1}\n {'name': 'y', 'amount': -0.05}]", "0.15"),
    "json": ('[{"name": "x", "amount": -0.1, "full_name": null}]', "0.2"),
    "empty": ("", "0.3"),
    "none": ("None", "0.3"),
}


@pytest.mark.parametrize(("cell", "net"), CELLS.values(), ids=CELLS.keys())
def test_a_list_cell_is_read_in_any_way_it_is_dumped(
    as_file: Lay, stage: Stage, cell: str, net: str
) -> None:
    (found,) = stage(FORMAT, as_file(as_csv(row(credits=cell)), "a.csv"))
    assert (found["reject_field"], found["billed_cost"]) == (None, Decimal(net))


@pytest.mark.parametrize("cell", ["[{'name': 'x', 'amount': -0.1}", "[{'sum': 1}]", "0.1", "[1]"])
def test_a_list_cell_that_cannot_be_read_rejects_its_row(
    as_file: Lay, stage: Stage, cell: str
) -> None:
    (found,) = stage(FORMAT, as_file(as_csv(row(credits=cell)), "a.csv"))
    assert found["reject_field"] == "credits"


def test_a_parquet_list_of_another_shape_is_rejected_and_not_taken_for_no_credits(
    as_file: Lay, stage: Stage, tmp_path: Path
) -> None:
    record = row(credits={"list": [credit(-0.1)]})
    path = tmp_path / "wrapped.parquet"
    kept = {k: v for k, v in record.items() if v != []}
    pq.write_table(pa.Table.from_pylist([{**kept, "project": {"id": "p"}}]), path)
    (found,) = stage(FORMAT, as_file(path))
    assert found["reject_field"] == "credits"


def test_a_zoned_parquet_time_is_utc_in_every_session_time_zone(
    con: duckdb.DuckDBPyConnection, as_file: Lay, stage: Stage, tmp_path: Path
) -> None:
    file = as_file(as_parquet(tmp_path / "zoned.parquet", row()))
    keys = set()
    for zone in ("UTC", "America/Los_Angeles", "Asia/Kolkata"):
        con.execute(f"set timezone = '{zone}'")
        (found,) = stage(FORMAT, file)
        keys.add((found["x_restatement_key"], found["charge_period_start"],
                  found["billing_period_start"]))  # fmt: skip
    assert len(keys) == 1


def test_short_memory_is_not_blamed_on_the_file(
    con: duckdb.DuckDBPyConnection, as_file: Lay, stage: Stage
) -> None:
    con.execute("set memory_limit = '1MB'; set temp_directory = ''")
    with pytest.raises(duckdb.OutOfMemoryException):
        stage(FORMAT, as_file(WHOLE * 40, "long.json"))
    assert left_behind(con) == []
