"""`outlay export table`: a relation goes out whole, as it is."""

from __future__ import annotations

import csv

import duckdb
import pytest

from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay


def test_a_mart_goes_out_whole_as_parquet_and_csv(own: Workspace) -> None:
    with duckdb.connect(str(own.showback)) as con:
        con.execute("update marts.fct_calls set feature = '=cmd()' where call_id = 'c1'")
        expected = con.execute("from marts.fct_calls order by call_id").fetchall()
    result = outlay("export", "table", "fct_calls", "reports.rpt_charges", "-w", own.root)
    assert result.exit_code == 0, result.output
    assert f"4 rows: {own.exports}/fct_calls.parquet" in result.output
    with duckdb.connect() as con:
        parquet = f"from '{own.exports}/fct_calls.parquet' order by call_id"
        assert con.execute(parquet).fetchall() == expected
    with (own.exports / "fct_calls.csv").open(newline="") as stream:
        rows = {row["call_id"]: row for row in csv.DictReader(stream)}
    assert rows["c1"]["feature"] == "'=cmd()"
    assert rows["c3"]["estimate_usd"] == "0.005000000"
    assert sorted(path.name for path in own.exports.iterdir() if "rpt" in path.name) == [
        "rpt_charges.csv", "rpt_charges.parquet"
    ]  # fmt: skip
    assert not list(own.exports.glob(".*"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rpt_charge"], "there is no relation 'rpt_charge'; did you mean 'rpt_charges'?"),
        (["rpt_charges", "--format", "xlsx"], "--format xlsx cannot be written; there is csv"),
    ],
)
def test_what_cannot_be_exported_is_said(
    built: Workspace, arguments: list[str], words: str
) -> None:
    result = outlay("export", "table", *arguments, "-w", built.root)
    assert result.exit_code == 2
    assert words in result.output
