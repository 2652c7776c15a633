"""The whole demo fits into a small machine, and all that was planted in it is found."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.bench.measure import run
from tests.demo.effects import missed

MOST_MB = 1664
"""What the engine may hold (`memory`, 800 MB), and Python with what it has loaded."""


@pytest.mark.slow
def test_the_whole_demo_is_made_and_run_in_a_bounded_memory(tmp_path: Path) -> None:
    took = run("-m", "pipelines.cli.app", "demo", str(tmp_path / "demo"))
    assert (tmp_path / "demo" / "site" / "index.html").is_file()
    assert took.peak_mb < MOST_MB, str(took)
    truth = json.loads((tmp_path / "demo" / "truth.json").read_text(encoding="utf-8"))
    with duckdb.connect(tmp_path / "demo" / "showback.duckdb", read_only=True) as con:
        wrong = [missed(lambda sql: con.sql(sql).fetchall(), effect) for effect in truth["effects"]]
        booked = con.sql(
            "select line, feature, sum(charge_usd) from reports.rpt_adjustments"
            " where booked_month = '2026-08-01' and original_month = '2026-07-01' group by all"
        ).fetchall()
        on_statements = con.sql(
            "select month, kind, sum(adjustment_usd) from reports.rpt_statements"
            " where row_kind = 'total' and adjustment_usd <> 0 group by all"
        ).fetchall()
    assert [text for text in wrong if text] == []
    assert adjusted(booked) == {
        (row["line"], row.get("feature")): Decimal(row["usd"]) for row in truth["adjustments"]
    }
    assert {(month, kind) for month, kind, _ in on_statements} == {
        (date(2026, 8, 1), kind) for kind in ("cost_centre", "team", "feature", "tenant")
    }
    taken_back = sum(Decimal(row["usd"]) for row in truth["adjustments"])
    assert taken_back == Decimal("-368.90")
    # each member's line is in whole cents
    assert all(abs(usd - taken_back) < Decimal("0.05") for *_, usd in on_statements)


def adjusted(rows: list[tuple[str, str | None, Decimal]]) -> dict[tuple[str, str | None], Decimal]:
    """What was booked by line; by feature where the shares of the truth are of features."""
    found: dict[tuple[str, str | None], Decimal] = {}
    for line, feature, usd in rows:
        key = line, feature if line == "shared cost" else None
        found[key] = found.get(key, Decimal(0)) + usd
    return found
