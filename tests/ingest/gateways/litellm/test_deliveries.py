"""However LiteLLM delivers its records, they are the same rows: objects, lines, arrays, gzip."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.gateways.litellm.cases import USAGE, number, table
from tests.support.lake import Lake
from tests.support.warehouse import Workspace

CASES = "samples/gateway/litellm_slp_cases.jsonl.gz"
VALUES = "select * exclude (source_file, source_line, file_id) from rows order by call_id"

# file|team|tenant|feature|task|model|input|read|output|reported|status
OBJECTS = """
00be|Platform Eng|tenant-umbrella|code_patch|task-1-9|gpt-4o-mini|221|1664|18|0.00016875|ok
7a08|Platform Eng|-|-|-|gpt-4.1|11|0|9|0.000094|aborted
5f47|-|-|-|-|gpt-4o-mini|10|0|74|0.0000459|ok
a669|Customer Support|tenant-umbrella|support_ticket|task-1-22|gpt-4o-mini|305|1664|18|0.00018135|ok
76ac|Customer Support|-|draft|-|gpt-4.1|0|0|0|0|error
ec5d|Customer Support|tenant-initech|support_ticket|task-2-4|gpt-4.1|472|1664|18|0.00192|ok
a9d8|Customer Support|tenant-umbrella|support_ticket|task-6-3|gpt-4.1|460|1664|56|0.0022|ok
"""
"""The bucket's seven objects, by the beginning of their id, read off the raw JSON by hand."""


@pytest.fixture(scope="module")
def objects(shared: Path) -> dict[str, bytes]:
    """The bucket's objects by key."""
    bucket = shared / "samples/gateway/litellm_s3_layout"
    return {
        path.relative_to(bucket).as_posix(): path.read_bytes()
        for path in sorted(bucket.rglob("*.json"))
    }


@pytest.fixture(scope="module")
def lines(shared: Path) -> list[bytes]:
    return gzip.decompress((shared / CASES).read_bytes()).splitlines()


def landed(root: Path, files: dict[str, bytes]) -> Lake:
    lake = Lake(root)
    for name, content in files.items():
        lake.drop(name, content)
    report = lake.land()
    assert (report.rows_quarantined, report.failed) == (0, [])
    return lake


def test_every_object_of_a_bucket_loads_once_with_what_it_says(
    tmp_path: Path, objects: dict[str, bytes]
) -> None:
    lake = landed(tmp_path, objects)
    found = {
        row[0].split("_")[-1].removeprefix("chatcmpl-")[:4]: row[1:]
        for row in lake.rows(
            "select source_file, source_line, team, tenant_id, feature, task_id, response_model,"
            " input_uncached_tokens, cache_read_tokens, output_tokens, reported_cost_usd, status"
            " from rows"
        )
    }
    expected = {}
    for row in OBJECTS.strip().splitlines():
        cells = [None if cell == "-" else cell for cell in row.split("|")]
        expected[cells[0]] = (1, *cells[1:6], *(number(c) for c in cells[6:10]), cells[10])
    assert found == expected
    assert lake.rows("select count(*), count(distinct source_file) from rows") == [(7, 7)]


def test_a_team_is_read_off_the_record_never_off_the_folder(
    tmp_path: Path, objects: dict[str, bytes]
) -> None:
    as_delivered = landed(tmp_path / "delivered", objects)
    moved = {
        f"llm/Finance Ops/2020-01-01/{n}.json": body for n, body in enumerate(objects.values())
    }
    assert landed(tmp_path / "moved", moved).rows(VALUES) == as_delivered.rows(VALUES)


def as_lines(lines: list[bytes]) -> dict[str, bytes]:
    return {"a.jsonl": b"\n".join(lines) + b"\n"}


def as_unfinished_lines(lines: list[bytes]) -> dict[str, bytes]:
    return {"a.jsonl": b"\r\n".join(lines)}


def as_array(lines: list[bytes]) -> dict[str, bytes]:
    return {"a.json": b"[" + b", ".join(lines) + b"]"}


def as_array_over_many_lines(lines: list[bytes]) -> dict[str, bytes]:
    return {"a.json": json.dumps([json.loads(line) for line in lines], indent=1).encode()}


def as_packed_array(lines: list[bytes]) -> dict[str, bytes]:
    return {"a.json.gz": gzip.compress(as_array(lines)["a.json"], mtime=0)}


def as_packed_lines_under_a_plain_name(lines: list[bytes]) -> dict[str, bytes]:
    return {"a.jsonl": gzip.compress(as_lines(lines)["a.jsonl"], mtime=0)}


def as_one_object_each(lines: list[bytes]) -> dict[str, bytes]:
    return {f"Customer Support/{n:02d}.json": line for n, line in enumerate(lines)}


def as_a_mixture(lines: list[bytes]) -> dict[str, bytes]:
    return {
        "1.jsonl": b"\n".join(lines[:20]),
        "2.json": b"[" + b",".join(lines[20:40]) + b"]\n",
        "3.jsonl.gz": gzip.compress(b"\n".join(lines[40:57]), mtime=0),
        "4.json": lines[57],
    }


@pytest.mark.parametrize(
    "deliver",
    [
        as_unfinished_lines, as_array, as_array_over_many_lines, as_packed_array,
        as_packed_lines_under_a_plain_name, as_one_object_each, as_a_mixture,
    ],
)  # fmt: skip
def test_the_same_records_are_the_same_rows(
    tmp_path: Path, lines: list[bytes], deliver: Callable[[list[bytes]], dict[str, bytes]]
) -> None:
    usual = landed(tmp_path / "usual", as_lines(lines))
    other = landed(tmp_path / "other", deliver(lines))
    rows = usual.rows(VALUES)
    assert len(rows) == 58
    assert other.rows(VALUES) == rows


def test_the_records_of_an_array_are_numbered_from_one(tmp_path: Path, lines: list[bytes]) -> None:
    lake = landed(tmp_path, as_array_over_many_lines(lines))
    found = lake.rows("select source_line, request_id from rows order by 1")
    assert found == [(n, json.loads(line)["litellm_call_id"]) for n, line in enumerate(lines, 1)]


def test_an_array_with_a_bad_record_keeps_the_others(tmp_path: Path, lines: list[bytes]) -> None:
    bad: dict[str, Any] = json.loads(lines[1]) | {"prompt_tokens": "a lot"}
    body = [lines[0], json.dumps(bad).encode(), b"[]", b"17", lines[2]]
    lake = Lake(tmp_path)
    lake.drop("a.json", b"[" + b",".join(body) + b"]")
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined) == (2, 3)
    assert lake.catalog("select source_line, field, reason from quarantine order by 1") == [
        (2, "prompt_tokens", "the value is not a DOUBLE"),
        (3, "record", "the record is not a JSON object"),
        (4, "record", "the record is not a JSON object"),
    ]


def test_an_array_that_is_cut_off_loads_nothing_and_says_so(
    tmp_path: Path, lines: list[bytes]
) -> None:
    lake = Lake(tmp_path)
    lake.drop("a.json", as_array(lines)["a.json"][:-40])
    ((name, reason),) = lake.land().failed
    assert name == "a.json"
    assert "malformed or cut off" in reason


def test_a_record_that_came_by_two_ways_is_one_call(
    tmp_path: Path, lines: list[bytes], objects: dict[str, bytes]
) -> None:
    workspace = Workspace(tmp_path, models=("fct_calls",))
    workspace.configure("gateway", 'format = "litellm"\n')
    files = {f"ndjson/{k}": v for k, v in as_lines(lines).items()}
    files |= {f"s3/{k}": v for k, v in as_one_object_each(lines).items()} | objects
    files["late.json"] = b"[" + b",".join(objects.values()) + b"]"
    for name, content in files.items():
        workspace.drop("gateway", name, content)
    workspace.build()
    assert workspace.query(
        "select count(*), count(distinct call_id), min(duplicates_dropped),"
        " max(duplicates_dropped) from marts.fct_calls"
    ) == [(65, 65, 1, 1)]
    assert workspace.value("select sum(reported_cost_usd) from marts.fct_calls") == total()


def total() -> Decimal:
    """What the two hand-made tables say that all records cost."""
    amounts = [row["reported"] for row in table(USAGE).values()]
    amounts += [row.split("|")[9] for row in OBJECTS.strip().splitlines()]
    return sum((Decimal(amount) for amount in amounts if amount), Decimal(0))
