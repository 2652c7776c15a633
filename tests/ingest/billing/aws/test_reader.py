"""What lines of a Cost and Usage Report become: a real legacy sample, and generated Bedrock lines.

No Bedrock lines are public; `cur_lines` generates them and says what is made up.
"""

import csv
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.aws.reader import FORMAT
from ingest.records.format import InputFile
from tests.ingest.billing.aws.cur_lines import (
    EDITION,
    cur2_csv,
    cur2_parquet,
    legacy_csv,
    line,
    marketplace,
    observed,
)  # fmt: skip
from tests.ingest.billing.aws.test_models import OBSERVED

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

LEGACY = "cur_legacy_sample_anonymous.csv"


@pytest.fixture
def staged(as_file: Lay, stage: Stage) -> Stage:
    """Return a function that stages lines as a CUR 2.0 CSV."""

    def run(*lines: dict[str, Any]) -> list[dict[str, Any]]:
        return stage(FORMAT, as_file(cur2_csv(*lines), "cur.csv"))

    return run


def test_the_real_legacy_sample_loads_whole_and_to_the_last_digit(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    path = samples / "aws" / LEGACY
    with path.open(encoding="utf-8-sig", newline="") as stream:
        raw = list(csv.DictReader(stream))
    found = stage(FORMAT, as_file(path))
    assert len(found) == len(raw) == 1281
    assert [row["reject_reason"] for row in found] == [None] * 1281
    assert sum(row["billed_cost"] for row in found) == Decimal("1.68230869740")
    for row, source in zip(found, raw, strict=True):
        assert (
            row["billed_cost"], row["pricing_quantity"], row["list_cost"], row["x_line_item"],
            row["charge_period_start"], row["charge_category"], row["service_name"],
        ) == (
            Decimal(source["lineItem/UnblendedCost"]),
            Decimal(source["lineItem/UsageAmount"]).quantize(Decimal("1e-9")),
            Decimal(source["pricing/publicOnDemandCost"] or 0)
            if source["pricing/publicOnDemandCost"] else None,
            source["lineItem/UsageType"] or None,
            datetime.fromisoformat(source["lineItem/UsageStartDate"].removesuffix("Z")),
            source["lineItem/LineItemType"],
            source["product/ProductName"],
        )  # fmt: skip


def test_lines_that_are_no_model_keep_their_service_and_name_no_model(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    found = stage(FORMAT, as_file(samples / "aws" / LEGACY))
    assert {(row["x_model"], row["x_token_class"], row["x_provider"]) for row in found} == {
        (None, None, "aws")
    }
    assert {row["invoice_id"] for row in found} == {None}
    assert {row["billing_account_id"] for row in found} == {"123412340534"}
    assert {row["x_cost_type"] for row in found} == {None, "tax"}
    assert sum(row["service_name"] == "Amazon Simple Storage Service" for row in found) == 799


def test_one_line_item_of_many_intervals_is_many_lines(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    path = samples / "aws" / LEGACY
    with path.open(encoding="utf-8-sig", newline="") as stream:
        raw = list(csv.DictReader(stream))
    assert len({row["identity/LineItemId"] for row in raw}) == 388  # far fewer than 1,281
    assert all(row["reject_reason"] is None for row in stage(FORMAT, as_file(path)))


@pytest.mark.parametrize("form", ["cur2.csv", "legacy.csv", "cur2.parquet"])
def test_every_observed_usage_type_is_read_in_every_form_of_the_report(
    as_file: Lay, stage: Stage, tmp_path: Path, form: str
) -> None:
    lines = observed(list(OBSERVED))
    content: Any = {"cur2.csv": cur2_csv, "legacy.csv": legacy_csv}.get(form, lambda *_: "")(*lines)
    if form == "cur2.parquet":
        content = cur2_parquet(tmp_path / form, *lines)
    found = stage(FORMAT, as_file(content, form))
    assert len(found) == len(OBSERVED) == 34
    assert sum(row["billed_cost"] for row in found) == Decimal("0.595")  # 1 + ... + 34 thousandths
    for number, (row, said) in enumerate(zip(found, OBSERVED.values(), strict=True), start=1):
        units = Decimal(f"{number}.5")
        assert row["reject_reason"] is None
        assert (row["x_model"], row["x_token_class"], row["x_service_tier"], row["x_cost_type"]) \
            == (said.model, said.token_class, said.tier, said.cost_type)  # fmt: skip
        assert row["pricing_quantity"] == units
        assert row["consumed_quantity"] == units * (said.block or 1)
        assert (row["consumed_unit"] == "Tokens") is (said.token_class is not None)
        assert row["x_provider"] == "aws.bedrock"
        assert json.loads(row["sku_price_details"]) == {
            **said.details, "operation": "InvokeModelInference",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "amount", "tokens"),
    [
        ("1K tokens", "0.001234567", "1.234567"),
        ("1K Tokens", "1234.567", "1234567"),
        ("1M tokens", "0.000001", "1"),
        ("1,000,000 Input Tokens", "1.234567", "1234567"),
        ("Million tokens", "2", "2000000"),
        ("Tokens", "987", "987"),
        ("", "1.5", "1500"),
        ("Units", "1.5", "1500"),
        ("1K tokens", "9.87E-4", "0.987"),
        ("Hrs", "3", None),
    ],
)
def test_tokens_are_the_amount_times_the_unit_exactly(
    staged: Stage, unit: str, amount: str, tokens: str | None
) -> None:
    (row,) = staged(line(pricing_unit=unit, line_item_usage_amount=amount))
    assert row["consumed_quantity"] == (Decimal(tokens) if tokens else None)
    assert row["pricing_unit"] == (unit or None)


def test_a_marketplace_unit_is_a_million_tokens_unless_the_unit_says_else(staged: Stage) -> None:
    for unit, tokens in (("Units", 2_500_000), ("", 2_500_000), ("1K tokens", 2_500)):
        (row,) = staged(marketplace(pricing_unit=unit, line_item_usage_amount="2.5"))
        assert row["consumed_quantity"] == tokens


def test_claude_is_found_by_its_product_name_under_another_product_code(staged: Stage) -> None:
    (row,) = staged(marketplace(product_servicecode=""))
    assert (row["x_provider"], row["x_model"], row["service_name"]) == (
        "aws.bedrock", "Claude Sonnet 4.6", EDITION,
    )  # fmt: skip
    assert (row["service_category"], row["publisher_name"]) == (
        "AI and Machine Learning", "Anthropic, PBC",
    )  # fmt: skip


def test_marketplace_tokens_without_a_product_name_are_bedrock_of_no_model(staged: Stage) -> None:
    (row,) = staged(marketplace(product={}, product_servicecode=""))
    assert (row["x_provider"], row["x_model"], row["x_token_class"]) == (
        "aws.bedrock", None, "input_uncached",
    )  # fmt: skip


def test_a_usage_type_of_another_service_is_not_taken_for_a_model(staged: Stage) -> None:
    (row,) = staged(line(line_item_product_code="AcmeSearch", product_servicecode="AcmeSearch",
                         product={"product_name": "Acme"}))  # fmt: skip
    assert (row["x_provider"], row["x_model"], row["consumed_unit"]) == ("aws", None, "1K tokens")


def test_an_unparsed_bedrock_line_is_kept_with_its_cost(staged: Stage) -> None:
    (row,) = staged(line(line_item_usage_type="USE1-SomethingNew", line_item_unblended_cost="7"))
    assert (row["x_model"], row["x_token_class"], row["billed_cost"]) == (None, None, 7)
    assert (row["x_provider"], row["x_line_item"]) == ("aws.bedrock", "USE1-SomethingNew")


def test_account_ids_are_text_with_their_leading_zeros(
    as_file: Lay, stage: Stage, tmp_path: Path
) -> None:
    stripped = line(bill_payer_account_id="1234567890", line_item_usage_account_id="42")
    for file in (
        as_file(cur2_csv(line()), "whole.csv"),
        as_file(cur2_csv(stripped), "stripped.csv"),
        as_file(cur2_parquet(tmp_path / "whole.parquet", line())),
    ):
        (row,) = stage(FORMAT, file)
        assert (row["billing_account_id"], row["sub_account_id"]) == (
            "001234567890", "000000000042",
        )  # fmt: skip


def test_the_invoice_is_unknown_until_the_bill_is_final(staged: Stage) -> None:
    assert staged(line())[0]["invoice_id"] is None
    assert staged(line(bill_invoice_id="0042"))[0]["invoice_id"] == "0042"


@pytest.mark.parametrize(
    ("kind", "category", "cost_type"),
    [
        ("DiscountedUsage", "Usage", "tokens"),
        ("SavingsPlanCoveredUsage", "Usage", "tokens"),
        ("Tax", "Tax", "tax"),
        ("Credit", "Credit", "credit"),
        ("Refund", "Adjustment", "refund"),
        ("EdpDiscount", "Adjustment", "edp_discount"),
        ("BundledDiscount", "Adjustment", "bundled_discount"),
        ("SavingsPlanNegation", "Adjustment", "savings_plan_negation"),
        ("Fee", "Purchase", "fee"),
        ("RIFee", "Purchase", "rifee"),
        ("SavingsPlanRecurringFee", "Purchase", "savings_plan_recurring_fee"),
    ],
)
def test_each_kind_of_line_has_its_category_and_only_usage_has_tokens(
    staged: Stage, kind: str, category: str, cost_type: str
) -> None:
    (row,) = staged(line(line_item_line_item_type=kind, line_item_unblended_cost="-1.25"))
    assert (row["charge_category"], row["x_cost_type"]) == (category, cost_type)
    assert (row["consumed_quantity"] is not None) is (category == "Usage")
    assert (row["billed_cost"], row["x_model"]) == (Decimal("-1.25"), "NovaPro")
    assert row["charge_class"] == ("Correction" if kind == "Refund" else None)


def test_effective_cost_spreads_a_savings_plan_and_is_unknown_without_its_columns(
    staged: Stage,
) -> None:
    plan = {"savings_plan_savings_plan_effective_cost": "0.7",
            "savings_plan_total_commitment_to_date": "10", "savings_plan_used_commitment": "9.75",
            "savings_plan_savings_plan_a_r_n": "arn:plan"}  # fmt: skip
    covered = line(line_item_line_item_type="SavingsPlanCoveredUsage")
    found = staged(
        covered | plan,
        line(line_item_line_item_type="SavingsPlanRecurringFee", identity_line_item_id="2") | plan,
        line(line_item_line_item_type="SavingsPlanNegation", identity_line_item_id="3") | plan,
    )
    assert [row["effective_cost"] for row in found] == [Decimal("0.7"), Decimal("0.25"), 0]
    assert found[0]["commitment_discount_id"] == "arn:plan"
    assert {
        (row["commitment_discount_category"], row["commitment_discount_type"]) for row in found
    } == {("Spend", "Savings Plan")}
    assert staged(covered)[0]["effective_cost"] is None
    assert staged(line())[0]["effective_cost"] == Decimal("0.01")


def test_net_unblended_cost_is_what_was_negotiated(staged: Stage) -> None:
    assert staged(line())[0]["contracted_cost"] is None
    (row,) = staged(line(line_item_net_unblended_cost="0.008"))
    assert (row["billed_cost"], row["contracted_cost"]) == (Decimal("0.01"), Decimal("0.008"))
