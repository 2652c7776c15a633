"""A handful of hand-made report rows: one complete month, one open, one tenant of each kind."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

MAY, JUNE, JULY = dt.date(2026, 5, 1), dt.date(2026, 6, 1), dt.date(2026, 7, 1)
HOSTILE = "<img src=x onerror=\"document.title='OWNED'\">"
HOSTILE_END = "</script><script>document.title='OWNED'</script>"
HOSTILE_BOLD = "<b>x</b> & 'co' {{ 7*7 }}"

OVERVIEW: dict[str, Any] = {
    "month": JUNE, "first_day": JUNE, "last_day": dt.date(2026, 6, 30), "is_complete": True,
    "charge_usd": Decimal("12345.678"), "estimate_usd": Decimal("12001.5"),
    "tie_out_charge_usd": Decimal("11345.67"), "tie_out_estimate_usd": Decimal("11001.5"),
    "tie_out_gap_usd": Decimal("344.17"), "tie_out_gap_ratio": 0.0313,
    "tasks_closed": 4321, "successes": 3210, "success_ratio": 0.7429,
    "cost_usd": Decimal("10222.11"), "cost_per_success_usd": Decimal("3.184457944"),
    "waste_usd": Decimal("1999.995"), "waste_ratio": 0.1957, "gateway_cache_hit_ratio": 0.2222,
    "provider_cache_hit_ratio": None, "avoided_usd": Decimal("77.005"),
    "avg_loop_depth": 3.4567, "p95_loop_depth": 11.0, "unallocated_usd": Decimal("45.678"),
    "unallocated_ratio": 0.0037, "unpriced_calls": 17, "unpriced_ratio": 0.0002,
    "pending_tasks": 55, "unknown_tasks": 6, "cost_per_success_previous_usd": Decimal("3.5"),
    "cost_per_success_change_ratio": -0.0902, "charge_previous_usd": Decimal("9999.99"),
    "charge_change_ratio": 0.2346,
}

UNIT: dict[str, Any] = {
    "period_grain": "month", "period_start": JUNE, "cost_basis": "estimate",
    "tasks_closed": 4000, "successes": 3000, "success_ratio": 0.75, "calls": 16001,
    "cost_usd": Decimal("8765.432"), "cost_per_task_usd": Decimal("2.191358"),
    "cost_per_success_usd": Decimal("0.029218107"), "waste_usd": Decimal("1500.25"),
    "unpriced_calls": 9, "small_model_ratio": 0.61, "mid_model_ratio": 0.27,
    "large_model_ratio": 0.115, "unknown_model_ratio": 0.005, "gateway_cache_hit_ratio": 0.3131,
    "provider_cache_hit_ratio": 0.4747, "avg_loop_depth": 2.25, "p95_loop_depth": 8.0,
}

NO_CAUSES = dict.fromkeys(
    ("unseen_usd", "unpriced_usd", "metering_usd", "price_usd", "discount_usd",
     "other_charges_usd", "not_billed_usd", "lag_usd", "day_shift_usd", "rounding_usd",
     "unexplained_usd"), Decimal(0),
)  # fmt: skip

RECONCILIATION: list[dict[str, Any]] = [
    {
        "month": JUNE, "row_kind": kind, "provider": provider, "estimate_usd": Decimal(estimate),
        "charge_usd": Decimal(charge), "gap_usd": Decimal(charge) - Decimal(estimate),
        **NO_CAUSES, **{name: Decimal(usd) for name, usd in causes.items()},
    }
    for kind, provider, estimate, charge, causes in (
        ("provider", "openai", "200", "250.25", {"unseen_usd": "60.25", "price_usd": "-10"}),
        ("provider", HOSTILE_BOLD, "50", "49.75", {"rounding_usd": "-0.25"}),
        ("total", None, "250", "300",
         {"unseen_usd": "60.25", "price_usd": "-10", "rounding_usd": "-0.25"}),
    )
]  # fmt: skip

PRICE_DRIFT: list[dict[str, Any]] = [
    {
        "month": JUNE, "provider": "openai", "model": model, "token_class": "input_uncached",
        "days": 30, "days_off": 2, "billed_tokens": 5, "book_usd_per_mtok": Decimal("2.5"),
        "billed_usd_per_mtok": Decimal("2.25"), "price_usd": Decimal(-10), "drift_ratio": -0.1,
        "is_drift": drifts,
    }
    for model, drifts in ((HOSTILE, True), (HOSTILE_END, True), ("steady", False))
]

SHOWBACK = (
    ("feature", "member", "chat", "usage", "openai", "200.25"),
    ("feature", "unallocated", "unallocated", "untagged gateway traffic", "openai", "99.75"),
    ("tenant", "member", HOSTILE, "usage", "openai", "100.10"),
    ("tenant", "member", HOSTILE_END, "usage", "openai", "100.10"),
    ("tenant", "member", HOSTILE_BOLD, "usage", None, "0.05"),
    ("tenant", "unallocated", "unallocated", "not seen by the gateway", "openai", "99.75"),
)


def _showback_summary() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "month": JUNE, "dimension": dimension, "row_kind": kind, "member": member,
            "charge_usd": Decimal(charge), "share_ratio": 0.4242,
        }
        for dimension, kind, member, _, _, charge in SHOWBACK
    ]
    rows[0] |= {
        "previous_month_usd": Decimal("150.2"), "change_usd": Decimal("50.05"),
        "change_ratio": 0.3332, "tasks_closed": 1234, "successes": 1111,
        "cost_per_success_usd": Decimal("0.180243024"),
    }
    for dimension in ("feature", "tenant"):
        rows.append(
            {
                "month": JUNE, "dimension": dimension, "row_kind": "total", "member": "total",
                "charge_usd": Decimal("300.00"), "share_ratio": 1.0,
            }
        )
    return rows


HANDFUL: dict[str, list[dict[str, Any]]] = {
    "reports.rpt_overview": [
        OVERVIEW,
        OVERVIEW | {"month": JULY, "first_day": JULY, "last_day": dt.date(2026, 7, 3),
                    "is_complete": False, "charge_usd": Decimal("88.88")},
    ],
    "reports.rpt_unit_cost_summary": [
        UNIT | {"task_type": HOSTILE},
        UNIT | {"task_type": "all", "tasks_closed": 4321, "cost_per_success_usd": None},
        UNIT | {"task_type": HOSTILE, "cost_basis": "reported", "cost_usd": Decimal("666.66")},
        UNIT | {"task_type": HOSTILE, "period_grain": "day"},
    ],
    "reports.rpt_reconciliation": RECONCILIATION,
    "reports.rpt_price_drift": PRICE_DRIFT,
    "reports.rpt_loop_depth": [
        {"month": JUNE, "task_type": HOSTILE, "loop_depth": 1, "loop_depth_label": "1",
         "tasks": 30, "success_ratio": 0.9, "cost_per_success_usd": Decimal("0.5")},
        {"month": JUNE, "task_type": HOSTILE, "loop_depth": 21, "loop_depth_label": "21+",
         "tasks": 3, "success_ratio": None, "cost_per_success_usd": None},
    ],
    "reports.rpt_spend_daily": [
        {"day": dt.date(2026, 6, 30), "provider": HOSTILE_END,
         "charge_usd": Decimal("10.000000001"), "estimate_usd": Decimal("9.5"),
         "calls": 7, "unpriced_calls": 0},
        {"day": JULY, "provider": HOSTILE_END, "charge_usd": None,
         "estimate_usd": Decimal("8.25"), "calls": 7, "unpriced_calls": 0},
    ],
    "reports.rpt_cache_daily": [
        {"day": JUNE, "layer": "gateway", "hits": 2, "lookups": 9, "hit_ratio": 0.2222,
         "saved_usd": Decimal("1.5")},
        {"day": JUNE, "layer": "provider prefix", "hits": 200, "lookups": 900, "hit_ratio": 0.2222,
         "saved_usd": Decimal("-0.75")},
    ],
    "reports.rpt_tie_out": [
        {"provider": "openai", "day": JUNE, "model": HOSTILE, "calls": 5,
         "estimate_usd": Decimal("1.11"), "charge_usd": Decimal("2.22"),
         "gap_usd": Decimal("1.11"), "gap_ratio": 1.0, "status": "over_billed",
         "is_settled": True},
        {"provider": "openai", "day": dt.date(2026, 6, 29), "model": "gpt", "calls": 5,
         "is_settled": False, "gap_usd": Decimal("444.44"), "status": "not_billed_yet"},
    ],
    "reports.rpt_tie_out_summary": [
        {"provider": HOSTILE_BOLD, "month": JUNE, "estimate_usd": Decimal("321.09"),
         "charge_usd": Decimal("320.99"), "gap_usd": Decimal("-0.10"), "gap_ratio": -0.0003,
         "days_settled": 29, "days_open": 1, "status": "tied"},
    ],
    "reports.rpt_showback": [
        {"month": JUNE, "dimension": dimension, "member": member, "line": line,
         "provider": provider, "charge_usd": Decimal(charge)}
        for dimension, _, member, line, provider, charge in SHOWBACK
    ],
    "reports.rpt_showback_summary": _showback_summary(),
    "reports.rpt_cross_subsidy": [
        {"month": JUNE, "dimension": "feature", "row_kind": kind, "member": member,
         "direct_usd": Decimal(direct), "shared_usd": Decimal(shared), "cache_usd": Decimal(0),
         "borne_usd": Decimal(direct) + Decimal(shared), "carries_usd": Decimal(carries),
         "carries_ratio": 0.07}
        for kind, member, direct, shared, carries in (
            ("member", "chat", "12", "7.5", "-3.75"), ("member", HOSTILE, "4", "12", "2.5"),
            ("unallocated", "unallocated", "1", "3", "1.25"),
        )
    ],
    "reports.rpt_tenant_margin": [
        {"month": JUNE, "tenant_id": HOSTILE_END, "revenue_usd": Decimal(160),
         "direct_usd": Decimal(30), "shared_usd": Decimal(10), "charge_usd": Decimal(40),
         "margin_usd": Decimal(120), "margin_ratio": 0.75},
        {"month": JUNE, "tenant_id": HOSTILE, "revenue_usd": None, "direct_usd": Decimal(5),
         "shared_usd": Decimal(0), "charge_usd": Decimal(5)},
    ],
    "reports.rpt_untagged_trend": [
        {"month": JUNE, "dimension": "feature", "calls": 77, "unpriced_calls": 0,
         "estimate_usd": Decimal("98.5"), "charge_usd": Decimal("99.75"), "share_ratio": 0.3327,
         "change_usd": Decimal("-4.25"), "first_to_ask": HOSTILE_BOLD,
         "first_to_ask_usd": Decimal("60.5")},
        {"month": JUNE, "dimension": "tenant", "calls": 0, "unpriced_calls": 0},
    ],
    "reports.rpt_unattributed": [
        {"month": JUNE, "dimension": "feature", "source_name": "gw", "api_key_id": "a1b2",
         "team": None, "likely_owner": HOSTILE_BOLD, "calls": 70, "unpriced_calls": 0,
         "estimate_usd": Decimal("60.5"), "previous_month_usd": Decimal("50.25"),
         "change_usd": Decimal("10.25")},
    ],
    "reports.rpt_source_health": [
        {"source_name": HOSTILE, "format": "litellm", "files_loaded": 3, "files_failed": 1,
         "rows_loaded": 98765, "rows_quarantined": 12, "first_day": JUNE, "last_day": JULY,
         "days_behind": 2, "last_landed_at": dt.datetime(2026, 7, 2, 3, 4)},
    ],
    "reports.rpt_unmapped_models": [
        {"provider": "aws.bedrock", "model": HOSTILE_END, "charge_lines": 3,
         "charge_usd": Decimal("41.75"), "calls": 0, "first_day": JUNE, "last_day": JULY},
    ],
    "ops.quarantine": [
        {"file_id": 4, "source_name": "gw", "source_file": HOSTILE_END, "source_line": 1207,
         "table_name": "gateway_calls", "field": "started_at", "reason": "no timestamp"},
    ],
    "ops.files": [
        {"file_id": 5, "source_name": "gw", "source_file": "cut.jsonl.gz", "status": "failed",
         "reason": "truncated"},
        {"file_id": 6, "source_name": "gw", "source_file": "fine.jsonl.gz", "status": "loaded"},
    ],
    "ops.runs": [
        {"run_id": "r1", "started_at": dt.datetime(2026, 7, 2, 3, 0), "status": "succeeded",
         "finished_at": dt.datetime(2026, 7, 2, 3, 9), "as_of_day": dt.date(2026, 7, 1)},
    ],
}
"""Rows by table; what a row leaves out is NULL."""
