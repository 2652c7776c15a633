"""Plans of the invented company: windows of tokens and requests, and what was used of them.

The coding plan of the review bot counts tokens without cache reads in a week; the contract for
support so many of them in five hours that move along, and so many requests a week.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ingest.demo.clock import HOUR, ZONE, local, micros
from ingest.demo.traffic.calls import Call

PLANS = (
    ("support_assistant", "5h", "uncached_tokens", 1_000_000, "hard", "Customer Support"),
    ("code_review_bot", "week", "uncached_tokens", 16_000_000, "soft", "Developer Tools"),
    ("support_assistant", "week", "requests", 6_000, "hard", "Customer Support"),
)
"""Feature, period, unit, quantity at scale 1, kind and owner."""


def plan_quantity(quantity: int, scale: float) -> int:
    """The limit of a plan, which grows with the company."""
    return max(1, round(quantity * scale))


def plan_rows(scale: float) -> Iterator[str]:
    """Rows of `limits.csv`, after its columns of money."""
    for feature, period, unit, quantity, kind, owner in PLANS:
        stated = f"{unit},{plan_quantity(quantity, scale)}"
        yield f"feature,{feature},{period},,{kind},,{owner},,,,{stated}"


def append_plans(config: Path, scale: float) -> None:
    """Add the plans to the `limits.csv` that is there."""
    path = config / "limits.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    lines = [f"{header},unit,limit_quantity", *(f"{row},," for row in rows), *plan_rows(scale)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass
class PlanTotals:
    """What features with a plan used by the hour, and the newest hour of all calls."""

    used: dict[tuple[str, str, int], int] = field(default_factory=dict)
    last_hour: int = 0

    def add(self, call: Call) -> None:
        """Add one call."""
        hour = call.started_us // HOUR
        self.last_hour = max(self.last_hour, hour)
        feature, tokens = call.owner.feature or "", call.billable_tokens
        counted = {
            "uncached_tokens": sum(tokens) - tokens[1],
            "requests": int(call.operation == "chat" and not call.gateway_hit),
        }
        for unit, quantity in counted.items():
            if quantity and any(plan[0] == feature and plan[2] == unit for plan in PLANS):
                key = feature, unit, hour
                self.used[key] = self.used.get(key, 0) + quantity

    def as_truth(self, scale: float) -> list[dict[str, Any]]:
        """`plans` of truth.json: what is used at the end of the newest hour."""
        first = {"5h": self.last_hour - 4, "week": self._monday()}
        return [
            {
                "member": feature, "period": period, "unit": unit, "kind": kind,
                "limit_quantity": plan_quantity(quantity, scale),
                "used_quantity": sum(
                    used for (whose, what, hour), used in self.used.items()
                    if (whose, what) == (feature, unit) and hour >= first[period]
                ),
            }
            for feature, period, unit, quantity, kind, _ in PLANS
        ]  # fmt: skip

    def _monday(self) -> int:
        """First hour of the local week of the newest hour."""
        day = local(self.last_hour * HOUR).date()
        monday = day - timedelta(days=day.weekday())
        return micros(datetime(monday.year, monday.month, monday.day, tzinfo=ZONE)) // HOUR
