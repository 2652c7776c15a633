"""What FOCUS files do to a reader: damage, layout, Parquet types, order; on small files."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.billing.focus.reader import FORMAT
from ingest.errors import SourceFileError
from ingest.records.format import InputFile
from tests.ingest.billing.conftest import HEADER, LINE, as_config, csv_of, left_behind

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]


def test_broken_lines_are_rejected_under_their_line_and_their_neighbours_stay(
    as_file: Lay, stage: Stage
) -> None:
    content = csv_of(LINE, "1.5,USD", LINE, LINE + ",more", '"1"5,USD,Usage,2026-09-01,Acme')
    found = stage(FORMAT, as_file(content, "bill.csv"))
    good = [row for row in found if row["reject_reason"] is None]
    bad = {row["source_line"]: row["reject_reason"] for row in found if row["reject_reason"]}
    assert [row["billed_cost"] for row in good] == [Decimal("1.5")] * 2
    assert bad == {
        3: "2 columns where the header has 5",
        5: "6 columns where the header has 5",
        6: "the line is not valid CSV",
    }


def test_a_line_that_is_not_utf8_is_rejected_without_its_text(as_file: Lay, stage: Stage) -> None:
    content = csv_of(LINE).encode() + LINE.replace("Acme", "Caf\xe9").encode("latin-1") + b"\n"
    found = stage(FORMAT, as_file(content, "bill.csv"))
    assert [row["reject_reason"] for row in found] == [None, "the line is not UTF-8 text"]


def test_windows_line_ends_and_blank_lines_are_read(as_file: Lay, stage: Stage) -> None:
    content = csv_of(LINE, "", LINE).replace("\n", "\r\n").encode()
    found = stage(FORMAT, as_file(content, "bill.csv"))
    assert [row["reject_reason"] for row in found] == [None, None]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_bill_that_a_spreadsheet_saved_with_other_separators_is_read(
    as_file: Lay, stage: Stage, separator: str
) -> None:
    content = csv_of(LINE, LINE.replace("Acme", '"A,c;m\te"')).replace(",", separator)
    content = content.replace(f'"A{separator}c;m', '"A,c;m')
    found = stage(FORMAT, as_file(content, "bill.csv"))
    assert [row["billed_cost"] for row in found] == [Decimal("1.5")] * 2
    assert found[1]["provider_name"] == "A,c;m\te"


def test_a_line_break_inside_quotes_is_one_record(as_file: Lay, stage: Stage) -> None:
    line = LINE + ',"two\nlines, ""quoted"""'
    content = csv_of(line, header=HEADER + ",ChargeDescription")
    (row,) = stage(FORMAT, as_file(content, "bill.csv"))
    assert row["charge_description"] == 'two\nlines, "quoted"'


def test_a_file_name_with_wildcards_reads_only_itself(as_file: Lay, stage: Stage) -> None:
    as_file(csv_of(LINE, LINE), "bill1.csv")
    assert len(stage(FORMAT, as_file(csv_of(LINE), "bill[1]*.csv"))) == 1
    assert len(stage(FORMAT, as_file(csv_of(LINE), "it's.csv"))) == 1


@pytest.mark.parametrize(
    ("name", "kind", "is_named_gzip"),
    [
        ("2026/Bill.CSV", "csv", False), ("bill.csv.GZ", "csv", True), ("BILL.PARQUET", "parquet",
        False), ("pages.JSONL.gz", "jsonl", True), ("no-ending", "no-ending", False),
    ],
)  # fmt: skip
def test_what_a_file_is_does_not_depend_on_the_case_of_its_name(
    name: str, kind: str, is_named_gzip: bool
) -> None:
    file = InputFile(1, Path(name), name)
    assert (file.kind, file.is_named_gzip) == (kind, is_named_gzip)


def test_a_file_named_in_capitals_reads_as_any_other(
    as_file: Lay, stage: Stage, tmp_path: Path
) -> None:
    columns = dict(zip(HEADER.split(","), LINE.split(","), strict=True))
    pq.write_table(pa.table({name: [value] for name, value in columns.items()}),
                   tmp_path / "BILL.PARQUET")  # fmt: skip
    zipped = gzip.compress(csv_of(LINE).encode(), mtime=0)
    for file in (as_file(tmp_path / "BILL.PARQUET"), as_file(zipped, "BILL.CSV.GZ")):
        (row,) = stage(FORMAT, file)
        assert row["billed_cost"] == Decimal("1.5")


WHOLE = csv_of(*[LINE] * 5000).encode()

DAMAGED = {
    "empty": (b"", "a.csv", "the file is empty"),
    "header only": (csv_of().encode(), "a.csv", "no data returned"),
    "bars": (csv_of(LINE).replace(",", "|").encode(), "a.csv", "semicolons or tabs"),
    "decimal commas": (
        csv_of(LINE).replace(",", ";").replace("1.5", "7,25").encode(), "a.csv", "decimal points",
    ),
    "a column twice": (csv_of(header=HEADER + ",billedcost").encode(), "a.csv", "column twice"),
    "half a gzip": (gzip.compress(WHOLE, mtime=0)[:60], "a.csv.gz", "or damaged"),
    "gzip less its checksum": (gzip.compress(WHOLE, mtime=0)[:-8], "a.csv.gz", "or damaged"),
    "UTF-16": (csv_of(LINE).encode("utf-16"), "a.csv", "not UTF-8"),
    "JSON": (b'{"data": []}', "a.csv", "not a FOCUS Cost and Usage file"),
    "a CSV as Parquet": (WHOLE, "a.parquet", "not a readable Parquet file"),
    "empty Parquet": (b"", "a.parquet", "not a readable Parquet file"),
}  # fmt: skip


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


def test_a_parquet_file_cut_short_is_refused(as_file: Lay, stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "whole.parquet"
    columns = dict(zip(HEADER.split(","), LINE.split(","), strict=True))
    pq.write_table(pa.table({name: [value] * 100 for name, value in columns.items()}), path)
    assert len(stage(FORMAT, as_file(path))) == 100
    with pytest.raises(SourceFileError, match="not a readable Parquet file"):
        stage(FORMAT, as_file(path.read_bytes()[:-40], "cut.parquet"))


def test_short_memory_is_not_blamed_on_the_file(
    con: duckdb.DuckDBPyConnection, as_file: Lay, stage: Stage
) -> None:
    con.execute("set memory_limit = '1MB'; set temp_directory = ''")
    lines = [f"{number},USD,Usage,2026-09-01,Acme {number}" for number in range(20_000)]
    with pytest.raises(duckdb.OutOfMemoryException):
        stage(FORMAT, as_file(csv_of(*lines), "long.csv"))
    assert left_behind(con) == []


def test_doubles_of_a_parquet_file_become_the_decimals_they_print_as(
    as_file: Lay, stage: Stage, tmp_path: Path
) -> None:
    columns: dict[str, Any] = dict(zip(HEADER.split(","), LINE.split(","), strict=True))
    columns |= {"BilledCost": 0.1, "EffectiveCost": 1e-7, "ConsumedQuantity": 3}
    path = tmp_path / "doubles.parquet"
    pq.write_table(pa.table({name: [value] for name, value in columns.items()}), path)
    (row,) = stage(FORMAT, as_file(path))
    assert (row["billed_cost"], row["effective_cost"], row["consumed_quantity"]) == (
        Decimal("0.1"), Decimal("0.0000001"), Decimal(3),
    )  # fmt: skip


def test_a_zoned_parquet_time_has_one_restatement_key_in_every_session_time_zone(
    con: duckdb.DuckDBPyConnection, as_file: Lay, stage: Stage, tmp_path: Path
) -> None:
    columns: dict[str, Any] = dict(zip(HEADER.split(","), LINE.split(","), strict=True))
    columns["ChargePeriodStart"] = datetime(2026, 9, 1, tzinfo=UTC)
    path = tmp_path / "zoned.parquet"
    pq.write_table(pa.table({name: [value] for name, value in columns.items()}), path)
    found = []
    for zone in ("UTC", "Europe/Berlin"):
        con.execute(f"set timezone = '{zone}'")
        found += stage(FORMAT, as_file(path))
    assert [row["charge_period_start"] for row in found] == [datetime(2026, 9, 1)] * 2
    assert found[0]["x_restatement_key"] == found[1]["x_restatement_key"]


def test_records_keep_the_order_of_the_file_when_the_session_does_not_ask_for_it(
    con: duckdb.DuckDBPyConnection, as_file: Lay, stage: Stage
) -> None:
    con.execute("set preserve_insertion_order = false")
    lines = [LINE.replace("1.50", str(number)) for number in range(2, 20_002)]
    found = stage(FORMAT, as_file(csv_of(*lines), "long.csv"))
    assert all(row["billed_cost"] == row["source_line"] for row in found)


def test_files_are_staged_one_after_the_other_and_nothing_is_left_behind(
    con: duckdb.DuckDBPyConnection, as_file: Lay
) -> None:
    files = [as_file(csv_of(LINE), "a.csv"), as_file(csv_of(LINE, LINE), "b.csv")]
    staged = FORMAT.read(con, files, as_config("focus"))
    counts = [con.sql(f"select file_id from {one.relation}").fetchall() for one in staged]
    assert counts == [[(1,)], [(2,), (2,)]]
    assert left_behind(con) == []
    abandoned = FORMAT.read(con, files, as_config("focus"))
    next(abandoned)
    abandoned.close()  # type: ignore[attr-defined]
    assert left_behind(con) == []
