"""Limits of the invented company, what passed them, and calls that were refused below one.

Its gateway enforces no cap, so everything beyond one passes: of a feature's month, and of the
large model's week when it answers for the mid one. A stranger's three hours on the last day take
nearly half of that model's week. And for an hour and a half the gateway's counter for one tenant is
far above its true spend.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingest.demo.clock import HOUR, SECOND, day_start, iso_z, local
from ingest.demo.company.prices import HAIKU, NO_TOKENS, SMALL
from ingest.demo.money import usd_text
from ingest.demo.traffic.calls import Call, Owner, dice, uuid_text

AMOUNTS = (
    ("company", "", "month", "54000", "soft", "0.5 | 0.8", "FinOps"),
    ("feature", "code_review_bot", "month", "19000", "hard", "", "Developer Tools"),
    ("tenant", "dunmore", "month", "6500", "soft", "0.8", "Sales"),
    ("tenant", "castellan", "month", "14000", "hard", "", "Sales"),
    ("model", "gpt-5-pro", "week", "500", "hard", "", "Gateway Team"),
)
"""Scope, member, period, US dollars at scale 1, kind, marks and owner."""

REFUSED_TENANT, REFUSED_FEATURE, REFUSED_TEAM = "castellan", "support_assistant", "Customer Support"
REFUSALS = 12
ANSWERED, ANSWER = (1, 3, 4, 7, 10), (2_400, 0, 0, 0, 300)
"""Refused requests that a small model answers, with so many tokens."""

BROKEN_OFF = (2, 6, 9)
"""Refused requests that the small model does not answer either: a server error."""

DAYS_BEFORE = 6
"""The counter runs away so many days before the last one."""

_FROM, _FOR = 10 * HOUR, 90 * 60 * SECOND


def limit_usd(usd: str, scale: float) -> Decimal:
    """The amount of a limit, which grows with the company."""
    return (Decimal(usd) * Decimal(str(scale))).quantize(Decimal("0.01"))


def write_limits(config: Path, scale: float) -> None:
    """Write `limits.csv`."""
    rows = [
        f"{scope},{member},{period},{limit_usd(usd, scale)},{kind},{marks},{owner},,,"
        for scope, member, period, usd, kind, marks, owner in AMOUNTS
    ]
    header = "scope,member,period,limit_usd,kind,warn_at,owner,valid_from,valid_to,note"
    (config / "limits.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def refused(seed: int, day: int, days: int) -> Iterator[Call]:
    """Calls of a UTC day that the gateway refuses for a budget; no other draw depends on them.

    A small model answers some of the requests after all, and some end there in a 500.
    """
    if day != max(0, days - 1 - DAYS_BEFORE):
        return
    rng = dice(seed, "refused")
    first = day_start(day) + _FROM
    owner = Owner(REFUSED_TENANT, REFUSED_FEATURE, None, None, None, REFUSED_TEAM, "prod", None)
    between = sorted(rng.randrange(_FOR) for _ in range(REFUSALS - 2))
    for number, after in enumerate((0, *between, _FOR)):
        request, at_us = uuid_text(rng), first + after
        refusal = Call(
            owner,
            request,
            request,
            at_us,
            at_us + rng.randint(2_000, 9_000),
            SMALL,
            NO_TOKENS,
            status="error",
            error="budget",
        )
        yield refusal
        later = replace(
            refusal,
            model=HAIKU,
            started_us=refusal.ended_us + SECOND,
            ended_us=refusal.ended_us + 3 * SECOND,
        )
        if number in ANSWERED:
            yield replace(
                later, response_id=f"msg_{request.replace('-', '')[:24]}",
                tokens=ANSWER, status="ok", error="",
            )  # fmt: skip
        elif number in BROKEN_OFF:
            yield replace(later, error="gateway_error")


@dataclass
class LimitTotals:
    """What the members of limits spent: when a call ended, and its nano-dollars."""

    spent: dict[tuple[str, str], list[tuple[int, int, int]]] = field(
        default_factory=lambda: {(scope, member): [] for scope, member, *_ in AMOUNTS}
    )
    refusals: list[int] = field(default_factory=list)

    def add(self, call: Call) -> None:
        """Add one call."""
        if call.error == "budget":
            self.refusals.append(call.started_us)
        for scope, member in (
            ("company", ""),
            ("feature", call.owner.feature),
            ("tenant", call.owner.tenant),
            ("model", call.model),
        ):
            if call.estimate_nano and (scope, member or "") in self.spent:
                self.spent[scope, member or ""].append(
                    (call.started_us, call.ended_us, call.estimate_nano)
                )

    def as_truth(self, scale: float) -> dict[str, list[dict[str, Any]]]:
        """`limits` and `refusals` of truth.json."""
        periods = []
        for scope, member, period, usd, kind, _, _ in AMOUNTS:
            limit = int(limit_usd(usd, scale) * 10**9)
            for start, nano in sorted(self._by_period(scope, member, period).items()):
                periods.append({
                    "scope": scope, "member": member or "all", "period": period, "kind": kind,
                    "period_start": start, "limit_usd": usd_text(limit),
                    "spent_usd": usd_text(nano), "passed_usd": usd_text(max(0, nano - limit)),
                })  # fmt: skip
        return {"limits": periods, "refusals": [self._refused(scale)] if self.refusals else []}

    def _by_period(self, scope: str, member: str, period: str) -> dict[str, int]:
        """Nano-dollars by first local day of the period in which a call starts."""
        found: dict[str, int] = {}
        for started, _, nano in self.spent[scope, member]:
            day = local(started).date()
            monday = day - timedelta(days=day.weekday())
            start = str(day.replace(day=1) if period == "month" else monday)
            found[start] = found.get(start, 0) + nano
        return found

    def _refused(self, scale: float) -> dict[str, Any]:
        first, last = min(self.refusals), max(self.refusals)
        month = (local(first).year, local(first).month)
        spent = sum(
            nano
            for started, ended, nano in self.spent["tenant", REFUSED_TENANT]
            if ended <= first and (local(started).year, local(started).month) == month
        )
        (usd,) = _amounts("tenant", REFUSED_TENANT)
        return {
            "scope": "tenant", "member": REFUSED_TENANT, "calls": len(self.refusals),
            "requests": REFUSALS, "answered_requests": len(ANSWERED),
            "server_error_requests": len(BROKEN_OFF), "first_at": iso_z(first),
            "minutes": (last - first) // (60 * SECOND),
            "usd": usd_text(int(limit_usd(usd, scale) * 10**9) - spent),
        }  # fmt: skip


def _amounts(scope: str, member: str) -> Sequence[str]:
    return [row[3] for row in AMOUNTS if row[:2] == (scope, member)]
