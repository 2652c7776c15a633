"""Readers in processes of their own, while one publication follows another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb

from pipelines.run.publish import publish

PUBLICATIONS = 20
READERS = 3
ROWS = 50_000

READER = f"""
import sys, duckdb
seen = []
while not seen or seen[-1] != {PUBLICATIONS}:
    with duckdb.connect(sys.argv[1], read_only=True) as con:
        first = con.execute("select sum(usd), count(*) from marts.fct_calls").fetchall()
        then = con.execute("select usd, calls from reports.rpt_total").fetchall()
    assert first == then, (first, then)
    ((usd, calls),) = then
    assert calls == {ROWS} and usd % calls == 0, then
    generation = usd // calls
    if generation not in seen:
        print(generation, flush=True)
    assert not seen or generation >= seen[-1], (seen, generation)
    seen.append(generation)
"""
"""Reads one sum from two tables until it is that of the last publication; says each new one."""


def test_readers_beside_twenty_publications_see_no_error_and_no_mixture(tmp_path: Path) -> None:
    warehouse, target = tmp_path / "warehouse.duckdb", tmp_path / "showback.duckdb"
    with duckdb.connect(str(warehouse)) as con:
        con.execute("create schema marts; create schema reports; create schema ops")
    _compute(warehouse, 0)
    publish(warehouse, target)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(target)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(READERS)
    ]  # fmt: skip
    # each has read once before the first publication that it reads beside
    assert [_line(reader) for reader in readers] == ["0"] * READERS
    for generation in range(1, PUBLICATIONS + 1):
        _compute(warehouse, generation)
        publish(warehouse, target)
    ended = [reader.communicate(timeout=120) for reader in readers]
    assert [error for _, error in ended] == [""] * READERS
    assert [reader.returncode for reader in readers] == [0] * READERS
    seen = [[int(line) for line in output.split()] for output, _ in ended]
    assert all(found[-1] == PUBLICATIONS for found in seen)
    assert max(map(len, seen)) > 2  # they did read beside publications


def _compute(warehouse: Path, generation: int) -> None:
    """A table of so many dollars a row, and another that holds its sum."""
    with duckdb.connect(str(warehouse)) as con:
        con.execute(
            "create or replace table marts.fct_calls as"
            f" select {generation} as usd, hash(range) as call_id from range({ROWS})"
        )
        con.execute(
            "create or replace table reports.rpt_total as"
            " select sum(usd)::hugeint as usd, count(*) as calls from marts.fct_calls"
        )


def _line(reader: subprocess.Popen[str]) -> str:
    assert reader.stdout is not None
    return reader.stdout.readline().strip()
