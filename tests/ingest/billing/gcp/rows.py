"""Made-up rows of a Google Cloud billing export; LLM rows of one are not public anywhere.

The shapes are Google's published schema; SKU texts are the observed ones. `as_*` write the same
rows in the forms that the export arrives in.
"""

from __future__ import annotations

import copy
import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Record = dict[str, Any]

VERTEX = {"id": "C7E2-9256-1C43", "description": "Vertex AI"}
FLASH_INPUT = "Gemini 2.5 Flash GA Text Input - Predictions"

BASE: Record = {
    "billing_account_id": "001234-ABCDEF-567890",
    "service": VERTEX,
    "sku": {"id": "FDAB-647C-5A22", "description": FLASH_INPUT},
    "usage_start_time": "2026-09-01 03:00:00 UTC",
    "usage_end_time": "2026-09-01 04:00:00 UTC",
    "project": {"id": "shop-prod", "number": "0042", "name": "Shop", "labels": []},
    "labels": [],
    "system_labels": [],
    "tags": [],
    "location": {"location": "us-central1", "country": "US", "region": "us-central1"},
    "cost": 0.3,
    "currency": "USD",
    "currency_conversion_rate": 1.0,
    "usage": {
        "amount": 1000000.0,
        "unit": "requests",
        "amount_in_pricing_units": 1000000.0,
        "pricing_unit": "count",
    },
    "credits": [],
    "invoice": {"month": "202609", "publisher_type": "GOOGLE"},
    "cost_type": "regular",
    "adjustment_info": {"id": None, "description": None, "type": None, "mode": None},
    "transaction_type": "GOOGLE",
    "seller_name": "Google LLC",
    "export_time": "2026-09-01 09:12:33.456789 UTC",
    "cost_at_list": 0.4,
}


def row(**changes: Any) -> Record:
    """Return the base row with changes; `a__b` changes the nested value a.b."""
    record = copy.deepcopy(BASE)
    for name, value in changes.items():
        *path, last = name.split("__")
        target = record
        for step in path:
            target = target.setdefault(step, {})
        target[last] = value
    return record


def credit(amount: float, kind: str = "PROMOTION", name: str = "Free trial") -> Record:
    return {"id": None, "name": name, "full_name": None, "type": kind, "amount": amount}


def pair(key: str, value: str) -> Record:
    return {"key": key, "value": value}


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    return value


def as_json_lines(*records: Record) -> str:
    """Rows as BigQuery exports them: one object a line, nulls left out."""
    return "".join(json.dumps(without_nulls(record)) + "\n" for record in records)


def as_csv(*records: Record, dot: str = ".") -> str:
    """Rows as a data frame of the flattened table dumps them: lists are Python's repr."""
    flat = [_flat(record, dot) for record in records]
    names = list(dict.fromkeys(name for record in flat for name in record))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, names, restval="")
    writer.writeheader()
    writer.writerows(flat)
    return stream.getvalue()


def _flat(record: Record, dot: str) -> Record:
    found: Record = {}
    for name, value in record.items():
        if isinstance(value, dict):
            found |= {f"{name}{dot}{key}": _cell(inner) for key, inner in value.items()}
        else:
            found[name] = _cell(value)
    return found


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return repr(value)
    return "" if value is None else value


def as_parquet(path: Path, *records: Record) -> Path:
    """Write rows with nested columns, doubles and zoned timestamps."""
    typed = [
        {
            name: datetime.fromisoformat(value.replace(" UTC", "+00:00"))
            if name.endswith("_time")
            else value
            for name, value in record.items()
        }
        for record in records
    ]
    fields = pa.Table.from_pylist(typed).schema
    pairs = pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())]))
    texts = [(name, pa.string()) for name in ("id", "name", "full_name", "type")]
    credits_type = pa.list_(pa.struct([*texts, ("amount", pa.float64())]))
    project = pa.struct(
        [("id", pa.string()), ("number", pa.string()), ("name", pa.string()), ("labels", pairs)]
    )
    info = pa.struct([(n, pa.string()) for n in ("id", "description", "type", "mode")])
    known = {
        "labels": pairs, "system_labels": pairs, "tags": pairs, "credits": credits_type,
        "project": project, "adjustment_info": info,
    }  # fmt: skip
    schema = pa.schema([(f.name, known.get(f.name, f.type)) for f in fields])
    pq.write_table(pa.Table.from_pylist(typed, schema=schema), path)
    return path
