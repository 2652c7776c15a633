"""Google Cloud billing export: amounts, corrections, months, tokens, tags; on made-up rows."""

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.export_files.deliveries import shard_delivery
from ingest.billing.gcp.reader import FORMAT
from ingest.records.format import InputFile
from tests.ingest.billing.gcp.rows import (
    Record,
    as_csv,
    as_json_lines,
    as_parquet,
    credit,
    pair,
    row,
)
from tests.ingest.billing.gcp.test_models import OBSERVED

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def load(as_file: Lay, stage: Stage) -> Callable[..., list[dict[str, Any]]]:
    """Return a function that stages rows written as JSON lines, and expects no reject."""

    def run(*records: Record) -> list[dict[str, Any]]:
        found = stage(FORMAT, as_file(as_json_lines(*records), "export.json"))
        assert [r["reject_reason"] for r in found] == [None] * len(records)
        return found

    return run


Load = Callable[..., list[dict[str, Any]]]


def test_net_is_cost_plus_all_its_credits_and_no_row_is_multiplied(load: Load) -> None:
    found = load(
        row(cost=0.3, credits=[credit(-0.1), credit(-0.05, "DISCOUNT"), credit(-0.025)]),
        row(cost=1.000000123456789),
    )
    assert [r["billed_cost"] for r in found] == [
        Decimal("0.125"), Decimal("1.000000123457"),
    ]  # fmt: skip
    assert [r["contracted_cost"] for r in found] == [Decimal("0.3"), Decimal("1.000000123457")]
    assert [r["list_cost"] for r in found] == [Decimal("0.4")] * 2


def test_a_free_trial_leaves_nothing_billed_exactly_and_keeps_the_cost_before_it(
    load: Load,
) -> None:
    (found,) = load(row(cost=1.2143, credits=[credit(-1.2142), credit(-0.0001)]))
    assert (found["billed_cost"], found["contracted_cost"]) == (0, Decimal("1.2143"))


def test_the_sum_is_rounded_once(load: Load) -> None:
    (found,) = load(row(cost=0.0000000000014, credits=[credit(0.0000000000014)]))
    assert found["billed_cost"] == Decimal("0.000000000003")


def test_tokens_are_tokens_though_the_unit_says_requests(load: Load) -> None:
    (found,) = load(row())
    assert (found["consumed_quantity"], found["consumed_unit"]) == (1_000_000, "Tokens")
    assert (found["pricing_quantity"], found["pricing_unit"]) == (1_000_000, "count")
    assert found["x_model"] == "gemini-2.5-flash"
    assert (found["x_token_class"], found["x_cost_type"]) == ("input_uncached", "tokens")


def test_an_export_with_every_observed_sku_bills_each_to_its_model(load: Load) -> None:
    found = load(*(row(sku__description=text, cost=0.001 * n)
                   for n, text in enumerate(OBSERVED, start=1)))  # fmt: skip
    assert [(r["x_model"], r["x_token_class"]) for r in found] == list(OBSERVED.values())
    assert {(r["consumed_unit"], r["x_cost_type"]) for r in found} == {("Tokens", "tokens")}
    count = len(OBSERVED)
    assert sum(r["billed_cost"] for r in found) == Decimal(count * (count + 1) // 2) / 1000


def test_grounded_searches_are_requests_and_no_tokens(load: Load) -> None:
    text = "LLM Grounding with Google Search tool - Predictions"
    (found,) = load(row(sku__description=text, usage__amount=3.0))
    assert (found["consumed_quantity"], found["consumed_unit"]) == (3, "requests")
    assert (found["x_model"], found["x_cost_type"]) == (None, "web_search")


def test_characters_are_not_tokens(load: Load) -> None:
    (found,) = load(row(usage__unit="characters"))
    assert (found["consumed_unit"], found["x_token_class"]) == ("characters", None)
    assert (found["x_cost_type"], found["x_model"]) == ("characters", "gemini-2.5-flash")


def test_a_leading_space_is_kept_only_in_the_line_item(load: Load) -> None:
    text = " Gemini 2.5 Flash GA Input Text Caching"
    (found,) = load(row(sku__description=text))
    assert (found["x_line_item"], found["charge_description"], found["x_token_class"]) == (
        text, text.strip(), "cache_read",
    )  # fmt: skip


@pytest.mark.parametrize("unit", ["h", "requests", "seconds"])
def test_cache_storage_is_token_hours(load: Load, unit: str) -> None:
    amount = 7200.0 if unit == "seconds" else 2.0
    (found,) = load(
        row(
            sku__description="Gemini 3 Flash Text Input Caching Storage",
            usage={"amount": amount, "unit": unit, "amount_in_pricing_units": 2.0,
                   "pricing_unit": "hour"},
        )
    )  # fmt: skip
    assert (found["consumed_quantity"], found["consumed_unit"]) == (2, "Token-Hours")
    assert (found["x_token_class"], found["x_cost_type"]) == (None, "cache_storage")
    assert found["x_model"] == "gemini-3-flash"


def test_a_negation_and_its_new_row_are_corrections_of_the_original_hour(load: Load) -> None:
    changed = {
        "cost_type": "adjustment",
        "adjustment_info__mode": "COMPLETE_NEGATION_WITH_REMONETIZATION",
        "adjustment_info__id": "a-1",
        "invoice__month": "202610",
        "export_time": "2026-10-04 00:00:00 UTC",
    }
    first, minus, plus = load(
        row(),
        row(cost=-0.3, cost_at_list=-0.4, usage__amount=-1000000.0, **changed),
        row(cost=0.25, **changed),
    )
    assert sum(r["billed_cost"] for r in (first, minus, plus)) == Decimal("0.25")
    assert [r["charge_class"] for r in (first, minus, plus)] == [None, "Correction", "Correction"]
    assert {r["charge_category"] for r in (first, minus, plus)} == {"Usage"}
    assert {r["charge_period_start"] for r in (minus, plus)} == {datetime(2026, 9, 1, 3)}
    assert minus["billing_period_start"] == datetime(2026, 10, 1, 7)
    assert (minus["consumed_quantity"], minus["x_token_class"]) == (-1_000_000, "input_uncached")
    assert len({r["x_restatement_key"] for r in (first, minus, plus)}) == 3


@pytest.mark.parametrize("mode", ["PARTIAL_CORRECTION", "COMPLETE_NEGATION"])
def test_a_corrected_usage_stays_usage_of_its_model(load: Load, mode: str) -> None:
    (found,) = load(row(cost=-0.1, cost_type="adjustment", adjustment_info__mode=mode))
    assert (found["charge_category"], found["charge_class"]) == ("Usage", "Correction")
    assert (found["x_model"], found["x_cost_type"]) == ("gemini-2.5-flash", "tokens")


def test_tax_rounding_and_manual_adjustments_are_not_usage(load: Load) -> None:
    found = load(
        row(cost_type="tax", service__description="Invoice", service__id="", cost=1.5),
        row(cost_type="rounding_error", cost=-0.01),
        row(cost_type="adjustment", adjustment_info__mode="MANUAL_ADJUSTMENT", cost=-2),
        row(cost_type="something_new"),
    )
    assert [(r["charge_category"], r["charge_class"], r["x_cost_type"]) for r in found] == [
        ("Tax", None, "tax"),
        ("Adjustment", None, "rounding_error"),
        ("Adjustment", "Correction", "adjustment"),
        ("Adjustment", None, "something_new"),
    ]
    assert {r["x_token_class"] for r in found} == {None}


@pytest.mark.parametrize(
    ("month", "start", "end"),
    [
        ("202609", datetime(2026, 9, 1, 7), datetime(2026, 10, 1, 7)),
        ("202611", datetime(2026, 11, 1, 7), datetime(2026, 12, 1, 8)),  # summer time ends in it
        ("202612", datetime(2026, 12, 1, 8), datetime(2027, 1, 1, 8)),
    ],
)
def test_an_invoice_month_is_a_month_in_pacific_time(
    load: Load, month: str, start: datetime, end: datetime
) -> None:
    (found,) = load(row(invoice__month=month))
    assert (found["billing_period_start"], found["billing_period_end"]) == (start, end)
    assert found["charge_period_start"] == datetime(2026, 9, 1, 3)


def test_the_nearest_label_wins_and_odd_texts_stay_json(load: Load) -> None:
    (found,) = load(
        row(
            system_labels=[pair("compute.googleapis.com/cores", "1"), pair("team", "system")],
            project__labels=[pair("team", "project"), pair("owner", 'a "b" c')],
            tags=[{**pair("env", "prod"), "inherited": True, "namespace": "1"}],
            labels=[pair("feature", "search"), pair("team", "label"), pair("empty", "")],
        )
    )
    assert json.loads(found["tags"]) == {
        "compute.googleapis.com/cores": "1", "owner": 'a "b" c', "env": "prod",
        "feature": "search", "team": "label", "empty": "",
    }  # fmt: skip


def test_accounts_currency_and_provider_are_as_the_row_states(load: Load) -> None:
    vertex, gemini, other = load(
        row(currency="eur"),
        row(service={"id": "AEFD-7695-64FA", "description": "Generative Language API"}),
        row(service={"id": "6F81-5844-456A", "description": "Compute Engine"},
            sku={"id": "1", "description": "N1 Predefined Instance Core"},
            usage={"amount": 3600.0, "unit": "seconds"}),
    )  # fmt: skip
    assert (vertex["billing_account_id"], vertex["billing_currency"]) == (
        "001234-ABCDEF-567890", "EUR",
    )  # fmt: skip
    assert [r["x_provider"] for r in (vertex, gemini, other)] == [
        "gcp.vertex_ai", "gcp.gemini", "gcp",
    ]  # fmt: skip
    assert (other["x_model"], other["x_cost_type"], other["consumed_unit"]) == (
        None, None, "seconds",
    )  # fmt: skip
    assert other["billed_cost"] == Decimal("0.3")


def test_unit_prices_are_stated_only_for_one_pricing_unit(load: Load) -> None:
    one, block = load(
        row(price={"list_price": 0.0000004, "effective_price": "0.0000003",
                   "pricing_unit_quantity": 1}),
        row(price={"list_price": 0.4, "effective_price": 0.3, "pricing_unit_quantity": 1000000,
                   "unit": "count"}),
    )  # fmt: skip
    assert (one["list_unit_price"], one["contracted_unit_price"]) == (
        Decimal("0.0000004"), Decimal("0.0000003"),
    )  # fmt: skip
    assert (block["list_unit_price"], block["contracted_unit_price"]) == (None, None)
    assert json.loads(block["sku_price_details"]) == {
        "PriceUnit": "count", "PricingUnitQuantity": "1000000",
    }  # fmt: skip


def many() -> list[Record]:
    """Rows with everything that the three forms write differently."""
    return [
        row(),
        row(),
        row(cost=1e-07, credits=[credit(-1e-08, name='it\'s "new"'), credit(-2e-08)]),
        row(labels=[pair("team", "o'neill"), pair("x", "[a, b]")], cost=12345.678901),
        row(sku__description=" Gemini 2.5 Flash GA Input Text Caching", cost_at_list=None),
        row(adjustment_info__mode="PARTIAL_CORRECTION", cost_type="adjustment", cost=-0.25),
    ]


def test_a_row_is_the_same_row_in_json_csv_and_parquet(
    as_file: Lay, stage: Stage, tmp_path: Path
) -> None:
    rows = many()
    files = [
        as_file(as_json_lines(*rows), "export.json"),
        as_file(json.dumps(rows, indent=1), "query.json"),
        as_file(as_csv(*rows), "dotted.csv"),
        as_file(as_csv(*rows, dot="_"), "flat.csv"),
        as_file(as_parquet(tmp_path / "export.parquet", *rows)),
    ]
    first, *others = (stage(FORMAT, file) for file in files)
    assert [r["reject_reason"] for r in first] == [None] * 6
    independent = sum(
        Decimal(repr(r["cost"])) + sum(Decimal(repr(c["amount"])) for c in r["credits"])
        for r in rows
    )
    assert sum(r["billed_cost"] for r in first) == independent
    own = {"file_id", "source_line", "x_delivery"}
    for other in others:
        assert [{k: v for k, v in r.items() if k not in own} for r in other] == [
            {k: v for k, v in r.items() if k not in own} for r in first
        ]


def test_identical_rows_of_one_file_stay_apart(load: Load) -> None:
    first, second = load(row(), row())
    assert first["x_restatement_key"].removesuffix("#1") == second[
        "x_restatement_key"
    ].removesuffix("#2")


def test_a_later_export_of_the_same_usage_is_another_row(load: Load) -> None:
    first, second = load(row(), row(export_time="2026-09-02 00:00:00 UTC"))
    assert first["x_restatement_key"] != second["x_restatement_key"]
    assert second["x_as_of"] == datetime(2026, 9, 2)


def test_parts_of_one_export_are_one_delivery_and_two_exports_are_two() -> None:
    first, other = "2026/run-000000000000.json.gz", "2026/run-000000000012.json.gz"
    assert shard_delivery(first) == shard_delivery(other)
    first, other = "dump-202609011200.json", "dump-202609011300.json"
    assert shard_delivery(first) != shard_delivery(other)
