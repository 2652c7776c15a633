"""Rows of the statements page: three statements of June, an adjustment, an invoice."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END, JUNE

STATEMENT: dict[str, Any] = {
    "month": JUNE,
    "kind": "cost_centre",
    "row_kind": "member",
    "cost_usd": Decimal("200.25"),
    "adjustment_usd": Decimal("-3.10"),
    "internal_price_usd": Decimal("12.00"),
    "charged_usd": Decimal("209.15"),
    "budget_usd": Decimal("200.00"),
    "remaining_usd": Decimal("-9.15"),
    "calls": 1234,
}

OF_STATEMENTS: dict[str, list[dict[str, Any]]] = {
    "reports.rpt_statements": [
        STATEMENT | {"member": HOSTILE},
        STATEMENT | {"member": None, "row_kind": "unallocated", "charged_usd": Decimal("9.00")},
        STATEMENT | {"member": None, "row_kind": "total", "charged_usd": Decimal("218.15")},
        STATEMENT | {"kind": "tenant", "member": HOSTILE_END},
    ],
    "reports.rpt_adjustment_notices": [
        {
            "original_month": dt.date(2026, 5, 1),
            "noticed_on": dt.date(2026, 6, 4),
            "booked_month": JUNE,
            "cost_centre": HOSTILE_BOLD,
            "notice_number": 1,
            "provider": "openai",
            "line": "usage",
            "charge_usd": Decimal("-3.104"),
            "cause": "late_calls",
            "detail": "a file of May arrived",
        }
    ],
    "reports.rpt_invoices": [
        {
            "invoice_id": "VH-7",
            "provider": "vectorhaus",
            "invoice_month": JUNE,
            "invoice_date": dt.date(2026, 7, 2),
            "status": "paid",
            "currency": "EUR",
            "total": Decimal("199.61"),
            "billed_cost": Decimal("199.6136"),
            "difference_usd": Decimal("-0.0036"),
            "comparison": "agrees",
        }
    ],
}
