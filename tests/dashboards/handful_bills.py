"""A handful of rows about bills in another currency, shared caches and capacity that lay idle."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.dashboards.handful_rows import HOSTILE, HOSTILE_END

JUNE = dt.date(2026, 6, 1)

OF_BILLS: dict[str, list[dict[str, Any]]] = {
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
            "committed_usd": Decimal("509.75"),
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
