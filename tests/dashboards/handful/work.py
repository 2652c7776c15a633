"""Hand-made rows of the pages about loops and savings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END, JUNE, MAY

HOPS: list[dict[str, Any]] = [
    {
        "month": month,
        "feature": feature,
        "task_type": "ticket",
        "hop_kind": kind,
        "hop": hop,
        "calls_per_task_ratio": calls,
        "billed_calls_per_success_ratio": calls * 2,
        "cache_writes_per_success_ratio": 0.25 if kind == "model" else 0.0,
        "logged_bytes_per_success_ratio": 20480.0 if kind == "model" else None,
        "usd_per_task": Decimal(usd),
        "share": share,
        "unpriced_calls": 2,
        "owner": owner,
    }
    for month, feature, kind, hop, calls, usd, share, owner in (
        (JUNE, HOSTILE, "tool", "search", 0.5, "0.0125", 0.2, None),
        (JUNE, HOSTILE, "model", HOSTILE_END, 3.5, "0.05", 0.8, HOSTILE_BOLD),
        (MAY, HOSTILE, "model", "of before", 3, "0.04", 1, None),
    )
]

LOOP_DEPTH: list[dict[str, Any]] = [
    {
        "month": JUNE,
        "task_type": HOSTILE,
        "loop_depth": 1,
        "loop_depth_label": "1",
        "tasks": 30,
        "success_ratio": 0.9,
        "cost_per_success_usd": Decimal("0.5"),
    },
    {
        "month": JUNE,
        "task_type": HOSTILE,
        "loop_depth": 21,
        "loop_depth_label": "21+",
        "tasks": 3,
        "success_ratio": None,
        "cost_per_success_usd": None,
    },
]

LOOP_STEPS: list[dict[str, Any]] = [
    {
        "feature": feature,
        "task_type": "ticket",
        "step": step,
        "tasks": tasks,
        "tasks_ended": ended,
        "success_ratio": success,
        "tokens_per_task_ratio": tokens,
        "growth_ratio": growth,
        "history_ratio": 0.25 if step == 2 else None,
        "repeated_ratio": 0.5,
        "usd_per_task": Decimal("0.02"),
        "multiplier_ratio": multiplier,
    }
    for feature, step, tasks, ended, success, tokens, growth, multiplier in (
        ("flat", 1, 5, 5, 1.0, 800.0, 1.0, 1.0),
        (HOSTILE_BOLD, 1, 1200, 900, 0.9, 1000.0, 1.0, 1.0),
        (HOSTILE_BOLD, 2, 300, 0, None, 2500.0, 2.5, 1.6),
    )
]

SAVINGS_LEDGER: list[dict[str, Any]] = [
    {
        "month": month,
        "lever": lever,
        "saved_usd": Decimal(saved) if saved else None,
        "low_usd": Decimal(low) if low else None,
        "estimate_usd": Decimal(100),
        "unjudged_calls": 3,
    }
    for month in (MAY, JUNE)
    for lever, saved, low in (
        ("prefix_cache", "40.5", "40.5"),
        ("response_cache", "5", "0"),
        ("service_tier", "-2", "-2"),
        ("routing", "10", "8"),
        ("compression", "", "") if month == JUNE else ("compression", "3", "3"),
        ("prompt_slimming", "-4", "-4.5"),
        ("interaction", "-1.25", "-1.25"),
        ("total", "48.25", "40.75") if month == JUNE else ("total", "51.25", "43.75"),
    )
]

ROUTING: list[dict[str, Any]] = [
    {
        "month": month,
        "feature": feature,
        "route_decision": tier,
        "model_id": model,
        "calls": calls,
        "share": calls / 40,
        "estimate_usd": None if usd is None else Decimal(usd),
        "routing_saving_usd": None if saved is None else Decimal(saved),
        "low_saving_usd": None if saved is None else Decimal(saved) - 2,
        "override_ratio": overridden,
        "cold_cache_usd": Decimal("0.25"),
        "owner": owner,
    }
    for month, feature, tier, model, calls, usd, saved, overridden, owner in (
        (JUNE, HOSTILE, HOSTILE_BOLD, HOSTILE_END, 30, "4", "10", 0.2, HOSTILE),
        (JUNE, None, "own", "house", 10, None, None, None, None),
        (MAY, "of before", "simple", "small", 9, "5", "1", 1, None),
    )
]

FALLBACKS: list[dict[str, Any]] = [
    {
        "month": month,
        "task_type": "ticket",
        "feature": feature,
        "fallback_reason": reason,
        "tasks": tasks,
        "share": tasks / 100,
        "fallback_calls": calls,
        "usd_per_fallback": None if usd is None else Decimal(usd),
        "success_ratio": success,
        "cost_per_success_usd": Decimal(2),
        "owner": owner,
    }
    for month, feature, reason, tasks, calls, usd, success, owner in (
        (JUNE, HOSTILE, "none", 80, 0, None, 0.9, None),
        (JUNE, HOSTILE, HOSTILE_BOLD, 20, 24, "0.25", 0.5, HOSTILE_END),
        (JUNE, "steady", "none", 100, 0, None, 1, None),
        (MAY, "steady", "budget", 10, 12, "1", 1, None),
    )
]

CACHE_THRESHOLDS: list[dict[str, Any]] = [
    {
        "task_type": "ticket",
        "feature": feature,
        "threshold_percent": percent,
        "tasks": tasks,
        "failure_ratio": failed,
        "other_failure_ratio": 0.1,
        "saved_usd": Decimal(saved),
        "extra_failures_usd": Decimal(cost),
        "net_saving_usd": Decimal(saved) - Decimal(cost),
        "is_recommended": best,
    }
    for feature, percent, tasks, failed, saved, cost, best in (
        (HOSTILE, 90, 20, 0.3, "3", "4", False),
        (HOSTILE, 95, 10, 0.1, "2", "0", True),
    )
]

CACHE_AUDIT: list[dict[str, Any]] = [
    {
        "month": month,
        "feature": feature,
        "layer": "exact",
        "finding": finding,
        "hits": 10,
        "found_hits": found,
        "unstated_hits": unstated,
        "found_ratio": ratio,
        "longest_lag_minutes": 1440 if finding == "stale" else None,
        "owner": owner,
    }
    for month, feature, finding, found, unstated, ratio, owner in (
        (JUNE, HOSTILE_END, "cross_tenant", 2, 2, 0.25, HOSTILE),
        (JUNE, HOSTILE_END, "stale", 1, 0, 0.1, None),
        (JUNE, HOSTILE_END, "no_lifetime", 0, 10, None, None),
        (JUNE, HOSTILE_END, "unencrypted", 0, 0, 0, None),
        (MAY, "of before", "cross_tenant", 1, 0, 0.1, None),
    )
]

OFFLOAD: list[dict[str, Any]] = [
    {
        "month": month,
        "feature": feature,
        "provider": "openai",
        "model_id": model,
        "offload_tier": tier,
        "calls": calls,
        "unstated_calls": 7,
        "standard_usd": Decimal(usd),
        "offload_saving_usd": Decimal(usd) / 2,
        "unstated_saving_usd": Decimal(more),
        "stated_ratio": stated,
        "owner": owner,
    }
    for month, feature, model, tier, calls, usd, more, stated, owner in (
        (JUNE, HOSTILE, HOSTILE_BOLD, "batch", 1200, "80", "2.5", 0.75, HOSTILE_END),
        (JUNE, None, "small", "flex", 0, "0", "12", 0, None),
        (MAY, "of before", "small", "flex", 9, "5", "0", 1, None),
    )
]

CAP_CURVE: list[dict[str, Any]] = [
    {
        "task_type": HOSTILE_BOLD if feature == HOSTILE_END else "ticket",
        "feature": feature,
        "hours": hours,
        "cap": cap,
        "tasks": 1010,
        "successes": 901,
        "tasks_cut": cut,
        "calls_cut_ratio": cut / 2000,
        "saved_usd": Decimal(saved) * times,
        "saved_ratio": saved / 100,
        "lost_successes": lost,
        "lost_ratio": lost / 901,
        "lost_low": Decimal("0.179"),
        "lost_high": Decimal("4.042"),
        "unpriced_calls": 2,
        "is_recommended": cap == best,
    }
    for feature, hours, times, best in (
        (HOSTILE, "all", 1, 2),
        ("deep", "peak", Decimal("0.1"), 1),
        ("deep", "all", 3, None),
        (HOSTILE_END, "all", Decimal("0.5"), 3),
    )
    for cap, cut, saved, lost in ((1, 1010, 49, 901), (2, 10, 9, 1), (3, 6, 6, 0))
]

BILLED_UNIT_COST: list[dict[str, Any]] = [
    {
        "month": month,
        "dimension": dimension,
        "member": member,
        "successes": successes,
        "estimate_per_success_usd": estimate and Decimal(estimate),
        "cost_per_success_usd": on_the_bill and Decimal(on_the_bill),
        "bill_usd": Decimal(bill),
        "unbilled_usd": Decimal("0.5"),
        "other_bills_usd": Decimal("0.25"),
        "cost_usd": Decimal(cost),
        "other_months_usd": Decimal("1.5"),
        "no_closed_task_usd": Decimal(rest),
    }
    for month, dimension, member, successes, estimate, on_the_bill, bill, cost, rest in (
        (JUNE, "all", "all", 40, "0.5", "0.625", "30", "25", "4.25"),
        (JUNE, "feature", "unattributed", 0, None, None, "5", "0", "4.25"),
        (JUNE, "feature", HOSTILE, 40, "0.5", "0.625", "25", "25", "0"),
        (JUNE, "tenant", HOSTILE_END, 40, "0.5", "0.625", "30", "25", "4.25"),
        (JUNE, "task_type", "never shown", 40, "0.5", "0.625", "30", "25", "4.25"),
        (MAY, "feature", "of before", 1, "1", "1", "1", "1", "0"),
    )
]

COST_SCOPES: list[dict[str, Any]] = [
    {
        "month": month,
        "feature": feature,
        "cost_scope": scope,
        "calls": 1200,
        "unpriced_calls": 2,
        "estimate_usd": usd and Decimal(usd),
        "share": share,
    }
    for month, feature, scope, usd, share in (
        (JUNE, HOSTILE, "product", "90", 0.9),
        (JUNE, HOSTILE, "non_production", "10.5", 0.1),
        (JUNE, HOSTILE_END, "shadow", None, None),
        (MAY, "of before", "test", "1", 1.0),
    )
]

PAYBACK: list[dict[str, Any]] = [
    {
        "task_type": task_type,
        "one_off_usd": Decimal(one_off) if one_off else None,
        "earned_usd": Decimal(earned) if earned else None,
        "paid_back_date": paid_back,
        "weekly_saving_usd": Decimal(week) if week else None,
        "weekly_saving_low_usd": Decimal(low) if low else None,
        "weekly_saving_high_usd": Decimal(high) if high else None,
        "payback_days": days,
        "payback_low_days": soonest,
        "payback_high_days": latest,
        "verdict": verdict,
    }
    for task_type, one_off, earned, paid_back, week, low, high, days, soonest, latest, verdict in (
        (HOSTILE, "400", "335", None, "80", "-4", "164", 35, 18, None, "unclear"),
        ("quick", "300", "335", date(2026, 5, 4), "80", "54", "106", 27, 20, 39, "paid_back"),
        ("unknown", "500", None, None, None, None, None, None, None, None, "not_stated"),
        ("unasked", None, None, None, None, None, None, None, None, None, "not_stated"),
    )
]

PROMPTS: list[dict[str, Any]] = [
    {
        "feature": HOSTILE,
        "prompt_version": version,
        "first_closed_date": since,
        "tasks": 1200,
        "success_ratio": 0.75,
        "cost_per_success_usd": Decimal(usd),
        "cost_per_success_change_ratio": change,
        "input_tokens_per_call_ratio": 1500.5,
        "input_tokens_per_call_change_ratio": change,
        "saved_usd": Decimal("-12.5") if change else None,
        "cache_read_ratio": 0.25,
        "static_ratio": static,
        "missed_prefix_ratio": 0.1,
        "uncalled_schema_ratio": 1.0,
    }
    for version, since, usd, change, static in (
        (HOSTILE_END, JUNE, "0.75", 0.5, 0.2),
        ("v1", MAY, "0.5", None, None),
    )
]

OF_TASK_TYPES = {"reports.rpt_payback": PAYBACK, "reports.rpt_prompts": PROMPTS}
"""Rows by relation."""

STATED_PAYERS: list[dict[str, Any]] = [
    {
        "month": JUNE,
        "dimension": "tenant",
        "stated_by": stated_by,
        "calls": calls,
        "unpriced_calls": 0,
        "estimate_usd": Decimal(usd),
        "share_ratio": share,
    }
    for stated_by, calls, usd, share in (
        ("call", 70, "60.5", 0.605),
        (HOSTILE_BOLD, 20, "30.25", 0.3025),
        (None, 9, "9.25", 0.0925),
    )
]
