"""Each planted incident does to its days what truth.json says it does."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from statistics import mean

from ingest.demo.clock import FIRST_DAY, utc
from ingest.demo.company.incidents import (
    FALLBACK_STORM,
    INCIDENTS,
    PREFIX_BREAK,
    REGRESSION,
    RUNAWAY,
)
from ingest.demo.traffic.calls import Call
from ingest.demo.traffic.days import Traffic
from ingest.demo.traffic.outcomes import Evaluation, decide


def day(text: str) -> list[Call]:
    """The gateway's calls of one day, generated on their own."""
    return Traffic(7, 1.0, 120).day((date.fromisoformat(text) - FIRST_DAY).days)


def hits(calls: Iterable[Call]) -> int:
    return sum(call.gateway_hit for call in calls)


def depths(calls: Iterable[Call], feature: str) -> Counter[str]:
    return Counter(
        call.owner.task_id
        for call in calls
        if call.owner.task_id
        and call.owner.feature == feature
        and call.operation == "chat"
        and call.status == "ok"
    )


def test_the_cache_outage_day_has_no_hit_and_its_neighbours_have_many() -> None:
    assert hits(day("2026-07-06")) == 0
    assert hits(day("2026-07-03")) > 30
    assert hits(day("2026-07-07")) > 30


def test_the_price_cut_makes_the_same_tokens_cost_a_fifth_but_the_report_lags() -> None:
    before, after = (
        [c for c in day(text) if c.model == "gpt-5.6-luna" and not c.gateway_hit]
        for text in ("2026-07-29", "2026-07-30")
    )
    for call in before:
        uncached, read, _, _, output = call.tokens
        assert call.estimate_nano == uncached * 1000 + read * 100 + output * 6000
    for call in after:
        uncached, read, _, _, output = call.tokens
        assert call.estimate_nano == uncached * 200 + read * 20 + output * 1200
        assert call.reported_nano == uncached * 1000 + read * 100 + output * 6000
    assert min(len(before), len(after)) > 300


def test_the_broken_prefix_reads_nothing_from_the_providers_cache_for_36_hours() -> None:
    assert PREFIX_BREAK.end_us - PREFIX_BREAK.start_us == 36 * 3600 * 10**6
    calls = [
        call
        for text in ("2026-08-11", "2026-08-12")
        for call in day(text)
        if call.owner.feature == "support_assistant" and not call.gateway_hit
    ]
    inside = [call for call in calls if PREFIX_BREAK.active(call.started_us)]
    outside = [call for call in calls if not PREFIX_BREAK.active(call.started_us)]
    assert sum(call.tokens[1] for call in inside) == 0
    assert sum(call.tokens[1] for call in outside) > 100_000
    versions = {call.owner.prompt_version for call in inside}
    assert "sup-12" in versions


def test_tasks_started_in_the_runaway_window_loop_about_ten_times_as_deep() -> None:
    calls = day("2026-09-17")
    found = depths(calls, "code_review_bot")
    first: dict[str | None, int] = {}
    for call in sorted(calls, key=lambda call: call.started_us):
        first.setdefault(call.owner.task_id, call.started_us)
    inside = [depth for task, depth in found.items() if RUNAWAY.active(first[task])]
    outside = [depth for task, depth in found.items() if not RUNAWAY.active(first[task])]
    assert len(inside) >= 3
    assert min(inside) >= 45
    assert max(outside) <= 18
    assert 7 < mean(inside) / mean(outside) < 13


def test_the_fallback_storm_moves_the_mid_models_traffic_to_the_large_one() -> None:
    calls = [call for call in day("2026-10-07") if FALLBACK_STORM.active(call.started_us)]
    failed = [call for call in calls if call.error == "unavailable"]
    served = [call for call in calls if call.fallbacks]
    assert len(failed) == len(served) > 50
    assert {call.model for call in failed} == {"gpt-5.5"}
    assert {call.model for call in served} == {"gpt-5-pro"}
    mid = [call for call in calls if call.model == "gpt-5.5" and not call.gateway_hit]
    assert len(failed) / len(mid) > 0.8


def test_tasks_of_the_bad_prompt_version_succeed_less_often() -> None:
    shares = {}
    for text in ("2026-09-01", "2026-09-03"):
        traffic = Traffic(7, 3.0, 120)
        calls = traffic.day((date.fromisoformat(text) - FIRST_DAY).days)
        tasks = {c.owner.task_id for c in calls if c.owner.feature == "invoice_capture"}
        said: dict[str, list[Evaluation]] = defaultdict(list)
        for item in traffic.evaluations:
            if item.task_id in tasks:
                said[item.task_id].append(item)
        decisions = [decide(evaluations) for evaluations in said.values()]
        shares[text] = mean(d is not None and d.status == "success" for d in decisions)
    assert shares["2026-09-01"] > 0.82
    assert shares["2026-09-03"] < 0.70
    assert REGRESSION.active(utc("2026-09-03"))


def test_every_incident_lies_inside_the_120_days() -> None:
    for incident in INCIDENTS:
        assert utc("2026-06-29") <= incident.start_us < incident.end_us <= utc("2026-10-27")
