"""What every preset promises, whichever gateway it reads."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import ConfigError
from ingest.gateways.presets import FOLDER, OF_CHANGES
from ingest.gateways.presets import FORMATS as PRESETS
from ingest.sources import FORMATS
from tests.ingest.gateways.landed import VECTOR, call, calls, land, lines
from tests.ingest.gateways.presets import (
    test_azure_apim,
    test_cloudflare,
    test_envoy,
    test_helicone,
    test_openrouter_calls,
    test_portkey,
)
from tests.support.lake import Lake
from tests.support.texts import files_holding

EXAMPLES: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "azure_apim": (test_azure_apim.ROW, "RequestId"),
    "cloudflare": (test_cloudflare.ENTRY, "id"),
    "envoy": (test_envoy.EXAMPLE, "x-request-id"),
    "helicone": (test_helicone.REQUEST, "request_id"),
    "openrouter_calls": (test_openrouter_calls.RECORD, "id"),
    "portkey": (test_portkey.LOG, "id"),
}
"""One good record of every preset of calls, and its field of the attempt's identifier."""


def records(name: str, count: int) -> list[dict[str, Any]]:
    record, identity = EXAMPLES[name]
    return [{**record, identity: f"call-{number}"} for number in range(count)]


def test_every_preset_is_a_format_with_an_example_here() -> None:
    assert {preset.name for preset in PRESETS} == {path.stem for path in FOLDER.glob("*.toml")}
    assert all(FORMATS[preset.name] is preset for preset in PRESETS)
    # records of coding agents mean something together only: `test_coding_agents`
    others = {"claude_code", "codex", "portkey_feedback", *OF_CHANGES}
    assert {preset.name for preset in PRESETS} == {*EXAMPLES, *others}


@pytest.mark.parametrize("name", EXAMPLES)
def test_order_and_splitting_of_files_are_irrelevant(tmp_path: Path, name: str) -> None:
    made = records(name, 9)
    shuffled = random.Random(4).sample(made, 9)
    whole, parts = Lake(tmp_path / "a", "g", name), Lake(tmp_path / "b", "g", name)
    whole.drop("a.jsonl", lines(*made))
    parts.drop("z.jsonl", lines(*shuffled[:4]))
    parts.drop("array.json", json.dumps(shuffled[4:7], indent=1))
    parts.drop("deep/er/c.jsonl", lines(*shuffled[7:]))
    for lake in (whole, parts):
        assert (lake.land().rows_quarantined, len(calls(lake))) == (0, 9)
    where = {"source_file", "source_line", "file_id"}
    without = [
        [{k: v for k, v in row.items() if k not in where} for row in calls(lake)]
        for lake in (whole, parts)
    ]
    assert without[0] == without[1]


@pytest.mark.parametrize("name", EXAMPLES)
def test_unknown_keys_are_ignored_and_twenty_megabytes_are_not_kept(
    tmp_path: Path, name: str
) -> None:
    (record,) = records(name, 1)
    lake = Lake(tmp_path, "g", name)
    lake.drop("a.jsonl", lines(record | {"surprise": {"x": "secret" * 3_500_000}}))
    report = lake.land()
    assert (report.rows_loaded, report.failed) == (1, [])
    assert files_holding(lake.paths.lake, "secret") == set()


def damaged(record: Mapping[str, Any], spoil: Callable[[Any], Any]) -> list[dict[str, Any]]:
    """Copies of a record, each with one value spoilt."""
    return [{**record, key: spoil(value)} for key, value in record.items()]


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: None,
        lambda _: float("nan"),
        lambda _: -7,
        lambda _: "\u0000",
        lambda value: [value],
        lambda value: {"deep": value},
        lambda _: 10**30,
        lambda _: "9" * 400,
        str,
    ],
)
def test_no_spoilt_value_crashes_and_good_records_load(
    tmp_path: Path, name: str, spoil: Callable[[Any], Any]
) -> None:
    good = records(name, 2)
    bad = damaged(good[0], spoil)
    lake = Lake(tmp_path, "g", name)
    lake.drop("a.jsonl", lines(good[0], *bad, good[1]))
    report = lake.land()
    assert report.failed == []
    assert report.rows_loaded >= 2
    assert report.rows_quarantined <= len(bad)
    reasons = lake.catalog("select field, reason from quarantine")
    assert all(field and reason and "9999" not in reason for field, reason in reasons)
    for row in calls(lake):
        assert all(row[column] is None or row[column] >= 0 for column in VECTOR)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_workspace_replaces_single_entries(tmp_path: Path, name: str) -> None:
    (record,) = records(name, 1)
    options = {
        "fields": {"agent_name": "bot", "user_id": "who"},
        "attribution": {"tenant_id": "customer"},
        "labels": {"ring": "ring"},
    }
    own = {"bot": "planner", "who": "bob", "customer": "globex", "ring": 2}
    found = call(tmp_path, name, record | own, options)
    usual = call(tmp_path / "usual", name, record)
    assert (found["agent_name"], found["tenant_id"]) == ("planner", "globex")
    assert found["labels"] == '{"ring":"2"}'
    # given in another section than the preset's own, it still counts
    assert found["user_id"] not in (None, "bob", usual["user_id"])
    for column in (*VECTOR, "call_id", "started_at", "status", "reported_cost_usd"):
        assert found[column] == usual[column]


def test_settings_choose_which_records_are_calls(tmp_path: Path) -> None:
    kept, left = records("cloudflare", 2)
    options = {"records": {"provider": ["OpenAI"], "kind": ""}}
    lake = land(tmp_path, "cloudflare", kept, left | {"kind": "test"}, options=options)
    assert [row["call_id"] for row in calls(lake)] == ["call-0"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"fields": {"tenannt": "x"}}, r"fields.tenannt: .*no column"),
        ({"fields": "x"}, r"write it as a table: \[fields\]"),
        ({"records": {"a": []}}, r"records: .*at least one"),
        ({"missing": "-"}, r"missing: write a list"),
        ({"attribution": {"tenant_id": "metadata.tenant"}}, r"lies inside metadata"),
    ],
)
def test_wrong_settings_name_file_and_key(
    tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    lake = Lake(tmp_path, "g", "cloudflare", options)
    lake.drop("a.jsonl", lines(*records("cloudflare", 1)))
    with pytest.raises(ConfigError, match=rf"config/sources/test.toml: .*{said}"):
        lake.land()


def test_feedback_needs_to_know_which_score_counts(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "g", "portkey_feedback")
    lake.drop("a.jsonl", lines(test_portkey.FEEDBACK))
    with pytest.raises(ConfigError, match="name the scores that count"):
        lake.land()


def test_a_path_inside_the_scores_that_are_read_whole_is_refused(tmp_path: Path) -> None:
    options = {"labels": {"tone": "scores.tone"}, "outcomes": {"tone": {"success": ">= 4"}}}
    lake = Lake(tmp_path, "g", "helicone", options)
    lake.drop("a.jsonl", lines(*records("helicone", 1)))
    with pytest.raises(ConfigError, match=r"scores.tone lies inside scores"):
        lake.land()


def test_an_avoided_cost_that_the_log_states_counts(tmp_path: Path) -> None:
    (record,) = records("cloudflare", 1)
    options = {"fields": {"reported_avoided_usd": "saved"}}
    found = call(tmp_path, "cloudflare", record | {"cached": True, "saved": "0.5"}, options)
    assert (found["reported_cost_usd"], found["reported_avoided_usd"]) == (0, Decimal("0.5"))


@settings(max_examples=12, deadline=None)
@given(
    counts=st.lists(st.tuples(*(st.integers(0, 10**6) for _ in range(3))), min_size=1, max_size=5)
)
def test_openrouters_native_classes_are_disjoint(
    tmp_path_factory: pytest.TempPathFactory, counts: list[tuple[int, int, int]]
) -> None:
    made = [
        record | {
            "native_tokens_prompt": plain + read, "native_tokens_cached": read,
            "native_tokens_completion": out, "native_tokens_reasoning": out // 2,
        }
        for record, (plain, read, out) in zip(
            records("openrouter_calls", len(counts)), counts, strict=True
        )
    ]  # fmt: skip
    found = calls(land(tmp_path_factory.mktemp("or"), "openrouter_calls", *made))
    names = ("input_uncached_tokens", "cache_read_tokens", "output_tokens")
    assert [tuple(row[name] for name in names) for row in found] == counts
