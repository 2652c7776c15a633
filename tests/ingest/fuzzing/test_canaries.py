"""Keys, prompts and addresses of people in every field of every source: what of them is kept.

A key may have been put anywhere, and is kept nowhere. A text in the place of a name or an id is
kept as it came, in the columns that the page on data protection lists, and in no other. Beside what
a format has, each of its objects gets the fields that hold prompts and people elsewhere.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.contracts.credentials import MADE_BY_MACHINES, REMOVED
from tests.conftest import REPOSITORY
from tests.ingest.fuzzing.mutations import places
from tests.ingest.fuzzing.test_bill_lines import BILLS, Bill
from tests.ingest.fuzzing.test_bill_pages import KINDS, Kind
from tests.ingest.gateways.payloads import CLASSES, PAYLOADS, Payload
from tests.support.lake import Lake

pytestmark = pytest.mark.slow

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


def holding(lake: Lake, text: str = KEY) -> set[tuple[str, str]]:
    """Parts and columns of the lake and of its catalog whose values have a text."""
    found = set()
    with duckdb.connect() as con:
        relations = {part: f"read_parquet('{part}')" for part in lake.paths.lake.rglob("*.parquet")}
        con.execute(f"attach '{lake.paths.catalog}' as catalog (read_only)")
        for table in ("files", "quarantine"):
            relations[Path(table)] = f"catalog.{table}"
        for path, relation in relations.items():
            columns = con.execute(f"describe from {relation}").fetchall()
            for name in (column[0] for column in columns):
                held = f"select exists (from {relation} where contains({name}::varchar, '{text}'))"
                is_no_place = text == KEY and name in NO_CALLER_WRITES
                if not is_no_place and con.execute(held).fetchall()[0][0]:
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


PROMPT, PERSON = "canary prompt text", "canary.person@example.org"
CONTENT = (
    "messages", "message", "prompt", "system", "instructions", "input", "output", "content", "text",
    "completion", "response", "request", "response_body", "request_body", "body", "arguments",
    "tool_calls", "documents", "error", "error_message", "exception", "comment", "explanation",
    "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions",
    "gen_ai.tool.call.arguments", "input.value", "output.value", "exception.message",
)  # fmt: skip
PEOPLE = (
    "user", "userId", "user_id", "end_user", "user_email", "email", "username", "enduser.id",
    "actor", "customer", "author",
)  # fmt: skip


def objects(record: Any) -> Iterator[dict[str, Any]]:
    """The record and each object in it."""
    if isinstance(record, dict):
        yield record
    for inner in record.values() if isinstance(record, dict) else record:
        if isinstance(inner, dict | list):
            yield from objects(inner)


def with_content(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The record once for each object in it, which has the fields of `CONTENT` and `PEOPLE` too."""
    for number in range(len(list(objects(record)))):
        changed = copy.deepcopy(record)
        own = list(objects(changed))[number]
        for names, text in ((CONTENT, PROMPT), (PEOPLE, PERSON)):
            own.update({name: text for name in names if name not in own})
        yield changed
    for key, text in [*((name, PROMPT) for name in CONTENT), *((name, PERSON) for name in PEOPLE)]:
        changed = copy.deepcopy(record)
        for own in objects(changed):
            if isinstance(own.get("attributes"), list):  # as OpenTelemetry's JSON has them
                own["attributes"].append({"key": key, "value": {"stringValue": text}})
                yield changed


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.format)
def test_no_prompt_and_no_person_beside_what_a_format_names_is_kept(
    tmp_path: Path, payload: Payload
) -> None:
    lake = Lake(tmp_path, "g", payload.format, dict(payload.options))
    records = list(with_content(payload.make(1, 1, COUNTS)))
    lake.drop(
        f"{payload.folder}a.jsonl",
        "\n".join(map(json.dumps, [payload.make(2, 2, COUNTS), *records])),
    )
    report = lake.land()
    assert report.failed == []
    assert report.rows_loaded > 1
    assert holding(lake, PROMPT) == set()
    assert holding(lake, PERSON) == set()


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.format)
def test_a_text_in_a_field_of_a_format_is_kept_in_columns_of_names_alone(
    tmp_path: Path, payload: Payload
) -> None:
    lake = Lake(tmp_path, "g", payload.format, dict(payload.options))
    records = []
    for number, (holder, key) in enumerate(places(payload.make(1, 1, COUNTS))):
        if isinstance(holder[key], str):
            changed = copy.deepcopy(payload.make(number, number, COUNTS))
            own, name = list(places(changed))[number]
            own[name] = PERSON
            records.append(changed)
    lake.drop(f"{payload.folder}a.jsonl", "\n".join(map(json.dumps, records)))
    assert lake.land().failed == []
    page = (REPOSITORY / "pipelines/operations/data_protection.md").read_text()
    (listed,) = re.findall(r"is stored as it came, in these columns: (.*?)\. ", page, re.S)
    assert {name for _, name in holding(lake, PERSON)} <= set(re.findall(r"`(\w+)`", listed))
