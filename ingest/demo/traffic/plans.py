"""Plans of the invented company: windows of tokens and requests, and what was used of them.

The coding plan of the review bot counts tokens without cache reads in a week; the contract for
support so many of them in five hours that move along, and so many requests a week. What providers
let through in a minute is enough for usual days, and not for the trade fair that is planned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ingest.demo.clock import HOUR, SECOND, ZONE, iso_z, local, micros
from ingest.demo.company.prices import LARGE, MID, SMALL
from ingest.demo.traffic.calls import Call

MINUTE = 60 * SECOND

PLANS = (
    ("support_assistant", "5h", "uncached_tokens", 1_000_000, "hard", "Customer Support"),
    ("code_review_bot", "week", "uncached_tokens", 16_000_000, "soft", "Developer Tools"),
    ("support_assistant", "week", "requests", 6_000, "hard", "Customer Support"),
)
"""Feature, period, unit, quantity at scale 1, kind and owner."""


QUOTAS = ((MID, 7), (SMALL, 10), (LARGE, 6))
"""Model, and requests a minute that its provider lets through at scale 1: the fair brings more."""

QUOTA_DAYS = 28
"""Days up to the last in which the busiest hour is looked for."""


def plan_quantity(quantity: int, scale: float) -> int:
    """The limit of a plan, which grows with the company."""
    return max(1, round(quantity * scale))


def plan_rows(scale: float) -> Iterator[str]:
    """Rows of `limits.csv`, after its columns of money."""
    for feature, period, unit, quantity, kind, owner in PLANS:
        stated = f"{unit},{plan_quantity(quantity, scale)}"
        yield f"feature,{feature},{period},,{kind},,{owner},,,,{stated}"
    for model, quota in QUOTAS:
        yield f"model,{model},minute,,hard,,Gateway Team,,,,requests,{plan_quantity(quota, scale)}"


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
    minutes: dict[int, Counter[tuple[str, int]]] = field(default_factory=dict)

    def add(self, call: Call) -> None:
        """Add one call."""
        hour = call.started_us // HOUR
        self.last_hour = max(self.last_hour, hour)
        if call.operation == "chat" and not call.gateway_hit:
            day = hour // 24
            if day not in self.minutes:  # no more days are held than are looked at in the end
                self.minutes[day] = Counter()
                for old in [held for held in self.minutes if held < day - QUOTA_DAYS - 1]:
                    del self.minutes[old]
            self.minutes[day][call.model, call.started_us // MINUTE] += 1
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

    def quotas_as_truth(self, scale: float) -> list[dict[str, Any]]:
        """`quotas` of truth.json: the busiest minute of the busiest hour of the last four weeks."""
        # the newest complete day: one without a call in its last hour may go on
        end = (self.last_hour // 24 + (self.last_hour % 24 == 23)) * 24
        looked_at = range(end - 24 * QUOTA_DAYS, end)
        minutes = [held for day in self.minutes.values() for held in day.items()]
        found = []
        for model, quota in QUOTAS:
            hours: Counter[int] = Counter()
            for (whose, minute), requests in minutes:
                if whose == model and minute // 60 in looked_at:
                    hours[minute // 60] += requests
            busiest = max(sorted(hours), key=hours.__getitem__)
            found.append({
                "model": model, "quota_per_minute": plan_quantity(quota, scale),
                "peak_hour": iso_z(busiest * HOUR),
                "usual_per_minute": max(
                    requests for (whose, minute), requests in minutes
                    if whose == model and minute // 60 == busiest
                ),
            })  # fmt: skip
        return found

    def _monday(self) -> int:
        """First hour of the local week of the newest hour."""
        day = local(self.last_hour * HOUR).date()
        monday = day - timedelta(days=day.weekday())
        return micros(datetime(monday.year, monday.month, monday.day, tzinfo=ZONE)) // HOUR
