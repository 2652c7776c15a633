"""The call files against the counts, tokens and money that truth.json states."""

from __future__ import annotations

import gzip
from collections import Counter, defaultdict
from decimal import Decimal

from tests.ingest.demo.plain import CLASSES, TOOL_PRICES, Demo, PlainCall


def chat_ok(call: PlainCall) -> bool:
    return call.operation == "chat" and call.status == "ok"


def money(amounts: dict[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(text) for name, text in amounts.items() if Decimal(text)}


def total(calls: list[PlainCall]) -> Decimal:
    return sum((call.cost() or Decimal(0) for call in calls), Decimal(0))


def test_rows_duplicates_and_distinct_calls_are_those_in_the_files(demo: Demo) -> None:
    truth = demo.truth["calls"]
    assert truth["rows_written"] == len(demo.rows)
    assert truth["distinct_calls"] == len(demo.calls)
    assert truth["duplicate_rows"] == len(demo.rows) - len(demo.calls)
    by_source = Counter(row.source for row in demo.rows)
    # the second gateway begins after these ten days
    assert truth["rows_written_by_source"] == dict(by_source) | {"edge-gateway": 0}


def test_a_working_day_has_the_promised_volume(demo: Demo) -> None:
    per_day = Counter(call.day.isoformat() for call in demo.calls)
    assert 1600 < per_day["2026-07-01"] < 2300
    assert len(per_day) == 10


def test_statuses_hits_lookups_and_unpriced_calls_are_those_in_the_files(demo: Demo) -> None:
    truth, calls = demo.truth["calls"], demo.calls
    assert truth["by_status"] == dict(Counter(call.status for call in calls))
    assert truth["gateway_hits"] == sum(call.hit for call in calls if call.operation == "chat")
    gateway = [call for call in calls if call.source == "litellm"]
    assert truth["gateway_lookups"] == sum(map(chat_ok, gateway))
    assert truth["ok_chat_calls"] == sum(map(chat_ok, calls))
    assert truth["unpriced_calls"] == sum(call.cost() is None for call in calls)
    assert truth["unpriced_calls"] == sum(call.model == "larkspur-triage-7b" for call in calls)


def test_tokens_by_class_leave_out_what_the_gateways_cache_answered(demo: Demo) -> None:
    paid = [call for call in demo.calls if not call.hit]
    for token_class in CLASSES:
        counted = sum(call.tokens[token_class] for call in paid)
        assert demo.truth["calls"]["tokens"][token_class] == counted
        assert counted > 0


def test_avoided_money_is_the_price_of_the_repeated_answers(demo: Demo) -> None:
    avoided = sum(
        (call.cost(hits_too=True) or Decimal(0) for call in demo.calls if call.hit), Decimal(0)
    )
    assert Decimal(demo.truth["calls"]["avoided_usd"]) == avoided > 0


def test_monthly_estimates_are_tokens_times_public_prices(demo: Demo) -> None:
    for month, truth in demo.truth["months"].items():
        calls = [call for call in demo.calls if f"{call.day:%Y-%m}" == month]
        assert Decimal(truth["gateway_estimate_usd"]) == total(calls)
        for source, text in truth["gateway_estimate_by_source_usd"].items():
            assert Decimal(text) == total([call for call in calls if call.source == source])
        assert Decimal(truth["reported_usd"]) == sum(call.reported for call in calls)


def test_showback_is_the_estimate_of_calls_on_billed_days_by_tag(demo: Demo) -> None:
    billed_through = demo.truth["billed_through"]
    for month, truth in demo.truth["months"].items():
        by_tag: dict[str, dict[str | None, Decimal]] = {
            "feature": defaultdict(Decimal),
            "tenant": defaultdict(Decimal),
        }
        for call in demo.calls:
            if call.model in TOOL_PRICES:
                continue  # nothing of it is on a bill
            if f"{call.day:%Y-%m}" == month and str(call.day) <= billed_through:
                by_tag["feature"][call.feature] += call.cost() or 0
                by_tag["tenant"][call.tenant] += call.cost() or 0
        for dimension, members in by_tag.items():
            untagged = members.pop(None)
            stated = money(truth["showback_usd"][dimension])
            assert stated == {str(member): cost for member, cost in members.items()}
            assert untagged
            assert Decimal(truth["untagged_on_billed_days_usd"][f"no_{dimension}"]) == untagged


def test_untagged_money_counts_the_days_that_are_not_billed_yet_too(demo: Demo) -> None:
    for month, truth in demo.truth["months"].items():
        calls = [call for call in demo.calls if f"{call.day:%Y-%m}" == month]
        no_feature = total([call for call in calls if call.feature is None])
        no_tenant = total([call for call in calls if call.tenant is None])
        assert Decimal(truth["untagged_usd"]["no_feature"]) == no_feature > 0
        assert Decimal(truth["untagged_usd"]["no_tenant"]) == no_tenant > 0


def test_monthly_cache_rates_have_the_files_numerators_and_denominators(demo: Demo) -> None:
    for month, truth in demo.truth["months"].items():
        calls = [call for call in demo.calls if f"{call.day:%Y-%m}" == month]
        paid = [call for call in calls if not call.hit]
        hits = sum(call.hit for call in calls if call.operation == "chat")
        assert truth["gateway_cache"]["hits"] == hits
        assert truth["prefix_cache"]["cache_read_tokens"] == sum(
            call.tokens["cache_read"] for call in paid
        )
        assert truth["prefix_cache"]["input_tokens"] == sum(
            sum(call.tokens[name] for name in CLASSES[:4]) for call in paid
        )
        assert truth["prefix_cache"]["chat_input_tokens"] == sum(
            sum(call.tokens[name] for name in CLASSES[:4])
            for call in paid
            if call.operation == "chat"
        )


def test_unreadable_lines_are_exactly_the_listed_ones(demo: Demo) -> None:
    listed = [(item["file"], item["line"]) for item in demo.truth["quarantine"]]
    assert demo.bad_lines() == listed
    assert len(listed) == 3


def test_the_resent_file_is_the_same_bytes_under_another_name(demo: Demo) -> None:
    [note] = [item for item in demo.truth["delivery"] if item["what"] == "identical_file"]
    folder = demo.inbox / "litellm"
    resent = (folder / note["file"]).read_bytes()
    assert resent == (folder / note["file"].replace("-resend", "")).read_bytes()
    assert gzip.decompress(resent).count(b"\n") == note["rows"]


def test_late_rows_stand_in_the_file_of_a_later_day_and_nowhere_else(demo: Demo) -> None:
    [late] = [item for item in demo.truth["delivery"] if item["what"] == "late_rows"]
    files = Counter(
        row.file for row in demo.gateway_rows() if row.day.isoformat() == late["of_day"]
    )
    assert files.pop(f"litellm-{late['day']}.jsonl.gz") == late["rows"] == 40
    assert list(files) == [f"litellm-{late['of_day']}.jsonl.gz"]


def test_the_split_day_comes_in_two_halves_that_share_no_row(demo: Demo) -> None:
    parts: dict[str, set[str]] = defaultdict(set)
    for row in demo.gateway_rows():
        if row.file.startswith("litellm-2026-07-04"):
            parts[row.file].add(f"{row.id} {row.started}")
    first, second = parts.values()
    assert not first & second
    assert abs(len(first) - len(second)) <= 1


def test_no_line_carries_prompt_text(demo: Demo) -> None:
    for _, _, text in demo.gateway_lines():
        assert text.count('"content":') == text.count('"content":"redacted-by-litellm"')
