"""What the lines of an Azure export become, on exports invented by `azure_bills`."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.billing.azure.reader import FORMAT
from ingest.errors import SourceFileError
from ingest.records.format import InputFile
from tests.ingest.billing.azure.bills import (
    BLOCK,
    BOUGHT,
    COVERED,
    MCA_NAMES,
    OBSERVED,
    SPREAD,
    UNUSED,
    export,
    line,
    observed_lines,
)

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]


def one(stage: Stage, as_file: Lay, **changed: str) -> dict[str, Any]:
    """The staged row of an export of one line."""
    (row,) = stage(FORMAT, as_file(export(line(**changed)), "bill.csv"))
    return row


def test_a_line_of_tokens_becomes_a_charge_of_a_model(as_file: Lay, stage: Stage) -> None:
    row = one(stage, as_file)
    assert {name: value for name, value in row.items() if value is not None} == {
        "table": "billing_charges", "file_id": 1, "source_line": 2,
        "x_restatement_key":
            "azure|0086115|2026-09-01|2026-09-04|5f1c0000-0000-0000-0000-000000000001",
        "x_delivery": "bill.csv",
        "provider_name": "Microsoft", "x_provider": "azure.ai.openai",
        "publisher_name": "Microsoft",
        "billing_account_id": "0086115", "billing_account_name": "Acme",
        "sub_account_id": "5f1C0000-0000-0000-0000-000000000001", "sub_account_name": "ai-prod",
        "billing_period_start": datetime(2026, 9, 1), "billing_period_end": datetime(2026, 10, 1),
        "charge_period_start": datetime(2026, 9, 4), "charge_period_end": datetime(2026, 9, 5),
        "charge_category": "Usage", "charge_frequency": "Usage-Based",
        "charge_description": "Azure OpenAI - gpt 4o 1120 Inp glbl - US East 2",
        "billed_cost": Decimal("3.0864175"), "effective_cost": Decimal("3.0864175"),
        "billing_currency": "USD",
        "consumed_quantity": Decimal(1_234_567), "consumed_unit": "Tokens",
        "pricing_quantity": Decimal("1234.567"), "pricing_unit": "1K",
        "pricing_category": "Standard", "list_cost": Decimal("3.0864175"),
        "list_unit_price": Decimal("0.0025"), "contracted_unit_price": Decimal("0.0025"),
        "service_category": "AI and Machine Learning", "service_name": "Foundry Models",
        "region_id": "eastus2",
        "resource_id":
            "/subscriptions/0000/resourceGroups/rg-ai/providers/Microsoft.CognitiveServices/a",
        "resource_name": "a",
        "sku_id": "11111111-0000-0000-0000-000000000001", "sku_price_id": "AAI-00001",
        "sku_price_details": '{"x_DeploymentScope":"global"}',
        "tags": '{"team": "support","env": "prod"}',
        "x_model": "gpt 4o 1120", "x_token_class": "input_uncached", "x_cost_type": "tokens",
        "x_line_item": "gpt 4o 1120 Inp glbl Tokens",
    }  # fmt: skip


def test_every_observed_meter_counts_its_tokens_exactly(as_file: Lay, stage: Stage) -> None:
    found = stage(FORMAT, as_file(export(*observed_lines()), "bill.csv"))
    assert len(found) == len(OBSERVED) == 17
    for number, (row, seen) in enumerate(zip(found, OBSERVED, strict=True), start=1):
        tokens = Decimal(f"{number}.000007") * BLOCK[seen.unit] if seen.token_class else None
        assert (row["consumed_quantity"], row["x_line_item"]) == (tokens, seen.name)
        assert (row["x_model"], row["x_token_class"]) == (seen.model, seen.token_class)
        assert (row["x_service_tier"], row["pricing_unit"]) == (seen.tier, seen.unit)
        assert json.loads(row["sku_price_details"]) == {
            "x_DeploymentScope": seen.scope,
            **({"x_ContextBand": seen.context} if seen.context else {}),
        }
    assert sum(row["billed_cost"] for row in found) == 17 * 18 // 2 + 17 * Decimal("0.25")


def test_decimals_beyond_the_contract_count_when_a_million_tokens_are_taken_apart(
    as_file: Lay, stage: Stage
) -> None:
    row = one(stage, as_file, MeterName="5.4 opt Dz 1M Tokens", UnitOfMeasure="1M",
              Quantity="0.000001000000125")  # fmt: skip
    assert row["pricing_quantity"] == Decimal("0.000001")
    assert row["consumed_quantity"] == Decimal("1.000000125")


def test_a_meter_that_is_not_understood_keeps_its_cost_and_no_model(
    as_file: Lay, stage: Stage
) -> None:
    row = one(stage, as_file, MeterName="Code Interpreter Session", UnitOfMeasure="1")
    assert (row["x_model"], row["consumed_quantity"], row["consumed_unit"]) == (None, None, None)
    assert (row["x_provider"], row["billed_cost"]) == ("azure.ai.openai", Decimal("3.0864175"))


def test_a_reservation_is_cash_when_bought_and_covered_when_used(
    as_file: Lay, stage: Stage
) -> None:
    bought, covered = stage(FORMAT, as_file(export(line(**BOUGHT), line(**COVERED)), "bill.csv"))
    money = ("charge_category", "billed_cost", "effective_cost", "x_cost_type", "pricing_category")
    assert [bought[name] for name in money] == ["Purchase", 26000, 0, "purchase", "Standard"]
    assert [covered[name] for name in money] == \
        ["Usage", 0, None, "provisioned_throughput", "Committed"]  # fmt: skip
    assert [row["commitment_discount_id"] for row in (bought, covered)] == ["r-1", "r-1"]
    assert [row["commitment_discount_status"] for row in (bought, covered)] == [None, "Used"]
    assert (covered["pricing_quantity"], covered["pricing_unit"]) == (2400, "1/Hour")
    assert (covered["consumed_quantity"], covered["x_model"]) == (None, None)


def test_amortised_cost_is_spread_over_used_and_unused_units(as_file: Lay, stage: Stage) -> None:
    used, unused = stage(FORMAT, as_file(export(line(**SPREAD), line(**UNUSED)), "bill.csv"))
    assert used["billed_cost"] == used["effective_cost"] == Decimal("866.666666666667")
    assert (unused["charge_category"], unused["billed_cost"]) == ("Usage", Decimal("12.5"))
    assert [row["commitment_discount_status"] for row in (used, unused)] == ["Used", "Unused"]


@pytest.mark.parametrize(
    ("charge_type", "category", "charge_class"),
    [("Usage", "Usage", None), ("Purchase", "Purchase", None),
     ("Refund", "Purchase", "Correction"), ("Tax", "Tax", None), ("Credit", "Credit", None),
     ("RoundingAdjustment", "Adjustment", None), ("UnusedSavingsPlan", "Usage", None),
     ("Surprise", "Surprise", None)],
)  # fmt: skip
def test_a_charge_type_becomes_the_category_of_focus(
    as_file: Lay, stage: Stage, charge_type: str, category: str, charge_class: str | None
) -> None:
    row = one(stage, as_file, ChargeType=charge_type)
    assert (row["charge_category"], row["charge_class"]) == (category, charge_class)


@pytest.mark.parametrize("stated", ["09/04/2026", "9/4/2026", "2026-09-04", "2026-09-04T00:00:00Z"])
def test_a_day_is_read_in_each_of_its_spellings(as_file: Lay, stage: Stage, stated: str) -> None:
    row = one(stage, as_file, Date=stated)
    assert (row["charge_period_start"], row["reject_reason"]) == (datetime(2026, 9, 4), None)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [("Cost", "1.234,56", "is not a number in DECIMAL(28,12)"),
     ("Quantity", "many", "is not a number in DECIMAL(28,9)"),
     ("Date", "2026-09-31",
      "is not a date: write YYYY-MM-DD, or all dates of the file in one order"),
     ("BillingPeriodEndDate", "soon",
      "is not a date: write YYYY-MM-DD, or all dates of the file in one order")],
)  # fmt: skip
def test_a_value_that_cannot_be_read_rejects_its_line_by_column(
    as_file: Lay, stage: Stage, column: str, value: str, reason: str
) -> None:
    content = export(line(), line(**{column: value}))
    good, bad = stage(FORMAT, as_file(content, "bill.csv"))
    assert (good["reject_reason"], bad["source_line"]) == (None, 3)
    assert (bad["reject_field"], bad["reject_reason"]) == (column, reason)


@pytest.mark.parametrize(
    ("stated", "tags"),
    [('"a": "1","b": "x,y"', {"a": "1", "b": "x,y"}), ('{"a": "1"}', {"a": "1"}), ("", None),
     ("a: 1", {"unparsed": "a: 1"})],
)  # fmt: skip
def test_tags_are_a_json_object_with_or_without_braces(
    as_file: Lay, stage: Stage, stated: str, tags: dict[str, str] | None
) -> None:
    row = one(stage, as_file, Tags=stated)
    assert (json.loads(row["tags"]) if row["tags"] else None) == tags


def test_the_customer_agreements_names_give_the_same_charges(as_file: Lay, stage: Stage) -> None:
    lines = observed_lines()
    enterprise = stage(FORMAT, as_file(export(*lines), "bill.csv"))
    older = {"BillingCurrency": "BILLINGCURRENCYCODE", "Cost": "preTaxCost",
             "Date": "UsageDateTime", "SubscriptionId": "SubscriptionGuid"}  # fmt: skip
    for names in (MCA_NAMES, older, {"Date": "UsageDate", "Quantity": "UsageQuantity"}):
        other = stage(FORMAT, as_file(export(*lines, names=names), "bill.csv"))
        assert [{**row, "file_id": 1} for row in other] == enterprise


def test_prices_in_another_currency_than_the_bills_are_not_told(as_file: Lay, stage: Stage) -> None:
    row = one(stage, as_file, PricingCurrency="USD", BillingCurrency="EUR")
    assert (row["list_unit_price"], row["contracted_unit_price"]) == (None, None)
    assert (row["billed_cost"], row["billing_currency"]) == (Decimal("3.0864175"), "EUR")
    same = one(stage, as_file, PricingCurrency="usd")
    assert same["list_unit_price"] == Decimal("0.0025")


def test_a_byte_order_mark_windows_lines_and_gzip_change_nothing(
    as_file: Lay, stage: Stage
) -> None:
    text = export(line(), line(Date="9/5/2026"))
    plain = stage(FORMAT, as_file(text, "bill.csv"))
    marked = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    for content, name in ((marked, "bill.csv"), (gzip.compress(marked, mtime=0), "bill.csv.gz")):
        found = stage(FORMAT, as_file(content, name))
        assert [{**row, "file_id": 1, "x_delivery": "bill.csv"} for row in found] == plain


def test_a_typed_parquet_export_gives_the_values_of_its_csv(
    as_file: Lay, stage: Stage, tmp_path: Path
) -> None:
    lines = observed_lines()
    columns: dict[str, Any] = {name: [values[name] for values in lines] for name in lines[0]}
    columns["Cost"] = pa.array([Decimal(v) for v in columns["Cost"]], pa.decimal128(38, 18))
    columns["Quantity"] = pa.array([Decimal(v) for v in columns["Quantity"]], pa.decimal128(38, 18))
    columns["Date"] = [datetime(2026, 9, 4)] * len(lines)
    pq.write_table(pa.table(columns), tmp_path / "bill.parquet")
    typed = stage(FORMAT, as_file(tmp_path / "bill.parquet"))
    plain = stage(FORMAT, as_file(export(*lines), "bill.csv"))
    ignored = {"file_id": 0, "source_line": 0, "x_delivery": ""}
    assert [row["source_line"] for row in typed] == list(range(1, 18))  # no header line
    assert [row | ignored for row in typed] == [row | ignored for row in plain]


WHOLE = export(*[line()] * 3000).encode()

REFUSED = {
    "no date, cost or meter": (
        export(line(), without=("Date", "Cost", "MeterName")).encode(), "a.csv",
        "is not an Azure cost export: no column Date, Cost or CostInBillingCurrency, MeterName",
    ),
    "a FOCUS export": (
        b"BilledCost,ChargeCategory\n1,Usage\n", "a.csv", 'with format = "focus"'),
    "header only": (export().encode(), "a.csv", "no data returned"),
    "empty": (b"", "a.csv", "the file is empty"),
    "bars": (export(line()).replace(",", "|").encode(), "a.csv", "semicolons or tabs"),
    "half a gzip": (gzip.compress(WHOLE, mtime=0)[:200], "a.csv.gz", "or damaged"),
    "not Parquet": (b"PAR1", "a.parquet", "not a readable Parquet file"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_no_export_is_refused_with_the_cure(
    as_file: Lay, stage: Stage, case: str
) -> None:
    content, name, reason = REFUSED[case]
    with pytest.raises(SourceFileError) as refused:
        stage(FORMAT, as_file(content, name))
    assert refused.value.file == name
    assert reason in refused.value.reason


def test_a_broken_line_is_rejected_and_its_neighbours_stay(as_file: Lay, stage: Stage) -> None:
    head, row = export(line()).splitlines()
    found = stage(FORMAT, as_file("\n".join([head, row, "1,2", row]) + "\n", "bill.csv"))
    assert [r["source_line"] for r in found if r["reject_reason"]] == [3]
    assert sum(r["billed_cost"] or 0 for r in found) == Decimal("6.172835")
