"""A handful of hand-made rows of spend: a month, its week and two days, and a budget."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END, JULY, JUNE


def _spend(grain: str, start: dt.date, dimension: str, member: str, usd: str, **more: Any) -> Any:
    return {
        "period_grain": grain,
        "period_start": start,
        "dimension": dimension,
        "member": member,
        "member_name": member,
        "calls": 12,
        "unpriced_calls": 3,
        "estimate_usd": Decimal(usd),
        "share_ratio": 0.25,
        **more,
    }


_ALL = ("all", "all")

SPEND: list[dict[str, Any]] = [
    _spend("month", JUNE, *_ALL, "40.005"),
    _spend(
        "month", JUNE, "feature", HOSTILE, "10.004",
        previous_usd=Decimal("8"), previous_change_ratio=0.2505,
        year_before_usd=Decimal("5"), year_before_change_ratio=1.0008,
        budget_usd=Decimal("20"), budget_change_ratio=-0.4998,
    ),
    _spend("month", JUNE, "feature", HOSTILE_BOLD, "30.001"),
    _spend("month", JUNE, "key", "0123456789abcdef", "40.005", member_name=HOSTILE_END),
    _spend("month", JUNE, "key", "a1b2", "1", member_name="support-prod"),
    _spend("month", JUNE, "team", "unattributed", "40.005"),
    _spend("month", JULY, *_ALL, "5"),
    _spend("week", JUNE, *_ALL, "7"),
    _spend("week", JUNE, "feature", HOSTILE, "7"),
    *(
        _spend(
            "day", JULY + dt.timedelta(days=n), dimension, member, usd,
            running_usd=Decimal(running), month_budget_usd=Decimal(50), running_budget_ratio=ratio,
        )
        for dimension, member in (_ALL, ("feature", HOSTILE))
        for n, usd, running, ratio in ((0, "2", "2", 0.04), (2, "58", "60", 1.2))
    ),
    _spend("day", JULY, "key", "0123456789abcdef", "2"),
]  # fmt: skip
