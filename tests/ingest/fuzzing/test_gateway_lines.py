"""Two thousand damaged records of every gateway's format: none costs a good one, or the run."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ingest.sources import FORMATS
from tests.ingest.fuzzing.mutations import mutated_json, mutated_record
from tests.ingest.gateways.payloads import CLASSES, PAYLOADS, Payload
from tests.support.lake import Lake

pytestmark = pytest.mark.slow

MUTATIONS = 2_000
GOOD = 200
COUNTS = {name: 3 + number for number, name in enumerate(CLASSES)}


@pytest.mark.parametrize("shape", ["lines", "array"])
@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.format)
def test_no_damaged_record_ends_a_run_or_costs_a_good_one(
    tmp_path: Path, payload: Payload, shape: str, seed: str
) -> None:
    random = Random(payload.format + seed)
    good = [json.dumps(payload.make(n, n, COUNTS)).encode() for n in range(1, GOOD + 1)]
    alone = Lake(tmp_path / "alone", "g", payload.format, dict(payload.options))
    alone.drop(f"{payload.folder}a.jsonl", b"".join(line + b"\n" for line in good))
    assert alone.land().rows_quarantined == 0
    lines, places = [], []
    for number, line in enumerate(good, 1):
        places.append(len(lines) + 1)
        lines.append(line)
        record = payload.make(number, 10_000 + number, COUNTS)
        for _ in range(MUTATIONS // GOOD):
            if shape == "lines":
                lines.append(mutated_json(random, record))
            else:  # an array that is malformed fails its file
                lines.append(json.dumps(mutated_record(random, record)).encode())
    among = Lake(tmp_path / "among", "g", payload.format, dict(payload.options))
    content = b"[" + b",".join(lines) + b"]" if shape == "array" else b"\n".join(lines)
    # the bytes tell an array, whatever the name is that a format takes
    suffix = ".json" if shape == "array" and ".json" in taken(payload) else ".jsonl"
    among.drop(f"{payload.folder}a{suffix}", content)
    report = among.land()
    assert report.failed == []
    assert report.rows_quarantined > MUTATIONS / 20
    assert rows(among, payload.table, places) == rows(alone, payload.table, range(1, GOOD + 1))


def taken(payload: Payload) -> tuple[str, ...]:
    """Ends of the names of files that a format reads."""
    return FORMATS[payload.format].suffixes


def rows(lake: Lake, table: str, lines: Any) -> list[tuple[Any, ...]]:
    """What stands in the lake of some lines of the file."""
    chosen = ", ".join(map(str, lines))
    return lake.rows(
        "select * exclude (file_id, source_line, source_file) from rows"
        f" where source_line in ({chosen}) order by all",
        table,
    )
