"""A made export of Langfuse: no real one is public, so rows follow its published field reference.

The shapes are those of its Parquet (maps, lists, timestamps with a zone), JSON, JSON lines and CSV
files; names, counts and dollars are invented.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import duckdb

from tests.support.lake import Lake

PROJECT = "p1"
WINDOW = "2026-10-05T11-00-00"

_OBSERVATION = {
    "id": "VARCHAR", "trace_id": "VARCHAR", "project_id": "VARCHAR", "environment": "VARCHAR",
    "type": "VARCHAR", "parent_observation_id": "VARCHAR", "start_time": "TIMESTAMPTZ",
    "end_time": "TIMESTAMPTZ", "name": "VARCHAR", "metadata": "MAP(VARCHAR, VARCHAR)",
    "level": "VARCHAR", "status_message": "VARCHAR", "version": "VARCHAR", "input": "VARCHAR",
    "output": "VARCHAR", "provided_model_name": "VARCHAR", "model_parameters": "VARCHAR",
    "usage_details": "MAP(VARCHAR, UBIGINT)", "cost_details": "MAP(VARCHAR, DECIMAL(18, 12))",
    "completion_start_time": "TIMESTAMPTZ", "prompt_name": "VARCHAR", "prompt_version": "USMALLINT",
    "total_cost": "DECIMAL(18, 12)", "latency": "DOUBLE", "created_at": "TIMESTAMPTZ",
    "updated_at": "TIMESTAMPTZ", "tool_call_names": "VARCHAR[]", "user_id": "VARCHAR",
    "session_id": "VARCHAR", "trace_name": "VARCHAR", "tags": "VARCHAR[]", "release": "VARCHAR",
}  # fmt: skip
_TRACE = {
    "id": "VARCHAR", "timestamp": "TIMESTAMPTZ", "name": "VARCHAR", "environment": "VARCHAR",
    "project_id": "VARCHAR", "metadata": "MAP(VARCHAR, VARCHAR)", "user_id": "VARCHAR",
    "session_id": "VARCHAR", "release": "VARCHAR", "version": "VARCHAR", "public": "BOOLEAN",
    "bookmarked": "BOOLEAN", "tags": "VARCHAR[]", "input": "VARCHAR", "output": "VARCHAR",
    "created_at": "TIMESTAMPTZ", "updated_at": "TIMESTAMPTZ",
}  # fmt: skip
_SCORE = {
    "id": "VARCHAR", "timestamp": "TIMESTAMPTZ", "project_id": "VARCHAR", "environment": "VARCHAR",
    "trace_id": "VARCHAR", "observation_id": "VARCHAR", "session_id": "VARCHAR",
    "dataset_run_id": "VARCHAR", "name": "VARCHAR", "value": "DOUBLE", "source": "VARCHAR",
    "comment": "VARCHAR", "data_type": "VARCHAR", "string_value": "VARCHAR",
    "created_at": "TIMESTAMPTZ", "updated_at": "TIMESTAMPTZ",
}  # fmt: skip
OF_TRACES = ("user_id", "session_id", "trace_name", "tags", "release")
SCHEMAS = {
    "observations_v2": _OBSERVATION,
    "observations": {name: t for name, t in _OBSERVATION.items() if name not in OF_TRACES},
    "traces": _TRACE,
    "scores": _SCORE,
}
FORMS = ("parquet", "jsonl", "jsonl.gz", "json", "json.gz", "csv", "csv.gz")
SECRET = "TOPSECRET"  # noqa: S105 - text that must not reach the lake


def observation(identifier: str = "o1", **changes: Any) -> dict[str, Any]:
    """A generation of a hundred tokens in and ten out, as the enriched export has it."""
    return {
        "id": identifier, "trace_id": "t1", "project_id": PROJECT, "environment": "production",
        "type": "GENERATION", "parent_observation_id": "", "start_time": "2026-10-05 10:00:00.250",
        "end_time": "2026-10-05 10:00:01.500", "name": "answer", "metadata": {}, "level": "DEFAULT",
        "status_message": SECRET, "version": "", "input": f'[{{"content": "{SECRET}"}}]',
        "output": f'"{SECRET}"', "provided_model_name": "gpt-4.1", "model_parameters": "{}",
        "usage_details": {"input": 100, "output": 10, "total": 110},
        "cost_details": {"input": "0.0002", "output": "0.00008", "total": "0.00028"},
        "completion_start_time": None, "prompt_name": "", "prompt_version": None,
        "total_cost": "0.00028", "latency": 1.25, "created_at": "2026-10-05 10:00:05.000",
        "updated_at": "2026-10-05 10:00:05.000", "tool_call_names": [], "user_id": "",
        "session_id": "", "trace_name": "", "tags": [], "release": "",
    } | changes  # fmt: skip


def trace(identifier: str = "t1", **changes: Any) -> dict[str, Any]:
    """A trace of the older export, with what its observations lack."""
    return {
        "id": identifier, "timestamp": "2026-10-05 10:00:00.000", "name": "support chat",
        "environment": "production", "project_id": PROJECT, "metadata": {"tenant_id": "acme"},
        "user_id": "ann@example.com", "session_id": "s1", "release": None, "version": None,
        "public": False, "bookmarked": False, "tags": ["feature:support", "x"], "input": SECRET,
        "output": SECRET, "created_at": "2026-10-05 10:00:00.000",
        "updated_at": "2026-10-05 10:00:02.000",
    } | changes  # fmt: skip


def score(identifier: str = "q1", **changes: Any) -> dict[str, Any]:
    """An evaluator's number for trace t1."""
    return {
        "id": identifier, "timestamp": "2026-10-05 12:00:00.000", "project_id": PROJECT,
        "environment": "production", "trace_id": "t1", "observation_id": None, "session_id": None,
        "dataset_run_id": None, "name": "resolved", "value": 0.9, "source": "EVAL",
        "comment": SECRET, "data_type": "NUMERIC", "string_value": None,
        "created_at": "2026-10-05 12:00:01.000", "updated_at": "2026-10-05 12:00:01.000",
    } | changes  # fmt: skip


def exported(table: str, rows: list[dict[str, Any]], form: str, scratch: Path) -> bytes:
    """One file of an export."""
    kept = [{name: row.get(name) for name in SCHEMAS[table]} for row in rows]
    kind, _, packed = form.partition(".")
    if kind == "parquet":
        return _parquet(SCHEMAS[table], kept, scratch)
    content = {"jsonl": _lines, "json": _array, "csv": _csv}[kind](kept)
    return gzip.compress(content, mtime=0) if packed else content


def _numbered(row: dict[str, Any]) -> dict[str, Any]:
    """Dollars as JSON numbers, as Langfuse writes them; microseconds behind the seconds."""
    found = dict(row)
    if isinstance(found.get("cost_details"), dict):
        found["cost_details"] = {k: float(v) for k, v in found["cost_details"].items()}
    if isinstance(found.get("total_cost"), str):
        found["total_cost"] = float(found["total_cost"])
    for name, value in found.items():
        if name.endswith(("_time", "_at", "timestamp")) and value and len(value) == 23:
            found[name] = value + "000"
    return found


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(_numbered(row)).encode() + b"\n" for row in rows)


def _array(rows: list[dict[str, Any]]) -> bytes:
    return b"[" + b",".join(json.dumps(_numbered(row)).encode() for row in rows) + b"]"


def _csv(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in map(_numbered, rows):
        writer.writerow(
            {k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in row.items()}
        )
    return text.getvalue().encode()


def _parquet(schema: dict[str, str], rows: list[dict[str, Any]], scratch: Path) -> bytes:
    """As ClickHouse writes it: real maps, lists and timestamps in UTC."""
    path = scratch / "rows.parquet"
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        columns = ", ".join(f'"{name}" {kind}' for name, kind in schema.items())
        con.execute(f"create table rows ({columns})")
        for row in rows:
            places = ", ".join(
                f"cast(cast(? as json) as {t})" if "(" in t and t.startswith("MAP") else f"?::{t}"
                for t in schema.values()
            )
            values = [json.dumps(v) if isinstance(v, dict) else v for v in row.values()]
            con.execute(f"insert into rows values ({places})", values)
        con.execute(f"copy rows to '{path}' (format parquet)")
    return path.read_bytes()


def export(
    lake: Lake, table: str, *rows: dict[str, Any], form: str = "jsonl", window: str = WINDOW
) -> None:
    """Write one file of an export into the inbox, under the name that Langfuse gives it."""
    content = exported(table, list(rows), form, lake.root)
    lake.drop(f"{PROJECT}/{table}/{window}.{form}", content)


def langfuse(root: Path, **options: Any) -> Lake:
    """A source of exports."""
    root.mkdir(parents=True, exist_ok=True)
    return Lake(root, "langfuse", "langfuse", options)


def land(lake: Lake) -> None:
    """Land without any rejects."""
    report = lake.land()
    assert (report.rows_quarantined, report.failed) == (0, [])
