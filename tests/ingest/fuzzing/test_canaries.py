"""A key in every text field of every source, one field a record: none is a value of the lake.

Texts of prompts and people's addresses are proven where they may stand, by each reader's own tests
and by `tests/pipelines/run/test_no_text_is_kept.py`; a key may have been put anywhere.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.contracts.credentials import MADE_BY_MACHINES, REMOVED
from tests.ingest.fuzzing.mutations import places
from tests.ingest.fuzzing.test_bill_lines import BILLS, Bill
from tests.ingest.fuzzing.test_bill_pages import KINDS, Kind
from tests.ingest.gateways.payloads import CLASSES, PAYLOADS, Payload
from tests.support.lake import Lake

KEY = "sk-canary-1234567890abcdef"
NO_CALLER_WRITES = MADE_BY_MACHINES | {"span_id", "parent_span_id"}
COUNTS = {name: 3 + number for number, name in enumerate(CLASSES)}


def with_key(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The record once for each of its texts, with the key in its place, and once with it behind."""
    for number, (holder, key) in enumerate(places(record)):
        if isinstance(holder[key], str):
            for text in (KEY, f"{holder[key]} {KEY}"):
                changed = copy.deepcopy(record)
                own, name = list(places(changed))[number]
                own[name] = text
                yield changed


def holding(lake: Lake) -> set[tuple[str, str]]:
    """Tables and columns of the lake and of its catalog whose values have the key."""
    found = set()
    with duckdb.connect() as con:
        relations = {part: f"read_parquet('{part}')" for part in lake.paths.lake.rglob("*.parquet")}
        con.execute(f"attach '{lake.paths.catalog}' as catalog (read_only)")
        for table in ("files", "quarantine"):
            relations[Path(table)] = f"catalog.{table}"
        for path, relation in relations.items():
            columns = con.execute(f"describe from {relation}").fetchall()
            for name in (column[0] for column in columns):
                held = f"select exists (from {relation} where contains({name}::varchar, '{KEY}'))"
                if name not in NO_CALLER_WRITES and con.execute(held).fetchall()[0][0]:
                    found.add((str(path), name))
    return found


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.format)
def test_no_key_of_a_call_is_kept(tmp_path: Path, payload: Payload) -> None:
    lake = Lake(tmp_path, "g", payload.format, dict(payload.options))
    records = [one for n in range(1, 3) for one in with_key(payload.make(n, n, COUNTS))]
    lake.drop(f"{payload.folder}a.jsonl", "\n".join(map(json.dumps, records)))
    report = lake.land()
    assert report.failed == []
    assert report.rows_loaded > 0
    assert holding(lake) == set()
    assert REMOVED in str(lake.rows("from rows", payload.table))


@pytest.mark.parametrize("bill", BILLS, ids=lambda bill: f"{bill.format} {bill.name}")
def test_no_key_of_a_line_of_a_bill_is_kept(tmp_path: Path, bill: Bill) -> None:
    lake = Lake(tmp_path, "g", bill.format)
    header, line = bill.make([1]).splitlines()[:2] if bill.name.endswith("csv") else ("", "")
    if header:
        cells = line.split(",")
        lines = [",".join([*cells[:n], KEY, *cells[n + 1 :]]) for n in range(len(cells))]
        lake.drop(bill.name, "\n".join([header, *lines, line]))
    else:
        record = json.loads(bill.make([1]).splitlines()[0])
        lake.drop(bill.name, "\n".join(map(json.dumps, [*with_key(record), record])))
    assert lake.land().failed == []
    assert holding(lake) == set()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.format} {kind.name}")
def test_no_key_of_a_page_is_kept(tmp_path: Path, kind: Kind) -> None:
    lake = Lake(tmp_path, "g", kind.format)
    for number, result in enumerate([*with_key(kind.result(1)), kind.result(1)]):
        lake.drop(f"{number}.json", kind.page([result]))
    lake.land()
    assert holding(lake) == set()
