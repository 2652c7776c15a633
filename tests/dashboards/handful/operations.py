"""Hand-made rows of the page about operations."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END

USUAL: dict[str, Any] = {
    "calls": 1200, "timed_out_calls": 0, "refused_calls": 0, "shed_calls": 0,
    "turned_away_calls": 0, "retries": 0, "estimate_usd": Decimal("12.5"),
    "failed_usd": Decimal(0), "queue_depth": Decimal("0.31"), "queue_depth_max": Decimal(2),
    "oldest_wait_seconds_max": Decimal("0.4"), "queue_shed": None,
    "model_p50_seconds": Decimal("3.214"), "model_p95_seconds": Decimal("9.871"),
    "tool_p95_seconds": None, "retrieval_p95_seconds": Decimal("0.212"),
    "embedding_p95_seconds": Decimal("0.119"), "first_token_p95_seconds": Decimal("0.874"),
}  # fmt: skip
BUSY: dict[str, Any] = USUAL | {
    "timed_out_calls": 31, "refused_calls": 4, "shed_calls": 2, "turned_away_calls": 37,
    "retries": 29, "failed_usd": Decimal("41.005"), "queue_depth_max": Decimal(240),
    "oldest_wait_seconds_max": Decimal("22.5"), "model_p95_seconds": Decimal("60.123"),
}  # fmt: skip
TWO, THREE = dt.datetime(2026, 7, 1, 14), dt.datetime(2026, 7, 1, 15)
DAY = dt.datetime(2026, 7, 1)

OPERATIONS: list[dict[str, Any]] = [
    of | {"period_grain": grain, "period_start": at, "dimension": dimension, "member": member}
    for grain, at, dimension, member, of in (
        ("hour", TWO, "all", "all", USUAL | {"queue_depth_max": None}),
        ("hour", THREE, "all", "all", BUSY),
        ("hour", TWO, "feature", HOSTILE, USUAL),
        ("hour", THREE, "feature", HOSTILE, BUSY),
        ("hour", THREE, "feature", HOSTILE_END, BUSY | {"turned_away_calls": 3}),
        ("day", DAY, "all", "all", BUSY),
        ("day", DAY - dt.timedelta(days=1), "all", "all", USUAL | {"failed_usd": None}),
    )
]  # fmt: skip

OPERATION_HOPS: list[dict[str, Any]] = [
    {"hop_kind": "model", "hop": HOSTILE_END, "provider": "openai", "calls": 900,
     "turned_away": 33, "p50_seconds": Decimal("3.2"), "p95_seconds": Decimal("60.1"),
     "first_token_p95_seconds": Decimal("0.9"), "estimate_usd": Decimal("100.126"),
     "failed_usd": Decimal("41.005")},
    {"hop_kind": "queue", "hop": HOSTILE_BOLD, "calls": 0, "turned_away": 12,
     "queue_depth": Decimal("3.125"), "queue_depth_max": Decimal(240)},
]  # fmt: skip

LOG_STORAGE: list[dict[str, Any]] = [
    {"month": dt.date(2026, 7, 1), "row_kind": kind, "source_name": source, "landed_bytes": landed,
     "kept_bytes": 2 * landed, "usd_per_gb_month": price, "storage_usd": usd,
     "retention_days": days, "keep_at_least_days": None, "keep_at_most_days": most, "state": state}
    for kind, source, landed, price, usd, days, most, state in (
        ("total", "total", 1_500_000_000, None, Decimal("1.125"), None, None, None),
        ("source", HOSTILE, 1_000_000_000, Decimal("0.5"), Decimal("1.125"), 365, 90, "too_long"),
        ("source", "notes", 500_000_000, None, None, None, None, "no_policy"),
    )
]  # fmt: skip

OF_OPERATIONS = {
    "reports.rpt_log_storage": LOG_STORAGE,
    "reports.rpt_operations": OPERATIONS,
    "reports.rpt_operation_hops": OPERATION_HOPS,
}
