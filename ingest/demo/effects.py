"""Every planted effect that has a size, on one list: whoever plants one more adds it here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from ingest.demo.clock import day_date, day_index
from ingest.demo.company.incidents import (
    BACKLOGS,
    CACHE_OUTAGE,
    FALLBACK_STORM,
    LEAKED_CALLS,
    LEAKED_KEY,
    PREFIX_BREAK,
    PRICE_CUT,
    REGRESSED_SUCCESS,
    REGRESSION,
    RUNAWAY,
)
from ingest.demo.company.task_types import TASK_TYPES
from ingest.demo.ledger import Ledger
from ingest.demo.money import usd_text
from ingest.demo.sources.bills import PIECES, PIECES_FROM
from ingest.demo.traffic.attempts import STORM_SHARE
from ingest.demo.traffic.prompts.price_modifiers import FIRST_MOMENTS
from ingest.demo.traffic.prompts.prompt_lengths import COMPRESSED_FROM, RELEASES
from ingest.demo.traffic.scenarios.backlog import DEEPEST
from ingest.demo.traffic.scenarios.eaten_month import eaten_incident
from ingest.demo.traffic.scenarios.new_key import KEY_CALLS, NEW_KEY

Document = dict[str, Any]

PRICE_FELL_TO = 5
"""The gateway's price over the provider's, from the cut until its map follows."""

ENOUGH_CALLS = 50
"""A model that answered fewer says nothing of a broken prefix."""


def effects_of(truth: Document, ledger: Ledger) -> list[Document]:
    """Name, first day, size and unit of each effect that began within the days of the demo."""
    return [
        {"name": name, "date": str(day), "size": str(size), "unit": unit}
        for name, day, size, unit in _effects(truth, ledger)
        if day <= day_date(ledger.days - 1)
    ]


def _effects(truth: Document, ledger: Ledger) -> Iterator[tuple[str, date, object, str]]:
    scale = float(truth["scale"])
    ticket = TASK_TYPES["support_ticket"]
    if ticket.later_minutes and ticket.human_minutes is not None:
        since, minutes = ticket.later_minutes
        yield "human_minutes", since, minutes - ticket.human_minutes, "minutes of a ticket"
    for version, (_, _, at_us) in RELEASES.items():
        fewer = sum(
            row["tokens"] for row in truth["prompt_releases"] if row["prompt_version"] == version
        )
        yield f"prompt_length {version}", _day(at_us), fewer, "tokens saved"
    compressed = _usd(row["usd"] for row in truth["compression"])
    yield "compression", _day(COMPRESSED_FROM), compressed, "USD saved"
    owed = _usd(row["usd"] for row in truth["cache_sharing"] if Decimal(row["usd"]) > 0)
    yield "cache_sharing", day_date(0), owed, "USD that tenants owe each other"
    for (dimension, member), at_us in FIRST_MOMENTS.items():
        differs = _usd(
            row["modifier_usd"] for row in truth["price_modifiers"]
            if (row["dimension"], row["member"]) == (dimension, member)
        )  # fmt: skip
        yield f"{dimension} {member}", _day(at_us), differs, "USD beyond the plain price"
    for row in truth["payback"]:
        if row["paid_back_date"]:
            day = date.fromisoformat(row["paid_back_date"])
            yield f"payback {row['task_type']}", day, row["one_off_usd"], "USD earned back"
    for fee in PIECES:
        billed = _usd(row["usd"] for row in truth["fees"] if row["fee"] == fee)
        yield f"fee {fee}", _day(PIECES_FROM), billed, "USD billed"
    yield from _of_incidents(truth, ledger, scale)


def _of_incidents(
    truth: Document, ledger: Ledger, scale: float
) -> Iterator[tuple[str, date, object, str]]:
    yield CACHE_OUTAGE.name, _day(CACHE_OUTAGE.start_us), 0, "hits of the day"
    yield PRICE_CUT.name, _day(PRICE_CUT.start_us), PRICE_FELL_TO, "reported over estimated"
    missed = _usd(
        row["usd"] for row in truth["changed_prefixes"]
        if min(row["calls"], row["calls_before"]) >= ENOUGH_CALLS
    )  # fmt: skip
    yield PREFIX_BREAK.name, _day(PREFIX_BREAK.start_us), missed, "USD not read from the cache"
    yield REGRESSION.name, _day(REGRESSION.start_us), REGRESSED_SUCCESS, "success rate"
    burnt = sum(
        task.cost_nano
        for task in ledger.tasks.values()
        if task.feature == RUNAWAY.scope["feature"] and RUNAWAY.active(task.started_us)
    )
    yield RUNAWAY.name, _day(RUNAWAY.start_us), usd_text(burnt), "USD of its tasks"
    yield FALLBACK_STORM.name, _day(FALLBACK_STORM.start_us), STORM_SHARE, "share that failed"
    leaked = round(LEAKED_CALLS * scale)
    yield LEAKED_KEY.name, _day(LEAKED_KEY.start_us), leaked, "calls"
    for backlog in BACKLOGS:
        yield backlog.name, _day(backlog.start_us), DEEPEST, "deepest queue"
    for refused in truth["refusals"]:
        day = date.fromisoformat(refused["first_at"][:10])
        share = refused["answered_requests"] / refused["requests"]
        yield "refused_and_answered", day, share, "share of refused requests"
        share = refused["server_error_requests"] / refused["requests"]
        yield "refused_and_broken", day, share, "share of refused requests"
    yield NEW_KEY.name, _day(NEW_KEY.start_us), round(KEY_CALLS * scale), "calls"
    for eaten in eaten_incident(ledger.days):
        spent = truth["month_in_a_day"]["spent_on_day_usd"]
        yield eaten.name, _day(eaten.start_us), spent, "USD of the day"


def _day(at_us: int) -> date:
    return day_date(day_index(at_us))


def _usd(amounts: Iterator[str]) -> Decimal:
    return sum((Decimal(amount) for amount in amounts), Decimal(0))
