"""The mapping grammar: what each word makes of a value, and of a value that does not fit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.contracts.calls import GATEWAY_CALLS
from ingest.errors import ConfigError
from ingest.mapping.sections import compile_columns, refuse_nested_paths
from ingest.records.fields import Leaf
from ingest.records.format import SourceConfig
from tests.support.lake import Lake

FIELDS: dict[str, Any] = {"call_id": "id", "started_at": "ts"}
RECORD = {"id": "c1", "ts": "2026-10-01T12:00:00Z"}


def landed(root: Path, options: Mapping[str, Any], name: str, content: bytes | str) -> Lake:
    lake = Lake(root, "bot", "mapped", dict(options))
    lake.drop(name, content)
    report = lake.land()
    assert (report.rows_quarantined, report.failed) == (0, [])
    return lake


def read(root: Path, column: str, source: object, record: dict[str, Any]) -> Any:
    """What one column of one JSON record becomes under one mapping entry."""
    options = {"file_type": "jsonl", "fields": FIELDS | {column: source}}
    lake = landed(root, options, "a.jsonl", json.dumps(RECORD | record) + "\n")
    ((value,),) = lake.rows(f"select {column} from rows")
    return value


def refused(root: Path, source: object, record: dict[str, Any], column: str) -> str:
    """The reason for which the one record is quarantined."""
    options = {"file_type": "jsonl", "fields": FIELDS | {column: source}}
    lake = Lake(root, "bot", "mapped", options)
    lake.drop("a.jsonl", json.dumps(RECORD | record) + "\n")
    assert lake.land().rows_loaded == 0
    ((field, reason),) = lake.catalog("select field, reason from quarantine")
    return f"{field}: {reason}"


@pytest.mark.parametrize(
    ("column", "source", "record", "value"),
    [
        ("tenant_id", "customer", {"customer": "acme"}, "acme"),
        ("tenant_id", "customer", {"customer": ""}, None),
        ("tenant_id", "customer", {}, None),
        ("tenant_id", "meta.customer.id", {"meta": {"customer": {"id": "acme"}}}, "acme"),
        ("tenant_id", "meta.customer.id", {"meta": None}, None),
        ("tenant_id", "meta.customer.id", {"meta": {"customer": "acme"}}, None),
        ("tenant_id", '"a.b".c', {"a.b": {"c": "acme"}, "a": {"b": {"c": "no"}}}, "acme"),
        ("tenant_id", 'a."b.c"', {"a": {"b.c": "acme"}}, "acme"),
        ("tenant_id", "it's", {"it's": "acme"}, "acme"),
        ("tenant_id", "kunde nr", {"kunde nr": 17}, "17"),
        ("tenant_id", ["run", "meta.step"], {"run": "r1", "meta": {"step": 3}}, "r1/3"),
        ("tenant_id", ["run", "step"], {"run": "r1"}, None),
        ("tenant_id", ["run", "step"], {"run": "", "step": "x"}, None),
        ("tenant_id", {"constant": "acme"}, {}, "acme"),
        ("http_status", {"constant": 200}, {}, 200),
        ("cached_hit", {"constant": True}, {}, True),
        ("feature", {"path": "tags", "tag": "feature"}, {"tags": ["a:1", "feature:x:y"]}, "x:y"),
        ("feature", {"path": "tags", "tag": "feature"}, {"tags": ["feature:x", "feature:y"]}, "x"),
        ("feature", {"path": "tags", "tag": "feature"}, {"tags": ["features:x"]}, None),
        ("feature", {"path": "tags", "tag": "feature"}, {"tags": []}, None),
        ("feature", {"path": "tags", "tag": "feature"}, {}, None),
        ("status", {"path": "s", "values": {"done": "ok"}}, {"s": "done"}, "ok"),
        ("status", {"path": "s", "values": {"done": "ok"}}, {}, "ok"),
        ("status", {"path": "s", "values": {"done": "ok"}, "default": "error"}, {"s": "?"},
         "error"),
        ("cached_hit", {"path": "s", "values": {"HIT": True, "MISS": False}}, {"s": "MISS"},
         False),
        ("cached_hit", {"path": "s", "values": {"200": True}}, {"s": 200}, True),
        ("reported_cost_usd", "usd", {"usd": 0.0000123456}, Decimal("0.000012346")),
        ("reported_cost_usd", "usd", {"usd": "0.1"}, Decimal("0.1")),
        ("reported_cost_usd", {"path": "c", "multiply": "0.01"}, {"c": 12.5}, Decimal("0.125")),
        ("reported_cost_usd", {"path": "c", "multiply": "1e-6"}, {"c": 7}, Decimal("0.000007")),
        ("reported_cost_usd", {"path": "c", "multiply": 0.01}, {}, None),
        ("attempted_retries", {"path": "k", "multiply": "2"}, {"k": 1.5}, 3),
        ("tenant_id", {"coalesce": ["a", "b.c"]}, {"b": {"c": "second"}}, "second"),
        ("tenant_id", {"coalesce": ["a", "b"]}, {"a": "", "b": "second"}, "second"),
        ("tenant_id", {"coalesce": ["a", {"constant": "nobody"}]}, {}, "nobody"),
        ("tenant_id", {"coalesce": [{"path": "tags", "tag": "t"}, "a"]}, {"a": "x"}, "x"),
        ("tenant_id", "meta", {"meta": {"a": [1, "é"]}}, '{"a":[1,"é"]}'),
    ],
)  # fmt: skip
def test_each_word_of_the_grammar_reads_its_value(
    tmp_path: Path, column: str, source: object, record: dict[str, Any], value: object
) -> None:
    assert read(tmp_path, column, source, record) == value


NOON = datetime(2026, 10, 1, 12, 0)


@pytest.mark.parametrize(
    ("source", "written", "utc"),
    [
        ("t", "2026-10-01T12:00:00Z", NOON),
        ("t", "2026-10-01T14:00:00+02:00", NOON),
        ("t", "2026-10-01 07:00:00.000-05", NOON),
        ("t", "2026-10-01T17:30:00+0530", NOON),
        ("t", "2026-10-01 12:00:00", NOON),
        ("t", "2026-10-01T12:00:00.123456789Z", datetime(2026, 10, 1, 12, 0, 0, 123456)),
        ("t", "2026-10-01", datetime(2026, 10, 1)),
        ("t", "", None),
        ({"path": "t"}, "2026-10-01T12:00:00Z", NOON),
        ({"path": "t", "zone": "Europe/Berlin"}, "2026-10-01T14:00:00", NOON),
        ({"path": "t", "zone": "Europe/Berlin"}, "2026-10-01 14:00:00.5",
         datetime(2026, 10, 1, 12, 0, 0, 500000)),
        # its own offset counts, whatever the zone says
        ({"path": "t", "zone": "Europe/Berlin"}, "2026-10-01T12:00:00Z", NOON),
        ({"path": "t", "zone": "Europe/Berlin"}, "2026-10-01T08:00:00-04:00", NOON),
        ({"path": "t", "zone": "Europe/Berlin"}, "2026-10-01 08:00:00.250-0400",
         datetime(2026, 10, 1, 12, 0, 0, 250000)),
        # summer time ends on 25 October 2026 at 01:00 UTC and began on 29 March
        ({"path": "t", "zone": "Europe/Berlin"}, "2026-10-25 01:59:59",
         datetime(2026, 10, 24, 23, 59, 59)),
        ({"path": "t", "zone": "Europe/Berlin"}, "2026-10-25 03:00:00", datetime(2026, 10, 25, 2)),
        ({"path": "t", "zone": "Europe/Berlin"}, "2026-03-29 01:59:59",
         datetime(2026, 3, 29, 0, 59, 59)),
        ({"path": "t", "zone": "Europe/Berlin"}, "2026-03-29 03:00:00", datetime(2026, 3, 29, 1)),
        ({"path": "t", "zone": "America/New_York"}, "2026-11-01 00:30:00",
         datetime(2026, 11, 1, 4, 30)),
        ({"path": "t", "time": "epoch_s"}, 1790856000, NOON),
        ({"path": "t", "time": "epoch_s"}, 1790856000.25, datetime(2026, 10, 1, 12, 0, 0, 250000)),
        ({"path": "t", "time": "epoch_s"}, "1790856000", NOON),
        ({"path": "t", "time": "epoch_ms"}, 1790856000001, datetime(2026, 10, 1, 12, 0, 0, 1000)),
        ({"path": "t", "time": "epoch_us"}, 1790856000000001, datetime(2026, 10, 1, 12, 0, 0, 1)),
        ({"path": "t", "time": "epoch_ns"}, 1790856000000000000, NOON),
        ({"path": "t", "time": "epoch_ns"}, "1790856000000000000", NOON),
        ({"path": "t", "time": "epoch_ms"}, None, None),
        ({"path": "t", "time": "%d.%m.%Y %H:%M:%S"}, "01.10.2026 12:00:00", NOON),
        ({"path": "t", "time": "%d.%m.%Y %H:%M", "zone": "Europe/Berlin"}, "01.10.2026 14:00",
         NOON),
        ({"path": "t", "time": "%d/%b/%Y:%H:%M:%S %z"}, "01/Oct/2026:14:00:00 +0200", NOON),
    ],
)  # fmt: skip
def test_a_time_becomes_utc_however_it_is_written(
    tmp_path: Path, source: object, written: object, utc: datetime | None
) -> None:
    assert read(tmp_path, "ended_at", source, {"t": written}) == utc


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("t", "yesterday"),
        ("t", "1790856000"),
        ("t", "2026-13-01T00:00:00Z"),
        ({"path": "t", "zone": "Europe/Berlin"}, "14 Uhr"),
        ({"path": "t", "time": "%d.%m.%Y"}, "2026-10-01"),
        ({"path": "t", "zone": "Europe/Berlin"}, "2026-10-01 14:00:00 -0400"),
    ],
)
def test_a_time_that_cannot_be_read_names_its_key(
    tmp_path: Path, source: object, written: object
) -> None:
    assert refused(tmp_path, source, {"t": written}, "ended_at") == (
        "fields.ended_at: the value does not fit what the mapping says of it"
    )


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ({"path": "t", "time": "epoch_s"}, 1790856000000),
        ({"path": "t", "time": "epoch_s"}, 1e300),
        ({"path": "t", "time": "epoch_s"}, -1e300),
        ({"path": "t", "time": "epoch_ns"}, 1790856000),
        ({"path": "t", "time": "epoch_s"}, "NaN"),
        ({"path": "t", "time": "epoch_s"}, "inf"),
        ("t", "infinity"),
        ("t", "1026-10-01T12:00:00Z"),
    ],
)
def test_a_time_in_the_wrong_unit_is_kept_aside_not_fatal(
    tmp_path: Path, source: object, written: object
) -> None:
    for column in ("started_at", "ended_at"):
        assert refused(tmp_path / column, source, {"t": written}, column) == (
            f"{column}: lies outside 2015 to 2100: a clock or unit is wrong"
        )


def test_a_word_without_a_translation_names_its_key(tmp_path: Path) -> None:
    source = {"path": "s", "values": {"done": "ok"}}
    assert refused(tmp_path, source, {"s": "half done"}, "status") == (
        "fields.status: the value does not fit what the mapping says of it"
    )


def test_an_amount_that_grows_too_large_names_its_key(tmp_path: Path) -> None:
    source = {"path": "c", "multiply": "900"}
    assert refused(tmp_path, source, {"c": 900000000}, "reported_cost_usd") == (
        "fields.reported_cost_usd: the value does not fit what the mapping says of it"
    )


@pytest.mark.parametrize(
    ("tokens", "usage", "vector"),
    [
        ({"input": "i", "output": "o"}, {"i": 100, "o": 5}, (100, None, None, 5, None)),
        ({"input": "i", "input_includes_cache": True, "cache_read": "r", "cache_write_5m": "w",
          "output": "o", "reasoning": "n"},
         {"i": 100, "r": 60, "w": 30, "o": 5, "n": 4}, (10, 60, 30, 5, 4)),
        ({"input": "i", "input_includes_cache": True, "cache_read": "r"},
         {"i": 100}, (100, None, None, None, None)),
        ({"input": "i", "input_includes_cache": False, "cache_read": "r", "cache_write_5m": "w"},
         {"i": 100, "r": 60, "w": 30}, (100, 60, 30, None, None)),
        ({"cache_read": "r", "input_includes_cache": False}, {"r": 60},
         (None, 60, None, None, None)),
        ({"input": {"coalesce": ["i", "j"]}, "output": {"path": "k", "multiply": "1000"}},
         {"j": 7, "k": 1.5}, (7, None, None, 1500, None)),
        ({"input": "u.i", "output": "u.o"}, {"u": None}, (None, None, None, None, None)),
    ],
)  # fmt: skip
def test_tokens_become_disjoint_classes(
    tmp_path: Path, tokens: dict[str, Any], usage: dict[str, Any], vector: tuple[Any, ...]
) -> None:
    options = {"file_type": "jsonl", "fields": FIELDS, "tokens": tokens}
    lake = landed(tmp_path, options, "a.jsonl", json.dumps(RECORD | usage) + "\n")
    assert lake.rows(
        "select input_uncached_tokens, cache_read_tokens, cache_write_5m_tokens, output_tokens,"
        " reasoning_tokens from rows"
    ) == [vector]


def test_one_path_may_serve_two_keys_of_different_types(tmp_path: Path) -> None:
    options = {
        "file_type": "jsonl",
        "fields": {
            "call_id": ["task", "t", "n"], "started_at": {"path": "t", "time": "epoch_s"},
            "task_id": "task", "attempted_retries": "n", "tenant_id": "tags",
            "feature": {"path": "tags", "tag": "feature"},
        },
    }  # fmt: skip
    record = {"task": "k1", "t": 1790856000, "n": 2, "tags": ["feature:x"]}
    lake = landed(tmp_path, options, "a.jsonl", json.dumps(record) + "\n")
    assert lake.rows(
        "select call_id, started_at, attempted_retries, feature, tenant_id from rows"
    ) == [("k1/1790856000/2", NOON, 2, "x", '["feature:x"]')]


def test_a_text_whose_length_alone_is_kept_can_be_asked_for_by_nobody() -> None:
    config = SourceConfig("bot", "mapped", Path("bot.toml"))
    prompt = Leaf(("prompt",), keep=lambda text: f"strlen({text})")
    named = compile_columns(config, "attribution", {"tenant_id": "prompt"}, GATEWAY_CALLS)
    refuse_nested_paths(config, named, [Leaf(("prompt",))])
    with pytest.raises(ConfigError, match=r"attribution.tenant_id: names text that must not be"):
        refuse_nested_paths(config, named, [prompt])
