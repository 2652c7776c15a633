"""Real Azure exports, compared value by value with the csv module and Decimal over raw text."""

import csv
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.azure.reader import FORMAT
from ingest.errors import SourceFileError
from ingest.records.format import InputFile

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

ACTUAL, AMORTIZED = "EA_ActualCost_Small.csv", "EA_AmortizedCost_Small.csv"
ANONYMOUS = "sample-anonymous-ea-export-dataset.csv"

TEXTS = {
    "BillingAccountId": "billing_account_id",
    "BillingAccountName": "billing_account_name",
    "SubscriptionId": "sub_account_id",
    "SubscriptionName": "sub_account_name",
    "UnitOfMeasure": "pricing_unit",
    "MeterCategory": "service_name",
    "MeterName": "x_line_item",
    "MeterId": "sku_id",
    "PartNumber": "sku_price_id",
    "PublisherName": "publisher_name",
    "ResourceId": "resource_id",
    "ResourceName": "resource_name",
    "benefitId": "commitment_discount_id",
}


def day(text: str) -> datetime:
    month, number, year = map(int, text.split("/"))
    return datetime(year, month, number)


def rounded(text: str, step: str) -> Decimal:
    return Decimal(text).quantize(Decimal(step), rounding=ROUND_HALF_EVEN)


def expected(raw: dict[str, str]) -> dict[str, Any]:
    """What a row must become, worked out without the reader."""
    cost = rounded(raw.get("Cost") or raw["CostInBillingCurrency"], "1e-12")
    bought = raw["ChargeType"] == "Purchase"
    committed = raw["PricingModel"] in ("Reservation", "SavingsPlan")
    return {
        **{ours: raw[theirs] or None for theirs, ours in TEXTS.items()},
        "charge_description": raw.get("Product") or raw["ProductName"],
        "billing_currency": raw.get("BillingCurrency") or raw["BillingCurrencyCode"],
        "billed_cost": cost,
        "effective_cost": Decimal(0) if bought else cost,
        "pricing_quantity": rounded(raw["Quantity"], "1e-9"),
        "contracted_unit_price": rounded(raw["UnitPrice"], "1e-12"),
        "charge_category": raw["ChargeType"],
        "charge_frequency": "Recurring" if bought else "Usage-Based",
        "pricing_category": "Committed" if committed and not bought
        else "Dynamic" if raw["PricingModel"] == "Spot" else "Standard",
        "commitment_discount_status": "Used" if committed and not bought else None,
        "region_id": raw["ResourceLocation"].lower() or None,
        "charge_period_start": day(raw["Date"]),
        "charge_period_end": day(raw["Date"]) + timedelta(days=1),
        "billing_period_start": datetime(2023, 9, 1),
        "billing_period_end": datetime(2023, 10, 1),
        "provider_name": "Microsoft", "x_provider": "azure", "x_model": None,
        "x_token_class": None, "consumed_quantity": None, "reject_reason": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "rows", "exact", "read"),
    [
        (ACTUAL, 11, "8.5450077867419368", "8.545007786742"),
        (AMORTIZED, 28, "16.29693213663664462748541900", "16.296932136637"),
        (ANONYMOUS, 27, "1.26136926505726", "1.261369265057"),
    ],
)
def test_every_row_of_a_real_export_is_as_the_file_states_it(
    samples: Path, as_file: Lay, stage: Stage, name: str, rows: int, exact: str, read: str
) -> None:
    content = (samples / "azure" / name).read_bytes()
    raw = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    found = stage(FORMAT, as_file(content, name))
    assert len(found) == len(raw) == rows
    for line, (row, source) in enumerate(zip(found, raw, strict=True), start=2):
        want = expected(source)
        assert row["source_line"] == line
        assert {column: row[column] for column in want} == want
    costs = [Decimal(source.get("Cost") or source["CostInBillingCurrency"]) for source in raw]
    assert (sum(costs), sum(row["billed_cost"] for row in found)) == (Decimal(exact), Decimal(read))


@pytest.mark.parametrize(("name", "tagged"), [(ACTUAL, 9), (AMORTIZED, 27), (ANONYMOUS, 27)])
def test_tags_without_braces_become_json_objects(
    samples: Path, as_file: Lay, stage: Stage, name: str, tagged: int
) -> None:
    content = (samples / "azure" / name).read_bytes()
    raw = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    found = stage(FORMAT, as_file(content, name))
    stated = [json.loads(f"{{{source['Tags']}}}") or None for source in raw]
    assert [json.loads(row["tags"]) if row["tags"] else None for row in found] == stated
    assert sum(tags is not None for tags in stated) == tagged


def test_a_price_of_nothing_beside_a_price_is_a_gap(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    content = (samples / "azure" / ACTUAL).read_bytes()
    bought, *used = stage(FORMAT, as_file(content, ACTUAL))
    assert bought["list_unit_price"] is None
    assert [row["list_unit_price"] for row in used] == [r["contracted_unit_price"] for r in used]


def test_the_file_of_pricing_units_is_no_bill(samples: Path, as_file: Lay, stage: Stage) -> None:
    content = (samples / "azure" / "finops-toolkit_PricingUnits.csv").read_bytes()
    with pytest.raises(SourceFileError, match="not an Azure cost export: no column Date, Cost or"):
        stage(FORMAT, as_file(content, "units.csv"))
