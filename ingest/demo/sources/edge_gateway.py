"""The log of a second gateway of the demo: one customer's code reviews pass it before the first.

Each of its records is of a call that the first gateway logs, too, so none is a call of its own.
Of a stream it does not know the provider's response: there only the content tells.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ingest.demo.clock import day_date, day_index, iso_z, utc
from ingest.demo.money import usd_text
from ingest.demo.traffic.calls import Call

FROM = utc("2026-07-24")
TENANT, FEATURE = "dunmore", "code_review_bot"

EARLIER_US, LATER_US = 4_000, 3_000
"""A call reaches this gateway before the first one, and leaves it after."""

_ENCODE = json.JSONEncoder(separators=(",", ":")).encode


def passes(call: Call) -> bool:
    """Whether a call of the first gateway came through this one."""
    owner = call.owner
    return (
        call.started_us >= FROM
        and (owner.tenant, owner.feature) == (TENANT, FEATURE)
        and owner.traffic_class is None
        and call.operation == "chat"
        and call.status == "ok"
        and not call.gateway_hit
    )


def line(call: Call) -> str:
    """One line of the log, without the newline."""
    start, end = call.started_us - EARLIER_US, call.ended_us + LATER_US
    uncached, read, write_5m, write_1h, output = call.tokens
    record: dict[str, Any] = {
        "id": f"edge-{call.response_id[-16:]}",
        "start": _text(start),
        "end": _text(end),
        "customer": TENANT,
        "model": call.model,
        "usage": {
            "in": uncached, "read": read, "write_5m": write_5m, "write_1h": write_1h, "out": output,
        },
    }  # fmt: skip
    if not call.stream:
        record["response"] = call.response_id
    return _ENCODE(record)


def _text(us: int) -> str:
    return f"{iso_z(us)[:-1]}.{us % 1_000_000:06d}Z"


@dataclass
class SeenTwice:
    """Records of calls that both gateways logged, by UTC month and by what tells that they did."""

    months: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    def add(self, call: Call) -> None:
        """Add one call that both saw."""
        month = f"{day_date(day_index(call.started_us - EARLIER_US)):%Y-%m}"
        rule = "same content" if call.stream else "same response"
        totals = self.months.setdefault((month, rule), Counter())
        totals["records"] += 1
        totals["nano"] += call.estimate_nano or 0

    def as_truth(self) -> list[dict[str, Any]]:
        """`seen_twice`, a month and rule a line."""
        return [
            {"month": month, "rule": rule, "records": totals["records"],
             "usd": usd_text(totals["nano"])}
            for (month, rule), totals in sorted(self.months.items())
        ]  # fmt: skip
