"""The provider pages against the usage that the call files show, at public prices."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.ingest.demo.plain import CLASSES, Demo, rate

Cells = dict[tuple[date, str, str], Decimal]

DIRECTIONS = {"input": "input_uncached", "cached input": "cache_read", "output": "output"}
TOKEN_TYPES = {
    "uncached_input_tokens": "input_uncached",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
    "output_tokens": "output",
}


def gateway_tokens(demo: Demo, provider: str) -> dict[tuple[date, str, str], int]:
    """Tokens that the provider saw, by day, model and class."""
    found: dict[tuple[date, str, str], int] = defaultdict(int)
    for call in demo.calls:
        ours = call.model.startswith("claude") == (provider == "anthropic")
        if ours and not call.hit and rate(call.model, call.tier, "output", call.day) is not None:
            for token_class in CLASSES:
                if call.tokens[token_class]:
                    found[call.day, call.model, token_class] += call.tokens[token_class]
    return found


def gateway_cost(demo: Demo, provider: str) -> Cells:
    """The same at public prices; only the batch workload uses gpt-4.1-mini."""
    costs: Cells = {}
    for (day, model, token_class), count in gateway_tokens(demo, provider).items():
        price = rate(model, "batch" if model == "gpt-4.1-mini" else "standard", token_class, day)
        assert price is not None
        costs[day, model, token_class] = count * price
    return costs


def openai_cost(page: dict[str, Any]) -> Iterator[tuple[date, str, str, Decimal]]:
    for bucket in page["response"]["data"]:
        day = datetime.fromtimestamp(bucket["start_time"], UTC).date()
        for result in bucket["results"]:
            model, _, words = result["line_item"].partition(", ")
            amount = Decimal(str(result["amount"]["value"]))
            assert result["amount"]["currency"] == "usd"
            yield day, model, DIRECTIONS.get(words, "no tokens"), amount


def anthropic_cost(page: dict[str, Any]) -> Iterator[tuple[date, str, str, Decimal]]:
    for bucket in page["response"]["data"]:
        day = datetime.fromisoformat(bucket["starting_at"]).date()
        for result in bucket["results"]:
            token_class = TOKEN_TYPES.get(result["token_type"], "no tokens")
            cents = Decimal(result["amount"])
            yield day, result["model"] or result["description"], token_class, cents.scaleb(-2)


READ_COST = {"openai": ("costs", openai_cost), "anthropic": ("cost_report", anthropic_cost)}


def billed(demo: Demo, provider: str) -> Cells:
    """The newest statement of every day, by day, model (or product) and class."""
    prefix, read = READ_COST[provider]
    newest: dict[date, Cells] = {}
    for page in demo.pages(provider, prefix):
        days: dict[date, Cells] = defaultdict(lambda: defaultdict(Decimal))
        for day, model, token_class, amount in read(page):
            days[day][day, model, token_class] += amount
        newest |= days
    return {key: amount for day in newest.values() for key, amount in day.items()}


def direct_cells(demo: Demo, provider: str) -> dict[tuple[date, str], dict[str, Any]]:
    return {
        (date.fromisoformat(cell["day"]), cell["model"]): cell
        for cell in demo.truth["off_gateway_cells"]
        if cell["provider"] == provider
    }


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_cell_without_direct_usage_is_billed_at_exactly_its_gateway_usage(
    demo: Demo, provider: str
) -> None:
    bill, usage = billed(demo, provider), gateway_cost(demo, provider)
    direct = direct_cells(demo, provider)
    covered = {day for day, _, _ in bill}
    plain = {
        key: amount
        for key, amount in bill.items()
        if key[:2] not in direct and key[2] != "no tokens"
    }
    assert plain == {
        key: amount for key, amount in usage.items() if key[0] in covered and key[:2] not in direct
    }
    assert len(plain) > 20


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_direct_usage_is_the_billed_rest_and_never_small_in_a_shared_cell(
    demo: Demo, provider: str
) -> None:
    bill, usage = billed(demo, provider), gateway_cost(demo, provider)
    direct = direct_cells(demo, provider)
    for (day, model), cell in direct.items():
        charge = sum(amount for key, amount in bill.items() if key[:2] == (day, model))
        logged = sum(amount for key, amount in usage.items() if key[:2] == (day, model))
        assert Decimal(cell["gateway_usd"]) == logged
        assert Decimal(cell["direct_usd"]) == charge - logged > 0
        assert cell["shared"] == (logged > 0)
        assert charge - logged >= logged * Decimal("0.05")


def test_direct_usage_stands_in_shared_cells_and_in_cells_of_its_own(demo: Demo) -> None:
    kinds = Counter(cell["shared"] for cell in demo.truth["off_gateway_cells"])
    assert kinds[True] >= 3
    assert kinds[False] >= 3


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_monthly_charges_are_the_sums_of_the_newest_statements(demo: Demo, provider: str) -> None:
    bill = billed(demo, provider)
    for month, truth in demo.truth["months"].items():
        amounts = {key: v for key, v in bill.items() if f"{key[0]:%Y-%m}" == month}
        assert Decimal(truth["charge_usd"][provider]) == sum(amounts.values())
        searches = sum(v for key, v in amounts.items() if key[2] == "no tokens")
        assert Decimal(truth["non_token_usd"].get(provider, 0)) == searches
        on_billed = Decimal(truth["gateway_estimate_on_billed_days_usd"][provider])
        direct = Decimal(truth["off_gateway_usd"].get(provider, 0))
        assert on_billed + direct + searches == sum(amounts.values())


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_an_older_page_states_its_newest_day_too_low(demo: Demo, provider: str) -> None:
    prefix, read = READ_COST[provider]
    older, newer = (
        {(d, m, c): a for d, m, c, a in read(page)} for page in demo.pages(provider, prefix)
    )
    assert older.keys() <= newer.keys()
    restated = {key for key in older if older[key] != newer[key]}
    assert {key[0] for key in restated} == {max(key[0] for key in older)}
    [note] = [item for item in demo.truth["delivery"] if item["what"] == "restated_bill"]
    assert {str(key[0]) for key in restated} == {note["day"]}
    assert all(older[key] < newer[key] for key in restated)


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_the_last_two_days_are_not_billed_yet(demo: Demo, provider: str) -> None:
    newest = max(day for day, _, _ in billed(demo, provider))
    assert newest.isoformat() == demo.truth["billed_through"] == "2026-07-06"
    assert demo.truth["as_of_day"] == "2026-07-08"


def test_openai_amounts_come_as_text_on_old_pages_and_as_numbers_later(demo: Demo) -> None:
    kinds = set()
    for page in demo.pages("openai", "costs"):
        values = {
            type(result["amount"]["value"])
            for bucket in page["response"]["data"]
            for result in bucket["results"]
        }
        kinds.add(tuple(values))
    assert (str,) in kinds


def test_openai_usage_counts_input_as_cached_plus_uncached(demo: Demo) -> None:
    logged = gateway_tokens(demo, "openai")
    direct = direct_cells(demo, "openai")
    page = demo.pages("openai", "usage-completions")[-1]
    compared = 0
    for bucket in page["response"]["data"]:
        day = datetime.fromtimestamp(bucket["start_time"], UTC).date()
        for result in bucket["results"]:
            cached, model = result["input_cached_tokens"], result["model"]
            assert result["input_tokens"] == cached + result["input_uncached_tokens"]
            if (day, model) not in direct:
                assert result["output_tokens"] == logged[day, model, "output"]
                assert cached == logged.get((day, model, "cache_read"), 0)
                assert result["num_model_requests"] == sum(
                    (call.day, call.model) == (day, model)
                    and not call.hit
                    and any(call.tokens.values())
                    for call in demo.calls
                )
                compared += 1
    assert compared > 10


def test_anthropic_usage_keeps_reads_and_writes_out_of_the_uncached_input(demo: Demo) -> None:
    logged = gateway_tokens(demo, "anthropic")
    page = demo.pages("anthropic", "usage-messages")[-1]
    compared = 0
    for bucket in page["response"]["data"]:
        day = datetime.fromisoformat(bucket["starting_at"]).date()
        for result in bucket["results"]:
            if result["workspace_id"] is None:
                model, written = result["model"], result["cache_creation"]
                assert result["uncached_input_tokens"] == logged[day, model, "input_uncached"]
                assert written["ephemeral_5m_input_tokens"] == logged[day, model, "cache_write_5m"]
                compared += 1
    assert compared > 10


def test_every_page_states_its_request_and_when_it_was_fetched(demo: Demo) -> None:
    for source in ("openai", "anthropic"):
        for page in demo.pages(source, ""):
            assert page["request"]["path"].startswith("/v1/organization")
            assert page["request"]["params"]["group_by"]
            assert datetime.fromisoformat(page["fetched_at"]).tzinfo is not None
            assert page["response"]["has_more"] is False
