"""A feature that eats its month in a day: every draft of a proposal carries all drafts before it.

Its monthly limit is a fifth above what its days usually make of a month; on the day it uses half as
many tokens again as such a month has, in calls of twenty times the usual length, for no task.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ingest.demo.clock import HOUR, day_date, day_index, day_start, local
from ingest.demo.company.incidents import Incident
from ingest.demo.money import usd_text
from ingest.demo.traffic.calls import Call, Owner, dice, hex_id, uuid_text
from ingest.demo.traffic.scenarios.strategies import PROPOSALS

FEATURE, TEAM, OWNER = "proposal_writer", "Finance Automation", "Finance Automation"

DAYS_BEFORE = 4
"""The day lies so many days before the last one."""

LEAST_DAYS = 35
"""A shorter demo has no usual month to eat."""

USUAL_DAYS, LIMIT_SHARE, DAY_SHARE = 28, 1.2, 1.8
"""Days that say what is usual; of a usual month, what the limit and the day have."""

_CALLS_A_DAY = 1.2 * PROPOSALS.tasks
"""What a day of the feature usually has at scale 1, weekends counted in."""

_LONGER = 20

_FROM, _FOR = 9 * HOUR, 8 * HOUR


def eaten_day(days: int) -> int | None:
    """UTC day on which it happens; None in a short demo."""
    return days - 1 - DAYS_BEFORE if days >= LEAST_DAYS else None


def eaten_incident(days: int) -> Iterable[Incident]:
    """The incident as truth.json tells it."""
    day = eaten_day(days)
    if day is not None:
        yield Incident(
            "month_in_a_day",
            day_start(day) + _FROM,
            day_start(day) + _FROM + _FOR,
            {"feature": FEATURE},
            "every draft of a proposal carries all drafts before it, for no task",
            "the feature spends more in a day than its limit of the month",
            "tokens_per_call",
            "Prompt Guild",
        )


def again(seed: int, day: int, days: int, scale: float, calls: Sequence[Call]) -> list[Call]:
    """Long calls like the feature's own of the day; no other draw depends on them."""
    if day != eaten_day(days):
        return []
    rng = dice(seed, "eaten month")
    own = [
        call for call in calls
        if call.owner.feature == FEATURE and call.status == "ok" and not call.gateway_hit
        and not call.owner.traffic_class
    ]  # fmt: skip
    made = []
    for number in range(round(30 * DAY_SHARE * _CALLS_A_DAY * scale / _LONGER) if own else 0):
        call = own[number % len(own)]
        owner = Owner(call.owner.tenant, FEATURE, None, None, None, TEAM, "prod", None)
        read, write, five, hour, out = call.tokens
        longer = (read * _LONGER, write * _LONGER, five * _LONGER, hour * _LONGER, out * _LONGER)
        later = day_start(day) + _FROM + rng.randrange(_FOR) - call.started_us
        made.append(
            replace(
                call, owner=owner, tokens=longer, request_id=uuid_text(rng),
                response_id=f"msg_{hex_id(rng, 24)}", started_us=call.started_us + later,
                ended_us=call.ended_us + later, sample_group=None, history_tokens=None,
                first_token_us=call.first_token_us and call.first_token_us + later,
            )
        )  # fmt: skip
    return made


@dataclass
class EatenMonth:
    """What the feature spent by UTC day and by local month, in nano-dollars."""

    days: int
    by_day: dict[int, int] = field(default_factory=dict)
    by_month: dict[str, int] = field(default_factory=dict)

    def add(self, call: Call) -> None:
        """Add one call."""
        if call.owner.feature == FEATURE and call.estimate_nano:
            day, month = day_index(call.started_us), str(local(call.started_us).date())[:7]
            self.by_day[day] = self.by_day.get(day, 0) + call.estimate_nano
            self.by_month[month] = self.by_month.get(month, 0) + call.estimate_nano

    @property
    def limit_nano(self) -> int | None:
        """The monthly limit, in whole hundredths of a cent; None in a short demo."""
        day = eaten_day(self.days)
        if day is None:
            return None
        usual = [self.by_day.get(n, 0) for n in range(max(0, day - USUAL_DAYS), day)]
        return round(LIMIT_SHARE * 30 * sum(usual) / len(usual) / 10**5) * 10**5

    def append_limit(self, config: Path) -> None:
        """Add the limit to the `limits.csv` that is there."""
        if (limit := self.limit_nano) is None:
            return
        path = config / "limits.csv"
        row = f"feature,{FEATURE},month,{usd_text(limit)},hard,,{OWNER},,,what a month needs"
        lines = path.read_text(encoding="utf-8").splitlines()
        row += "," * (lines[0].count(",") - row.count(","))
        path.write_text("\n".join([*lines, row]) + "\n", encoding="utf-8")

    def as_limits(self) -> list[dict[str, Any]]:
        """Its rows among `limits` of truth.json."""
        if (limit := self.limit_nano) is None:
            return []
        return [
            {
                "scope": "feature", "member": FEATURE, "period": "month", "kind": "hard",
                "period_start": f"{month}-01", "limit_usd": usd_text(limit),
                "spent_usd": usd_text(nano), "passed_usd": usd_text(max(0, nano - limit)),
            }
            for month, nano in sorted(self.by_month.items())
        ]  # fmt: skip

    def as_truth(self) -> dict[str, Any]:
        """`month_in_a_day` of truth.json."""
        day, limit = eaten_day(self.days), self.limit_nano
        if day is None or limit is None:
            return {}
        return {
            "month_in_a_day": {
                "feature": FEATURE, "day": str(day_date(day)), "limit_usd": usd_text(limit),
                "spent_on_day_usd": usd_text(self.by_day[day]),
            }
        }  # fmt: skip
