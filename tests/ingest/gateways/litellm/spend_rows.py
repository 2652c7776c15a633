"""Rows of LiteLLM's table, made by hand, in every form that they are dumped in."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb

from tests.support.lake import Lake

PLACES = "source_name, source_file, source_line, file_id, utc_day"
VECTOR = (
    "input_uncached_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens",
    "cache_write_other_tokens", "input_audio_tokens", "output_tokens", "reasoning_tokens",
    "output_audio_tokens",
)  # fmt: skip


def row(**changes: Any) -> dict[str, Any]:
    """A success of a hundred tokens in and ten out, as the table has it."""
    return {
        "request_id": "r1", "litellm_call_id": "c1", "call_type": "acompletion", "api_key": "k",
        "spend": 0.00028, "prompt_tokens": 100, "completion_tokens": 10,
        "startTime": "2026-09-21T14:13:20.250000+00:00", "endTime": "2026-09-21T14:13:21.500000Z",
        "completionStartTime": "2026-09-21T14:13:21.500000Z", "model": "openai/gpt-4.1",
        "model_id": "d1", "model_group": "alias", "custom_llm_provider": "openai", "user": "",
        "metadata": "{}", "cache_hit": "None", "request_tags": "[]", "session_id": "s1",
        "status": "success",
    } | changes  # fmt: skip


def as_lines(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(record, default=str).encode() + b"\n" for record in rows)


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    """As `COPY ... TO ... CSV` and every spreadsheet writes it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_parquet(rows: list[dict[str, Any]], folder: Path) -> bytes:
    """Typed as a warehouse dumps it: real timestamps, text for JSON."""
    (folder / "rows.jsonl").write_bytes(as_lines(rows))
    with duckdb.connect() as con:
        con.execute(
            "copy (select * replace ("
            + ", ".join(
                f'("{name}"::timestamptz at time zone \'UTC\')::timestamp as "{name}"'
                for name in ("startTime", "endTime", "completionStartTime")
            )
            + f") from read_json('{folder}/rows.jsonl', format = 'newline_delimited'))"
            f" to '{folder}/rows.parquet' (format parquet)"
        )
    return (folder / "rows.parquet").read_bytes()


def read(root: Path, what: str, *rows: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    lake = Lake(root, format="litellm_spendlogs", options=options)
    lake.drop("a.jsonl", as_lines(list(rows)))
    report = lake.land()
    assert (report.rows_quarantined, report.failed) == (0, [])
    return lake.rows(f"select {what} from rows order by source_line")
