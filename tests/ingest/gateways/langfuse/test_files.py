"""Files of an export that are odd or bad, and observations that cannot be right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.gateways.langfuse.rows import (
    SECRET,
    export,
    land,
    langfuse,
    observation,
    score,
    trace,
)
from tests.support.texts import files_holding


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"usage_details": {"input": -5}}, "input_uncached_tokens", "is negative"),
        ({"usage_details": {"input": SECRET}}, "usage_details",
         "a count of tokens is no whole number"),
        ({"total_cost": float("nan")}, "total_cost", "the value is not a DECIMAL(18,9)"),
        ({"total_cost": "-1"}, "reported_cost_usd", "is negative"),
        ({"start_time": SECRET}, "start_time",
         "the value does not fit what the mapping says of it"),
        ({"start_time": None}, "started_at", "is required and missing"),
        ({"start_time": "1970-01-01 00:00:00"}, "started_at",
         "lies outside 2015 to 2100: a clock or unit is wrong"),
        ({"id": "", "trace_id": ""}, "call_id", "is required and missing"),
    ],
)  # fmt: skip
def test_a_bad_observation_is_set_aside_by_field_and_its_neighbours_load(
    tmp_path: Path, changes: dict[str, Any], field: str, reason: str, form: str
) -> None:
    lake = langfuse(tmp_path)
    rows = [observation("before"), observation(**changes), observation("after")]
    export(lake, "observations_v2", *rows, form=form)
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (2, 1, [])
    assert lake.catalog("select source_line, field, reason from quarantine") == [
        (2 if form == "jsonl" else 3, field, reason)
    ]
    assert files_holding(lake.paths.lake, SECRET) == set()


def test_manifests_and_windows_without_records_are_no_fault(tmp_path: Path) -> None:
    lake = langfuse(tmp_path)
    manifest = {"version": 1, "window": {"min": "x", "max": "y"}, "files": []}
    lake.drop("p1/manifests/2026-10-05T11-00-00.json", json.dumps(manifest))
    lake.drop("p1/observations_v2/2026-10-05T11-00-00.jsonl", b"")
    lake.drop("p1/scores/2026-10-05T11-00-00.json", b"[]")
    export(lake, "scores", score(), window="2026-10-05T12-00-00")
    land(lake)
    assert lake.catalog("select sum(rows_loaded) from files") == [(0,)]


def test_a_file_of_no_known_table_is_refused_with_the_cure(tmp_path: Path) -> None:
    lake = langfuse(tmp_path)
    lake.drop("export.jsonl", json.dumps(observation()))
    lake.drop("observations_v2-2026-10-05.jsonl", json.dumps(observation("o2")))
    report = lake.land()
    assert report.rows_loaded == 1
    ((name, reason),) = report.failed
    assert name == "export.jsonl"
    assert "keep the export's folders" in reason


def test_unknown_columns_are_ignored_and_unselected_ones_are_unknown(tmp_path: Path) -> None:
    lake = langfuse(tmp_path)
    core = {name: observation()[name] for name in ("id", "trace_id", "type", "start_time")}
    lake.drop("p1/observations_v2/a.jsonl", json.dumps({**core, "new_in_v5": [1, {"a": 2}]}))
    land(lake)
    assert lake.rows("select call_id, status, output_tokens, reported_cost_usd from rows") == [
        ("t1/o1", "aborted", None, None)
    ]


def test_a_trace_that_cannot_be_read_is_set_aside(tmp_path: Path) -> None:
    lake = langfuse(tmp_path)
    export(lake, "traces", trace(), trace("t2", updated_at=SECRET))
    export(lake, "observations", observation())
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined) == (1, 1)
    assert lake.catalog("select source_file, field from quarantine") == [
        ("p1/traces/2026-10-05T11-00-00.jsonl", "updated_at")
    ]
