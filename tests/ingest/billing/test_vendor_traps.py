"""The traps of OpenAI's and Anthropic's reports, one test each, named after the trap.

Those of the formats' own tests that say the same in more detail are named in a comment.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ingest.billing.anthropic import reader as anthropic
from ingest.billing.openai import reader as openai
from ingest.errors import SourceFileError
from ingest.records.format import InputFile
from tests.ingest.billing.anthropic import test_claude_code as claude_code
from tests.ingest.billing.anthropic import test_console_csv as console
from tests.ingest.billing.anthropic.test_reader import USAGE, wrapped
from tests.ingest.billing.anthropic.test_reader import page_of as anthropic_page
from tests.ingest.billing.openai.test_reader import a_charge
from tests.ingest.billing.openai.test_reader import page_of as openai_page

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

COMPLETIONS = {
    "object": "organization.usage.completions.result", "input_tokens": 1000,
    "input_cached_tokens": 400, "input_cache_write_tokens": 100, "output_tokens": 50,
}  # fmt: skip


@pytest.fixture
def read(as_file: Lay, stage: Stage) -> Callable[..., list[dict[str, Any]]]:
    """Return a function that reads a page or its text, by OpenAI's reader unless told."""

    def run(page: Any, source: Any = openai, name: str = "page.json") -> list[dict[str, Any]]:
        content = page if isinstance(page, str) else json.dumps(page)
        return stage(source.FORMAT, as_file(content, name))

    return run


Read = Callable[..., list[dict[str, Any]]]


def tokens(row: dict[str, Any]) -> int:
    """All tokens of a row's vector, reasoning aside."""
    return sum(
        value or 0
        for name, value in row.items()
        if name.endswith("_tokens") and name != "reasoning_tokens"
    )


# -- facts about both ------------------------------------------------------------------------


def test_fact_1_the_same_digits_are_dollars_or_cents_by_report(read: Read) -> None:
    amount = {"value": 1234.5, "currency": "usd"}
    (dollars,) = read(openai_page(a_charge(amount=amount)))
    cents_text = {"amount": "1234.5", "currency": "USD"}
    (cents,) = read(anthropic_page(cents_text), anthropic)
    (estimate,) = read(claude_code.page_of(claude_code.RECORD), anthropic)
    export = console.csv_of(console.COST_HEADER, console.a_cost("1234.5"))
    (line,) = read(export, anthropic, "cost.csv")
    assert (dollars["billed_cost"], cents["billed_cost"]) == (Decimal("1234.5"), Decimal("12.345"))
    assert estimate["x_estimated_cost_usd"] == Decimal("12.345")
    assert line["billed_cost"] == Decimal("1234.5")


def test_fact_2_input_tokens_include_cached_ones_at_openai_and_exclude_them_at_anthropic(
    read: Read,
) -> None:
    (theirs,) = read(openai_page(COMPLETIONS))
    (others,) = read(anthropic_page(USAGE), anthropic)
    assert tokens(theirs) == 1000 + 50
    assert tokens(others) == 1500 + 200 + 500 + 1000 + 500


def test_fact_3_costs_know_no_user_and_usage_knows_no_amount(read: Read) -> None:
    (cost,) = read(openai_page(a_charge(user_id="user_1", line_item="gpt-4o, input")))
    (usage,) = read(openai_page(COMPLETIONS | {"amount": {"value": 5, "currency": "usd"}}))
    assert "user_1" not in str(cost)
    assert (usage["table"], "billed_cost" in usage) == ("billing_usage", False)
    (cost,) = read(anthropic_page({"amount": "5", "currency": "USD"}), anthropic)
    assert cost["x_api_key_id"] is None


def test_fact_4_a_null_means_not_asked_for_unless_the_request_grouped_by_it(read: Read) -> None:
    page = anthropic_page({"amount": "5", "currency": "USD", "workspace_id": None})
    (asked,) = read(wrapped(page, **{"group_by[]": ["workspace_id"]}), anthropic)
    (not_asked,) = read(wrapped(page, **{"group_by[]": ["description"]}), anthropic)
    assert (asked["sub_account_id"], not_asked["sub_account_id"]) == ("default", None)


def test_fact_5_priority_usage_makes_no_cost_and_code_execution_makes_no_usage(
    read: Read,
) -> None:
    (priority,) = read(anthropic_page(USAGE | {"service_tier": "priority"}), anthropic)
    assert (priority["table"], priority["service_tier"]) == ("billing_usage", "priority")
    execution = {"amount": "5", "currency": "USD", "cost_type": "code_execution"}
    (cost,) = read(anthropic_page(execution), anthropic)
    assert (cost["table"], cost["x_cost_type"], cost["x_model"]) == (
        "billing_charges", "code_execution", None,
    )  # fmt: skip


def test_fact_6_buckets_are_utc_and_half_open_and_empty_ones_are_returned(read: Read) -> None:
    (row,) = read(openai_page(a_charge()))
    assert (row["charge_period_start"], row["charge_period_end"]) == (
        datetime(2024, 11, 1), datetime(2024, 11, 2),
    )  # fmt: skip
    assert read(openai_page()) == []
    assert read(anthropic_page(), anthropic) == []


def test_fact_7_a_later_answer_restates_a_bucket_and_an_older_watermark_does_not(
    read: Read,
) -> None:
    cost = {"amount": "5", "list_amount": "5", "currency": "USD", "product": "chat"}
    found = [
        read(anthropic_page(cost) | {"data_refreshed_at": f"2025-08-0{day}T00:00:00Z"}, anthropic)
        for day in (9, 2)
    ]
    assert len({rows[0]["x_restatement_key"] for rows in found}) == 1
    assert found[0][0]["x_as_of"] - found[1][0]["x_as_of"] == timedelta(days=7)


@pytest.mark.parametrize("stated", ['"12.50"', "12.50", "12.5"])
def test_fact_8_an_amount_may_be_a_number_or_a_text(read: Read, stated: str) -> None:
    (row,) = read(openai_page(a_charge()).replace("0.06", stated))
    assert row["billed_cost"] == Decimal("12.5")


def test_fact_8_an_amount_may_have_an_absurd_exponent(read: Read) -> None:
    (row,) = read(openai_page(a_charge()).replace("0.06", "0E-6176"))
    assert row["billed_cost"] == 0


def test_fact_9_cents_become_dollars_without_a_double(read: Read) -> None:
    (row,) = read(anthropic_page({"amount": "2799.187450", "currency": "USD"}), anthropic)
    assert row["billed_cost"] == Decimal("27.9918745")


# -- OpenAI (1.6) ----------------------------------------------------------------------------


def test_openai_a_cached_tokens_are_part_of_input_and_are_not_added_to_it(read: Read) -> None:
    (row,) = read(openai_page(COMPLETIONS))
    assert (row["input_uncached_tokens"], row["cache_read_tokens"]) == (500, 400)
    assert row["cache_write_other_tokens"] == 100


def test_openai_b_pages_of_before_2026_give_a_derived_uncached_count(read: Read) -> None:
    old = {k: v for k, v in COMPLETIONS.items() if k != "input_cache_write_tokens"}
    (row,) = read(openai_page(old))
    assert (row["input_uncached_tokens"], row["cache_write_other_tokens"]) == (600, None)


def test_openai_c_uncached_text_is_not_taken_for_a_total(read: Read) -> None:
    (row,) = read(openai_page(COMPLETIONS | {"input_text_tokens": 7, "output_text_tokens": 1}))
    assert tokens(row) == 1000 + 50


def test_openai_d_the_batch_discount_shows_in_usage_and_not_in_costs(read: Read) -> None:
    (usage,) = read(openai_page(COMPLETIONS | {"batch": True}))
    (cost,) = read(openai_page(a_charge(line_item="gpt-4o-2024-08-06, input")))
    assert (usage["is_batch"], cost["x_service_tier"]) == (True, None)


def test_openai_e_spend_on_tools_is_explained_by_endpoints_of_its_own(read: Read) -> None:
    (cost,) = read(openai_page(a_charge(line_item="Web search tool calls")))
    searches = {"object": "organization.usage.web_searches.result", "num_requests": 2}
    (usage,) = read(openai_page(searches))
    assert (cost["x_cost_type"], usage["usage_type"]) == ("web_search", "web_search_calls")
    assert (usage["quantity"], usage["quantity_unit"]) == (2, "searches")


def test_openai_f_no_results_are_nothing_and_no_buckets_are_an_error_unless_fetched(
    read: Read,
) -> None:
    assert read(openai_page()) == []
    nothing = {"object": "page", "data": [], "has_more": False}
    with pytest.raises(SourceFileError, match="no data returned"):
        read(nothing)
    request = {"path": "/v1/organization/costs", "params": {"start_time": 1730419200}}
    assert read({"request": request, "response": nothing}) == []


@pytest.mark.parametrize(
    "params",
    [{"group_by": ["workspace_id", "model"]}, {"group_by[]": ["model", "workspace_id"]},
     {"group_by": "workspace_id,model"}],
    ids=["repeated", "brackets", "joined"],
)  # fmt: skip
def test_openai_g_every_spelling_and_order_of_group_by_is_one_request(
    read: Read, params: dict[str, Any]
) -> None:
    (row,) = read(wrapped(anthropic_page(USAGE), **params), anthropic)
    assert row["sub_account_id"] == "default"
    assert row["x_restatement_key"] == "anthropic|usage_report/messages|2025-08-01T00:00:00Z"


def test_openai_h_one_bucket_of_many_dimensions_is_many_rows_of_one_key(read: Read) -> None:
    results = [COMPLETIONS | {"model": m, "user_id": u} for m in "abc" for u in "xy"]
    found = read(openai_page(*results))
    assert len(found) == 6
    assert len({row["x_restatement_key"] for row in found}) == 1
    assert len({row["x_record"] for row in found}) == 6


@pytest.mark.parametrize("field", ["threshold_amount", "interval"])
def test_openai_spend_limits_are_cents_and_no_bill(read: Read, field: str) -> None:
    limit = {"object": "organization.spend_limit", field: 10000}
    with pytest.raises(SourceFileError, match="not a bill"):
        read(limit)


# -- Anthropic (2.6) -------------------------------------------------------------------------


def test_anthropic_cache_writes_of_five_minutes_and_an_hour_are_priced_apart(read: Read) -> None:
    cost = {"amount": "1", "currency": "USD"}
    types = [f"cache_creation.ephemeral_{time}_input_tokens" for time in ("5m", "1h")]
    found = read(anthropic_page(*(cost | {"token_type": t} for t in types)), anthropic)
    assert [row["x_token_class"] for row in found] == ["cache_write_5m", "cache_write_1h"]


def test_anthropic_the_sum_of_cache_writes_is_not_added_to_its_parts(read: Read) -> None:
    (row,) = read(anthropic_page(USAGE | {"cache_creation_input_tokens": 1500}), anthropic)
    assert (row["cache_write_5m_tokens"], row["cache_write_1h_tokens"]) == (500, 1000)
    assert row["cache_write_other_tokens"] is None
    (row,) = read(claude_code.page_of(claude_code.RECORD), anthropic)
    assert (row["cache_write_other_tokens"], row["cache_write_5m_tokens"]) == (40, None)


def test_anthropic_a_pull_by_workspace_alone_has_its_amount_and_no_model(read: Read) -> None:
    page = anthropic_page({"amount": "5", "currency": "USD", "workspace_id": "w"})
    (row,) = read(wrapped(page, **{"group_by[]": ["workspace_id"]}), anthropic)
    assert (row["sub_account_id"], row["x_model"], row["x_token_class"]) == ("w", None, None)


def test_anthropic_long_context_is_a_row_of_its_own(read: Read) -> None:
    cost = {"amount": "5", "currency": "USD", "model": "m", "token_type": "output_tokens"}
    bands = ("0-200k", "200k-1M")
    found = read(anthropic_page(*(cost | {"context_window": band} for band in bands)), anthropic)
    details = [json.loads(row["sku_price_details"])["x_ContextWindow"] for row in found]
    assert tuple(details) == bands
    (usage,) = read(anthropic_page(USAGE | {"context_window": "200k-1M"}), anthropic)
    assert usage["context_window"] == "200k-1M"


def test_anthropic_the_default_workspace_is_a_member_and_no_null(read: Read) -> None:
    page = anthropic_page(USAGE | {"workspace_id": None})
    (api,) = read(wrapped(page, **{"group_by[]": ["workspace_id"]}), anthropic)
    export = console.csv_of(console.COST_HEADER, console.a_cost(workspace="Default"))
    (line,) = read(export, anthropic, "cost.csv")
    assert (api["sub_account_id"], line["sub_account_id"]) == ("default", "default")


def test_anthropic_estimates_of_claude_code_are_never_a_charge(read: Read) -> None:
    found = read(claude_code.page_of(claude_code.RECORD), anthropic)
    assert {row["table"] for row in found} == {"billing_usage"}
