"""A daily run reads no call of the days that did not change, however many sources there are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.incremental.arrivals import FIRST_DAY, LOG, calls, lines
from tests.support.warehouse import Workspace, invoke

DAYS = 8


def ruin_values(part: Path) -> None:
    """Overwrite the values of a part and keep its footer: it can be listed and not be read."""
    groups = pq.ParquetFile(part).metadata
    column = groups.row_group(0).column(0)
    start = column.dictionary_page_offset or column.data_page_offset
    end = part.stat().st_size - 8 - groups.serialized_size
    content = bytearray(part.read_bytes())
    content[start:end] = b"\xff" * (end - start)
    part.write_bytes(content)


def deliver(workspace: Workspace, days: range) -> None:
    for source in ("proxy", "client"):
        for day in days:
            records = [
                call | {key: f"{source}-{call[key]}" for key in ("id", "request")}
                for call in calls(day)
            ]
            workspace.drop(source, f"{day}.jsonl", lines(records))


@pytest.mark.slow
def test_files_of_other_days_can_be_unreadable(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for source in ("proxy", "client"):
        workspace.configure(source, LOG)
    deliver(workspace, range(DAYS))
    workspace.build()
    parts = sorted(workspace.paths.lake.joinpath("gateway_calls").rglob("*.parquet"))
    ruin_values(parts[0])  # the first of all says which columns there are
    for part in parts[1:]:
        # one call can fall on both sides of midnight: the newest day of before is computed again,
        # and the last minutes of the one before it are read
        if part.parent.name < f"utc_day={FIRST_DAY + timedelta(days=DAYS - 2)}":
            part.write_bytes(b"no Parquet")
    deliver(workspace, range(DAYS, DAYS + 1))
    workspace.build(tests=False)
    tests = ["test", "--exclude-resource-type", "unit_test"]
    assert invoke(tests, workspace.warehouse, workspace.settings).success
    assert workspace.query(
        "select count(distinct utc_day), sum(calls) = count(distinct utc_day) * 24"
        " from marts.fct_usage_daily"
    ) == [(DAYS + 1, True)]
    with (
        duckdb.connect(str(workspace.warehouse), read_only=True) as con,
        pytest.raises(duckdb.Error),
    ):
        con.execute("select sum(output_tokens), max(call_id) from raw.gateway_calls").fetchall()
