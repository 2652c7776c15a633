"""A handful of hand-made rows of guardrails: incidents open, over and marked; experiments."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END


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


def _experiment(name: str, day: int, **fields: Any) -> dict[str, Any]:
    return {
        "experiment": name,
        "candidate": "new",
        "control": HOSTILE,
        "hypothesis": HOSTILE_BOLD,
        "owner": HOSTILE_END,
        "started_at": dt.datetime(2026, 6, day),
        "deadline": dt.datetime(2026, 7, day),
        "state": "running",
        "success_margin": Decimal("0.02"),
        **fields,
    }


EXPERIMENTS = [
    _experiment(
        HOSTILE, 1, state="rolled_back", reason="success_lost",
        decided_at=dt.datetime(2026, 6, 5), alarm="still_on", look=2, control_tasks=1200,
        candidate_tasks=1100, required_tasks=3532, control_success_ratio=0.9,
        candidate_success_ratio=0.8, success_difference_ratio=-0.1, success_low_ratio=-0.15,
        success_high_ratio=-0.05, control_cost_per_success_usd=Decimal("0.0125"),
        candidate_cost_per_success_usd=Decimal("0.02"), cost_low_ratio=1.25, cost_high_ratio=2.0,
        control_error_ratio=0.01, candidate_error_ratio=0.05, error_low_ratio=0.015,
        error_high_ratio=0.065, error_margin=Decimal("0.02"),
        control_p95_seconds=Decimal("12.5"), candidate_p95_seconds=Decimal("61.25"),
        p95_limit=Decimal("1.5"),
    ),
    _experiment("to come", 28, state="planned"),
    _experiment("few", 14, look=1, control_tasks=20, candidate_tasks=0, control_success_ratio=0.5,
                control_cost_per_success_usd=Decimal("0.5")),
]  # fmt: skip


def _limit(member: str, state: str, **fields: Any) -> dict[str, Any]:
    return {
        "scope": "feature",
        "member": member,
        "period": "month",
        "kind": "hard",
        "limit_usd": Decimal(1000),
        "spent_usd": Decimal("250.5"),
        "remaining_usd": Decimal("749.5"),
        "expected_usd": Decimal(260),
        "projected_usd": Decimal(800),
        "projected_low_usd": Decimal(700),
        "projected_high_usd": Decimal(900),
        "state": state,
        "reason": f"{member} is {state}.",
        "recommendation": "none",
        "unit": "usd",
        **fields,
    }


LIMITS = [
    _limit(HOSTILE, "ok"),
    _limit(
        HOSTILE_BOLD, "over", spent_usd=Decimal(1001), remaining_usd=Decimal(-1),
        exhausted_on=dt.date(2026, 6, 29), recommendation="block", owner=HOSTILE_END,
        expires_at=dt.datetime(2026, 7, 1),
    ),
    _limit("all", "warn", scope="company", kind="soft"),
    _limit(
        HOSTILE_END, "ok", period="5h", unit="uncached_tokens", limit_usd=None, spent_usd=None,
        limit_quantity=Decimal(5_000_000), used_quantity=Decimal("1250000.000000000"),
        used_ratio=0.25, projected_quantity=Decimal(1_250_000),
        exhausted_at_burn=dt.datetime(2026, 6, 30, 3),
    ),
]  # fmt: skip

CAPS = [
    {
        "scope": "tenant", "member": HOSTILE, "period": "day",
        "period_start": dt.datetime(2026, 6, day), "limit_usd": Decimal(10),
        "reached_at": reached, "direction": direction, "cause": cause, "usd": Decimal(usd),
        "calls": 3, "minutes": 12, "graceful_ratio": graceful,
        "server_error_ratio": graceful and 0.25, "requests": graceful and 2, "owner": None,
    }
    for day, reached, direction, cause, usd, graceful in (
        (20, dt.datetime(2026, 6, 20, 12, 10), "passed", "race", "4.5", None),
        (28, None, "refused", "counter_drift", "6", 0.5),
    )
]  # fmt: skip

FORECASTS = [
    {
        "made_on": dt.date(2026, 6, 30), "scope": scope, "member": member, "period_grain": grain,
        "period_start": dt.date(2026, 7, day), "forecast_usd": Decimal(usd),
        "low_usd": None if low is None else Decimal(low), "high_usd": low and Decimal(usd) * 2,
        "method": "profile", "backtest_error": Decimal("0.1") if low else None,
    }
    for scope, member, grain, day, usd, low in (
        ("company", "all", "day", 1, "10.5", "8"),
        ("company", "all", "day", 2, "11", "9"),
        ("company", "all", "30_days", 1, "300", "250"),
        ("company", "all", "month", 1, "310", "260"),
        ("feature", HOSTILE, "30_days", 1, "100", None),
    )
]  # fmt: skip

FORECAST_DRIVERS = [
    *({"scope": "feature", "member": name, "forecast_usd": Decimal(5), "announced_usd": Decimal(0)}
      for name in (HOSTILE_BOLD, HOSTILE_END)),
    {"scope": "tenant", "member": HOSTILE, "forecast_usd": Decimal(100), "tasks": None,
     "calls_per_task_ratio": None, "tokens_per_call_ratio": 1200.5,
     "usd_per_mtok": Decimal("0.79"), "announced_usd": Decimal(-12),
     "next_price_on": dt.date(2026, 7, 15)},
    {"scope": "company", "member": "all", "forecast_usd": Decimal(300),
     "tasks": Decimal("1250.125"), "calls_per_task_ratio": 3.98, "tokens_per_call_ratio": 10498.9,
     "usd_per_mtok": Decimal("0.5"), "announced_usd": Decimal(0)},
]  # fmt: skip

PEAKS = [
    {"scope": scope, "member": HOSTILE, "unit": "requests", "event": event,
     "peak_on": dt.date(2026, 7, day), "usual_per_minute": 1000,
     "expected_per_minute": Decimal(expected), "quota_per_minute": 1200, "used_ratio": ratio,
     "missing_per_minute": Decimal(missing), "cache_per_minute": Decimal("50.5"),
     "router_per_minute": router, "short_per_minute": Decimal(short), "state": state,
     "needed_by": by, "owner": HOSTILE_END}
    for scope, event, day, expected, ratio, missing, router, short, state, by in (
        ("model", None, 9, "900.5", 0.75, "0", Decimal(10), "0", "ok", None),
        ("provider", HOSTILE_BOLD, 12, "1500", 1.25, "300", None, "249.5", "short",
         dt.date(2026, 6, 28)),
    )
]  # fmt: skip

GUARDRAILS: dict[str, list[dict[str, Any]]] = {
    "reports.rpt_incidents": INCIDENTS,
    "reports.rpt_budget_state": LIMITS,
    "reports.rpt_cap_audit": CAPS,
    "reports.rpt_forecast": FORECASTS,
    "reports.rpt_forecast_drivers": FORECAST_DRIVERS,
    "reports.rpt_peak_plan": PEAKS,
    "reports.rpt_experiments": EXPERIMENTS,
}
