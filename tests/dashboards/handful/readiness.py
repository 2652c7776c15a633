"""Hand-made rows of readiness for chargeback, in no order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.dashboards.handful.rows import HOSTILE

READINESS: list[dict[str, Any]] = [
    {
        "criterion": name, "month": dt.date(2026, 6, 1), "passed": passed,
        "value": None if value is None else Decimal(value), "threshold": Decimal(threshold),
        "detail": "counted", "cure": HOSTILE,
    }
    for name, value, threshold, passed in (
        ("closed_months", "1", "3", False),
        ("stable_months", "4", "3", True),
        ("tie_out", None, "0.1", False),
        ("unallocated_share", "0.051", "0.05", False),
        ("tagged_share", "0.96", "0.95", True),
    )
]  # fmt: skip
