"""FOCUS' published examples of commitments, prepayment and corrections, through a whole build.

Each file stands for a provider of its own, named after the file, and so does its commitment: the
examples share one placeholder. Columns that an example leaves out (currency, provider) are added;
`$50,000.00` becomes a number; `T30:00:00Z`, a slip in two examples, the 6th hour of the next day.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.warehouse import Workspace

pytestmark = pytest.mark.slow

EXAMPLES = ("spec_v1.2_examples", "spec_draft_ai_examples")
PLACEHOLDER = "<my-commitment-discount-id>"

COMMITMENTS = (
    # what FOCUS' spend agreement promises for its year, and what its prepaid tokens cost
    "deal,spend,saas_spend_agreements_a1,charge_description = Monthly usage*,1200,,,,2025-04-01,"
    "2026-04-01,",
    "tokens,credit,virtual_currency_pricing_model_a2,,200000,,,,2025-04-01,2026-04-01,",
)

Rows = list[dict[str, str]]


def example(path: Path) -> Rows:
    """Rows of an example, with what every bill must say."""
    with path.open(newline="", encoding="utf-8-sig") as stream:
        rows = [row for row in csv.DictReader(stream) if any(row.values())]
    for row in rows:
        row["ProviderName"] = path.stem
        row["BillingCurrency"] = row.get("BillingCurrency") or "USD"
        for name, value in row.items():
            value = value.replace(PLACEHOLDER, path.stem).replace("-01T30:00", "-02T06:00")
            if value.startswith("$"):
                value = value.strip("$ ").replace(",", "")
            row[name] = "" if value == "null" else value
    return rows


def year_of_hours() -> Rows:
    """The one-time purchase of scenario 1, and each of its days: 24.00, partly unused."""
    shared = {"ProviderName": "year", "BillingCurrency": "USD", "CommitmentDiscountId": "year"}
    rows = [
        shared | {"ChargePeriodStart": "2023-01-01", "ChargePeriodEnd": "2024-01-01",
                  "ChargeCategory": "Purchase", "BilledCost": "8760", "EffectiveCost": "0"}
    ]  # fmt: skip
    for number in range(365):
        day = date(2023, 1, 1) + timedelta(days=number)
        for status, cost in (("Used", number % 25), ("Unused", 24 - number % 25)):
            rows.append(
                shared | {"ChargePeriodStart": str(day), "ChargePeriodEnd": str(day + timedelta(1)),
                          "ChargeCategory": "Usage", "CommitmentDiscountStatus": status,
                          "BilledCost": "0", "EffectiveCost": str(cost)}
            )  # fmt: skip
    return rows


def as_csv(rows: Rows) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.fixture(scope="module")
def examples(shared: Path) -> dict[str, Rows]:
    folder = shared / "samples" / "billing" / "focus"
    return {
        path.stem: example(path) for name in EXAMPLES for path in sorted((folder / name).iterdir())
    }


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, examples: dict[str, Rows]) -> Workspace:
    workspace = Workspace(
        tmp_path_factory.mktemp("commitments"), models=("dim_commitments", "fct_commitment_months")
    )
    workspace.configure("focus", 'format = "focus"\nrestates = "rows"\n')
    for name, rows in examples.items():
        workspace.drop("focus", f"{name}.csv", as_csv(rows))
    year = year_of_hours()
    for when in sorted({row["ChargePeriodStart"][:7] for row in year}):
        own = [row for row in year if row["ChargePeriodStart"].startswith(when)]
        workspace.drop("focus", f"year-{when}.csv", as_csv(own))
    workspace.commitments(*COMMITMENTS)
    workspace.build()
    return workspace


def month(text: str) -> str:
    """Month of a date as the examples write it: ISO, or month/day/year."""
    if "/" in text:
        return datetime.strptime(text, "%m/%d/%y").strftime("%Y-%m")
    return text[:7]


def test_every_example_gives_its_billed_and_effective_totals_by_month_to_the_last_digit(
    workspace: Workspace, examples: dict[str, Rows]
) -> None:
    for period in ("Billing", "Charge"):
        expected: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 2)
        for name, rows in examples.items():
            for row in rows:
                sums = expected[name, month(row[f"{period}PeriodStart"])]
                expected[name, month(row[f"{period}PeriodStart"])] = [
                    sums[0] + Decimal(row["BilledCost"]), sums[1] + Decimal(row["EffectiveCost"])
                ]  # fmt: skip
        found = workspace.query(
            f"select provider_name, strftime({period.lower()}_period_start, '%Y-%m'),"
            " sum(charge_usd), sum(effective_usd) from marts.fct_charges"
            " where provider_name <> 'year' group by all"
        )
        assert {(name, when): [*sums] for name, when, *sums in found} == expected
    assert len(examples) == 30
    assert workspace.value("select count(*) from raw.quarantine") == 0


def test_the_totals_are_those_that_the_specification_tells(workspace: Workspace) -> None:
    totals = {
        name: sums
        for name, *sums in workspace.query(
            "select provider_name, sum(charge_usd), sum(effective_usd) from marts.fct_charges"
            " group by all"
        )
    }
    assert totals["commitment_discount_purchase_scenario_1"] == [8760, 0]
    assert totals["commitment_discount_purchase_scenario_3"] == [Decimal("4381.5"), 0]
    assert totals["commitment_discount_usage_scenario_4"] == [Decimal("0.5"), Decimal("1.5")]
    assert totals["saas_spend_agreements_a1"] == [1200, 1200]  # 228 used, 972 for what was not
    assert totals["virtual_currency_pricing_model_a1"] == [200_000, 0]
    assert totals["virtual_currency_pricing_model_a2"] == [0, 1230]
    assert totals["ai_model_billing__drawdown_via_prepayment"] == [500_000, 50]
    assert totals["correction_late_arriving_usage_ledger"] == [1500, 1500]


def months(workspace: Workspace, commitment: str, columns: str) -> list[tuple[Any, ...]]:
    return workspace.query(
        f"select {columns} from marts.fct_commitment_months where commitment = '{commitment}'"
        " order by month"
    )


USE = "billed_usd, effective_usd, used_usd, idle_usd, on_demand_usd, utilisation_ratio"


def test_use_and_idle_cost_of_the_examples_hours(workspace: Workspace) -> None:
    full = "one_hundred_percent_utilization_without_commitment_discount_flexibility"
    half, one = Decimal("1.5"), Decimal("0.5")
    assert months(workspace, full, USE) == [(half, half, half, 0, 3, 1.0)]
    assert months(workspace, full, "saving_usd, break_even_ratio, coverage_ratio") == [
        (half, 0.5, 1.0)
    ]
    zero = "zero_percent_utilization_without_commitment_discount_flexibility"
    assert months(workspace, zero, USE) == [(half, half, 0, half, 0, 0.0)]
    # the medium machine that ran on demand is another SKU: the large one could not have covered it
    assert months(workspace, zero, "saving_usd, uncovered_usd") == [(-half, 0)]
    one_resource = (
        "one_hundred_percent_utilization_with_commitment_discount_flexibility_with_1_resource"
    )
    assert months(workspace, one_resource, USE) == [(one, one, one, 0, 3, 1.0)]
    # the same machine's other quarter ran on demand: 3.00 of 5.25 at list price were covered
    assert months(workspace, one_resource, "uncovered_usd, coverage_ratio") == [
        (Decimal("2.25"), pytest.approx(3 / 5.25))
    ]
    partly = months(workspace, "commitment_discount_usage_scenario_3", USE)
    assert partly == [(0, 1, Decimal("0.75"), Decimal("0.25"), None, 0.75)]


def test_prepaid_tokens_are_drawn_down_and_priced_against_the_list(workspace: Workspace) -> None:
    name = "subscription:aaaa/provider/solora-ai/tokens/1111"
    # 20.00 and 30.00 for 5 and 1.5 million tokens; list 25.00 and 37.50
    assert months(
        workspace, name,
        "billed_usd, effective_usd, drawn_usd, on_demand_usd, saving_usd, tokens,"
        " effective_usd_per_mtok, on_demand_usd_per_mtok",
    ) == [
        (500_000, 50, 50, Decimal("62.5"), Decimal("12.5"), 6_500_000, Decimal("7.692307692"),
         Decimal("9.615384615")),
    ]  # fmt: skip
    (found,) = workspace.query(
        "select committed_usd, remaining_usd, valid_to::varchar, as_of_day::varchar, pace_days,"
        " exhausted_on, unused_at_end_usd from marts.dim_commitments"
        f" where commitment = '{name}'"
    )
    # 50 over May's 31 days; the term ends on 30 April, 334 days after 31 May
    assert found[:6] == (500_000, 499_950, "2026-05-01", "2025-05-31", 28, None)
    assert abs(found[6] - (499_950 - Decimal(50) / 31 * 334)) < Decimal("1e-9")


def test_what_the_spend_agreement_loses_is_the_fee_that_its_bill_states_in_the_end(
    workspace: Workspace,
) -> None:
    """48 + 120 + 60 were spent of 1,200 by June; the last month's bill states 972 as unused."""
    standing = (
        "select drawn_usd, remaining_usd, as_of_day::varchar, unused_at_end_usd, idle_usd"
        " from marts.dim_commitments where commitment = 'deal'"
    )
    # June draws 2 a day, and 274 days are to come: 972 - 548
    assert workspace.query(standing) == [(228, 972, "2025-06-30", 424, 0)]
    workspace.drop(
        "focus", "march.csv",
        "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName\n"
        "0,USD,Usage,2026-03-31,saas_spend_agreements_a1\n",
    )  # fmt: skip
    workspace.build()
    assert workspace.query(standing) == [(228, 972, "2026-03-31", 972, 972)]
    assert months(workspace, "deal", "month::varchar, idle_usd")[-1] == ("2026-03-01", 972)


def test_prepaid_credit_that_only_the_workspace_knows_is_drawn_by_consumption(
    workspace: Workspace,
) -> None:
    assert workspace.query(
        "select kind, committed_usd, billed_usd, effective_usd, drawn_usd, remaining_usd"
        " from marts.dim_commitments where commitment = 'tokens'"
    ) == [("credit", 200_000, 0, 1230, 1230, 198_770)]


def test_over_its_life_a_commitment_costs_the_same_in_cash_and_in_consumption(
    workspace: Workspace,
) -> None:
    used = sum(number % 25 for number in range(365))
    assert workspace.query(
        "select billed_usd, effective_usd, used_usd, idle_usd, remaining_usd,"
        " exhausted_on::varchar, unused_at_end_usd from marts.dim_commitments"
        " where commitment = 'year'"
    ) == [(8760, 8760, used, 8760 - used, 0, "2023-12-31", 0)]
    # month by month they differ: the cash stands in January
    assert months(workspace, "year", "billed_usd, effective_usd")[:2] == [
        (8760, 31 * 24), (0, 28 * 24),
    ]  # fmt: skip
