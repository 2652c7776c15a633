"""Shared cost, worked by hand: every number of `shared_cost.md`, computed from files."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.story.shared_month import CALLS, ORG, RULES, fill
from tests.story.test_month import assert_same_rows
from tests.story.worked import SHARED, value, values, worked
from tests.support.warehouse import Workspace

BILL = Decimal("208.35")
CELLS = ("chat acme", "chat bolt", "search acme", "search bolt")


@pytest.fixture(scope="module")
def october(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("shared"))
    fill(workspace)
    workspace.build()
    return workspace


def test_a_direct_charge_goes_to_the_team_that_has_the_feature_on_that_day(
    october: Workspace,
) -> None:
    found = october.query(
        "select feature, tenant_id, team, cost_centre, sum(charge_usd) from marts.fct_showback"
        " where line = 'usage' group by all"
    )
    expected = values("Direct", "feature", "tenant", "team", "cost centre", "charge", page=SHARED)
    assert_same_rows(found, expected)


def test_the_first_rule_that_fits_claims_a_line_and_usage_becomes_shared_cost(
    october: Workspace,
) -> None:
    found = october.query(
        "select pool, line, sum(charge_usd) from marts.fct_showback where line <> 'usage'"
        " group by all"
    )
    assert_same_rows(found, values("Invoice", "pool", "line", "billed", page=SHARED))


def test_every_pool_is_spread_by_its_rule_and_what_nobody_receives_stays_in_sight(
    october: Workspace,
) -> None:
    found = october.query(
        "select pool, line, case when feature is not null then feature || ' ' || tenant_id"
        " else 'nobody' end, sum(charge_usd) from marts.fct_showback group by all"
    )
    expected = [
        (value(row["pool"]), row["line"], cell, value(row[cell]))
        for row in worked("Shares", SHARED)
        for cell in (*CELLS, "nobody") if row[cell]
    ]  # fmt: skip
    assert_same_rows(found, expected)


def test_an_invoice_for_a_tool_is_what_each_of_its_answered_calls_cost(october: Workspace) -> None:
    """8.00 for four calls, three of chat; one more of search failed. Nobody called the crawler."""
    found = october.query(
        "select tool_name, feature, calls, answered_calls, charge_usd, charge_per_call_usd"
        " from reports.rpt_tools order by 1, 2"
    )
    (crawler,) = [value(row["billed"]) for row in worked("Invoice", SHARED)
                  if row["pool"] == "crawler"]  # fmt: skip
    assert found == [
        ("crawler", "unattributed", 0, 0, crawler, None),
        ("vector_search", "chat", 3, 3, 6, 2),
        ("vector_search", "search", 2, 1, 2, 2),
    ]


def test_features_tenants_teams_and_cost_centres_each_pay_the_whole_bill(
    october: Workspace,
) -> None:
    found = october.query(
        "select dimension, member, sum(charge_usd) from reports.rpt_showback group by all"
    )
    assert_same_rows(found, values("Who pays", "dimension", "member", "charge", page=SHARED))
    assert october.query(
        "select dimension, charge_usd from reports.rpt_showback_summary"
        " where row_kind = 'total' order by all"
    ) == [(dimension, BILL) for dimension in ("cost_centre", "feature", "team", "tenant")]
    assert october.value("select sum(charge_usd) from marts.fct_charges") == BILL


def test_who_is_carried_and_by_whom_sums_to_nothing(october: Workspace) -> None:
    found = october.query(
        "select dimension, member, direct_usd, shared_usd, borne_usd, cross_subsidy_usd"
        " from reports.rpt_cross_subsidy"
    )
    columns = ("dimension", "member", "direct", "shared", "borne", "carries")
    assert_same_rows(found, values("Who carries whom", *columns, page=SHARED))


def test_a_tenant_has_a_margin_where_its_revenue_is_known(october: Workspace) -> None:
    found = october.query(
        "select tenant_id, revenue_usd, charge_usd, margin_usd from reports.rpt_tenant_margin"
    )
    assert_same_rows(found, values("Margin", "tenant", "revenue", "charge", "margin", page=SHARED))


@pytest.mark.slow
def test_a_changed_rule_or_tree_computes_its_months_again_and_gives_what_a_fresh_build_gives(
    october: Workspace, tmp_path: Path
) -> None:
    """Seats go by shares as one more call arrives, then the reorganisation comes on the 3rd."""
    october.allocation(*[
        "seats,charge_description = seats,fixed,feature,chat = 25 and search = 75,,,"
        if rule.startswith("seats") else rule for rule in RULES
    ])  # fmt: skip
    october.drop("log", "late.csv", CALLS.splitlines()[0] + "\n"
                 "c9,2026-10-20T11:00:00Z,,search,acme,4000000,0\n")  # fmt: skip
    changes = october.build()
    assert not changes.full_refresh
    assert [str(day) for day in changes.days] == ["2026-10-01", "2026-10-02", "2026-10-20"]
    assert october.query(
        "select feature, sum(charge_usd) from marts.fct_showback where pool = 'seats'"
        " group by all order by all"
    ) == [("chat", 3), ("search", 9)]

    october.org(*[row.replace("2026-10-16", "2026-10-02") for row in ORG])
    moved = october.build()
    assert not moved.full_refresh
    assert october.query(
        "select team, sum(charge_usd) from marts.fct_showback where line = 'usage' group by all"
    ) == [("core", 16)]

    fresh = october.fresh(tmp_path)
    assert october.contents() == fresh.contents()
