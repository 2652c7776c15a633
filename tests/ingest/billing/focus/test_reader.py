"""What the values of a FOCUS row become, on small files made here."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from ingest.billing.focus.reader import FORMAT
from ingest.records.format import InputFile
from tests.ingest.billing.conftest import HEADER, LINE, csv_of

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]


def one(stage: Stage, as_file: Lay, **columns: str) -> dict[str, Any]:
    """The staged row of a file with one row, some of its columns replaced or added."""
    values = dict(zip(HEADER.split(","), LINE.split(","), strict=True)) | columns
    line = ",".join('"' + value.replace('"', '""') + '"' for value in values.values())
    (row,) = stage(FORMAT, as_file(csv_of(line, header=",".join(values)), "bill.csv"))
    return row


@pytest.mark.parametrize(
    ("stated", "exact"),
    [
        ("0.000002007490000000", "0.00000200749"),
        ("$10,000.00 ", "10000"),
        ("-$1,234,567.5", "-1234567.5"),
        (" 7 ", "7"),
        ("1.5E-7", "0.00000015"),
        ("0E-6176", "0"),
        (".5", "0.5"),
        ("0.0000000000005", "0"),
        ("0.0000000000015", "0.000000000002"),
        ("0.0000000000025", "0.000000000002"),
        ("-0.0000000000005", "0"),
        ("-0.0000000000015", "-0.000000000002"),
        ("-0.0000000000025", "-0.000000000002"),
        ("0.00000000000250000001", "0.000000000003"),
        ("9999999999999999.999999999999", "9999999999999999.999999999999"),
    ],
)
def test_amounts_are_exact_and_rounded_half_to_even_beyond_twelve_decimals(
    as_file: Lay, stage: Stage, stated: str, exact: str
) -> None:
    row = one(stage, as_file, BilledCost=stated)
    assert (row["billed_cost"], row["reject_reason"]) == (Decimal(exact), None)


@pytest.mark.parametrize(
    "stated",
    ["free", "1.234,56", "12,34", "1_000", "NaN", "Infinity", "--1", "1 2", "0x10", "$", ".",
     "10000000000000000", "9999999999999999.9999999999995"],
)  # fmt: skip
def test_an_amount_that_is_no_number_is_rejected_by_its_column(
    as_file: Lay, stage: Stage, stated: str
) -> None:
    row = one(stage, as_file, BilledCost=stated)
    assert (row["reject_field"], row["billed_cost"]) == ("BilledCost", None)
    assert row["reject_reason"] == "is not a number in DECIMAL(28,12)"


@pytest.mark.parametrize("nothing", ["", "  ", "NULL", "null"])
def test_empty_and_null_text_are_unknown_and_not_zero(
    as_file: Lay, stage: Stage, nothing: str
) -> None:
    names = ("EffectiveCost", "PricingCategory", "ConsumedQuantity", "Tags", "BillingPeriodEnd")
    row = one(stage, as_file, **dict.fromkeys(names, nothing))
    unknown = ("effective_cost", "pricing_category", "consumed_quantity", "tags",
               "billing_period_end", "reject_field")  # fmt: skip
    assert [row[name] for name in unknown] == [None] * 6


@pytest.mark.parametrize(
    ("stated", "utc"),
    [
        ("2026-09-01T00:00:00Z", datetime(2026, 9, 1)),
        ("2026-09-01 00:00:00", datetime(2026, 9, 1)),
        ("2026-09-01T00:00:00.000Z", datetime(2026, 9, 1)),
        ("2026-09-01T02:00:00+02:00", datetime(2026, 9, 1)),
        ("2026-09-01", datetime(2026, 9, 1)),
        ("2026-09-01T02:00Z", datetime(2026, 9, 1, 2)),
        ("2026-09-01 02:30+02:30", datetime(2026, 9, 1)),
        ("2026-09-01T02:00-05", datetime(2026, 9, 1, 7)),
        ("9/13/26", datetime(2026, 9, 13)),
        ("12/31/2026", datetime(2026, 12, 31)),
    ],
)
def test_times_are_utc_whatever_the_session_time_zone(
    con: duckdb.DuckDBPyConnection, as_file: Lay, stage: Stage, stated: str, utc: datetime
) -> None:
    con.execute("set timezone = 'America/New_York'")
    assert one(stage, as_file, ChargePeriodStart=stated)["charge_period_start"] == utc


@pytest.mark.parametrize(
    "stated",
    ["2026-02-01T30:00:00Z", "2026-02-30", "2026-09-01T25:00Z", "soon", "infinity", "1788220800"],
)
def test_a_time_that_is_none_is_rejected_by_its_column(
    as_file: Lay, stage: Stage, stated: str
) -> None:
    row = one(stage, as_file, BillingPeriodEnd=stated)
    assert (row["reject_field"], row["reject_reason"]) == (
        "BillingPeriodEnd", "is not a date or time",
    )  # fmt: skip


def test_known_words_get_their_standard_case_and_others_are_left_to_the_contract(
    as_file: Lay, stage: Stage
) -> None:
    row = one(
        stage, as_file, ChargeFrequency="Usage-based", ChargeCategory="usage",
        BillingCurrency="eur", PricingCategory="Bargain",
    )  # fmt: skip
    assert (row["charge_frequency"], row["charge_category"]) == ("Usage-Based", "Usage")
    assert (row["billing_currency"], row["pricing_category"]) == ("EUR", "Bargain")


def test_the_header_is_matched_in_any_case_behind_a_byte_order_mark(
    as_file: Lay, stage: Stage
) -> None:
    content = b"\xef\xbb\xbf" + csv_of(LINE, header=HEADER.upper()).encode()
    (row,) = stage(FORMAT, as_file(content, "bill.csv"))
    assert (row["billed_cost"], row["provider_name"]) == (Decimal("1.5"), "Acme")


def test_unknown_columns_are_ignored_even_with_names_meant_to_break_sql(
    as_file: Lay, stage: Stage
) -> None:
    row = one(stage, as_file, **{"x_Any": "1", 'it\'s "x"; drop table y': "2", "Id": "3"})
    assert row["billed_cost"] == Decimal("1.5")
    assert not {"x_any", "id"} & row.keys()


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("OpenAI", "openai"),
        ("OpenAI OpCo, LLC", "openai"),
        ("Anthropic PBC", "anthropic"),
        ("AWS", "aws"),
        ("Amazon Web Services, Inc.", "aws"),
        ("Microsoft", "azure"),
        ("Azure OpenAI", "azure.ai.openai"),
        ("Google Cloud", "gcp"),
        ("Mistral AI", "mistral_ai"),
        ("Pinecone Systems, Inc.", "pinecone_systems_inc"),
        ("Googleplex", "googleplex"),
        ("東京", "東京"),
    ],
)
def test_a_provider_name_becomes_a_known_identifier_or_a_slug(
    as_file: Lay, stage: Stage, name: str, provider: str
) -> None:
    row = one(stage, as_file, ProviderName=name)
    assert (row["provider_name"], row["x_provider"]) == (name, provider)


def test_the_service_provider_stands_in_where_1_4_dropped_the_provider(
    as_file: Lay, stage: Stage
) -> None:
    header = HEADER.replace("ProviderName", "ServiceProviderName")
    (row,) = stage(FORMAT, as_file(csv_of(LINE, header=header), "bill.csv"))
    assert row["provider_name"] == "Acme"


@pytest.mark.parametrize(
    ("details", "model", "token_class"),
    [
        ('{"ModelId": "m", "TokenDirection": "Input"}', "m", "input"),
        ('{"ModelId": "m", "TokenDirection": "Output"}', "m", "output"),
        ('{"TokenDirection": "Input", "TokenCacheAction": "Read"}', None, "cache_read"),
        ('{"InstanceType": "m6i"}', None, None),
        ("{not json", None, None),
        ("[1]", None, None),
    ],
)
def test_token_class_and_model_come_from_price_details_that_state_them(
    as_file: Lay, stage: Stage, details: str, model: str | None, token_class: str | None
) -> None:
    row = one(stage, as_file, SkuPriceDetails=details)
    assert (row["x_model"], row["x_token_class"]) == (model, token_class)
    assert row["sku_price_details"] == details


def test_identical_rows_of_one_file_stay_and_the_same_row_in_two_files_is_one(
    as_file: Lay, stage: Stage
) -> None:
    other = LINE.replace("1.50", "1.5")
    first = stage(FORMAT, as_file(csv_of(LINE, other, LINE), "a.csv"))
    again = stage(FORMAT, as_file(csv_of(LINE, LINE), "b.csv"))
    keys = [row["x_restatement_key"] for row in first]
    assert [key.partition("#")[2] for key in keys] == ["1", "1", "2"]
    assert len(set(keys)) == 3
    assert {row["x_restatement_key"] for row in again} == {keys[0], keys[2]}


def test_the_order_of_columns_does_not_make_a_row_new(as_file: Lay, stage: Stage) -> None:
    names, values = HEADER.split(","), LINE.split(",")
    turned = csv_of(",".join(reversed(values)), header=",".join(reversed(names)))
    (row,) = stage(FORMAT, as_file(csv_of(LINE), "a.csv"))
    (same,) = stage(FORMAT, as_file(turned, "b.csv"))
    assert row["x_restatement_key"] == same["x_restatement_key"]


def test_a_value_moving_to_the_next_column_makes_a_row_new(as_file: Lay, stage: Stage) -> None:
    left = one(stage, as_file, SkuId="7", SkuPriceId="")
    right = one(stage, as_file, SkuId="", SkuPriceId="7")
    assert left["x_restatement_key"] != right["x_restatement_key"]


def test_a_copy_in_snake_case_is_read_as_its_original(as_file: Lay, stage: Stage) -> None:
    header = "billed_cost,billing_currency,charge_category,charge_period_start,provider_name"
    (row,) = stage(FORMAT, as_file(csv_of(LINE, header=header), "bill.csv"))
    assert (row["reject_reason"], row["billed_cost"], row["provider_name"]) == (
        None, Decimal("1.5"), "Acme"
    )  # fmt: skip
