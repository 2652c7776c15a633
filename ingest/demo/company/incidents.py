"""What goes wrong in the demo, when, and what each event does to the numbers."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.demo.clock import iso_z, utc
from ingest.demo.company.prices import GATEWAY_MAP_UPDATED_AT, LUNA_CUT_AT


@dataclass(frozen=True)
class Incident:
    """One planted event.

    Attributes:
        start_us: first moment, inclusive; end_us: last moment, exclusive.
        scope: the attribution values it touches.
        effect: what an engineer should find in the marts.
        driver: what moved, as `config/owners.csv` names it; owner: who acts on it.
    """

    name: str
    start_us: int
    end_us: int
    scope: dict[str, str]
    what: str
    effect: str
    driver: str
    owner: str

    def active(self, at_us: int) -> bool:
        """True from start (inclusive) to end (exclusive)."""
        return self.start_us <= at_us < self.end_us

    def as_truth(self) -> dict[str, object]:
        """The incident as it stands in truth.json."""
        return {
            "name": self.name,
            "start": iso_z(self.start_us),
            "end": iso_z(self.end_us),
            "scope": self.scope,
            "what": self.what,
            "expected_effect": self.effect,
            "driver": self.driver,
            "owner": self.owner,
        }


CACHE_OUTAGE = Incident(
    "gateway_cache_outage",
    utc("2026-07-06"),
    utc("2026-07-07"),
    {"layer": "gateway"},
    "the gateway's cache store is down for one UTC day",
    "no gateway cache hit on the day, at unchanged traffic; nothing avoided",
    "response_cache",
    "Gateway Team",
)
PRICE_CUT = Incident(
    "price_cut",
    LUNA_CUT_AT,
    GATEWAY_MAP_UPDATED_AT,
    {"model": "gpt-5.6-luna"},
    "the provider cuts the price to a fifth; the gateway's price map follows four days later",
    "estimate and bill fall from the first moment; the reported cost stays high until the end",
    "price",
    "FinOps",
)
PREFIX_BREAK = Incident(
    "prefix_cache_break",
    utc("2026-08-11T08:00"),
    utc("2026-08-12T20:00"),
    {"feature": "support_assistant", "prompt_version": "sup-12"},
    "a prompt version that starts with the time of day never matches the provider's prefix cache",
    "no cache_read tokens for the feature in these 36 hours; cost per call rises",
    "cache_mix",
    "Prompt Guild",
)
REGRESSION = Incident(
    "success_regression",
    utc("2026-09-02T06:00"),
    utc("2026-09-09T06:00"),
    {"feature": "invoice_capture", "prompt_version": "cap-5"},
    "a prompt version reads totals badly; it is rolled back after a week",
    "success rate of its tasks falls from about 0.91 to about 0.62; cost per call unchanged",
    "success_rate",
    "Document Processing",
)
RUNAWAY = Incident(
    "runaway_loop",
    utc("2026-09-17T13:00"),
    utc("2026-09-17T15:00"),
    {"feature": "code_review_bot"},
    "an agent keeps calling itself: tasks of these two hours make ten times the calls, in vain",
    "loop depth and cost per task about tenfold for tasks started in the window",
    "loops",
    "Developer Tools",
)
FALLBACK_STORM = Incident(
    "fallback_storm",
    utc("2026-10-07T09:00"),
    utc("2026-10-07T13:00"),
    {"model": "gpt-5.5"},
    "the mid model answers 503; the gateway falls back to the large model nine times in ten",
    "failed attempts on gpt-5.5, fallbacks served by gpt-5-pro; cost per call rises",
    "model_mix",
    "Gateway Team",
)

LEAKED_KEY = Incident(
    "leaked_key",
    utc("2026-10-26T15:00"),
    utc("2026-10-26T18:00"),
    {"team": "Customer Support"},
    "somebody who found the support team's key calls the large model, for no feature or customer",
    "untagged calls of the key for some forty times its usual hour, on the last day",
    "model_mix",
    "Gateway Team",
)
_BACKLOG = (
    {"feature": "support_assistant", "queue": "answer-workers"},
    "the pool of workers that answer for support falls behind; requests wait, time out after a"
    " minute and are made again",
    "queue depth up to 240, longer answers, timed-out attempts that are billed; calls unchanged",
    "loops",
    "Customer Support",
)
BACKLOGS = (
    Incident("queue_backlog", utc("2026-08-05T13:00"), utc("2026-08-05T17:00"), *_BACKLOG),
    Incident("queue_backlog_again", utc("2026-10-21T13:00"), utc("2026-10-21T17:00"), *_BACKLOG),
)

INCIDENTS = (CACHE_OUTAGE, PRICE_CUT, PREFIX_BREAK, REGRESSION, RUNAWAY, FALLBACK_STORM,
             LEAKED_KEY, *BACKLOGS)  # fmt: skip

REGRESSED_SUCCESS = 0.62
RUNAWAY_FACTOR = 10
LEAKED_CALLS = 110
