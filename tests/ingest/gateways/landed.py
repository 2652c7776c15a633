"""Records made from a gateway's documented schema, landed: what they become, what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.lake import Lake

Record = Mapping[str, Any]

VECTOR = (
    "input_uncached_tokens", "cache_read_tokens", "cache_write_5m_tokens",
    "cache_write_1h_tokens", "cache_write_other_tokens", "input_audio_tokens", "output_tokens",
    "reasoning_tokens", "output_audio_tokens",
)  # fmt: skip


def lines(*records: Record) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def land(
    root: Path, format_name: str, *records: Record, options: Mapping[str, Any] | None = None
) -> Lake:
    lake = Lake(root, "gateway", format_name, dict(options or {}))
    lake.drop("a.jsonl", lines(*records))
    assert lake.land().failed == []
    return lake


def call(
    root: Path, format_name: str, record: Record, options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The one call of one record, by column."""
    lake = land(root, format_name, record, options=options)
    assert lake.catalog("select field, reason from quarantine") == []
    (found,) = calls(lake)
    return found


def calls(lake: Lake, table: str = "gateway_calls") -> list[dict[str, Any]]:
    names = [row[0] for row in lake.rows("describe rows", table)]
    order = "call_id" if table == "gateway_calls" else "task_id, evaluator_name"
    found = lake.rows(f"select * from rows order by {order}", table)
    return [dict(zip(names, row, strict=True)) for row in found]


def refusal(root: Path, format_name: str, record: Record) -> str:
    """Field and reason for which one record is quarantined."""
    lake = land(root, format_name, record)
    ((field, reason),) = lake.catalog("select field, reason from quarantine")
    return f"{field}: {reason}"
