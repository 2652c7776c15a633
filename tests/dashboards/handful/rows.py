"""Single rows that the handful is made of, hostile texts among them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

MAY, JUNE, JULY = dt.date(2026, 5, 1), dt.date(2026, 6, 1), dt.date(2026, 7, 1)
HOSTILE = "<img src=x onerror=\"document.title='OWNED'\">"
HOSTILE_END = "</script><script>document.title='OWNED'</script>"
HOSTILE_BOLD = "<b>x</b> & 'co' {{ 7*7 }}"

OVERVIEW: dict[str, Any] = {
    "month": JUNE,
    "first_day": JUNE,
    "last_day": dt.date(2026, 6, 30),
    "is_complete": True,
    "charge_usd": Decimal("12345.678"),
    "estimate_usd": Decimal("12001.5"),
    "tie_out_charge_usd": Decimal("11345.67"),
    "tie_out_estimate_usd": Decimal("11001.5"),
    "tie_out_gap_usd": Decimal("344.17"),
    "tie_out_gap_ratio": 0.0313,
    "tasks_closed": 4321,
    "successes": 3210,
    "success_ratio": 0.7429,
    "cost_usd": Decimal("10222.11"),
    "cost_per_success_usd": Decimal("3.184457944"),
    "waste_usd": Decimal("1999.995"),
    "waste_ratio": 0.1957,
    "gateway_cache_hit_ratio": 0.2222,
    "provider_cache_hit_ratio": None,
    "avoided_usd": Decimal("77.005"),
    "avg_loop_depth": 3.4567,
    "p95_loop_depth": 11.0,
    "unallocated_usd": Decimal("45.678"),
    "unallocated_ratio": 0.0037,
    "unpriced_calls": 17,
    "unpriced_ratio": 0.0002,
    "unattributed_ratio": 0.013,
    "estimated_ratio": 0.081,
    "last_call_day": dt.date(2026, 6, 30),
    "last_billed_day": dt.date(2026, 6, 28),
    "pending_tasks": 55,
    "unknown_tasks": 6,
    "cost_per_success_previous_usd": Decimal("3.5"),
    "cost_per_success_change_ratio": -0.0902,
    "billed_cost_per_success_usd": Decimal("4.1234"),
    "charge_previous_usd": Decimal("9999.99"),
    "charge_change_ratio": 0.2346,
}

OPEN_MONTH: dict[str, Any] = OVERVIEW | {
    "month": JULY,
    "first_day": JULY,
    "last_day": dt.date(2026, 7, 3),
    "is_complete": False,
    "charge_usd": Decimal("88.88"),
}

UNIT: dict[str, Any] = {
    "period_grain": "month",
    "period_start": JUNE,
    "cost_basis": "estimate",
    "tasks_closed": 4000,
    "successes": 3000,
    "success_ratio": 0.75,
    "calls": 16001,
    "cost_usd": Decimal("8765.432"),
    "cost_per_task_usd": Decimal("2.191358"),
    "cost_per_success_usd": Decimal("0.029218107"),
    "judged_neutral_tasks": 12,
    "first_pass_ratio": 0.705,
    "reversals": 7,
    "human_per_success_usd": Decimal("1.25"),
    "value_usd": Decimal("15000"),
    "task_margin_usd": Decimal("-2515.432"),
    "baseline_saving_usd": None,
    "waste_usd": Decimal("1500.25"),
    "unpriced_calls": 9,
    "small_model_ratio": 0.61,
    "mid_model_ratio": 0.27,
    "large_model_ratio": 0.115,
    "unknown_model_ratio": 0.005,
    "gateway_cache_hit_ratio": 0.3131,
    "provider_cache_hit_ratio": 0.4747,
    "avg_loop_depth": 2.25,
    "p95_loop_depth": 8.0,
}

WASTE: list[dict[str, Any]] = [
    {
        "period_grain": "month", "period_start": JUNE, "dimension": dimension, "member": member,
        "cost_basis": basis, "part": part, "waste_usd": usd and Decimal(usd), "tasks": tasks,
        "share": 0.25, "total_usd": Decimal(total), "total_ratio": 0.125,
    }
    for dimension, member, basis, part, usd, tasks, total in [
        ("all", "all", "estimate", "failed", "300.005", 30, "500.5"),
        ("all", "all", "estimate", "judged_neutral", None, 2, "500.5"),
        ("feature", HOSTILE, "estimate", "failed", "200.25", 20, "333.3"),
        ("feature", HOSTILE, "estimate", "retried", "1.5", 7, "333.3"),
        ("feature", HOSTILE_BOLD, "estimate", "superseded", "4.5", 1, "400"),
        ("feature", HOSTILE, "reported", "failed", "777.77", 20, "888"),
        ("tenant", HOSTILE_END, "estimate", "failed", "666.67", 20, "999"),
    ]
]  # fmt: skip

NO_CAUSES = dict.fromkeys(
    ("off_gateway_usd", "unpriced_usd", "token_class_usd", "price_usd", "discount_usd",
     "other_charges_usd", "missing_charge_usd", "lag_usd", "no_bill_usd", "day_shift_usd",
     "rounding_usd", "unexplained_usd"), Decimal(0),
)  # fmt: skip

RECONCILIATION: list[dict[str, Any]] = [
    {
        "month": JUNE, "row_kind": kind, "provider": provider, "estimate_usd": Decimal(estimate),
        "charge_usd": Decimal(charge), "gap_usd": Decimal(charge) - Decimal(estimate),
        **NO_CAUSES, **{name: Decimal(usd) for name, usd in causes.items()},
    }
    for kind, provider, estimate, charge, causes in (
        ("provider", "openai", "200", "250.25", {"off_gateway_usd": "60.25", "price_usd": "-10"}),
        ("provider", HOSTILE_BOLD, "50", "49.75", {"rounding_usd": "-0.25"}),
        ("total", None, "250", "300",
         {"off_gateway_usd": "60.25", "price_usd": "-10", "rounding_usd": "-0.25"}),
    )
]  # fmt: skip

PRICE_DRIFT: list[dict[str, Any]] = [
    {
        "month": JUNE,
        "provider": "openai",
        "model": model,
        "token_class": "input_uncached",
        "days": 30,
        "days_off": 2,
        "billed_tokens": 5,
        "book_usd_per_mtok": Decimal("2.5"),
        "billed_usd_per_mtok": Decimal("2.25"),
        "price_usd": Decimal(-10),
        "drift_ratio": -0.1,
        "is_drift": drifts,
    }
    for model, drifts in ((HOSTILE, True), (HOSTILE_END, True), ("steady", False))
]

REPORTED_COST: list[dict[str, Any]] = [
    {
        "month": JUNE,
        "source_name": "gateway",
        "model": model,
        "operation": "chat",
        "days_off": days,
        "reported_ratio": 2.5,
        "gap_usd": Decimal("-7.25"),
        "likely_reason": "cache_reads_left_out",
    }
    for model, days in ((HOSTILE, 3), ("steady", 0))
]

COST_BRIDGE: list[dict[str, Any]] = [
    {
        "period_grain": grain,
        "period_start": JUNE,
        "previous_start": MAY if grain == "month" else dt.date(2026, 5, 25),
        "dimension": dimension,
        "member": member,
        "measure": measure,
        "driver": driver,
        "previous_usd": before,
        "current_usd": before + change,
        "change_usd": change,
        "change_ratio": float(change / before),
        "effect_usd": Decimal(effect),
        "share": float(Decimal(effect) / change),
        "owner": owner,
        "change_event": "price gpt-5" if driver == "price" else None,
    }
    for grain, dimension, member, measure, before, change in (
        ("month", "all", "all", "cost_per_success", Decimal("0.04"), Decimal("0.002")),
        ("month", "all", "all", "total_cost", Decimal(200), Decimal(50)),
        ("month", "all", "all", "cost_per_success_with_people", Decimal(2), Decimal("0.5")),
        ("month", "feature", HOSTILE, "cost_per_success", Decimal("0.5"), Decimal("-0.25")),
        ("month", "feature", "quiet", "cost_per_success", Decimal("0.1"), Decimal("0.01")),
        ("month", "tenant", HOSTILE_END, "cost_per_success", Decimal(1), Decimal(1)),
        ("week", "all", "all", "cost_per_success", Decimal("0.05"), Decimal("-0.001")),
    )
    for driver, effect, owner in (
        ("loops", change * 2, HOSTILE_BOLD),
        ("price", change / -2, "FinOps"),
        ("success_rate", change / -2, None),
        ("tool_price", 0, "FinOps"),
        ("residual", 0, None),
    )
]

CHANGE_IMPACT: list[dict[str, Any]] = [
    {
        "source_name": "changes",
        "event_id": f"e{day}",
        "changed_date": dt.date(2026, 6, day),
        "change_event": f"flag {HOSTILE_END}",
        "feature": HOSTILE_BOLD,
        "driver": "cache_mix",
        "effect_usd": Decimal("0.0034"),
        "effect_ratio": 0.34,
        "total_effect_usd": Decimal("2.9"),
        "placebo_largest_usd": Decimal("0.0008"),
        "is_cause": day == 11,
        "previous_hops_ratio": 4.21,
        "current_hops_ratio": 6.04,
    }
    for day in (9, 11)
]

SHOWBACK = (
    ("feature", "member", "chat", "usage", "openai", "200.25"),
    ("feature", "unallocated", "unallocated", "untagged gateway traffic", "openai", "99.75"),
    ("tenant", "member", HOSTILE, "usage", "openai", "100.10"),
    ("tenant", "member", HOSTILE_END, "usage", "openai", "100.10"),
    ("tenant", "member", HOSTILE_BOLD, "usage", None, "0.05"),
    ("tenant", "unallocated", "unallocated", "not seen by the gateway", "openai", "99.75"),
)


def showback_summary() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "month": JUNE,
            "dimension": dimension,
            "row_kind": kind,
            "member": member,
            "charge_usd": Decimal(charge),
            "share_ratio": 0.4242,
        }
        for dimension, kind, member, _, _, charge in SHOWBACK
    ]
    rows[0] |= {
        "previous_month_usd": Decimal("150.2"),
        "change_usd": Decimal("50.05"),
        "change_ratio": 0.3332,
        "tasks_closed": 1234,
        "successes": 1111,
        "cost_per_success_usd": Decimal("0.180243024"),
    }
    for dimension in ("feature", "tenant"):
        rows.append(
            {
                "month": JUNE,
                "dimension": dimension,
                "row_kind": "total",
                "member": "total",
                "charge_usd": Decimal("300.00"),
                "share_ratio": 1.0,
            }
        )
    return rows


CHECKS: list[dict[str, Any]] = [
    {
        "run_id": "r1",
        "name": "failed_files",
        "passed": False,
        "severity": "error",
        "detail": HOSTILE,
        "cure": "deliver the file again",
    },
    {
        "run_id": "r1",
        "name": "burn_rate",
        "passed": False,
        "severity": "warning",
        "detail": "chat spends 3 times as much",
        "cure": "ask its team",
    },
    {
        "run_id": "r1",
        "name": "tie_out_gap",
        "passed": True,
        "severity": "error",
        "detail": "no gap",
        "cure": None,
    },
]
