"""Who pays in the demo: its tree, its rules and its revenue, against its generator's fractions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingest.demo.sources.invoices import OVERCHARGED_USD
from ingest.demo.sources.payers import AGREED_USD, BUDGETS, CREDIT_USD, RENEWED, REVENUE
from tests.demo.conftest import Published

MONTH = "strftime(month, '%Y-%m')"
HALF_A_NANO = Decimal("0.0000000005")
ROUNDING = HALF_A_NANO + Decimal("0.00000000001")
"""The answers have nine decimals; each share is within a unit of the twelfth."""


def test_every_day_s_charge_goes_to_the_cost_centre_of_that_day(published: Published) -> None:
    found = published.amounts(
        f"select {MONTH}, coalesce(cost_centre, 'unallocated'), sum(charge_usd)"
        " from marts.fct_showback where line = 'usage' group by all"
    )
    assert found == published.monthly("showback_usd.cost_centre")
    july = {name for month, name in found if month == "2026-07"}
    assert july == {"Service", "Back Office", "Product", "unallocated"}


def test_invoice_capture_changes_its_team_in_the_middle_of_july(published: Published) -> None:
    assert published.workspace.query(
        "select valid_from::varchar, valid_to::varchar, team, cost_centre, cost_centre_path, owner"
        " from marts.dim_org where kind = 'feature' and name = 'invoice_capture' order by all"
    ) == [
        ("1970-01-01", "2026-07-16", "Finance Automation", "Back Office",
         "Larkspur > Back Office", "jonas@larkspur.example"),
        ("2026-07-16", "9999-12-31", "Document Processing", "Service", "Larkspur > Service",
         "ines@larkspur.example"),
    ]  # fmt: skip


@pytest.mark.parametrize("dimension", ["feature", "tenant", "team"])
def test_the_vector_database_and_the_hosted_model_are_borne_by_rule(
    published: Published, dimension: str
) -> None:
    found = published.amounts(
        f"select {MONTH}, member, sum(charge_usd) from reports.rpt_showback"
        f" where dimension = '{dimension}' and pool is not null group by all"
    )
    expected = published.monthly(f"shared_usd.{dimension}")
    assert found.keys() == expected.keys()
    assert all(abs(found[key] - expected[key]) <= ROUNDING for key in found)


def test_the_pools_hold_the_two_bills_without_calls_and_nothing_else(published: Published) -> None:
    assert published.amounts(
        f"select {MONTH}, provider, sum(charge_usd) from marts.fct_showback"
        " where pool is not null group by all"
    ) == {
        key: usd
        for key, usd in published.monthly("charge_usd").items()
        if key[1] in ("vectorhaus", "rechenwerk")
    }
    assert published.workspace.query(
        "select distinct pool, line from marts.fct_showback where pool is not null order by all"
    ) == [
        ("VAT", "tax"), ("idle inference", "idle commitment"), ("own model", "shared cost"),
        ("search index", "shared cost"), ("start-up credit", "credit"),
        ("vector database", "shared cost"),
    ]  # fmt: skip


def test_an_outside_invoice_is_given_to_the_calls_of_its_tool(published: Published) -> None:
    found = published.workspace.query(
        f"select {MONTH}, feature, answered_calls, charge_usd, charge_per_call_usd,"
        " estimate_per_call_usd from reports.rpt_tools where tool_name = 'help-search' order by 1"
    )
    assert [row[:4] for row in found] == [
        (month, "support_assistant", answer["tool_invoice"]["calls"],
         Decimal(answer["tool_invoice"]["usd"]))
        for month, answer in sorted(published.truth["months"].items())
    ]  # fmt: skip
    for _, _, calls, usd, each, listed in found:
        assert abs(each - usd / calls) <= HALF_A_NANO
        assert listed == Decimal("0.45")
    without = "select count(charge_usd) from reports.rpt_tools where tool_name = 'market-data'"
    assert published.workspace.query(without) == [(0,)]


def test_a_tenant_s_margin_is_its_revenue_less_all_that_it_bears(published: Published) -> None:
    own, shared = (published.monthly(f"{part}_usd.tenant") for part in ("showback", "shared"))
    rows = published.workspace.query(
        f"select {MONTH}, tenant_id, revenue_usd, charge_usd, margin_usd"
        " from reports.rpt_tenant_margin"
    )
    assert len(rows) == 3 * 5
    for month, tenant, revenue, charge, margin in rows:
        renewed = tenant == RENEWED[0] and month >= f"{RENEWED[1]:%Y-%m}"
        assert revenue == (RENEWED[2] if renewed else REVENUE.get(tenant))
        assert abs(charge - own[month, tenant] - shared[month, tenant]) <= ROUNDING
        assert margin == (None if revenue is None else revenue - charge)


def test_whoever_carries_others_is_matched_by_who_is_carried(published: Published) -> None:
    """The two teams' key is the only one that does not follow the calls, but for the credit."""
    rows = published.workspace.query(
        "select month, dimension, sum(cross_subsidy_usd), max(abs(cross_subsidy_usd)) > 0"
        " from reports.rpt_cross_subsidy group by all"
    )
    assert [row[2:] for row in rows] == [(0, True)] * 6


def test_untagged_dollars_are_those_that_the_generator_left_without_a_tag(
    published: Published,
) -> None:
    for dimension in ("feature", "tenant"):
        assert published.amounts(
            f"select {MONTH}, charge_usd from reports.rpt_untagged_trend"
            f" where dimension = '{dimension}'"
        ) == published.monthly(f"untagged_on_billed_days_usd.no_{dimension}")
        assert published.amounts(
            f"select {MONTH}, estimate_usd from reports.rpt_untagged_trend"
            f" where dimension = '{dimension}'"
        ) == published.monthly(f"untagged_usd.no_{dimension}")


def test_the_agreement_and_the_credit_draw_what_the_bills_since_july_say(
    published: Published,
) -> None:
    charged = published.monthly("charge_usd")
    since = {key: usd for key, usd in charged.items() if key[0] >= "2026-07"}
    spent = sum(usd for (_, provider), usd in since.items() if provider == "anthropic")
    # usage with 19 % of tax and 5 % of credit is 114 % of it
    hosted = sum(usd for (_, provider), usd in since.items() if provider == "vectorhaus")
    given = hosted * 5 / 114
    found = published.workspace.query(
        "select commitment, drawn_usd, remaining_usd, exhausted_on, unused_at_end_usd > 0"
        " from reports.rpt_commitments where kind <> 'stated' order by commitment"
    )
    assert found == [
        ("Anthropic 2026 H2", spent, AGREED_USD - spent, None, True),
        ("Vectorhaus start-up credit", given, CREDIT_USD - given, None, True),
    ]


def test_statements_show_the_budget_of_every_month_and_what_is_left_of_it(
    published: Published,
) -> None:
    rows = published.workspace.query(
        f"select {MONTH}, kind, member, budget_usd, charged_usd, remaining_usd"
        " from marts.fct_statements where budget_usd is not null"
    )
    months = {month for month, _ in published.monthly("charge_usd")}
    assert {row[:4] for row in rows} == {
        (month, *member, usd) for month in months for member, usd in BUDGETS.items()
    }
    assert all(remaining == budget - charged for *_, budget, charged, remaining in rows)


def test_invoices_agree_with_their_lines_but_one_that_asks_for_a_known_amount_too_much(
    published: Published,
) -> None:
    """June and July are issued; July's asks for 7.50 more and is disputed, August has no number."""
    found = published.workspace.query(
        "select invoice_id, total, status, comparison, round(difference_usd, 2)"
        " from reports.rpt_invoices where provider = 'vectorhaus' order by invoice_id"
    )
    asked = {name: Decimal(usd) for name, usd in published.truth["invoices"].items()}
    assert found == [
        ("VH-202606", asked["VH-202606"], "paid", "agrees", 0),
        ("VH-202607", asked["VH-202607"], "disputed", "differs", OVERCHARGED_USD),
    ]


def test_who_stated_the_payer_of_every_call_is_known(published: Published) -> None:
    """A scout's model and API calls say nothing: they have it from the lead agent above."""
    found = published.workspace.query(
        "select strftime(month, '%Y-%m'), dimension, stated_by, calls, coalesce(estimate_usd, 0)"
        " from reports.rpt_stated_payers order by month, dimension, stated_by nulls first"
    )
    planted = [
        (row["month"], row["dimension"], row["stated_by"], row["calls"], Decimal(row["usd"]))
        for row in published.truth["stated_payers"]
    ]
    assert found == planted
    # the log of searches knows no features
    assert {row[1] for row in planted if row[2] == "rule"} == {"feature"}
    agents = {(row[0], row[1]): row[3] for row in planted if row[2] == "agent"}
    assert all(agents[month, "feature"] > agents[month, "tenant"] > 0 for month, _ in agents)
