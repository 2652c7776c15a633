"""FOCUS sample files, compared value by value with the csv module and Decimal over raw text."""

import csv
import gzip
import json
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from ingest.billing.focus.reader import FORMAT
from ingest.records.format import InputFile

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

SAMPLE_1_0 = "focus_sample_1.0.csv"
AWS_1_2 = "generated_focus-data-toolkit/focus_1_2_cost_and_usage_aws.csv"
GCP_1_3 = "generated_focus-data-toolkit/focus_1_3_cost_and_usage_gcp.csv"

MONEY = {
    "BilledCost": "billed_cost",
    "EffectiveCost": "effective_cost",
    "ListCost": "list_cost",
    "ContractedCost": "contracted_cost",
    "ListUnitPrice": "list_unit_price",
    "ContractedUnitPrice": "contracted_unit_price",
    "PricingCurrencyEffectiveCost": "pricing_currency_effective_cost",
    "PricingCurrencyListUnitPrice": "pricing_currency_list_unit_price",
    "PricingCurrencyContractedUnitPrice": "pricing_currency_contracted_unit_price",
}
QUANTITIES = {
    "ConsumedQuantity": "consumed_quantity",
    "PricingQuantity": "pricing_quantity",
    "CommitmentDiscountQuantity": "commitment_discount_quantity",
}
TIMES = {
    "BillingPeriodStart": "billing_period_start",
    "BillingPeriodEnd": "billing_period_end",
    "ChargePeriodStart": "charge_period_start",
    "ChargePeriodEnd": "charge_period_end",
}
TEXTS = {
    "AllocatedMethodDetails": "allocated_method_details",
    "AllocatedMethodId": "allocated_method_id",
    "AllocatedResourceId": "allocated_resource_id",
    "AllocatedResourceName": "allocated_resource_name",
    "AllocatedTags": "allocated_tags",
    "AvailabilityZone": "availability_zone",
    "BillingAccountName": "billing_account_name",
    "BillingAccountType": "billing_account_type",
    "CapacityReservationId": "capacity_reservation_id",
    "CapacityReservationStatus": "capacity_reservation_status",
    "CommitmentDiscountCategory": "commitment_discount_category",
    "CommitmentDiscountName": "commitment_discount_name",
    "CommitmentDiscountType": "commitment_discount_type",
    "CommitmentDiscountUnit": "commitment_discount_unit",
    "ContractApplied": "contract_applied",
    "HostProviderName": "host_provider_name",
    "PricingCurrency": "pricing_currency",
    "RegionName": "region_name",
    "ResourceType": "resource_type",
    "ServiceSubcategory": "service_subcategory",
    "SkuMeter": "sku_meter",
    "SubAccountType": "sub_account_type",
    "ProviderName": "provider_name",
    "PublisherName": "publisher_name",
    "InvoiceIssuerName": "invoice_issuer_name",
    "BillingAccountId": "billing_account_id",
    "BillingCurrency": "billing_currency",
    "ChargeCategory": "charge_category",
    "ChargeClass": "charge_class",
    "ChargeDescription": "charge_description",
    "CommitmentDiscountId": "commitment_discount_id",
    "CommitmentDiscountStatus": "commitment_discount_status",
    "ConsumedUnit": "consumed_unit",
    "InvoiceId": "invoice_id",
    "PricingCategory": "pricing_category",
    "PricingUnit": "pricing_unit",
    "RegionId": "region_id",
    "ResourceId": "resource_id",
    "ResourceName": "resource_name",
    "ServiceCategory": "service_category",
    "ServiceName": "service_name",
    "SkuId": "sku_id",
    "SkuPriceDetails": "sku_price_details",
    "SkuPriceId": "sku_price_id",
    "SubAccountId": "sub_account_id",
    "SubAccountName": "sub_account_name",
    "Tags": "tags",
}


def raw_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def expected(raw: dict[str, str]) -> dict[str, Any]:
    """What a row must become, worked out without the reader."""

    def stated(name: str) -> str | None:
        value = raw.get(name)
        return None if value is None or value in ("", "NULL") else value

    def rounded(name: str, step: str) -> Decimal | None:
        value = stated(name)
        return value and Decimal(value).quantize(Decimal(step), rounding=ROUND_HALF_EVEN)

    frequency = stated("ChargeFrequency")
    return {
        "charge_frequency": "Usage-Based" if frequency == "Usage-based" else frequency,
        **{ours: stated(theirs) for theirs, ours in TEXTS.items()},
        **{ours: rounded(theirs, "1e-12") for theirs, ours in MONEY.items()},
        **{ours: rounded(theirs, "1e-9") for theirs, ours in QUANTITIES.items()},
        **{
            ours: (value := stated(theirs)) and datetime.fromisoformat(value.removesuffix("Z"))
            for theirs, ours in TIMES.items()
        },
    }


@pytest.mark.parametrize("name", [SAMPLE_1_0, AWS_1_2, GCP_1_3])
def test_every_value_of_a_thousand_rows_is_as_the_file_states_it(
    samples: Path, as_file: Lay, stage: Stage, name: str
) -> None:
    raw = raw_rows(samples / "focus" / name)
    found = stage(FORMAT, as_file(samples / "focus" / name))
    assert len(found) == len(raw) == 1000
    for line, (row, source) in enumerate(zip(found, raw, strict=True), start=2):
        want = expected(source)
        assert (row["source_line"], row["reject_reason"]) == (line, None)
        assert {column: row[column] for column in want} == want


def test_the_billed_cost_of_the_1_0_sample_is_the_exact_sum_of_its_text(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    raw = raw_rows(samples / "focus" / SAMPLE_1_0)
    billed = [row["billed_cost"] for row in stage(FORMAT, as_file(samples / "focus" / SAMPLE_1_0))]
    assert sum(billed) == sum(Decimal(row["BilledCost"]) for row in raw)
    assert sum(billed) == Decimal("20.52022672899")
    assert sum(amount < 0 for amount in billed) == 13


def test_a_gzipped_copy_gives_the_same_rows(samples: Path, as_file: Lay, stage: Stage) -> None:
    plain = samples / "focus" / GCP_1_3
    packed = as_file(gzip.compress(plain.read_bytes(), mtime=0), "gcp.csv.gz")
    assert [{**row, "file_id": 0} for row in stage(FORMAT, packed)] == [
        {**row, "file_id": 0} for row in stage(FORMAT, as_file(plain))
    ]


def test_a_parquet_file_with_typed_columns_gives_the_values_of_its_csv(
    samples: Path, as_file: Lay, stage: Stage, tmp_path: Path
) -> None:
    source = samples / "focus" / GCP_1_3
    header = raw_rows(source)[0].keys()
    kinds = {name: pa.string() for name in header}
    kinds |= {name: pa.decimal128(38, 18) for name in (*MONEY, *QUANTITIES)}
    kinds |= {name: pa.timestamp("us", "Europe/Berlin") for name in TIMES}
    options = pyarrow.csv.ConvertOptions(column_types=kinds, strings_can_be_null=True)
    table = pyarrow.csv.read_csv(source, convert_options=options)
    tags = [json.loads(text).items() if text else None for text in table["Tags"].to_pylist()]
    texts = [[(key, str(value)) for key, value in row] if row else None for row in tags]
    column = pa.array(texts, pa.map_(pa.string(), pa.string()))
    table = table.set_column(table.column_names.index("Tags"), "Tags", column)
    pq.write_table(table, tmp_path / "month.parquet")

    typed = stage(FORMAT, as_file(tmp_path / "month.parquet"))
    plain = stage(FORMAT, as_file(source))
    assert len(typed) == len(plain) == 1000
    for number, (row, same) in enumerate(zip(typed, plain, strict=True), start=1):
        assert row["source_line"] == number  # no header line
        differ = {name for name in row if row[name] != same[name]}
        assert differ <= {"file_id", "source_line", "x_restatement_key", "tags"}
        assert as_object(row["tags"]) == as_object(same["tags"])


def as_object(text: str | None) -> dict[str, str] | None:
    return {key: str(value) for key, value in json.loads(text).items()} if text else None
