"""Commitments that only bills know: what lay idle, what was given back, what no bill says."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.warehouse import Workspace

PLAN = "arn:aws:savingsplans::111:savingsplan/p"
RESERVED = "arn:aws:ec2:us-east-1:111:reserved-instances/r"
AWS = (
    "bill_payer_account_id,bill_billing_period_start_date,bill_billing_period_end_date,"
    "line_item_line_item_type,line_item_usage_start_date,line_item_usage_end_date,"
    "line_item_product_code,line_item_usage_type,line_item_usage_amount,line_item_unblended_cost,"
    "line_item_currency_code,savings_plan_savings_plan_a_r_n,"
    "savings_plan_savings_plan_effective_cost,savings_plan_total_commitment_to_date,"
    "savings_plan_used_commitment,reservation_reservation_a_r_n,reservation_effective_cost,"
    "reservation_unused_amortized_upfront_fee_for_billing_period,"
    "reservation_unused_recurring_fee,pricing_public_on_demand_cost\n"
)


def aws(kind: str, day: int, cost: str, benefit: str, *, until: int | None = None) -> str:
    start, end = f"2026-09-{day:02d}T00:00:00Z", f"2026-09-{(until or day):02d}T23:59:59Z"
    return (
        f"111,2026-09-01T00:00:00Z,2026-10-01T00:00:00Z,{kind},{start},{end},"
        f"AmazonEC2,box,1,{cost},USD,{benefit}\n"
    )


FOCUS = (
    "ProviderName,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,"
    "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,BilledCost,EffectiveCost,ListCost,"
    "CommitmentDiscountId,CommitmentDiscountStatus,SkuId\n"
)


def focus(account: str, charge: str) -> str:
    return (
        f"Acme,{account},USD,2026-09-01T00:00:00Z,2026-10-01T00:00:00Z,2026-09-02T00:00:00Z,"
        f"2026-09-03T00:00:00Z,{charge}\n"
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(
        tmp_path, models=("dim_commitments", "fct_commitment_months", "rpt_focus_charges")
    )


MONTH = (
    "select commitment, bought_usd, used_usd, idle_usd, on_demand_usd, saving_usd, coverage_ratio"
    " from marts.fct_commitment_months order by commitment"
)


def test_aws_states_what_lay_idle_beside_its_recurring_fees(workspace: Workspace) -> None:
    """A plan of 48.00 on two days, 30.50 used; a reservation of 300.00, 120.00 + 15.00 unused."""
    workspace.configure("aws", 'format = "aws_cur"')
    workspace.drop("aws", "a.csv", AWS
        + aws("SavingsPlanCoveredUsage", 4, "41.00", f"{PLAN},30.50,,,,,,,41.00")
        + aws("SavingsPlanNegation", 4, "-41.00", f"{PLAN},,,,,,,,")
        + aws("SavingsPlanRecurringFee", 4, "24.00", f"{PLAN},,24.00,23.25,,,,,")
        + aws("SavingsPlanRecurringFee", 5, "24.00", f"{PLAN},,24.00,7.25,,,,,")
        + aws("DiscountedUsage", 6, "0", f",,,,{RESERVED},165.00,,,")
        + aws("RIFee", 1, "300.00", f",,,,{RESERVED},,120.00,15.00,", until=30)
    )  # fmt: skip
    workspace.build()
    assert workspace.query(MONTH)[0][:4] == (RESERVED, 300, 165, 135)
    assert workspace.query(MONTH)[1] == (
        PLAN, 48, Decimal("30.5"), Decimal("17.5"), 41, Decimal("-7"), 1.0
    )  # fmt: skip
    # the month's fee lies idle on every day of it, its cash stands where the line stands
    days = workspace.query(
        "select idle_usd, billed_usd from marts.fct_commitment_daily"
        f" where commitment = '{RESERVED}' order by utc_day"
    )
    assert days[:2] == [(Decimal("4.5"), 300), (Decimal("4.5"), None)]
    assert sum(idle for idle, _ in days) == 135


def test_a_list_cost_of_nothing_beside_a_cost_is_unknown(workspace: Workspace) -> None:
    workspace.configure("acme", 'format = "focus"')
    workspace.drop("acme", "a.csv", FOCUS
        + focus("A", "Usage,0,7.25,0,res,Used,s") + focus("A", "Usage,0,2.75,0,res,Unused,s")
        + focus("A", "Usage,0,0,0,,,free")
    )  # fmt: skip
    workspace.build()
    assert workspace.query(MONTH) == [("res", 10, Decimal("7.25"), Decimal("2.75"), *[None] * 3)]
    assert workspace.query("select sku_id, list_cost from marts.fct_charges order by all") == [
        ("free", 0), ("s", None), ("s", None)
    ]  # fmt: skip


def test_another_account_s_usage_could_not_have_been_covered(workspace: Workspace) -> None:
    """12.00 at list covered; 4.00 of the same SKU on demand, and 100.00 of another account."""
    workspace.configure("acme", 'format = "focus"')
    workspace.drop("acme", "a.csv", FOCUS
        + focus("A", "Usage,0,6.00,12.00,res,Used,s") + focus("A", "Usage,4.00,4.00,4.00,,,s")
        + focus("B", "Usage,100.00,100.00,100.00,,,s")
    )  # fmt: skip
    workspace.build()
    assert workspace.query(MONTH) == [("res", 6, 6, 0, 12, 6, 0.75)]


def test_what_was_given_back_is_not_exhausted_and_cash_alone_does_not_tell_use(
    workspace: Workspace,
) -> None:
    workspace.configure("acme", 'format = "focus"')
    workspace.drop("acme", "a.csv", FOCUS
        + focus("A", "Purchase,810.00,0,810.00,res,,r") + focus("A", "Purchase,-810.00,0,,res,,r")
        + focus("A", "Usage,0,,,res,Used,s")
    )  # fmt: skip
    workspace.build()
    assert workspace.query(
        "select committed_usd, used_usd, idle_usd, drawn_usd, exhausted_on, saving_usd"
        " from marts.dim_commitments"
    ) == [(0, None, None, None, None, None)]
    assert workspace.query(
        'select "BilledCost", "EffectiveCost", "ContractedCost", "ListCost"'
        """ from reports.rpt_focus_charges where "ChargeCategory" = 'Usage'"""
    ) == [(0, None, None, None)]
