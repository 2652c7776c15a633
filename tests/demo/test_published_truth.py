"""What the demo planted is what the warehouse publishes, number for number."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.demo.conftest import Published

MONTH = "strftime(month, '%Y-%m')"
DAYS_MONTH = "strftime(day, '%Y-%m')"
UTC_MONTH = "strftime(utc_day, '%Y-%m')"


@pytest.mark.parametrize(
    ("path", "sql"),
    [
        ("charge_usd", f"select {DAYS_MONTH}, provider, sum(charge_usd)"
         " from reports.rpt_spend_daily group by all"),
        ("gateway_estimate_by_provider_usd", f"select {DAYS_MONTH}, provider, sum(estimate_usd)"
         " from reports.rpt_spend_daily group by all"),
        ("gateway_estimate_usd", f"select {MONTH}, estimate_usd from reports.rpt_overview"),
        ("reported_usd", f"select {MONTH}, reported_usd from reports.rpt_overview"),
        ("gateway_cache.avoided_usd", f"select {MONTH}, avoided_usd from reports.rpt_overview"),
        ("gateway_estimate_by_source_usd", f"select {UTC_MONTH}, source_name, sum(estimate_usd)"
         " from marts.fct_usage_daily group by all"),
        ("untagged_usd.no_feature", f"select {UTC_MONTH}, sum(estimate_usd)"
         " from marts.fct_usage_daily where feature is null group by all"),
        ("untagged_usd.no_tenant", f"select {UTC_MONTH}, sum(estimate_usd)"
         " from marts.fct_usage_daily where tenant_id is null group by all"),
    ],
)  # fmt: skip
def test_spend_of_every_month(published: Published, path: str, sql: str) -> None:
    expected = published.monthly(path)
    assert expected
    assert published.amounts(sql) == expected


@pytest.mark.parametrize("dimension", ["feature", "tenant"])
def test_showback_gives_every_member_what_its_calls_cost(
    published: Published, dimension: str
) -> None:
    assert published.amounts(
        f"select {MONTH}, member, sum(charge_usd) from reports.rpt_showback"
        f" where dimension = '{dimension}' and line = 'usage' group by all"
    ) == published.monthly(f"showback_usd.{dimension}")
    assert published.amounts(
        f"select {MONTH}, member, sum(charge_usd) from reports.rpt_showback"
        f" where dimension = '{dimension}' and pool is null and member <> 'unallocated'"
        " group by all"
    ) == published.monthly(f"showback_usd.{dimension}")


@pytest.mark.parametrize("dimension", ["feature", "tenant"])
def test_showback_says_what_it_gives_to_nobody_and_why(
    published: Published, dimension: str
) -> None:
    lines = (
        f"select {MONTH}, provider, sum(charge_usd) from reports.rpt_showback"
        f" where dimension = '{dimension}' and line"
    )
    untagged = published.amounts(
        f"select {MONTH}, sum(charge_usd) from reports.rpt_showback where"
        f" dimension = '{dimension}' and line = 'untagged gateway traffic' group by all"
    )
    assert untagged == published.monthly(f"untagged_on_billed_days_usd.no_{dimension}")
    off_gateway = published.monthly("off_gateway_usd")
    searches = published.monthly("non_token_usd")
    found = published.amounts(
        f"{lines} in ('not seen by the gateway', 'no matching calls')"
        " and provider <> 'vectorhaus' group by all"
    )
    assert found == {key: off_gateway[key] + searches[key] for key in off_gateway | searches}


@pytest.mark.parametrize("dimension", ["feature", "tenant"])
def test_showback_sums_to_the_bill(published: Published, dimension: str) -> None:
    assert published.amounts(
        f"select {MONTH}, provider, sum(charge_usd) from reports.rpt_showback"
        f" where dimension = '{dimension}' group by all"
    ) == published.monthly("charge_usd")
    billed: dict[tuple[str], Decimal] = {}
    for (month, _), usd in published.monthly("charge_usd").items():
        billed[(month,)] = billed.get((month,), Decimal(0)) + usd
    assert (
        published.amounts(
            f"select {MONTH}, charge_usd from reports.rpt_showback_summary"
            f" where dimension = '{dimension}' and row_kind = 'total'"
        )
        == billed
    )
    assert published.amounts(f"select {MONTH}, charge_usd from reports.rpt_overview") == billed


def test_what_the_calls_explain_of_the_bill_is_their_estimate(published: Published) -> None:
    assert published.amounts(
        f"select {UTC_MONTH}, provider, sum(charge_usd) from marts.fct_allocations"
        " where line = 'usage' group by all"
    ) == published.monthly("gateway_estimate_on_billed_days_usd")


def test_web_searches_and_usage_outside_the_gateway_are_told_apart(published: Published) -> None:
    billed_apart = (
        f"select {UTC_MONTH}, provider, sum(charge_usd) from marts.fct_allocations"
        " where line in ('not seen by the gateway', 'no matching calls')"
        " and provider <> 'vectorhaus' and model_id is"
    )
    assert published.amounts(f"{billed_apart} null group by all") == published.monthly(
        "non_token_usd"
    )
    assert published.amounts(f"{billed_apart} not null group by all") == published.monthly(
        "off_gateway_usd"
    )


def test_what_is_billed_by_the_piece_is_told_by_its_kind(published: Published) -> None:
    """Neither bill counts web searches; that of a database has hours."""
    found = published.workspace.query(
        f"select {MONTH}, provider, cost_type, quantity, charge_usd from reports.rpt_fees"
        " where provider in ('openai', 'anthropic') order by 1, 2, 3"
    )
    assert found == [
        (row["month"], row["provider"], row["fee"],
         None if row["fee"] == "web_search" else row["quantity"], Decimal(row["usd"]))
        for row in published.truth["fees"]
    ]  # fmt: skip
    units = published.workspace.query(
        "select distinct quantity_unit from reports.rpt_fees where quantity is not null order by 1"
    )
    assert {"images", "requests", "seconds", "GB-Hours"} <= {unit for (unit,) in units}


def test_the_tie_out_finds_every_cell_with_usage_outside_the_gateway(published: Published) -> None:
    planted = {
        (cell["provider"], date.fromisoformat(cell["day"]), cell["model"],
         "over_billed" if cell["shared"] else "bill_only"):
        (Decimal(cell["direct_usd"]) + Decimal(cell["gateway_usd"]), Decimal(cell["gateway_usd"]))
        for cell in published.truth["off_gateway_cells"]
    }  # fmt: skip
    assert len(planted) > 40
    rows = published.workspace.query(
        "select provider, day, model, status, charge_usd, coalesce(estimate_usd, 0)"
        " from reports.rpt_tie_out where status in ('over_billed', 'bill_only')"
    )
    assert {row[:4]: row[4:] for row in rows} == planted


def test_every_other_billed_cell_ties_out_to_the_last_digit(published: Published) -> None:
    assert published.workspace.query(
        "select provider, status, max(abs(gap_usd)) from reports.rpt_tie_out"
        " where status not in ('over_billed', 'bill_only') and charge_usd is not null"
        " group by all order by provider"
    ) == [("anthropic", "tied", 0), ("openai", "tied", 0)]
    waiting = published.workspace.query(
        "select distinct day from reports.rpt_tie_out where status = 'not_billed_yet' order by 1"
    )
    assert waiting == [(date(2026, 8, 11),), (date(2026, 8, 12),)]
    assert published.truth["billed_through"] == "2026-08-10"


def test_the_reported_cost_is_wrong_while_the_gateway_keeps_the_old_price(
    published: Published,
) -> None:
    (cut,) = [item for item in published.truth["incidents"] if item["name"] == "price_cut"]
    found = published.workspace.query(
        "select day, bool_and(reported_usd > estimate_usd) from reports.rpt_spend_daily"
        " where reported_usd <> estimate_usd group by day order by day"
    )
    assert found == [
        (date(2026, 7, 30), True), (date(2026, 7, 31), True), (date(2026, 8, 1), True),
        (date(2026, 8, 2), True),
    ]  # fmt: skip
    assert (cut["start"][:10], cut["end"][:10]) == ("2026-07-30", "2026-08-03")


@pytest.mark.parametrize(
    ("path", "column"),
    [
        ("gateway_cache.hits", "cache_hits"),
        ("gateway_cache.lookups", "cache_lookups"),
        ("prefix_cache.cache_read_tokens", "billable_cache_read_tokens"),
        ("prefix_cache.input_tokens", "billable_input_tokens"),
        ("calls", "calls"),
        ("unpriced_calls", "unpriced_calls"),
    ],
)
def test_counts_of_every_month(published: Published, path: str, column: str) -> None:
    assert published.amounts(
        f"select {MONTH}, {column} from marts.fct_money_monthly"
    ) == published.monthly(path)


def test_the_overview_shows_hit_rates_of_those_counts(published: Published) -> None:
    shown = {
        month: (gateway, provider)
        for month, gateway, provider in published.workspace.query(
            f"select {MONTH}, gateway_cache_hit_ratio, provider_cache_hit_ratio"
            " from reports.rpt_overview"
        )
    }
    assert shown == {
        month: (
            pytest.approx(gateway["hits"] / gateway["lookups"], abs=1e-12),
            pytest.approx(prefix["cache_read_tokens"] / prefix["input_tokens"], abs=1e-12),
        )
        for month, answers in published.truth["months"].items()
        for gateway, prefix in [(answers["gateway_cache"], answers["prefix_cache"])]
    }


def test_the_daily_cache_rows_sum_to_the_whole(published: Published) -> None:
    calls, tokens = published.truth["calls"], published.truth["calls"]["tokens"]
    classes = ("input_uncached", "cache_read", "cache_write_5m", "cache_write_1h")
    (gateway, prefix) = published.workspace.query(
        "select layer, sum(hits), sum(lookups) from reports.rpt_cache_daily group by 1 order by 1"
    )
    assert gateway == ("gateway", calls["gateway_hits"], calls["gateway_lookups"])
    assert prefix == (
        "provider prefix", tokens["cache_read"], sum(tokens[name] for name in classes)
    )  # fmt: skip
    assert published.workspace.value(
        "select sum(saved_usd) from reports.rpt_cache_daily where layer = 'gateway'"
    ) == Decimal(calls["avoided_usd"])
    assert (
        published.workspace.value(
            "select hits from reports.rpt_cache_daily"
            " where layer = 'gateway' and day = '2026-07-06'"
        )
        == 0
    )  # the gateway's cache was down


def test_the_gateways_late_price_map_is_the_one_gap_of_its_own_costs(published: Published) -> None:
    """Its price of one model stays five times too high for four days; all else agrees."""
    rows = published.workspace.query(
        f"select {MONTH}, source_name, model, days_off, round(reported_ratio, 9), likely_reason"
        " from reports.rpt_reported_cost where days_off > 0 order by 1"
    )
    assert rows == [
        (month, "litellm", "gpt-5.6-luna", 2, 5.0, "other_price")
        for month in ("2026-07", "2026-08")
    ]
    estimate, reported = (
        published.monthly(path) for path in ("gateway_estimate_usd", "reported_usd")
    )
    assert published.amounts(
        f"select {MONTH}, sum(gap_usd) from reports.rpt_reported_cost where days_off > 0 group by 1"
    ) == {
        month: reported[month] - estimate[month]
        for month in reported
        if reported[month] != estimate[month]
    }
