"""What the demo's applications state of a call beside its usage, and what follows from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from ingest.demo.calls import Call
from ingest.demo.clock import local
from ingest.demo.money import usd_text

AUDITS = 3
"""One pull request in so many is an audit that nobody waits for."""


def is_interactive(call: Call) -> bool | None:
    """Whether somebody waits for the answer; the scanners' team and scripts do not say."""
    owner = call.owner
    if owner.task_id is None or owner.feature == "invoice_capture":
        return None
    return owner.task_type != "code_patch" or crc32(owner.task_id.encode()) % AUDITS > 0


def stated(call: Call) -> dict[str, Any]:
    """What goes into the metadata of a call."""
    waits = is_interactive(call)
    return {} if waits is None else {"is_interactive": waits}


@dataclass
class ContextTotals:
    """Totals of calls by what was stated of them, by local month.

    Attributes:
        offload: nano-dollars of calls at the standard tier that nobody waited for, by feature.
        offload_calls: how many they are.
    """

    offload: Counter[tuple[str, str]] = field(default_factory=Counter)
    offload_calls: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, call: Call) -> None:
        """Add one call."""
        if call.tier == "standard" and call.estimate_nano and is_interactive(call) is False:
            key = f"{local(call.started_us):%Y-%m}", call.owner.feature or ""
            self.offload[key] += call.estimate_nano
            self.offload_calls[key] += 1

    def as_truth(self) -> Mapping[str, object]:
        """The known answers; batch is half of the standard tier for every model of these calls."""
        return {
            "offload": [
                {
                    "month": month,
                    "feature": feature,
                    "calls": self.offload_calls[month, feature],
                    "standard_usd": usd_text(nano),
                    "batch_usd": usd_text(nano // 2),
                }
                for (month, feature), nano in sorted(self.offload.items())
            ]
        }
