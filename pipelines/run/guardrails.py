"""What a gateway may read of the limits: `exports/guardrails.json`, `exports/litellm_budgets.json`.

Outlay stops nothing: it says where each limit stands and what it would do. Both files are replaced
whole, so that no reader sees half of one, and say how long they hold: `guardrails.schema.json`.
LiteLLM's bodies are those of its proxy's `/team/update`, `/key/update` and `/budget/update`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from ingest.files import replace_file

VERSION = 1
"""Of the schema: a field that means something else is another version."""

SCHEMA = Path(__file__).with_name("guardrails.schema.json")

_FRESH = timedelta(hours=24)
"""Time after the newest call in which the file holds: a run a day renews it."""

_DURATIONS = {"month": "30d", "week": "7d", "day": "1d", "5h": "5h"}
"""LiteLLM's words: in its time zone, 30d begins on the first of a month, 7d on a Monday."""

_COLUMNS = (
    "scope", "member", "period", "kind", "period_start", "period_end", "limit_usd", "spent_usd",
    "remaining_usd", "projected_usd", "state", "reason", "recommendation", "rule", "evidence",
    "expires_at", "owner", "source", "unit", "limit_quantity", "used_quantity",
    "remaining_quantity", "projected_quantity", "used_ratio", "exhausted_at", "exhausted_at_burn",
    "as_of",
)  # fmt: skip

Row = dict[str, Any]


def write_guardrails(showback: Path, exports: Path) -> int:
    """Write both files and the schema from the published file; returns the number of limits.

    A workspace that never had a limit gets no file.

    Args:
        showback: the published file.
        exports: folder of the workspace; made when there is none.
    """
    with duckdb.connect(str(showback), read_only=True) as con:
        rows = con.execute(
            f"select {', '.join(_COLUMNS)} from reports.rpt_budget_state"
            " order by scope, member, period, kind, unit"
        ).fetchall()
    limits = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    if not limits and not (exports / "guardrails.json").exists():
        return 0
    made_at = limits[0]["as_of"] if limits else None
    head = {"version": VERSION, "made_at": _text(made_at),
            "expires_at": _text(made_at and made_at + _FRESH)}  # fmt: skip
    replace_file(exports / SCHEMA.name, SCHEMA.read_bytes())
    entries = [{name: _json(limit[name]) for name in _COLUMNS[:-1]} for limit in limits]
    replace_file(
        exports / "guardrails.json", _document({**head, "currency": "USD", "limits": entries})
    )
    replace_file(exports / "litellm_budgets.json", _document({**head, "updates": _updates(limits)}))
    return len(limits)


def _updates(limits: Sequence[Row]) -> list[Row]:
    """LiteLLM's requests: of each member the period with least room, its hard and soft limit.

    Its budgets are of money: a limit of tokens or requests stands in `guardrails.json` alone.
    """
    least: dict[tuple[str, str], Row] = {}
    for limit in (one for one in limits if one["unit"] == "usd"):
        key = limit["scope"], limit["member"]
        if key not in least or _room(limit) < _room(least[key]):
            least[key] = limit
    updates = []
    for limit in least.values():
        same = [one for one in limits if all(one[c] == limit[c] for c in (*_COLUMNS[:3], "unit"))]
        endpoint, body = _target(limit)
        for one in same:
            name = "max_budget" if one["kind"] == "hard" else "soft_budget"
            body[name] = float(one["limit_usd"])
        body["budget_duration"] = _DURATIONS[limit["period"]]
        updates.append(
            {"endpoint": endpoint, "body": body, "sources": [one["source"] for one in same]}
        )
    return updates


def _room(limit: Row) -> tuple[bool, Decimal, str]:
    """Hard limits first, then by what is left; unknown is none."""
    left = limit["remaining_usd"]
    return limit["kind"] != "hard", Decimal(0) if left is None else left, limit["period"]


def _target(limit: Row) -> tuple[str, Row]:
    """The endpoint, and what names the member there.

    Outlay knows a key by its pseudonym alone: whoever sends the body adds `key`, which stands in
    the row of `sources`. What is no entity of LiteLLM is a budget of that name, to be attached.
    """
    if limit["scope"] == "team":
        return "/team/update", {"team_id": limit["member"]}
    if limit["scope"] == "api_key":
        return "/key/update", {}
    return "/budget/update", {"budget_id": f"{limit['scope']}:{limit['member']}"}


def _json(value: object) -> float | str | None:
    """A ratio as a number, all else as text."""
    return value if isinstance(value, float) else _text(value)


def _text(value: object) -> str | None:
    """Money with all its decimals, moments in UTC."""
    if value is None:
        return None
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else str(value)


def _document(content: Row) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
