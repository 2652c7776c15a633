"""A bill in euros, capacity that is reserved and half idle, who bears that, and internal prices."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingest.demo.sources.focus.inference_host import (
    CONTRACTED_PRICE,
    LIST_PRICE,
    PROVIDER_KEY,
    RESERVED_PRICE,
)
from tests.demo.conftest import Published

MONTH = "strftime(month, '%Y-%m')"


def test_a_bill_in_euros_is_converted_at_the_rate_of_each_day(published: Published) -> None:
    """And says what list and negotiated prices would have cost: 4.50, 4.20 and 3.00 a million."""
    planted = published.truth["other_currencies"]
    assert len(planted) == 3
    found = published.workspace.query(
        f"select {MONTH}, billing_currency, billed_cost, lowest_fx_rate, highest_fx_rate,"
        " charge_usd, negotiated_usd, commitment_saving_usd"
        f" from reports.rpt_bills where provider = '{PROVIDER_KEY}' order by 1"
    )
    idle = {row["month"]: Decimal(row["idle_usd"]) for row in published.truth["reserved_capacity"]}
    assert found == [
        (row["month"], "EUR", Decimal(row["billed"]), Decimal(row["lowest_rate"]),
         Decimal(row["highest_rate"]), Decimal(row["usd"]),
         Decimal(row["list_usd"]) - Decimal(row["contracted_usd"]),
         Decimal(row["contracted_usd"]) - Decimal(row["usd"]))
        for row in planted
    ]  # fmt: skip
    assert all(row[3] < row[4] for row in found[1:]), "the rate moves within a month"
    assert all(usd > 0 for usd in idle.values())
    assert {row[0] for row in published.workspace.query(
        "select distinct billing_currency from reports.rpt_bills"
    )} == {"USD", "EUR"}  # fmt: skip


def test_an_invoice_in_euros_is_compared_in_euros(published: Published) -> None:
    assert published.workspace.query(
        "select invoice_id, currency, total, comparison, total < charge_usd"
        f" from reports.rpt_invoices where provider = '{PROVIDER_KEY}' order by 1"
    ) == [
        (name, "EUR", Decimal(total), "agrees", True)
        for name, total in sorted(published.truth["invoices"].items())
        if name.startswith("RW")
    ]


def test_reserved_capacity_costs_more_than_its_tokens_would_on_demand(
    published: Published,
) -> None:
    """Reserved at two thirds of the list price, it breaks even when two thirds are used."""
    sums = {"used_tokens": 0, "used_usd": Decimal(0), "idle_usd": Decimal(0),
            "on_demand_usd": Decimal(0), "uncovered_usd": Decimal(0)}  # fmt: skip
    for row in published.truth["reserved_capacity"]:
        found = published.workspace.query(
            "select tokens, used_usd, idle_usd, on_demand_usd, uncovered_usd,"
            " utilisation_ratio, break_even_ratio, coverage_ratio, effective_usd_per_mtok"
            f" from marts.fct_commitment_months where commitment = '{row['commitment']}'"
            f" and {MONTH} = '{row['month']}'"
        )
        used, idle, demand, beyond = (
            Decimal(row[name]) for name in ("used_usd", "idle_usd", "on_demand_usd",
                                            "uncovered_usd")
        )  # fmt: skip
        (shown,) = found
        assert shown[:5] == (row["used_tokens"], used, idle, demand, beyond)
        assert shown[5:8] == (
            pytest.approx(float(used / (used + idle)), abs=1e-12),
            pytest.approx(float(RESERVED_PRICE / LIST_PRICE), abs=1e-12),
            pytest.approx(float(demand / (demand + beyond)), abs=1e-12),
        )
        per_million = (used + idle) * 10**6 / row["used_tokens"]
        assert shown[8] == pytest.approx(per_million, abs=Decimal("1e-9"))
        sums = {name: value + type(value)(row[name]) for name, value in sums.items()}
    assert CONTRACTED_PRICE < LIST_PRICE
    assert published.workspace.query(
        "select idle_usd, saving_usd from reports.rpt_commitments where kind = 'stated'"
    ) == [(sums["idle_usd"], sums["on_demand_usd"] - sums["used_usd"] - sums["idle_usd"])]


def test_two_teams_bear_what_lay_idle_as_they_asked_for_it(published: Published) -> None:
    found = published.amounts(
        f"select {MONTH}, member, sum(charge_usd) from reports.rpt_showback"
        " where dimension = 'team' and line = 'idle commitment' group by all"
    )
    planted = {
        (row["month"], row["team"]): Decimal(row["usd"])
        for row in published.truth["idle_commitment"]
    }
    assert {team for _, team in planted} == {"Customer Support", "Developer Tools"}
    assert {key: round(usd, 9) for key, usd in found.items()} == planted
    for dimension in ("feature", "tenant", "cost_centre"):
        assert published.workspace.value(
            "select sum(charge_usd) from reports.rpt_showback"
            f" where dimension = '{dimension}' and line = 'idle commitment'"
        ) == sum(found.values())


def test_members_are_charged_beyond_cost_what_internal_prices_say(published: Published) -> None:
    """Twelve percent on a tenant; a feature pays 6.75 a call, whatever its calls cost."""
    found = published.workspace.query(
        f"select {MONTH}, kind, member, sum(amount_usd) from reports.rpt_statement_lines"
        " where line = 'internal price' group by all order by 1, 2 desc"
    )
    planted = [
        (row["month"], row["kind"], row["member"], Decimal(row["usd"]))
        for row in published.truth["internal_prices"]
    ]
    assert [row[:3] for row in found] == [row[:3] for row in planted]
    # statements are in cents, each line rounded
    for (*_, shown), (*_, exact) in zip(found, planted, strict=True):
        assert abs(shown - exact) <= Decimal("0.05")


def test_tenants_that_share_a_prefix_owe_each_other_its_premium(published: Published) -> None:
    rows = published.workspace.query(
        f"select {MONTH}, sum(net_usd), sum(owes_usd), bool_or(is_settled)"
        " from reports.rpt_cache_sharing where dimension = 'tenant' group by all order by 1"
    )
    assert all(net == 0 and owed > 0 and not settled for _, net, owed, settled in rows)
    assert [row[0] for row in rows] == sorted({row[0] for row in rows}) != []
