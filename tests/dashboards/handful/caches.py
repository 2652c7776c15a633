"""Hand-made rows about caches and prices, as the pages about savings show them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END, JUNE, MAY

CACHE_VALUE: list[dict[str, Any]] = [
    {
        "month": month,
        "layer": layer,
        "provider": provider,
        "model_id": model,
        "hit_ratio": hit,
        "stale_ratio": stale,
        "saved_usd": None if net is None else Decimal(net) + Decimal(premium) + Decimal(wrong),
        "write_premium_usd": Decimal(premium),
        "wrong_answers_usd": Decimal(wrong),
        "net_saving_usd": None if net is None else Decimal(net),
        "break_even_ratio": pays_from,
        "verdict": verdict,
    }
    for month, layer, provider, model, hit, stale, premium, wrong, net, pays_from, verdict in (
        (JUNE, "prefix", "openai", HOSTILE, 0.5, None, 2, 0, "40.5", 0.05, "saves"),
        (JUNE, "prefix", "openai", HOSTILE_BOLD, 0, None, "1.5", 0, "-1.5", None, "costs money"),
        (JUNE, "semantic", HOSTILE_END, "unpriced", 0.25, 0.1, 0, 0, None, None, "no data"),
        (JUNE, "retrieval", "search", HOSTILE_END, 0.4, 0.25, 0, "3", "-2", None, "costs money"),
        (MAY, "exact", "openai", "of before", 0.25, 0, 0, 0, "7", 0, "saves"),
    )
]

WRONG_ANSWERS: list[dict[str, Any]] = [
    {
        "task_type": "ticket",
        "feature": HOSTILE,
        "layer": "semantic",
        "cache_source_call_id": call,
        "cache_source_tenant_id": tenant,
        "model_id": HOSTILE_BOLD,
        "written_at": written_at,
        "tasks": 10,
        "failures": failures,
        "other_failure_ratio": 0.2,
        "extra_failures_usd": usd,
        "is_beyond_chance": usd is not None,
    }
    for call, tenant, written_at, failures, usd in (
        ("unpriced", None, None, 2, None),
        (HOSTILE_END, HOSTILE, dt.datetime(2026, 6, 1, 8, 30), 9, Decimal(7)),
    )
]

MISSED_CACHES: list[dict[str, Any]] = [
    {
        "month": month,
        "cause": "repeated_prompt",
        "feature": feature,
        "model_id": model,
        "hashed_calls": 100,
        "ideal_hit_ratio": 0.4,
        "hit_ratio": 0.3,
        "missed_calls": 10,
        "missed_usd": None if usd is None else Decimal(usd),
        "owner": "Gateway Team",
    }
    for month, feature, model, usd in (
        (JUNE, HOSTILE, HOSTILE_BOLD, "2.5"),
        (JUNE, None, "house", None),
        (MAY, "of before", "small", "1"),
    )
] + [
    {
        "month": MAY,
        "cause": "prefix_changed",
        "feature": HOSTILE,
        "model_id": HOSTILE_BOLD,
        "prompt_name": HOSTILE_END,
        "prompt_version": "v2",
        "previous_version": "v1",
        "change_event": event,
        "prefixes": 60,
        "ideal_hit_ratio": 0.8,
        "hit_ratio": 0.2,
        "missed_calls": 61,
        "missed_usd": usd,
        "owner": HOSTILE,
    }
    for event, usd in ((None, None), (HOSTILE_END, Decimal("1.5")))
]

PRICE_MODIFIERS: list[dict[str, Any]] = [
    {
        "month": month,
        "feature": feature,
        "provider": "openai",
        "model_id": model,
        "dimension": dimension,
        "member": member,
        "calls": 1200,
        "estimate_usd": None if more is None else Decimal(usd) + Decimal(more),
        "standard_usd": None if more is None else Decimal(usd),
        "modifier_usd": None if more is None else Decimal(more),
        "modifier_ratio": None if more is None else float(more) / float(usd),
        "unjudged_calls": 7,
        "owner": HOSTILE_END,
    }
    for month, feature, model, dimension, member, usd, more in (
        (JUNE, HOSTILE, HOSTILE_BOLD, "service_tier", "flex", "80", "-40"),
        (JUNE, None, "small", "region", HOSTILE_END, "20", "2"),
        (JUNE, HOSTILE, "small", "context_window", "from 272001 tokens", "1", None),
        (JUNE, HOSTILE, "small", "context_window", "short", "99", "0"),
        (MAY, "of before", "small", "service_tier", "priority", "5", "7.5"),
    )
]

OF_CACHES: dict[str, list[dict[str, Any]]] = {
    "reports.rpt_cache_value": CACHE_VALUE,
    "reports.rpt_wrong_answers": WRONG_ANSWERS,
    "reports.rpt_missed_caches": MISSED_CACHES,
    "reports.rpt_price_modifiers": PRICE_MODIFIERS,
}
"""Rows by report."""
