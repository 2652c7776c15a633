"""A handful of rows about bills, shared caches, idle capacity, and who felt a change."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_END

JUNE = dt.date(2026, 6, 1)

BLAST_RADIUS: list[dict[str, Any]] = [
    {
        "source_name": "changes",
        "event_id": event,
        "change_event": f"flag {HOSTILE_END}",
        "changed_date": dt.date(2026, 6, 11),
        "dimension": dimension,
        "member": member,
        "previous_usd": Decimal("20"),
        "current_usd": Decimal("30"),
        "previous_cost_per_success_usd": None if dimension == "region" else Decimal("1"),
        "current_cost_per_success_usd": None if dimension == "region" else Decimal("1.6"),
        "previous_calls_per_task_ratio": None if dimension == "region" else 4.21,
        "current_calls_per_task_ratio": None if dimension == "region" else 6.04,
        "previous_success_ratio": None if dimension == "region" else 0.9,
        "current_success_ratio": None if dimension == "region" else 0.85,
        "change_usd": Decimal("10"),
    }
    for event, dimension, member in (
        ("e11", "tenant", HOSTILE), ("e11", "region", "eu"), ("e11", "feature", "chat"),
        ("e9", "tenant", "of no cause"),
    )
]  # fmt: skip

OF_BILLS: dict[str, list[dict[str, Any]]] = {
    "reports.rpt_blast_radius": BLAST_RADIUS,
    "reports.rpt_fees": [
        {
            "month": JUNE,
            "provider": HOSTILE,
            "cost_type": kind,
            "quantity_unit": unit,
            "quantity": unit and Decimal(200),
            "charge_usd": Decimal("0.5"),
            "charge_per_unit_usd": unit and Decimal("0.0025"),
            "share": 0.05,
        }
        for kind, unit in (("file_search", HOSTILE_END), ("web_search", None))
    ],
    "reports.rpt_bills": [
        {
            "month": JUNE,
            "provider": HOSTILE,
            "billing_currency": "EUR",
            "billed_cost": Decimal("1000.5"),
            "lowest_fx_rate": Decimal("1.084300000000"),
            "highest_fx_rate": Decimal("1.1"),
            "charge_usd": Decimal("1090.25"),
            "list_usd": Decimal("1500"),
            "contracted_usd": Decimal("1400"),
            "negotiated_usd": Decimal("100"),
            "commitment_saving_usd": Decimal("509.75"),
        },
        {
            "month": JUNE,
            "provider": HOSTILE_END,
            "billing_currency": "Token",
            "billed_cost": Decimal("7"),
        },
    ],
    "reports.rpt_cache_sharing": [
        {
            "month": JUNE,
            "dimension": "tenant",
            "member": member,
            "owes_usd": Decimal(owes),
            "is_owed_usd": Decimal(owed),
            "net_usd": Decimal(owes) - Decimal(owed),
            "is_settled": False,
        }
        for member, owes, owed in ((HOSTILE, "5", "1.5"), (HOSTILE_END, "0", "3.5"))
    ],
}

IDLE = [
    {
        "month": JUNE,
        "dimension": dimension,
        "member": member,
        "line": "idle commitment",
        "pool": "idle capacity",
        "provider": "host",
        "charge_usd": Decimal(charge),
    }
    for dimension, member, charge in (
        ("team", "platform", "30.25"), ("feature", HOSTILE, "10.25"), ("tenant", "acme", "30.25"),
    )
]  # fmt: skip
"""Rows of `rpt_showback`; only some tests add them, for its totals are those of others."""
