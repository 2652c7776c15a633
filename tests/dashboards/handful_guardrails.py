"""A handful of hand-made rows of guardrails: an open incident, one that is over, one marked."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.dashboards.handful_rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END


def _incident(number: int, day: int, usual: str, actual: str, **fields: Any) -> dict[str, Any]:
    return {
        "incident_id": f"incident {number}",
        "started_at": dt.datetime(2026, 6, day, 14),
        "last_at": dt.datetime(2026, 6, day, 16),
        "scope": "feature",
        "member": HOSTILE,
        "measure": "unit_cost",
        "expected": Decimal(usual),
        "actual": Decimal(actual),
        "excess_usd": Decimal(actual) - Decimal(usual),
        "driver": "loops",
        "owner": HOSTILE_END,
        "status": "closed",
        **fields,
    }


INCIDENTS = [
    _incident(1, 28, "1.5", "41.255", status="open", change_event=HOSTILE_BOLD),
    _incident(2, 29, "1", "90", status="open", owner=None, scope="api_key", measure="spend"),
    _incident(3, 3, "2", "12"),
    _incident(4, 20, "0", "7", driver="price", status="planned", marked_by=HOSTILE_BOLD),
]

GUARDRAILS: dict[str, list[dict[str, Any]]] = {"reports.rpt_incidents": INCIDENTS}
