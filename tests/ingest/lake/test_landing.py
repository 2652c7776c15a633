"""Landing: a file loads once, a corrected file replaces its rows, bad lines are quarantined."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ingest.errors import ConfigError
from tests.support.lake import FORMATS, Lake
from tests.support.texts import files_holding

MAPPING: dict[str, Any] = {
    "file_type": "jsonl",
    "fields": {
        "call_id": "id",
        "started_at": "ts",
        "provider": {"constant": "openai"},
        "request_model": "model",
        "task_id": "task",
    },
    "tokens": {"input": "in", "output": "out"},
}


def call(number: int, day: str = "2026-10-01", **changes: Any) -> dict[str, Any]:
    """A record of the test's own log."""
    record = {
        "id": f"c{number}",
        "ts": f"{day}T12:00:00Z",
        "model": "gpt-4.1",
        "task": f"t{number}",
        "in": 100 + number,
        "out": 10,
        "prompt": "SECRET PROMPT TEXT",
    }
    return record | changes


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path, "bot", "mapped", MAPPING)


def test_a_file_loads_once_whatever_it_is_called(lake: Lake) -> None:
    lake.drop("a.jsonl", lines(call(1), call(2)))
    assert lake.land().rows_loaded == 2
    assert lake.land().files_new == 0
    lake.drop("again/b.jsonl", lines(call(1), call(2)))
    report = lake.land()
    assert (report.files_new, report.files_duplicate) == (0, 1)
    assert lake.rows("select count(*) from rows") == [(2,)]


def test_every_row_knows_its_file_and_line(lake: Lake) -> None:
    lake.drop("x/a.jsonl", lines(call(1), call(2), call(3)))
    lake.land()
    assert lake.rows(
        "select source_name, source_file, source_line, call_id from rows order by 3"
    ) == [
        ("bot", "x/a.jsonl", 1, "c1"),
        ("bot", "x/a.jsonl", 2, "c2"),
        ("bot", "x/a.jsonl", 3, "c3"),
    ]


def test_line_numbers_count_blank_lines_as_an_editor_does(lake: Lake) -> None:
    lake.drop("a.jsonl", lines(call(1)) + "\n\n" + lines(call(2)))
    lake.land()
    assert lake.rows("select source_line from rows order by 1") == [(1,), (4,)]


def test_a_corrected_file_replaces_its_old_rows_and_names_the_changed_days(lake: Lake) -> None:
    lake.drop("a.jsonl", lines(call(1), call(2, "2026-10-02")))
    lake.drop("b.jsonl", lines(call(3, "2026-10-02")))
    lake.land()
    before = lake.catalog("select max(commit_id) from files")[0][0]
    path = lake.drop("a.jsonl", lines(call(1, out=99)))
    os.utime(path, ns=(1, 1))
    lake.land()
    assert lake.rows("select call_id, output_tokens from rows order by 1") == [
        ("c1", 99),
        ("c3", 10),
    ]
    changed = lake.catalog(
        f"select distinct utc_day::varchar from changed_days where commit_id > {before} order by 1"
    )
    assert changed == [("2026-10-01",), ("2026-10-02",)]


def test_bad_lines_are_kept_aside_with_line_field_and_reason_and_the_rest_loads(lake: Lake) -> None:
    lake.drop(
        "a.jsonl",
        lines(call(1))
        + '{"id": "c2", "ts": "2026-10-01T\n'
        + lines(call(3, **{"in": "many"}), call(4, out=-5), call(5, ts="yesterday"))
        + "[1, 2]\n"
        + lines(call(7, id=None), call(8)),
    )
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined) == (2, 6)
    assert lake.catalog("select source_line, field, reason from quarantine order by 1") == [
        (2, "record", "the line is not valid JSON"),
        (3, "in", "the value is not a DOUBLE"),
        (4, "tokens.output", "a count of tokens is negative"),
        (5, "fields.started_at", "the value does not fit what the mapping says of it"),
        (6, "record", "the record is not a JSON object"),
        (7, "call_id", "is required and missing"),
    ]
    assert lake.rows("select call_id, source_line from rows order by 2") == [("c1", 1), ("c8", 8)]


def test_no_prompt_text_is_written_anywhere(lake: Lake) -> None:
    lake.drop("a.jsonl", lines(call(1)) + '{"prompt": "SECRET PROMPT TEXT"\n')
    lake.land()
    assert files_holding(lake.paths.lake, "SECRET") == set()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.jsonl", b"", "the file is empty: no data returned"),
        ("b.jsonl.gz", gzip.compress(b'{"id": 1}\n' * 5000, mtime=0)[:60], "truncated or damaged"),
        ("c.xlsx", b"PK", "take this one out of the inbox"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported_at_every_run(
    lake: Lake, name: str, content: bytes, reason: str
) -> None:
    lake.drop(name, content)
    lake.drop("good.jsonl", lines(call(1)))
    for _ in range(2):
        ((file, why),) = lake.land().failed
        assert file == name
        assert reason in why
    assert lake.rows("select count(*) from rows") == [(1,)]
    assert lake.catalog("select status from files where source_file = '" + name + "'") == [
        ("failed",)
    ]


def test_a_file_split_in_two_gives_the_same_rows(tmp_path: Path) -> None:
    records = [call(n, f"2026-10-{1 + n % 3:02d}") for n in range(30)]
    whole = Lake(tmp_path / "whole", "bot", "mapped", MAPPING)
    whole.drop("a.jsonl", lines(*records))
    whole.land()
    halves = Lake(tmp_path / "halves", "bot", "mapped", MAPPING)
    halves.drop("a2.jsonl", lines(*records[15:]))
    halves.land()
    halves.drop("a1.jsonl.gz", gzip.compress(lines(*records[:15]).encode(), mtime=0))
    halves.land()
    query = "select * exclude (source_file, source_line, file_id) from rows order by call_id"
    assert whole.rows(query) == halves.rows(query)


def test_changed_settings_read_the_source_again(lake: Lake) -> None:
    lake.drop("a.jsonl", lines(call(1)))
    lake.land()
    lake.options = MAPPING | {"fields": MAPPING["fields"] | {"feature": {"constant": "bot"}}}
    lake.fingerprint = "v2"
    lake.land()
    assert lake.rows("select feature from rows") == [("bot",)]


def test_what_an_interrupted_run_wrote_does_not_count(lake: Lake) -> None:
    lake.drop("a.jsonl", lines(call(1)))
    lake.land()
    (part,) = (lake.paths.lake / "gateway_calls").rglob("*.parquet")
    (part.parent / "part-99999999-1-0.parquet").write_bytes(part.read_bytes())
    lake.land()
    assert lake.rows("select count(*) from rows") == [(1,)]


def test_a_day_with_many_parts_is_merged(lake: Lake) -> None:
    for number in range(20):
        lake.drop(f"{number:02d}.jsonl", lines(call(number)))
        lake.land()
    assert len(list((lake.paths.lake / "gateway_calls").rglob("*.parquet"))) < 17
    assert lake.rows("select count(distinct call_id) from rows") == [(20,)]


def test_an_unknown_column_in_a_mapping_names_its_key(lake: Lake) -> None:
    lake.options = MAPPING | {"fields": MAPPING["fields"] | {"tenant": "t"}}
    lake.drop("a.jsonl", lines(call(1)))
    with pytest.raises(ConfigError, match=r"fields\.tenant: gateway_calls has no column 'tenant'"):
        lake.land()


@pytest.mark.parametrize("odd", ["week [1]", "what*ever?", "it's"])
def test_paths_with_signs_that_mean_something_elsewhere_are_just_paths(
    tmp_path: Path, odd: str
) -> None:
    lake = Lake(tmp_path / "it's [1]", "bot", "mapped", MAPPING)
    lake.drop(f"{odd}/a {odd}.jsonl", lines(call(1)))
    lake.drop(f"{odd}/b.jsonl", lines(call(2)))
    assert lake.land().rows_loaded == 2
    lake.drop(f"{odd}/b.jsonl", lines(call(2, out=99), call(3)))
    assert lake.land().rows_loaded == 2
    parts = [str(path) for path in lake.paths.lake.rglob("gateway_calls/**/*.parquet")]
    assert sum(len(pq.read_table(part)) for part in parts) == 3


def test_a_part_that_did_not_change_still_belongs_to_its_newer_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = replace(FORMATS["mapped"], folder_is_delivery=True)
    monkeypatch.setitem(FORMATS, "mapped", exports)
    lake = Lake(tmp_path, "bot", "mapped", MAPPING)
    lake.drop("run1/part1.jsonl", lines(call(1)))
    lake.drop("run1/part2.jsonl", lines(call(2)))
    lake.drop("run2/part1.jsonl", lines(call(1)))
    lake.drop("run2/part2.jsonl", lines(call(2, out=11)))
    lake.drop("run2/copy-of-part1.jsonl", lines(call(1)))
    report = lake.land()
    assert (report.files_new, report.files_duplicate) == (4, 1)
    newest = "select call_id from rows where source_file like 'run2/%' order by 1"
    assert lake.rows(newest) == [("c1",), ("c2",)]
