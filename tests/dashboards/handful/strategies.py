"""Hand-made rows of ways to answer a task and of tools, as the loops page shows them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END, JUNE, MAY

_MORE: dict[str, Any] = {
    "extra_usd": Decimal("0.02"),
    "gained_ratio": 0.4,
    "gained_low_ratio": 0.217,
    "gained_high_ratio": 0.5835,
    "further_success_usd": Decimal("0.05"),
    "worth_usd": Decimal("0.1"),
    "verdict": "worth it",
}

_NEVER, _FEW = {**_MORE, "verdict": "no choice"}, {**_MORE, "verdict": "no data"}

_FIRST: dict[str, Any] = dict.fromkeys(_MORE) | {"verdict": "baseline"}

STRATEGIES: list[dict[str, Any]] = [
    {
        "comparison": comparison,
        "task_type": HOSTILE_BOLD if feature == HOSTILE else "ticket",
        "feature": feature,
        "alternative": alternative,
        "position": position,
        "compared_with": compared_with,
        "is_choice": is_choice,
        "tasks": 1600,
        "success_ratio": 0.9,
        "usd_per_task": Decimal("0.03"),
        "cost_per_success_usd": Decimal("0.0333"),
        "multiplier_ratio": 3.0 if position == 3 else None,
        **gain,
    }
    for comparison, feature, alternative, position, compared_with, is_choice, gain in (
        ("strategy", HOSTILE, "single call", 1, "single call", True, _FIRST),
        ("strategy", HOSTILE, "vote of 3", 3, "single call", True, _MORE),
        ("strategy", HOSTILE, HOSTILE_END, 1, "single call", False, _NEVER),
        ("strategy", "one way", "loop", 1, "loop", True, _FIRST),
        ("strategy", "one way", "from a cache", 1, "loop", False, _MORE),
        ("samples", HOSTILE, "1 sample", 1, None, True, _FIRST),
        ("samples", HOSTILE, "3 samples", 3, HOSTILE_END, True, _MORE),
        ("step", "deep", "step 7", 7, "step 6", True, _MORE),
        ("step", "deep", "step 2", 2, "step 1", True, {**_MORE, "worth_usd": None}),
        ("model_tier", "deep", "large model", 3, "mid model", True, _FEW),
    )
]  # fmt: skip

TOOLS: list[dict[str, Any]] = [
    {
        "month": month, "tool_name": tool, "feature": feature, "calls": 1200,
        "answered_calls": 800, "estimate_usd": Decimal(8), "estimate_per_call_usd": Decimal("0.01"),
        "charge_usd": charge, "charge_per_call_usd": charge and charge / 800, "share": 0.5,
        "owner": owner,
    }
    for month, tool, feature, charge, owner in (
        (JUNE, HOSTILE, HOSTILE_BOLD, None, None),
        (JUNE, "search", HOSTILE_END, Decimal("16.000000000001"), HOSTILE),
        (MAY, "of before", "chat", Decimal(3), None),
    )
]  # fmt: skip
