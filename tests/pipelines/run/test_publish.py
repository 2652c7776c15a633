"""Publishing: whole, with comments, and never half."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.run import publish as publishing
from pipelines.run.publish import publish


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema marts; create schema reports; create schema ops")
        con.execute("create schema raw; create table raw.secret as select 1 as x")
        con.execute(
            "create table marts.fct_calls as"
            " select 'c1' as call_id, 0.123456789::decimal(18,9) as estimate_usd"
        )
        con.execute("comment on table marts.fct_calls is 'One call''s facts.'")
        con.execute("comment on column marts.fct_calls.estimate_usd is 'Estimate, USD.'")
        con.execute("create view reports.rpt_days as select call_id from marts.fct_calls")
        con.execute("comment on view reports.rpt_days is 'One day.'")
        con.execute('create table ops."odd name" as select 1 as "select"')
    return path


def read(path: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_marts_reports_and_ops_are_published_with_types_and_comments(
    warehouse: Path, tmp_path: Path
) -> None:
    target = tmp_path / "showback.duckdb"
    rows = publish(warehouse, target)
    assert rows == {"marts.fct_calls": 1, "ops.odd name": 1}
    assert read(target, "select * from reports.rpt_days order by 1") == [("c1",)]
    assert read(target, "select estimate_usd from marts.fct_calls") == [(Decimal("0.123456789"),)]
    assert read(
        target,
        "select table_name, comment from duckdb_tables()"
        " where comment is not null"
        " union all select view_name, comment from duckdb_views() where comment is not null"
        " order by 1",
    ) == [("fct_calls", "One call's facts."), ("rpt_days", "One day.")]
    assert read(
        target, "select column_name, comment from duckdb_columns() where comment is not null"
    ) == [("estimate_usd", "Estimate, USD.")]
    assert read(target, "select count(*) from duckdb_schemas() where schema_name = 'raw'") == [(0,)]


def test_a_reader_that_opened_the_old_file_keeps_reading_it(
    warehouse: Path, tmp_path: Path
) -> None:
    target = tmp_path / "showback.duckdb"
    publish(warehouse, target)
    with duckdb.connect(str(target), read_only=True) as reader:
        with duckdb.connect(str(warehouse)) as con:
            con.execute("insert into marts.fct_calls values ('c2', 1)")
        publish(warehouse, target)
        assert reader.execute("select count(*) from marts.fct_calls").fetchall() == [(1,)]
    assert read(target, "select count(*) from marts.fct_calls") == [(2,)]


def test_an_interrupted_copy_leaves_the_old_file_and_the_next_one_works(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "showback.duckdb"
    publish(warehouse, target)
    before = target.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pipelines.run.publish.put_in_place", fail)
        with pytest.raises(OSError, match="no space"):
            publish(warehouse, target)
    assert target.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["showback.duckdb", "warehouse.duckdb"]
    (tmp_path / ".showback.duckdb.new").write_bytes(b"left by a killed run")
    publish(warehouse, target)
    assert read(target, "select count(*) from reports.rpt_days") == [(1,)]


def test_what_only_the_log_holds_is_published_too(warehouse: Path, tmp_path: Path) -> None:
    target = tmp_path / "showback.duckdb"
    with duckdb.connect(str(warehouse)) as con:
        con.execute("set checkpoint_threshold = '1GB'; pragma disable_checkpoint_on_shutdown")
        con.execute("insert into marts.fct_calls values ('c2', 1)")
    assert warehouse.with_name("warehouse.duckdb.wal").exists()
    publish(warehouse, target)
    assert read(target, "select count(*) from marts.fct_calls") == [(2,)]


BLOCK = 262_144


def many(con: duckdb.DuckDBPyConnection, table: str, word: str) -> None:
    """A table of some blocks whose every row says a word, uncompressed so that bytes show it."""
    con.execute("set force_compression = 'uncompressed'")
    con.execute(
        f"create or replace table {table} as"
        f" select range as id, '{word} ' || hash(range) as t from range(60_000)"
    )


def private_bytes(file: Path) -> int:
    return file.read_bytes().count(b"PRIVATE") * len("PRIVATE 12345678901234567890")


def test_no_free_block_of_private_schemas_is_in_the_file(warehouse: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(warehouse)) as con:
        many(con, "raw.history", "PRIVATE")
        many(con, "marts.fct_tasks", "PUBLIC")
        con.execute("checkpoint")
    with duckdb.connect(str(warehouse)) as con:
        # what was deleted is no longer anybody's, and lies in the warehouse's file still
        many(con, "raw.history", "PRIVATE")
        many(con, "marts.fct_tasks", "PUBLIC")
    assert private_bytes(warehouse) > 8 * BLOCK
    target = tmp_path / "showback.duckdb"
    publish(warehouse, target)
    assert b"PUBLIC" in target.read_bytes()
    # the ends of tables may share a block, which is copied for the published one
    assert private_bytes(target) < BLOCK
    assert read(target, "select count(distinct t), min(t)[:6] from marts.fct_tasks") == [
        (60_000, "PUBLIC")
    ]
    # the holes take no room on disk
    assert target.stat().st_blocks * 512 < warehouse.stat().st_blocks * 512 * 0.7


def test_a_file_whose_blocks_are_not_all_known_is_copied_whole(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "showback.duckdb"
    known = publishing.blocks_of
    monkeypatch.setattr(
        publishing, "blocks_of", lambda *given: replace(known(*given), is_known=False)
    )
    publish(warehouse, target)
    assert read(target, "select call_id from reports.rpt_days") == [("c1",)]


def test_a_system_without_copies_of_ranges_publishes_too(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object) -> int:
        raise OSError(errno.EXDEV, "not between these files")

    monkeypatch.setattr(os, "copy_file_range", cannot)
    publish(warehouse, tmp_path / "showback.duckdb")
    assert read(tmp_path / "showback.duckdb", "from reports.rpt_days") == [("c1",)]
