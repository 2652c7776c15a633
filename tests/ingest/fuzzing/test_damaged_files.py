"""Files damaged as wholes, among good ones: each is told with a reason, and the good ones load."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.ingest.billing.aws.cur_lines import cur2_csv
from tests.ingest.billing.aws.cur_lines import line as cur_line
from tests.ingest.billing.azure.bills import export
from tests.ingest.billing.azure.bills import line as azure_line
from tests.ingest.billing.gcp.rows import as_json_lines, as_parquet
from tests.ingest.billing.gcp.rows import row as gcp_row
from tests.ingest.billing.test_bad_bills import focus_bill
from tests.ingest.fuzzing.mutations import mutated_bytes
from tests.ingest.gateways.payloads import CLASSES, MAPPING, PAYLOADS
from tests.support.lake import Lake

pytestmark = pytest.mark.slow

FILES = 40
COUNTS = {name: 3 + number for number, name in enumerate(CLASSES)}
BY_FORMAT = {payload.format: payload for payload in PAYLOADS}

Maker = Callable[[Path, int], bytes]
"""Makes a whole file of a number, which stands in it; the folder is for scratch."""


def _of_csv(text: str) -> bytes:
    con = duckdb.connect()
    with con:
        table = con.from_csv_auto(io.StringIO(text), all_varchar=True).to_arrow_table()
    return _parquet(table)


def _parquet(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def _mapped(_: Path, number: int) -> bytes:
    records = [BY_FORMAT["mapped"].make(n, number * 100 + n, COUNTS) for n in range(1, 30)]
    return _parquet(pa.Table.from_pylist([dict(record) for record in records]))


def _gcp(folder: Path, number: int) -> bytes:
    return as_parquet(folder / "made.parquet", gcp_row(cost=number + 0.5)).read_bytes()


def _litellm(_: Path, number: int) -> bytes:
    lines = (
        json.dumps(BY_FORMAT["litellm"].make(n, number * 100 + n, COUNTS)) for n in range(1, 30)
    )
    return gzip.compress("\n".join(lines).encode(), mtime=0)


CASES: dict[str, tuple[str, str, Maker, str, dict[str, Any]]] = {
    "mapped Parquet": ("mapped", "parquet", _mapped, "gateway_calls",
                       MAPPING | {"file_type": "parquet"}),
    "focus Parquet": ("focus", "parquet", lambda _, n: _of_csv(focus_bill(f"{n}.5")),
                      "billing_charges", {}),
    "aws_cur Parquet": ("aws_cur", "parquet", lambda _, n: _of_csv(
        cur2_csv(cur_line(line_item_unblended_cost=f"{n}.5"))), "billing_charges", {}),
    "azure Parquet": ("azure", "parquet", lambda _, n: _of_csv(
        export(azure_line(Cost=f"{n}.5"))), "billing_charges", {}),
    "gcp Parquet": ("gcp", "parquet", _gcp, "billing_charges", {}),
    "gcp gzip": ("gcp", "json.gz", lambda _, n: gzip.compress(
        as_json_lines(gcp_row(cost=n + 0.5)).encode(), mtime=0), "billing_charges", {}),
    "focus gzip": ("focus", "csv.gz", lambda _, n: gzip.compress(
        focus_bill(f"{n}.5").encode(), mtime=0), "billing_charges", {}),
    "litellm gzip": ("litellm", "jsonl.gz", _litellm, "gateway_calls", {}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_damaged_file_costs_no_other_file_a_row(tmp_path: Path, case: str, seed: str) -> None:
    name, ending, make, table, options = CASES[case]
    random = Random(case + seed)
    alone, among = (Lake(tmp_path / where, "s", name, options) for where in ("alone", "among"))
    for number in range(1, 6):
        content = make(tmp_path, number)
        alone.drop(f"good{number}.{ending}", content)
        among.drop(f"good{number}.{ending}", content)
    for number in range(FILES):
        among.drop(f"g{number:02}.{ending}", _damaged(random, make(tmp_path, 100 + number)))
    assert alone.land().failed == []
    report = among.land()
    assert [file for file, _ in report.failed if file.startswith("good")] == []
    assert len(report.failed) > FILES / 4
    assert all(reason and len(reason) < 200 for _, reason in report.failed)
    assert _rows(among, table) == _rows(alone, table)
    assert among.land().failed == report.failed


def _damaged(random: Random, content: bytes) -> bytes:
    """A file of which bytes are changed, lost or doubled; or another file altogether."""
    match random.randrange(8):
        case 0:
            return content[: random.randrange(len(content))]
        case 1:
            return bytes(random.randrange(256) for _ in range(200))
        case _:
            return mutated_bytes(random, content)


def _rows(lake: Lake, table: str) -> Sequence[tuple[Any, ...]]:
    return lake.rows(
        "select * exclude (file_id) from rows where source_file like 'good%' order by all", table
    )
