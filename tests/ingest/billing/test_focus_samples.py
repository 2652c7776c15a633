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
}
QUANTITIES = {"ConsumedQuantity": "consumed_quantity", "PricingQuantity": "pricing_quantity"}
TIMES = {
    "BillingPeriodStart": "billing_period_start",
    "BillingPeriodEnd": "billing_period_end",
    "ChargePeriodStart": "charge_period_start",
    "ChargePeriodEnd": "charge_period_end",
}
TEXTS = {
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


# Rows and billed total of each specification example that states whose charge it is and in what
# currency; totals added up by hand from the files.
LOADED = {
    "spec_draft_ai_examples/ai_model_billing__drawdown_via_prepayment.csv": (3, "500000"),
    "spec_draft_ai_examples/ai_model_billing__multi_model_usage.csv": (4, "104.5"),
    "spec_draft_ai_examples/ai_prompt_caching_a.csv": (4, "33.9"),
    "spec_v1.2_examples/saas_spend_agreements_a1.csv": (4, "1200"),
    "spec_v1.2_examples/saas_spend_agreements_a2.csv": (13, "1200"),
    "spec_v1.2_examples/saas_spend_agreements_b1.csv": (5, "1200"),
    "spec_v1.2_examples/saas_spend_agreements_b2.csv": (14, "1200"),
    "spec_v1.2_examples/simple_saas_agreements_a1.csv": (1, "10000"),
    "spec_v1.2_examples/simple_saas_agreements_a2.csv": (1, "50000"),
    "spec_v1.2_examples/simple_saas_agreements_a3.csv": (1, "1000"),
    "spec_v1.2_examples/simple_saas_agreements_b.csv": (1, "50000"),
    "spec_v1.2_examples/simple_saas_agreements_c.csv": (3, "35800"),
    "spec_v1.2_examples/virtual_currency_pricing_model_a1.csv": (1, "200000"),
    "spec_v1.2_examples/virtual_currency_pricing_model_a2.csv": (3, "0"),
    "spec_v1.2_examples/virtual_currency_pricing_model_b1.csv": (1, "100000"),
    "spec_v1.2_examples/virtual_currency_pricing_model_b2.csv": (3, "0"),
    "spec_v1.2_examples/virtual_currency_pricing_model_b3.csv": (3, "0"),
    "spec_v1.2_examples/virtual_currency_pricing_model_c.csv": (2, "53000"),
}


@pytest.mark.parametrize(("name", "rows", "billed"), [(n, *v) for n, v in LOADED.items()])
def test_a_complete_specification_example_loads_without_a_reject(
    samples: Path, as_file: Lay, stage: Stage, name: str, rows: int, billed: str
) -> None:
    found = stage(FORMAT, as_file(samples / "focus" / name))
    assert [row["reject_reason"] for row in found] == [None] * rows
    assert sum(row["billed_cost"] for row in found) == Decimal(billed)
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


@pytest.mark.parametrize(
    "name",
    ["generated_focus-data-toolkit/focus_1_3_contract_commitment_aws.csv",
     "focus_cost_and_usage_columns_1.0_to_1.4.csv"],
)  # fmt: skip
def test_another_focus_dataset_is_not_cost_and_usage(
    samples: Path, as_file: Lay, stage: Stage, name: str
) -> None:
    with pytest.raises(SourceFileError, match="not a FOCUS Cost and Usage file: no column Billed"):
        stage(FORMAT, as_file(samples / "focus" / name))


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
    assert [row["x_api_key_id"] for row in found] == [None] + ["key_05SOLORASUPPLY"] * 2
