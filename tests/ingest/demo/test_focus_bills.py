"""The FOCUS files of the vector database."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ingest.demo.sources.focus.vector_database import write_vector_database
from tests.ingest.demo.plain import Demo

MANDATORY = {
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
}


def rows(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return found
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_monthly_charges_are_the_sums_of_the_focus_files(demo: Demo) -> None:
    billed: dict[str, Decimal] = {}
    for path in (demo.inbox / "cloud-focus").iterdir():
        billed[path.stem[-7:]] = sum((Decimal(row["BilledCost"]) for row in rows(path)), Decimal(0))
    stated = {
        month: Decimal(truth["charge_usd"]["vectorhaus"])
        for month, truth in demo.truth["months"].items()
    }
    assert billed == stated
    assert set(billed) == {"2026-06", "2026-07"}


def test_the_csv_and_the_parquet_month_have_the_mandatory_focus_columns(demo: Demo) -> None:
    files = sorted((demo.inbox / "cloud-focus").iterdir())
    assert [path.suffix for path in files] == [".csv", ".parquet"]
    for path in files:
        assert set(rows(path)[0]) >= MANDATORY


def test_each_month_has_one_tax_and_one_credit_line_and_the_rest_is_usage(demo: Demo) -> None:
    for path in (demo.inbox / "cloud-focus").iterdir():
        found = rows(path)
        usage = [row for row in found if row["ChargeCategory"] == "Usage"]
        [tax] = [row for row in found if row["ChargeCategory"] == "Tax"]
        [credit] = [row for row in found if row["ChargeCategory"] == "Credit"]
        before = sum((Decimal(row["BilledCost"]) for row in usage), Decimal(0))
        assert Decimal(tax["BilledCost"]) == before * Decimal("0.19")
        assert Decimal(credit["BilledCost"]) == before * Decimal("-0.05")
        assert len(usage) == len(found) - 2
        for row in usage:
            price, quantity = Decimal(row["ListUnitPrice"]), Decimal(row["PricingQuantity"])
            assert price * quantity == Decimal(row["BilledCost"])


def test_a_closed_month_has_an_invoice_number_and_the_open_one_has_none(tmp_path: Path) -> None:
    write_vector_database(tmp_path, seed=7, days=70, scale=1)
    june = rows(tmp_path / "vectorhaus-2026-06.csv")
    september = rows(tmp_path / "vectorhaus-2026-09.csv")
    assert {row["InvoiceId"] for row in june} == {"VH-202606"}
    assert {row["InvoiceId"] for row in september} == {""}
