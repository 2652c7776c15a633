"""Hand-made rows of loops and routing by day."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_END, JUNE

LOOPS_DAILY: list[dict[str, Any]] = [
    {
        "day": JUNE + timedelta(days=days),
        "dimension": dimension,
        "member": member,
        "tasks_closed": 40,
        "avg_loop_depth": 2.5,
        "p95_loop_depth": depth,
        "cost_usd": Decimal(10),
        "further_usd": Decimal(further),
        "further_ratio": float(further) / 10,
        "unpriced_calls": 0,
    }
    for days in (0, 1)
    for dimension, member, depth, further in (
        ("all", "all", 8.0, "6.5"),
        ("feature", HOSTILE, 8.5, "6.25"),
        ("feature", HOSTILE_END, None, "0.25"),
    )
]

ROUTING_DAILY: list[dict[str, Any]] = [
    {
        "day": JUNE + timedelta(days=days),
        "calls": 20,
        "overridden_calls": 2,
        "override_ratio": ratio,
        "routing_saving_usd": None if saved is None else Decimal(saved),
        "low_saving_usd": None if saved is None else Decimal(saved) - 1,
    }
    for days, ratio, saved in ((0, 0.25, "5"), (1, None, None), (2, 0.5, "-0.125"))
]

OF_DAYS = {"reports.rpt_loops_daily": LOOPS_DAILY, "reports.rpt_routing_daily": ROUTING_DAILY}
"""Rows by relation."""
