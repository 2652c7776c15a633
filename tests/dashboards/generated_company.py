"""What the generated months share: their calendar, members and exact money."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

MONTHS = [dt.date(2026, 4, 1), dt.date(2026, 5, 1), dt.date(2026, 6, 1), dt.date(2026, 7, 1)]
LAST_DAY = dt.date(2026, 7, 19)
BILLED_TO = dt.date(2026, 7, 16)
TYPES = {"support_ticket": 0.42, "invoice_processing": 0.18, "code_patch": 3.9}
FEATURES = ("assistant", "document-intake", "patch-bot")
TENANTS = ("Alder & Sons", "Birch GmbH", "Cedar Health", "Dogwood Bank", "Elm Logistics")
PROVIDERS = {"openai": 620.0, "anthropic": 410.0, "aws.bedrock": 130.0}
Row = dict[str, Any]


def usd(value: float) -> Decimal:
    """Return a made-up amount with nine decimals."""
    return Decimal(f"{value:.9f}")


def days() -> list[dt.date]:
    """Return each day from the first month to the last day with data."""
    span = (LAST_DAY - MONTHS[0]).days
    return [MONTHS[0] + dt.timedelta(days=offset) for offset in range(span + 1)]
