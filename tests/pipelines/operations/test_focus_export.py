"""`outlay export focus`: what was billed goes out to the last digit, under FOCUS names."""

from __future__ import annotations

import csv
import shutil
from decimal import Decimal

import duckdb
import pytest

from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay

PAGE = """{"object": "page", "has_more": false, "next_page": null, "data": [
  {"object": "bucket", "start_time": 1793491200, "end_time": 1793577600, "results": [
    {"object": "organization.costs.result", "line_item": "gpt-4.1, input",
     "amount": {"value": 0.1, "currency": "usd"}},
    {"object": "organization.costs.result", "line_item": "Web search tool calls",
     "amount": {"value": "0.000000200001", "currency": "usd"}}]},
  {"object": "bucket", "start_time": 1793577600, "end_time": 1793664000, "results": [
    {"object": "organization.costs.result", "line_item": "gpt-4.1, output",
     "amount": {"value": 7, "currency": "usd"}}]}]}"""
"""Two days of an OpenAI costs answer: 2026-11-01 and 2026-11-02."""

FIRST = "2026-11-01"


@pytest.fixture(scope="module")
def own(built: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small workspace with a bill of two days."""
    root = tmp_path_factory.mktemp("billed") / "acme"
    shutil.copytree(built.root, root)
    workspace = Workspace(root)
    (workspace.sources_dir / "openai.toml").write_text('format = "openai"\n')
    folder = workspace.lake.inbox / "openai"
    folder.mkdir(exist_ok=True)
    (folder / "costs.json").write_text(PAGE)
    outlay("run", "--workspace", root)
    return workspace


def billed(workspace: Workspace) -> tuple[int, Decimal]:
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        rows = con.execute("select count(*), sum(billed_cost) from marts.fct_charges").fetchall()
    return rows[0]


def test_csv_and_parquet_hold_every_charge_to_the_last_digit(own: Workspace) -> None:
    result = outlay("export", "focus", "--workspace", own.root)
    assert result.exit_code == 0, result.output
    count, total = billed(own)
    assert (count, total) == (3, Decimal("7.100000200001"))
    assert f"{count:,} charges: {own.root}/exports/focus-1.2.csv" in result.output
    with (own.root / "exports" / "focus-1.2.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert (len(rows), sum(Decimal(row["BilledCost"]) for row in rows)) == (count, total)
    assert all(row["ChargePeriodStart"].endswith("T00:00:00Z") for row in rows)
    parquet = own.root / "exports" / "focus-1.2.parquet"
    with duckdb.connect() as con:
        assert con.execute(
            f"select count(*), sum(BilledCost) from read_parquet('{parquet}')"
        ).fetchall() == [(count, total)]
    assert not list((own.root / "exports").glob(".*"))


def test_days_bound_the_charge_period_both_ends_included(own: Workspace) -> None:
    result = outlay("export", "focus", "--workspace", own.root, "--from", FIRST, "--to", FIRST)
    assert f"2 charges: {own.root}/exports/focus-1.2_{FIRST}_{FIRST}.csv" in result.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--version", "9.9"], "FOCUS 9.9 cannot be written; there is 1.2"),
        (["--from", "2026-10-02", "--to", "2026-10-01"], "lies before"),
    ],
)
def test_what_cannot_be_exported_is_said(
    built: Workspace, options: list[str], message: str
) -> None:
    result = outlay("export", "focus", "--workspace", built.root, *options)
    assert result.exit_code == 2
    assert message in result.output
