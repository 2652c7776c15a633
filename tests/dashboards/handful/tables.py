"""A handful of hand-made report rows: one complete month, one open, one tenant of each kind."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.dashboards.handful.bills import OF_BILLS
from tests.dashboards.handful.caches import OF_CACHES
from tests.dashboards.handful.daily import OF_DAYS
from tests.dashboards.handful.guardrails import GUARDRAILS
from tests.dashboards.handful.operations import OF_OPERATIONS
from tests.dashboards.handful.readiness import READINESS
from tests.dashboards.handful.rows import (
    CHANGE_IMPACT,
    CHECKS,
    COST_BRIDGE,
    HOSTILE,
    HOSTILE_BOLD,
    HOSTILE_END,
    OPEN_MONTH,
    OVERVIEW,
    PRICE_DRIFT,
    RECONCILIATION,
    REPORTED_COST,
    SHOWBACK,
    UNIT,
    WASTE,
    showback_summary,
)
from tests.dashboards.handful.spend import SPEND
from tests.dashboards.handful.statements import OF_STATEMENTS
from tests.dashboards.handful.strategies import STRATEGIES, TOOLS
from tests.dashboards.handful.work import (
    BILLED_UNIT_COST,
    CACHE_AUDIT,
    CACHE_THRESHOLDS,
    CAP_CURVE,
    COST_SCOPES,
    FALLBACKS,
    HOPS,
    LOOP_DEPTH,
    LOOP_STEPS,
    OF_TASK_TYPES,
    OFFLOAD,
    ROUTING,
    SAVINGS_LEDGER,
    STATED_PAYERS,
)

MAY, JUNE, JULY = dt.date(2026, 5, 1), dt.date(2026, 6, 1), dt.date(2026, 7, 1)

HANDFUL: dict[str, list[dict[str, Any]]] = {
    **OF_OPERATIONS,
    **OF_STATEMENTS,
    **OF_BILLS,
    "reports.rpt_overview": [OVERVIEW, OPEN_MONTH],
    "reports.rpt_unit_cost_summary": [
        UNIT | {"task_type": HOSTILE},
        UNIT | {"task_type": "all", "tasks_closed": 4321, "cost_per_success_usd": None},
        UNIT | {"task_type": HOSTILE, "cost_basis": "reported", "cost_usd": Decimal("666.66")},
        UNIT | {"task_type": HOSTILE, "period_grain": "day"},
    ],
    "reports.rpt_unit_cost_by_member": [
        UNIT | {"dimension": "feature", "member": HOSTILE_END},
        UNIT | {"dimension": "feature", "member": HOSTILE_BOLD},
    ],
    "reports.rpt_waste": WASTE,
    "reports.rpt_reconciliation": RECONCILIATION,
    "reports.rpt_price_drift": PRICE_DRIFT,
    "reports.rpt_reported_cost": REPORTED_COST,
    "reports.rpt_cost_bridge": COST_BRIDGE,
    "reports.rpt_cap_curve": CAP_CURVE,
    "reports.rpt_stated_payers": STATED_PAYERS,
    "reports.rpt_hops": HOPS,
    "reports.rpt_tools": TOOLS,
    "reports.rpt_loop_steps": LOOP_STEPS,
    **OF_DAYS,
    "reports.rpt_strategies": STRATEGIES,
    "reports.rpt_savings_ledger": SAVINGS_LEDGER,
    **OF_CACHES,
    "reports.rpt_offload": OFFLOAD,
    "reports.rpt_cache_thresholds": CACHE_THRESHOLDS,
    "reports.rpt_cache_audit": CACHE_AUDIT,
    "reports.rpt_fallbacks": FALLBACKS,
    "reports.rpt_routing": ROUTING,
    "reports.rpt_change_impact": CHANGE_IMPACT,
    "reports.rpt_loop_depth": LOOP_DEPTH,
    **GUARDRAILS,
    "reports.rpt_spend_by_member": SPEND,
    "reports.rpt_spend_daily": [
        {
            "day": dt.date(2026, 6, 30),
            "provider": HOSTILE_END,
            "charge_usd": Decimal("10.000000001"),
            "estimate_usd": Decimal("9.5"),
            "calls": 7,
            "unpriced_calls": 0,
        },
        {
            "day": JULY,
            "provider": HOSTILE_END,
            "charge_usd": None,
            "estimate_usd": Decimal("8.25"),
            "calls": 7,
            "unpriced_calls": 0,
        },
    ],
    "reports.rpt_cache_daily": [
        {
            "day": JUNE,
            "layer": "gateway",
            "hits": 2,
            "lookups": 9,
            "hit_ratio": 0.2222,
            "saved_usd": Decimal("1.5"),
        },
        {
            "day": JUNE,
            "layer": "provider prefix",
            "hits": 200,
            "lookups": 900,
            "hit_ratio": 0.2222,
            "saved_usd": Decimal("-0.75"),
        },
    ],
    "reports.rpt_tie_out": [
        {
            "provider": "openai",
            "day": JUNE,
            "model": HOSTILE,
            "calls": 5,
            "estimate_usd": Decimal("1.11"),
            "charge_usd": Decimal("2.22"),
            "gap_usd": Decimal("1.11"),
            "gap_ratio": 1.0,
            "status": "over_billed",
            "is_settled": True,
        },
        {
            "provider": "openai",
            "day": dt.date(2026, 6, 29),
            "model": "gpt",
            "calls": 5,
            "is_settled": False,
            "gap_usd": Decimal("444.44"),
            "status": "not_billed_yet",
        },
    ],
    "reports.rpt_tie_out_summary": [
        {
            "provider": HOSTILE_BOLD,
            "month": JUNE,
            "estimate_usd": Decimal("321.09"),
            "charge_usd": Decimal("320.99"),
            "gap_usd": Decimal("-0.10"),
            "gap_ratio": -0.0003,
            "days_settled": 29,
            "days_open": 1,
            "status": "tied",
        },
    ],
    "reports.rpt_showback": [
        {
            "month": JUNE,
            "dimension": dimension,
            "member": member,
            "line": line,
            "provider": provider,
            "charge_usd": Decimal(charge),
        }
        for dimension, _, member, line, provider, charge in SHOWBACK
    ],
    "reports.rpt_showback_summary": showback_summary(),
    "reports.rpt_commitments": [
        {
            "commitment": name,
            "kind": kind,
            "valid_from": MAY,
            "valid_to": JULY,
            "committed_usd": Decimal("1000"),
            "drawn_usd": Decimal("610.255"),
            "remaining_usd": Decimal("389.745"),
            "as_of_day": dt.date(2026, 6, 20),
            "exhausted_on": None,
            "unused_at_end_usd": Decimal("77.125"),
            "billed_usd": Decimal("1000"),
            "effective_usd": Decimal("610.255"),
            "month": JUNE,
            "utilisation_ratio": 0.625,
            "break_even_ratio": 0.5,
            "coverage_ratio": None,
            "effective_usd_per_mtok": Decimal("8.125"),
            "on_demand_usd_per_mtok": Decimal("10"),
            "idle_usd": Decimal("22.5"),
            "saving_usd": Decimal("-29.676"),
        }
        for name, kind in ((HOSTILE, "spend"), (HOSTILE_END, "credit"), (HOSTILE_BOLD, "stated"))
    ],
    "reports.rpt_commitment_burn_down": [
        {"commitment": HOSTILE, "valid_from": MAY, "day": day, "remaining_usd": Decimal(left)}
        for day, left in ((MAY, "999.995"), (JUNE, "450.25"))
    ],
    "reports.rpt_cross_subsidy": [
        {
            "month": JUNE,
            "dimension": "feature",
            "row_kind": kind,
            "member": member,
            "direct_usd": Decimal(direct),
            "shared_usd": Decimal(shared),
            "cache_usd": Decimal(0),
            "borne_usd": Decimal(direct) + Decimal(shared),
            "cross_subsidy_usd": Decimal(carries),
            "cross_subsidy_ratio": 0.07,
        }
        for kind, member, direct, shared, carries in (
            ("member", "chat", "12", "7.5", "-3.75"),
            ("member", HOSTILE, "4", "12", "2.5"),
            ("unallocated", "unallocated", "1", "3", "1.25"),
        )
    ],
    "reports.rpt_cost_scopes": COST_SCOPES,
    **OF_TASK_TYPES,
    "reports.rpt_billed_unit_cost": BILLED_UNIT_COST,
    "reports.rpt_tenant_margin": [
        {
            "month": JUNE,
            "tenant_id": HOSTILE_END,
            "revenue_usd": Decimal(160),
            "direct_usd": Decimal(30),
            "shared_usd": Decimal(10),
            "charge_usd": Decimal(40),
            "margin_usd": Decimal(120),
            "margin_ratio": 0.75,
        },
        {
            "month": JUNE,
            "tenant_id": HOSTILE,
            "revenue_usd": None,
            "direct_usd": Decimal(5),
            "shared_usd": Decimal(0),
            "charge_usd": Decimal(5),
        },
    ],
    "reports.rpt_chargeback_readiness": READINESS,
    "reports.rpt_untagged_trend": [
        {
            "month": JUNE,
            "dimension": "feature",
            "calls": 77,
            "unpriced_calls": 0,
            "estimate_usd": Decimal("98.5"),
            "charge_usd": Decimal("99.75"),
            "share_ratio": 0.3327,
            "change_usd": Decimal("-4.25"),
            "first_to_ask": HOSTILE_BOLD,
            "first_to_ask_usd": Decimal("60.5"),
        },
        {"month": JUNE, "dimension": "tenant", "calls": 0, "unpriced_calls": 0},
    ],
    "reports.rpt_unattributed": [
        {
            "month": JUNE,
            "dimension": "feature",
            "source_name": "gw",
            "api_key_id": "a1b2",
            "team_tag": None,
            "likely_owner": HOSTILE_BOLD,
            "calls": 70,
            "unpriced_calls": 0,
            "estimate_usd": Decimal("60.5"),
            "previous_month_usd": Decimal("50.25"),
            "change_usd": Decimal("10.25"),
        },
    ],
    "reports.rpt_source_health": [
        {
            "source_name": HOSTILE,
            "format": "litellm",
            "files_loaded": 3,
            "files_failed": 1,
            "rows_loaded": 98765,
            "rows_quarantined": 12,
            "first_day": JUNE,
            "last_day": JULY,
            "days_behind": 2,
            "last_landed_at": dt.datetime(2026, 7, 2, 3, 4),
        },
    ],
    "reports.rpt_unmapped_models": [
        {
            "provider": HOSTILE_BOLD,
            "model": HOSTILE_END,
            "charge_lines": 3,
            "charge_usd": Decimal("41.75"),
            "calls": 0,
            "first_day": JUNE,
            "last_day": JULY,
        },
    ],
    "reports.rpt_left_out": [
        {
            "month": JUNE,
            "source_name": HOSTILE,
            "kind": "duplicate",
            "reason": "same record",
            "files": 2,
            "records": 1234,
            "input_tokens": 137906,
            "output_tokens": None,
            "unclassified_tokens": 0,
            "reported_usd": Decimal("0.177134890"),
        },
        {"month": JULY, "source_name": "gw", "kind": "no call", "reason": "poll", "records": 1},
    ],
    "ops.quarantine": [
        {
            "file_id": 4,
            "source_name": "gw",
            "source_file": HOSTILE_END,
            "source_line": 1207,
            "table_name": "gateway_calls",
            "field": "started_at",
            "reason": "no timestamp",
        },
    ],
    "ops.files": [
        {
            "file_id": 5,
            "source_name": "gw",
            "source_file": "cut.jsonl.gz",
            "status": "failed",
            "reason": "truncated",
        },
        {"file_id": 6, "source_name": "gw", "source_file": "fine.jsonl.gz", "status": "loaded"},
    ],
    "ops.checks": CHECKS,
    "ops.runs": [
        {
            "run_id": "r1",
            "started_at": dt.datetime(2026, 7, 2, 3, 0),
            "status": "succeeded",
            "finished_at": dt.datetime(2026, 7, 2, 3, 9),
            "as_of_day": dt.date(2026, 7, 1),
        },
    ],
}
"""Rows by table; what a row leaves out is NULL."""
