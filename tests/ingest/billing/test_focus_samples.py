"""FOCUS sample files, compared value by value with the csv module and Decimal over raw text."""

import csv
import gzip
import io
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

from ingest.billing.focus import FORMAT
from ingest.errors import SourceFileError
from ingest.reading import InputFile

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


def test_a_gzipped_copy_gives_the_same_rows(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
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


# Rows, billed and effective total of each specification example that states whose charge it is and
# in what currency; totals added up by hand from the files. Billed is cash, effective consumption.
LOADED = {
    "spec_draft_ai_examples/ai_model_billing__drawdown_via_prepayment.csv": (3, "500000", "50"),
    "spec_draft_ai_examples/ai_model_billing__multi_model_usage.csv": (4, "104.5", "104.5"),
    "spec_draft_ai_examples/ai_prompt_caching_a.csv": (4, "33.9", "33.9"),
    "spec_v1.2_examples/saas_spend_agreements_a1.csv": (4, "1200", "1200"),
    "spec_v1.2_examples/saas_spend_agreements_a2.csv": (13, "1200", "1200"),
    "spec_v1.2_examples/saas_spend_agreements_b1.csv": (5, "1200", "1200"),
    "spec_v1.2_examples/saas_spend_agreements_b2.csv": (14, "1200", "1200"),
    "spec_v1.2_examples/simple_saas_agreements_a1.csv": (1, "10000", "10000"),
    "spec_v1.2_examples/simple_saas_agreements_a2.csv": (1, "50000", "50000"),
    "spec_v1.2_examples/simple_saas_agreements_a3.csv": (1, "1000", "1000"),
    "spec_v1.2_examples/simple_saas_agreements_b.csv": (1, "50000", "50000"),
    "spec_v1.2_examples/simple_saas_agreements_c.csv": (3, "35800", "35800"),
    "spec_v1.2_examples/virtual_currency_pricing_model_a1.csv": (1, "200000", "0"),
    "spec_v1.2_examples/virtual_currency_pricing_model_a2.csv": (3, "0", "1230"),
    "spec_v1.2_examples/virtual_currency_pricing_model_b1.csv": (1, "100000", "0"),
    "spec_v1.2_examples/virtual_currency_pricing_model_b2.csv": (3, "0", "615"),
    "spec_v1.2_examples/virtual_currency_pricing_model_b3.csv": (3, "0", "495"),
    "spec_v1.2_examples/virtual_currency_pricing_model_c.csv": (2, "53000", "0"),
}


@pytest.mark.parametrize(
    ("name", "rows", "billed", "effective"), [(n, *v) for n, v in LOADED.items()]
)
def test_a_complete_specification_example_loads_without_a_reject(
    samples: Path, as_file: Lay, stage: Stage, name: str, rows: int, billed: str, effective: str
) -> None:
    found = stage(FORMAT, as_file(samples / "focus" / name))
    assert [row["reject_reason"] for row in found] == [None] * rows
    assert sum(row["billed_cost"] for row in found) == Decimal(billed)
    assert sum(row["effective_cost"] for row in found) == Decimal(effective)
    assert all(row["charge_period_end"] > row["charge_period_start"] for row in found)


def test_specification_excerpts_without_provider_or_currency_are_refused_by_column(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    folder = samples / "focus"
    examples = {
        path for kind in ("spec_v1.2_examples", "spec_draft_ai_examples")
        for path in (folder / kind).glob("*.csv")
    }  # fmt: skip
    excerpts = examples - {folder / name for name in LOADED}
    assert (len(LOADED), len(excerpts)) == (18, 12)
    for path in sorted(excerpts):
        with pytest.raises(SourceFileError) as refused:
            stage(FORMAT, as_file(path))
        missing = "BillingCurrency, ProviderName or ServiceProviderName"
        assert f"no column {missing} (" in refused.value.reason


COMMITMENTS = "generated_focus-data-toolkit/focus_1_3_contract_commitment_aws.csv"


def test_a_contract_commitment_dataset_is_refused_as_what_it_is(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    with pytest.raises(SourceFileError) as refused:
        stage(FORMAT, as_file(samples / "focus" / COMMITMENTS))
    assert refused.value.reason == (
        "is a FOCUS Contract Commitment dataset, which holds no charges: keep it out of the inbox "
        "and deliver the Cost and Usage dataset"
    )


@pytest.mark.parametrize(
    ("header", "dataset"),
    [
        ("BillingPeriodStart,BillingPeriodEnd,BillingPeriodStatus", "Billing Period"),
        ("InvoiceId,InvoiceDetailId,BilledCost,BillingCurrency", "Invoice Detail"),
    ],
)
def test_the_other_datasets_of_1_4_are_refused_as_what_they_are(
    as_file: Lay, stage: Stage, header: str, dataset: str
) -> None:
    with pytest.raises(SourceFileError, match=f"is a FOCUS {dataset} dataset"):
        stage(FORMAT, as_file(f"{header}\n1,2,3,4\n", "bill.csv"))


def test_a_file_about_focus_is_not_cost_and_usage(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    name = "focus_cost_and_usage_columns_1.0_to_1.4.csv"
    with pytest.raises(SourceFileError, match="not a FOCUS Cost and Usage file: no column Billed"):
        stage(FORMAT, as_file(samples / "focus" / name))


def test_a_1_4_file_has_no_provider_and_publisher_and_names_its_invoice_lines(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    """No 1.4 file is public: this is the 1.3 sample less two columns and with one more."""
    raw = raw_rows(samples / "focus" / GCP_1_3)
    gone = ("ProviderName", "PublisherName")
    names = [name for name in raw[0] if name not in gone] + ["InvoiceDetailId"]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "InvoiceDetailId": f"d{n}"} for n, row in enumerate(raw))
    found = stage(FORMAT, as_file(text.getvalue(), "focus-1.4.csv"))
    assert len(found) == 1000
    assert [row["invoice_detail_id"] for row in found] == [f"d{n}" for n in range(1000)]
    for row, source in zip(found, raw, strict=True):
        want = expected(source) | {
            "provider_name": source["ServiceProviderName"], "publisher_name": None,
        }  # fmt: skip
        assert (row["reject_reason"], {name: row[name] for name in want}) == (None, want)


def test_every_column_of_every_version_is_kept_or_left_out_knowingly(samples: Path) -> None:
    with (samples / "focus" / "focus_cost_and_usage_columns_1.0_to_1.4.csv").open() as stream:
        columns = {row["column"] for row in csv.DictReader(stream)}
    kept = {*MONEY, *QUANTITIES, *TIMES, *TEXTS, "ChargeFrequency", "ServiceProviderName"}
    kept |= {"InvoiceDetailId"}
    # what a program may cover says nothing of what was charged
    assert columns - kept == {"CommitmentProgramEligibilityDetails"}


def test_token_lines_of_the_draft_name_model_and_token_class(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    caching = samples / "focus" / "spec_draft_ai_examples" / "ai_prompt_caching_a.csv"
    found = stage(FORMAT, as_file(caching))
    assert [(row["x_token_class"], row["consumed_quantity"]) for row in found] == [
        ("input_uncached", 500_000),
        ("cache_write_other", 2_000_000),
        ("cache_read", 8_000_000),
        ("output", 1_500_000),
    ]
    assert {row["x_model"] for row in found} == {"solora-reasoning-pro"}
    assert {row["x_cost_type"] for row in found} == {"tokens"}
    assert {row["pricing_unit"] for row in found} == {"1000000 Tokens"}
    assert {(row["provider_name"], row["x_provider"]) for row in found} == {
        ("Solora AI", "solora_ai")
    }


def test_a_prepayment_is_cash_once_and_consumption_as_it_is_used(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    name = "ai_model_billing__drawdown_via_prepayment.csv"
    found = stage(FORMAT, as_file(samples / "focus" / "spec_draft_ai_examples" / name))
    assert [(row["charge_category"], row["billed_cost"], row["effective_cost"]) for row in found] \
        == [("Purchase", 500_000, 0), ("Usage", 0, 20), ("Usage", 0, 30)]  # fmt: skip
    assert [row["x_cost_type"] for row in found] == ["purchase", "tokens", "tokens"]
    assert {row["pricing_currency"] for row in found} == {None}
    assert [row["x_api_key_id"] for row in found] == [None] + ["key_05SOLORASUPPLY"] * 2


def test_a_virtual_currency_keeps_its_name_and_its_amount_beside_the_billing_currency(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    name = "virtual_currency_pricing_model_a2.csv"
    found = stage(FORMAT, as_file(samples / "focus" / "spec_v1.2_examples" / name))
    assert [
        (row["billing_currency"], row["billed_cost"], row["effective_cost"],
         row["pricing_currency"], row["pricing_currency_effective_cost"],
         row["pricing_currency_list_unit_price"])
        for row in found
    ] == [("USD", 0, 490, "Token", 245, 1), ("USD", 0, 20, "Token", 10, 2),
          ("USD", 0, 720, "Token", 360, 3)]  # fmt: skip


def test_a_correction_keeps_the_period_of_the_usage_in_a_later_billing_period(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    """The draft's example states no provider and no currency: the test adds both."""
    path = samples / "focus" / "spec_draft_ai_examples/correction_late_arriving_usage_ledger.csv"
    header, line = path.read_text(encoding="utf-8-sig").splitlines()
    content = f"{header},ProviderName,BillingCurrency\n{line},Acme,USD\n"
    (row,) = stage(FORMAT, as_file(content, "late.csv"))
    assert (row["charge_class"], row["billed_cost"], row["list_cost"]) == ("Correction", 1500, 2000)
    assert row["charge_period_start"] == datetime(2025, 5, 1)
    assert row["billing_period_start"] == datetime(2025, 6, 1)
