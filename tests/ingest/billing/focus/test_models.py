"""A cloud's FOCUS export says of models what its native export of the same usage says.

No FOCUS line of a model is public: the tests make them from every observed usage type, meter and
SKU text, under the columns that the clouds add to FOCUS, and read the same usage natively too.
"""

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.aws import reader as aws
from ingest.billing.azure import reader as azure
from ingest.billing.focus.reader import FORMAT
from ingest.billing.gcp import reader as gcp
from ingest.records.format import InputFile
from tests.ingest.billing.aws.cur_lines import cur2_csv, observed
from tests.ingest.billing.aws.test_models import OBSERVED as USAGE_TYPES
from tests.ingest.billing.azure.bills import OBSERVED as METERS
from tests.ingest.billing.azure.bills import export, observed_lines
from tests.ingest.billing.gcp.rows import as_json_lines
from tests.ingest.billing.gcp.rows import row as gcp_row

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]
Line = dict[str, str]

SAID = ("x_provider", "x_model", "x_token_class", "x_service_tier", "x_cost_type", "billed_cost",
        "x_line_item")  # fmt: skip
COUNTED = ("consumed_quantity", "consumed_unit")

BASE: Line = {
    "BillingCurrency": "USD",
    "BillingAccountId": "1",
    "BillingPeriodStart": "2026-09-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargePeriodStart": "2026-09-03T00:00:00Z",
}


def focus_csv(*lines: Line) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def said(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def aws_line(cur: dict[str, Any]) -> Line:
    """The FOCUS line that AWS' mapping makes of a CUR line."""
    return BASE | {
        "ProviderName": "AWS",
        "PublisherName": cur["line_item_legal_entity"],
        "BilledCost": cur["line_item_unblended_cost"],
        "ServiceName": cur["product"]["product_name"],
        "ConsumedQuantity": cur["line_item_usage_amount"],
        "ConsumedUnit": cur["pricing_unit"],
        "PricingQuantity": cur["line_item_usage_amount"],
        "PricingUnit": cur["pricing_unit"],
        "x_ServiceCode": cur["product_servicecode"],
        "x_UsageType": cur["line_item_usage_type"],
        "x_Operation": cur["line_item_operation"],
    }


def test_an_aws_export_names_what_the_report_names_for_every_observed_usage_type(
    as_file: Lay, stage: Stage
) -> None:
    lines = observed(list(USAGE_TYPES))
    native = stage(aws.FORMAT, as_file(cur2_csv(*lines), "cur.csv"))
    found = stage(FORMAT, as_file(focus_csv(*map(aws_line, lines)), "focus.csv"))
    assert len(found) == len(USAGE_TYPES) == 34
    assert said(found, *SAID) == said(native, *SAID)
    tokens = [row for row in found if row["x_token_class"]]
    assert said(tokens, *COUNTED) == said([r for r in native if r["x_token_class"]], *COUNTED)
    assert len(tokens) >= 28
    for row, usage in zip(found, USAGE_TYPES.values(), strict=True):
        assert json.loads(row["sku_price_details"] or "{}") == usage.details
    # 1.5 units of a thousand; 24.5 of a million
    assert found[0]["consumed_quantity"] == 1_500
    assert found[23]["consumed_quantity"] == 24_500_000


def test_lines_of_aws_that_are_not_bedrock_are_of_aws_and_name_no_model(
    as_file: Lay, stage: Stage
) -> None:
    line = aws_line(observed(["USE1-BoxUsage:m5.large"])[0]) | {
        "ServiceName": "Amazon Elastic Compute Cloud", "x_ServiceCode": "AmazonEC2",
        "ConsumedUnit": "Hrs",
    }  # fmt: skip
    (row,) = stage(FORMAT, as_file(focus_csv(line), "focus.csv"))
    assert said([row], *SAID)[0][:4] == ("aws", None, None, None)
    assert said([row], *COUNTED) == [(Decimal("1.5"), "Hrs")]


def test_bedrock_is_found_by_its_service_where_aws_columns_are_left_out(
    as_file: Lay, stage: Stage
) -> None:
    line = BASE | {"ProviderName": "AWS", "BilledCost": "1", "ServiceName": "Amazon Bedrock"}
    (row,) = stage(FORMAT, as_file(focus_csv(line), "focus.csv"))
    assert (row["x_provider"], row["x_model"]) == ("aws.bedrock", None)


def test_details_that_the_line_states_itself_are_kept_beside_what_its_usage_type_says(
    as_file: Lay, stage: Stage
) -> None:
    cur = observed(["USE1-NovaPro-input-tokens-cross-region-global"])[0]
    line = aws_line(cur) | {"SkuPriceDetails": '{"x_A": "1", "routing": "stated"}'}
    (row,) = stage(FORMAT, as_file(focus_csv(line), "focus.csv"))
    assert json.loads(row["sku_price_details"]) == {"routing": "stated", "x_A": "1"}


def azure_line(native: dict[str, str], version: str) -> Line:
    """The FOCUS line of an Azure export; 1.2 names the meter in FOCUS' own column."""
    line = BASE | {
        "ProviderName": "Microsoft",
        "BilledCost": native["Cost"],
        "ServiceName": native["MeterCategory"],
        "PricingQuantity": native["Quantity"],
        "PricingUnit": native["UnitOfMeasure"],
    }
    if version == "1.2":
        return line | {"SkuMeter": native["MeterName"]}
    return line | {
        "x_SkuMeterCategory": native["MeterCategory"],
        "x_SkuMeterSubcategory": native["MeterSubCategory"],
        "x_SkuMeterName": native["MeterName"],
    }


@pytest.mark.parametrize("version", ["1.0r2", "1.2"])
def test_an_azure_export_names_what_the_cost_export_names_for_every_observed_meter(
    as_file: Lay, stage: Stage, version: str
) -> None:
    lines = observed_lines()
    native = stage(azure.FORMAT, as_file(export(*lines), "azure.csv"))
    content = focus_csv(*(azure_line(line, version) for line in lines))
    found = stage(FORMAT, as_file(content, "focus.csv"))
    assert len(found) == len(METERS) == 17
    names = (*SAID, *COUNTED, "sku_price_details")
    assert said(found, *names) == said(native, *names)
    assert found[0]["consumed_quantity"] == Decimal("1000.007")
    assert found[7]["consumed_quantity"] == Decimal("8000007")


@pytest.mark.parametrize(
    ("columns", "tokens"),
    [
        ({"PricingUnit": "1K"}, "2500"),
        ({"PricingUnit": "1M"}, "2500000"),
        ({"PricingUnit": "Tokens", "x_PricingUnitDescription": "1K"}, "2500"),
        ({"PricingUnit": "Units", "x_PricingBlockSize": "1000"}, "2500"),
    ],
)
def test_azure_states_the_block_of_tokens_in_one_of_three_places(
    as_file: Lay, stage: Stage, columns: Line, tokens: str
) -> None:
    line = BASE | {
        "ProviderName": "Microsoft", "BilledCost": "1", "PricingQuantity": "2.5",
        "SkuMeter": "gpt 4o 1120 Inp glbl Tokens",
    } | columns  # fmt: skip
    (row,) = stage(FORMAT, as_file(focus_csv(line), "focus.csv"))
    assert said([row], *COUNTED) == [(Decimal(tokens), "Tokens")]


def test_what_azure_is_known_to_leave_out_is_loaded_without_loss(
    as_file: Lay, stage: Stage
) -> None:
    gaps = BASE | {
        "ProviderName": "Microsoft", "PublisherName": "", "ServiceName": "", "InvoiceId": "",
        "BilledCost": "12.5", "EffectiveCost": "12.5", "ListCost": "0", "ContractedCost": "0",
        "ResourceId": "/subscriptions/a", "CommitmentDiscountId": "/Providers/R",
        "SkuPriceId": "S1", "SkuId": "S",
    }  # fmt: skip
    found = stage(FORMAT, as_file(focus_csv(gaps, gaps | {"SkuId": "T"}), "focus.csv"))
    names = ("reject_reason", "x_provider", "billed_cost", "list_cost", "invoice_id",
             "publisher_name", "service_name", "commitment_discount_id")  # fmt: skip
    assert (
        said(found, *names)
        == [(None, "azure", Decimal("12.5"), 0, None, None, None, "/Providers/R")] * 2
    )


def google_line(text: str, number: int, column: str) -> Line:
    return BASE | {
        "ProviderName": "Google Cloud",
        "BilledCost": f"0.{number:03d}",
        "ServiceName": "Vertex AI",
        "ConsumedQuantity": f"{number}000",
        "ConsumedUnit": "requests",
        "SkuMeter": "Tokens" if column != "SkuMeter" else text,
        "ChargeDescription": text if column == "ChargeDescription" else "usage",
        "x_SkuDescription": text if column == "x_SkuDescription" else "",
    }


@pytest.mark.parametrize("column", ["x_SkuDescription", "SkuMeter", "ChargeDescription"])
def test_a_google_export_names_what_the_billing_export_names_for_every_observed_sku(
    samples: Path, as_file: Lay, stage: Stage, column: str
) -> None:
    path = samples / "gcp" / "vertex_gemini_sku_descriptions_observed.txt"
    texts = [json.loads(line) for line in path.read_text().splitlines() if line[0] == '"']
    assert len(texts) == 17
    lines = [google_line(text, n, column) for n, text in enumerate(texts, start=1)]
    records = [
        gcp_row(sku__description=text, cost=float(f"0.{n:03d}"), usage__amount=float(n * 1000),
                usage__amount_in_pricing_units=float(n * 1000))
        for n, text in enumerate(texts, start=1)
    ]  # fmt: skip
    native = stage(gcp.FORMAT, as_file(as_json_lines(*records), "gcp.json"))
    found = stage(FORMAT, as_file(focus_csv(*lines), "focus.csv"))
    assert said(found, *SAID[:-1], *COUNTED) == said(native, *SAID[:-1], *COUNTED)
    assert {row["x_provider"] for row in found} == {"gcp.vertex_ai"}


@pytest.mark.parametrize(
    ("service", "provider"),
    [("Generative Language API", "gcp.gemini"), ("Vertex AI Search", "gcp.vertex_ai"),
     ("Compute Engine", "gcp"), ("", "gcp")],
)  # fmt: skip
def test_a_google_line_is_of_the_service_that_it_names(
    as_file: Lay, stage: Stage, service: str, provider: str
) -> None:
    line = google_line("Storage", 1, "SkuMeter") | {"ServiceName": service}
    (row,) = stage(FORMAT, as_file(focus_csv(line), "focus.csv"))
    assert row["x_provider"] == provider


def test_a_model_hosted_by_a_cloud_is_the_clouds_where_the_host_is_named(
    as_file: Lay, stage: Stage
) -> None:
    line = BASE | {
        "ServiceProviderName": "Anthropic", "HostProviderName": "AWS", "BilledCost": "1",
        "ServiceName": "Claude Sonnet 4.6 (Amazon Bedrock Edition)",
        "x_UsageType": "USE1-MP:USE1_InputTokenCount-Units", "PricingQuantity": "2",
    }  # fmt: skip
    (row,) = stage(FORMAT, as_file(focus_csv(line), "focus.csv"))
    assert (row["provider_name"], row["x_provider"], row["x_model"], row["consumed_quantity"]) == (
        "Anthropic", "aws.bedrock", "Claude Sonnet 4.6", 2_000_000,
    )  # fmt: skip
