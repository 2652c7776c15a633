"""The whole demo fits into a small machine, and all that was planted in it is found."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from tests.bench.measure import run
from tests.demo.effects import missed

MOST_MB = 1664
"""What the engine may hold (`memory`, 800 MB), and Python with what it has loaded."""


def test_the_whole_demo_is_made_and_run_in_a_bounded_memory(tmp_path: Path) -> None:
    took = run("-m", "pipelines.cli.app", "demo", str(tmp_path / "demo"))
    assert (tmp_path / "demo" / "site" / "index.html").is_file()
    assert took.peak_mb < MOST_MB, str(took)
    truth = json.loads((tmp_path / "demo" / "truth.json").read_text(encoding="utf-8"))
    with duckdb.connect(tmp_path / "demo" / "showback.duckdb", read_only=True) as con:
        wrong = [missed(lambda sql: con.sql(sql).fetchall(), effect) for effect in truth["effects"]]
    assert [text for text in wrong if text] == []
