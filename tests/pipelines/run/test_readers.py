"""Readers in processes of their own, while one publication follows another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.run.publish import publish

PUBLICATIONS = 20
READERS = 3
ROWS = 50_000

READER = f"""
import os, sys, duckdb
path, usd, seen = sys.argv[1], -1, []
while usd != {PUBLICATIONS}:
    with duckdb.connect(path, read_only=True) as con:
        before = os.stat(path)
        query = "select min(usd // 1000), max(usd // 1000), count(*) from "
        ((usd, most, calls),) = con.execute(query + "marts.fct_calls").fetchall()
        if not seen or usd != seen[-1]:
            print(usd, flush=True)
        assert (most, calls) == (usd, {ROWS}) and (not seen or usd >= seen[-1]), (calls, usd, seen)
        seen.append(usd)
        while usd != {PUBLICATIONS} and os.stat(path)[:10] == before[:10]:
            pass  # until another file is published
        then = con.execute(query + "reports.rpt_calls").fetchall()
        assert then == [(usd, usd, calls)], (usd, calls, then)
"""
"""Reads a table, waits for the next publication, and reads another in the file that it opened."""


@pytest.mark.slow
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
    """Two tables whose every row says the generation, and no two of them the same."""
    with duckdb.connect(str(warehouse)) as con:
        for table in ("marts.fct_calls", "reports.rpt_calls"):
            con.execute(
                f"create or replace table {table} as select {generation} * 1000"
                f" + hash(range + {generation}) % 1000 as usd from range({ROWS})"
            )


def _line(reader: subprocess.Popen[str]) -> str:
    assert reader.stdout is not None
    return reader.stdout.readline().strip()
