"""Words of the mapping grammar that take a value out of its shape, or out of the way."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.contracts.calls import GATEWAY_CALLS
from ingest.errors import ConfigError
from ingest.mapping.sections import compile_columns
from ingest.records.format import SourceConfig
from tests.ingest.mapping.test_mapping import FIELDS, NOON, RECORD, landed, read, refused


@pytest.mark.parametrize(
    ("column", "source", "record", "value"),
    [
        ("tenant_id", {"path": "meta", "json": "t"}, {"meta": {"t": "acme"}}, "acme"),
        ("tenant_id", {"path": "meta", "json": "t"}, {"meta": '{"t": "acme"}'}, "acme"),
        ("tenant_id", {"path": "meta", "json": "a.b"}, {"meta": {"a": {"b": 7}}}, "7"),
        ("tenant_id", {"path": "meta", "json": "t"}, {"meta": "no JSON"}, None),
        ("attempted_retries", {"path": "meta", "json": "n"}, {"meta": '{"n": 3}'}, 3),
        ("tenant_id", {"path": "v", "keys": "k", "key": "t"}, {"k": ["a", "t"], "v": [1, 2]}, "2"),
        ("tenant_id", {"path": "v", "keys": "k", "key": "t"}, {"k": ["a"], "v": ["x"]}, None),
        ("tenant_id", {"path": "v", "keys": "k", "key": "t"}, {"k": ["a", "t"], "v": ["x"]}, None),
        ("tenant_id", {"path": "v", "keys": "k", "key": "t"}, {}, None),
        ("status", {"path": "f", "contains": {"DC": "aborted"}}, {"f": "UC,DC"}, "aborted"),
        ("status", {"path": "f", "contains": {"DC": "aborted"}}, {"f": "DCX"}, "ok"),
        ("status", {"path": "n", "from": {"0": "error", "200": "ok", "400": "error"}},
         {"n": 399}, "ok"),
        ("status", {"path": "n", "from": {"0": "error", "200": "ok", "400": "error"}},
         {"n": "400"}, "error"),
        ("team", {"path": "n", "from": {"200": "ok"}}, {"n": 199.9}, None),
        ("attempted_fallbacks", {"path": "a", "count_after": 1}, {"a": [{}, {}, {}]}, 2),
        ("attempted_fallbacks", {"path": "a", "count_after": 1}, {"a": []}, 0),
        ("attempted_fallbacks", {"path": "a", "count_after": 1}, {}, None),
        ("reported_cost_usd", {"path": "c", "zero": "unknown"}, {"c": 0.0}, None),
        ("reported_cost_usd", {"path": "c", "zero": "unknown"}, {"c": 0.5}, Decimal("0.5")),
        ("reported_cost_usd", {"path": "c", "multiply": "0.01", "zero": "unknown"}, {"c": 0}, None),
        ("reported_cost_usd", {"sum": ["a", "b"]}, {"a": 0.1, "b": "0.2"}, Decimal("0.3")),
        ("reported_cost_usd", {"sum": ["a", "b"]}, {"a": 0.1}, None),
        ("tenant_id", {"path": "a", "when": {"s": "on"}}, {"a": "x", "s": "ON"}, "x"),
        ("tenant_id", {"path": "a", "when": {"s": ["on", ""]}}, {"a": "x"}, "x"),
        ("tenant_id", {"path": "a", "when": {"s": True}}, {"a": "x", "s": False}, None),
        ("tenant_id", {"constant": "c", "when": {"s": "on", "t": "1"}}, {"s": "on", "t": 1}, "c"),
        ("tenant_id", {"constant": "c", "when": {"s": "on", "t": "1"}}, {"s": "on"}, None),
        ("tenant_id", {"path": "a", "values": {"0": "none"}, "others": "some"}, {"a": 5}, "some"),
        ("tenant_id", {"path": "a", "values": {"0": "none"}, "others": "some"}, {}, None),
        ("ended_at", {"path": "ts", "plus": "d", "unit": "ms"}, {"d": "1500"},
         datetime(2026, 10, 1, 12, 0, 1, 500000)),
        ("ended_at", {"path": "ts", "plus": "d", "unit": "s"}, {}, None),
    ],
)  # fmt: skip
def test_each_word_reads_its_value(
    tmp_path: Path, column: str, source: object, record: dict[str, Any], value: object
) -> None:
    assert read(tmp_path, column, source, record) == value


@pytest.mark.parametrize(
    ("source", "record", "column"),
    [
        ({"path": "n", "from": {"200": "ok"}}, {"n": "many"}, "status"),
        ({"path": "ts", "plus": "d", "unit": "ms"}, {"d": -1}, "ended_at"),
        ({"path": "ts", "plus": "d", "unit": "s"}, {"d": 1e12}, "ended_at"),
        ({"path": "meta", "json": "n"}, {"meta": {"n": "three"}}, "attempted_retries"),
        ({"path": "c", "zero": "unknown"}, {"c": "dear"}, "reported_cost_usd"),
        ({"path": "c", "when": {"s": "on"}}, {"c": "dear", "s": "on"}, "reported_cost_usd"),
        ({"sum": ["a", "b"]}, {"a": "dear"}, "reported_cost_usd"),
    ],
)
def test_a_value_that_no_word_can_use_names_its_key(
    tmp_path: Path, source: object, record: dict[str, Any], column: str
) -> None:
    reason = refused(tmp_path, source, record, column)
    field, _, said = reason.partition(": ")
    # a value that cannot be typed while it is read is named by its own path
    assert field in (f"fields.{column}", "c", "a")
    assert "fit" in said or "is not a" in said


def test_a_condition_that_does_not_hold_forgives_the_value_it_guards(tmp_path: Path) -> None:
    source = {"path": "c", "multiply": "2", "when": {"s": "on"}}
    assert read(tmp_path, "reported_cost_usd", source, {"c": 900000000, "s": "off"}) is None


def test_a_word_for_an_absent_value_is_absent_for_every_type(tmp_path: Path) -> None:
    options = {
        "file_type": "jsonl", "missing": ["-", "n/a"],
        "fields": FIELDS | {"tenant_id": "t", "http_status": "n", "is_stream": "b",
                            "reported_cost_usd": "c", "ended_at": {"path": "e", "time": "epoch_s"}},
        "tokens": {"input": "i"},
    }  # fmt: skip
    lines = [
        RECORD | {"t": "-", "n": "-", "b": "n/a", "c": "-", "e": "-", "i": "-"},
        RECORD | {"t": "x-", "n": 200, "b": True, "c": 0.5, "e": 1790856000, "i": "7"},
    ]
    content = "".join(json.dumps(line) + "\n" for line in lines)
    lake = landed(tmp_path, options, "a.jsonl", content)
    assert lake.rows(
        "select tenant_id, http_status, is_stream, reported_cost_usd, ended_at,"
        " input_uncached_tokens from rows order by http_status nulls first"
    ) == [(None,) * 6, ("x-", 200, True, Decimal("0.5"), NOON, 7)]


@pytest.mark.parametrize(
    ("source", "column", "said"),
    [
        ({"path": "a", "keys": "k"}, "tenant_id", "keys and key go together"),
        ({"path": "a", "from": {"x": "ok"}}, "status", "write numbers"),
        ({"path": "a", "contains": {}}, "status", "write a table"),
        ({"path": "a", "when": "s"}, "tenant_id", "write a table"),
        ({"path": "a", "plus": "d"}, "ended_at", "one of s, ms, us"),
        ({"path": "a", "zero": "free"}, "reported_cost_usd", "unknown"),
        ({"path": "a", "json": ""}, "tenant_id", "keys separated by dots"),
        ({"path": "a", "count_after": -1}, "attempted_retries", "whole number"),
        ({"sum": ["a"]}, "tenant_id", "cannot be added"),
        ({"path": "a", "json": "b", "tag": "c"}, "tenant_id", "means nothing beside"),
    ],
)
def test_a_malformed_entry_names_its_key_and_the_cure(
    source: object, column: str, said: str
) -> None:
    config = SourceConfig("bot", "mapped", Path("bot.toml"))
    with pytest.raises(ConfigError, match=rf"bot.toml: .*fields.{column}.*{said}"):
        compile_columns(config, "fields", {column: source}, GATEWAY_CALLS)
