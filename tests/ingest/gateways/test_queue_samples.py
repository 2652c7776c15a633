"""Samples of queues by a mapping: CSV and JSON lines; a file of them is no file without calls."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.lake.files_without_calls import files_without_calls
from tests.support.lake import Lake

MAPPING = {
    "file_type": "csv",
    "fields": {
        "queue_name": "pool", "sampled_at": {"path": "at", "zone": "Europe/Berlin"},
        "queue_depth": "waiting", "in_flight": "busy", "concurrency_limit": "workers",
        "oldest_wait_seconds": {"path": "oldest_ms", "multiply": "0.001"},
        "shed": "shed", "timed_out": "timeouts", "feature": "feature",
        "environment": {"constant": "prod"},
    },
}  # fmt: skip
HEADER = "pool,at,waiting,busy,workers,oldest_ms,shed,timeouts,feature\n"
ROWS = (
    "select queue_name, sampled_at, queue_depth, in_flight, concurrency_limit,"
    " oldest_wait_seconds, shed, timed_out, feature, environment from rows"
)
AT = datetime(2026, 10, 14, 9, 30)


def test_a_table_of_samples_is_read_and_what_is_wrong_is_quarantined(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "queues", "queue_samples", MAPPING)
    lake.drop("a.csv", (
        HEADER + "answers,2026-10-14 11:30:00,42.5,8,8,1250,0,3,chat\n"
        "answers,2026-10-14 11:31:00,-1,8,8,,0,0,chat\n"
        "answers,2026-10-14 11:32:00,many,8,8,,0,0,chat\n"
        ",2026-10-14 11:33:00,1,8,8,,0,0,chat\n"
        "answers,2026-10-14 11:34:00,1,8,8,,0.5,0,chat\n"
    ))  # fmt: skip
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (1, 4, [])
    assert lake.rows(ROWS, "queue_samples") == [
        ("answers", AT, Decimal("42.5"), 8, 8, Decimal("1.25"), 0, 3, "chat", "prod"),
    ]
    assert sorted(lake.catalog("select source_line, field from quarantine")) == [
        (3, "queue_depth"), (4, "waiting"), (5, "queue_name"), (6, "fields.shed"),
    ]  # fmt: skip


def test_json_lines_leave_out_what_nobody_measured(tmp_path: Path) -> None:
    mapping = {"file_type": "jsonl", "fields": {
        "queue_name": "queue.name", "sampled_at": {"path": "ts", "time": "epoch_s"},
        "queue_depth": "depth", "rejected": "rejected", "is_running_total": {"constant": "true"},
    }}  # fmt: skip
    lake = Lake(tmp_path, "queues", "queue_samples", mapping)
    lake.drop("a.jsonl", json.dumps({"queue": {"name": "gpu"}, "ts": 1791970200, "depth": 3}))
    assert lake.land().rows_loaded == 1
    columns = "queue_name, sampled_at, queue_depth, rejected, is_running_total"
    assert lake.rows(f"select {columns} from rows", "queue_samples") == [("gpu", AT, 3, None, True)]


def test_a_file_of_samples_is_not_said_to_be_without_calls(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "queues", "queue_samples", MAPPING)
    lake.drop("a.csv", HEADER + "answers,2026-10-14 11:30:00,1,1,8,,0,0,chat\n")
    lake.land()
    assert files_without_calls(lake.paths, 0, ["queues"]) == {}


def test_a_mapping_of_samples_has_no_tokens(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "queues", "queue_samples", MAPPING | {"tokens": {"input": "n"}})
    lake.drop("a.csv", HEADER)
    with pytest.raises(ConfigError, match="queue_samples has none; remove this section"):
        lake.land()
