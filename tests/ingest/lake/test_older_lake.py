"""A lake that was written before a canonical table had one of its columns."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingest import sources
from ingest.contracts.tables import TABLES
from ingest.lake.catalog import open_catalog
from ingest.warehouse.register import register_lake
from tests.ingest.lake.test_landing import MAPPING, call, lines
from tests.support.lake import Lake


def forget_column(part: Path, column: str) -> None:
    """Write a part as it was before the contract had the column."""
    old = part.with_suffix(".old")
    part.rename(old)
    kept = f"select * exclude ({column}) from read_parquet('{old}')"
    duckdb.sql(f"copy ({kept}) to '{part}' (format parquet)")
    old.unlink()


def test_its_rows_are_shown_and_its_days_rewritten(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "bot", "mapped", MAPPING)
    lake.drop("a.jsonl", lines(call(1)))
    lake.drop("b.jsonl", lines(call(2)))
    lake.land()
    for part in lake.paths.lake.rglob("part-*.parquet"):
        forget_column(part, "task_id")
    with duckdb.connect(str(lake.paths.catalog)) as con:
        con.execute("alter table parts drop column columns_hash")
    with open_catalog(lake.paths):
        pass  # as every command opens it
    warehouse = tmp_path / "w.duckdb"
    register_lake(warehouse, lake.paths, tmp_path / "config", [], "salt", "settings")
    with duckdb.connect(str(warehouse)) as con:
        assert con.execute("select task_id from raw.gateway_calls").fetchall() == [(None,)] * 2
    lake.drop("d.jsonl", lines(call(4)))  # a part with the column beside one without it
    lake.land()
    register_lake(warehouse, lake.paths, tmp_path / "config", [], "salt", "settings")
    with duckdb.connect(str(warehouse)) as con:
        assert con.execute(
            "select call_id, task_id from raw.gateway_calls order by call_id"
        ).fetchall() == [("c1", None), ("c2", None), ("c4", "t4")]
    lake.drop("b.jsonl", lines(call(3)))
    lake.land()
    assert sorted(lake.rows("select call_id from rows")) == [("c1",), ("c3",), ("c4",)]


def test_parts_alike_in_another_order_are_read_by_name(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "bot", "mapped", MAPPING)
    lake.drop("a.jsonl", lines(call(1)))
    lake.drop("b.jsonl", lines(call(2, "2026-10-02")))
    lake.land()
    assert lake.catalog("select count(distinct columns_hash) from parts") == [(1,)]
    first = min(lake.paths.lake.rglob("part-*.parquet"))
    old = first.rename(first.with_suffix(".old"))
    columns = sorted(duckdb.read_parquet(str(old), hive_partitioning=False).columns)
    duckdb.sql(f"copy (select {', '.join(columns)} from read_parquet('{old}')) to '{first}'")
    old.unlink()
    warehouse = tmp_path / "w.duckdb"
    register_lake(warehouse, lake.paths, tmp_path / "config", [], "salt", "settings")
    with duckdb.connect(str(warehouse)) as con:
        assert con.execute(
            "select call_id, task_id, input_uncached_tokens from raw.gateway_calls order by call_id"
        ).fetchall() == [("c1", "t1", 101), ("c2", "t2", 102)]


def test_files_are_read_again_when_a_table_gets_a_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "bill.toml").write_text('format = "focus"\n')

    def fingerprint() -> str:
        (config,) = sources.load_sources(tmp_path / "config", tmp_path / "inbox", "salt")
        return config.fingerprint

    before = fingerprint()
    assert fingerprint() == before
    fewer = {name: table for name, table in TABLES.items() if name != "billing_usage"}
    monkeypatch.setattr(sources, "TABLES", fewer)
    assert fingerprint() != before
