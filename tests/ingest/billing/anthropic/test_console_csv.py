"""Anthropic's console exports: the sample's columns, and lines made up after public exports."""

import csv
import gzip
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.anthropic.reader import FORMAT
from ingest.errors import SourceFileError
from ingest.records.format import InputFile
from tests.ingest.billing.anthropic.test_reader import page_of

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

COST_HEADER = (
    "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,"
    "list_price_usd,cost_type,inference_geo,speed,api_key_id,api_key_status"
)
USAGE_HEADER = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,"
    "usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,"
    "usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,"
    "web_search_count,inference_geo,speed"
)
USAGE = (
    "2026-03-22,claude-sonnet-4-20250514,app-key,Research,batch,> 200k,100,20,30,40,5,10,us,fast"
)


def csv_of(header: str, *lines: str) -> str:
    return "\n".join([header, *lines]) + "\n"


def a_cost(cost: str = "0.05", **cells: str) -> str:
    values = {
        "usage_date_utc": "2026-08-04", "model": "Claude Haiku 4.5", "workspace": "Default",
        "context_window": "≤ 200k", "token_type": "output", "cost_usd": cost, "cost_type": "token",
    } | cells  # fmt: skip
    return ",".join(values.get(name, "") for name in COST_HEADER.split(","))


def test_the_sample_of_the_cost_export_sums_to_its_dollars(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    sample = samples / "anthropic" / "console_cost_export.csv"
    with sample.open(newline="", encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    found = stage(FORMAT, as_file(sample))
    assert len(found) == len(lines) == 4
    assert sum(row["billed_cost"] for row in found) == sum(Decimal(x["cost_usd"]) for x in lines)
    assert sum(row["list_cost"] for row in found) == sum(
        Decimal(x["list_price_usd"]) for x in lines
    )
    assert sum(row["billed_cost"] for row in found) == Decimal("0.47")


def test_a_line_of_the_cost_export_in_the_words_of_the_api(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    row = stage(FORMAT, as_file(samples / "anthropic" / "console_cost_export.csv"))[0]
    stated = {name: value for name, value in row.items() if value is not None}
    assert stated == {
        "table": "billing_charges",
        "file_id": 1,
        "source_line": 2,
        "x_record": 1,
        "x_restatement_key": "anthropic|cost_report|2026-08-04T00:00:00Z",
        "provider_name": "Anthropic",
        "x_provider": "anthropic",
        "publisher_name": "Anthropic",
        "invoice_issuer_name": "Anthropic",
        "sub_account_id": "default",
        "sub_account_name": "Default",
        "billing_period_start": datetime(2026, 8, 1),
        "billing_period_end": datetime(2026, 9, 1),
        "charge_period_start": datetime(2026, 8, 4),
        "charge_period_end": datetime(2026, 8, 5),
        "charge_category": "Usage",
        "charge_frequency": "Usage-Based",
        "billed_cost": Decimal("0.05"),
        "effective_cost": Decimal("0.05"),
        "list_cost": Decimal("0.05"),
        "billing_currency": "USD",
        "sku_price_details": '{"x_ContextWindow": "0-200k", "x_InferenceGeo": "not_available"}',
        "tags": '{"api_key_name": "demo-key"}',
        "x_model": "Claude Haiku 4.5",
        "x_token_class": "input_uncached",
        "x_cost_type": "tokens",
        "x_api_key_id": "apikey_01AAA",
    }


@pytest.mark.parametrize(
    ("word", "token_class"),
    [("input_no_cache", "input_uncached"), ("input_cache_read", "cache_read"),
     ("input_cache_write_5m", "cache_write_5m"), ("input_cache_write_1h", "cache_write_1h"),
     ("output", "output"), ("", None), ("dreams", None)],
)  # fmt: skip
def test_the_consoles_token_types_are_token_classes(
    as_file: Lay, stage: Stage, word: str, token_class: str | None
) -> None:
    (row,) = stage(FORMAT, as_file(csv_of(COST_HEADER, a_cost(token_type=word)), "c.csv"))
    assert row["x_token_class"] == token_class


def test_a_search_is_no_token_cost_and_a_named_workspace_has_no_id(
    as_file: Lay, stage: Stage
) -> None:
    line = a_cost(cost_type="web_search", workspace="Research", token_type="", context_window="")
    (row,) = stage(FORMAT, as_file(csv_of(COST_HEADER, line), "c.csv"))
    assert (row["x_cost_type"], row["sku_price_details"]) == ("web_search", None)
    assert (row["sub_account_id"], row["sub_account_name"]) == (None, "Research")


@pytest.mark.parametrize(
    ("usage_type", "tier"), [("batch", "batch"), ("standard", "standard"), ("message", None)]
)
def test_a_usage_type_is_a_tier_only_when_it_is_one(
    as_file: Lay, stage: Stage, usage_type: str, tier: str | None
) -> None:
    (row,) = stage(FORMAT, as_file(csv_of(COST_HEADER, a_cost(usage_type=usage_type)), "c.csv"))
    assert row["x_service_tier"] == tier


def test_a_line_of_the_usage_export_in_the_words_of_the_api(as_file: Lay, stage: Stage) -> None:
    (row,) = stage(FORMAT, as_file(csv_of(USAGE_HEADER, USAGE), "usage.csv"))
    vector = {name: value for name, value in row.items() if name.endswith("_tokens") and value}
    assert vector == {
        "input_uncached_tokens": 100, "cache_write_5m_tokens": 20, "cache_write_1h_tokens": 30,
        "cache_read_tokens": 40, "output_tokens": 5,
    }  # fmt: skip
    assert (row["model"], row["usage_type"]) == ("claude-sonnet-4-20250514", "messages")
    assert (row["context_window"], row["service_tier"]) == ("200k-1M", "batch")
    assert (row["quantity"], row["quantity_unit"], row["is_batch"]) == (10, "searches", True)
    assert (row["sub_account_id"], row["x_restatement_key"]) == (
        None, "anthropic|usage_report/messages|2026-03-22T00:00:00Z",
    )  # fmt: skip
    assert json.loads(row["x_dimensions"]) == {
        "inference_geo": "us", "speed": "fast", "workspace_name": "Research",
        "api_key_name": "app-key",
    }  # fmt: skip


def test_an_export_and_an_api_page_of_one_day_replace_each_other(
    as_file: Lay, stage: Stage
) -> None:
    day = {"starting_at": "2026-08-04T00:00:00Z", "ending_at": "2026-08-05T00:00:00Z"}
    page = page_of({"amount": "5", "currency": "USD"})
    page["data"][0] |= day
    (api,) = stage(FORMAT, as_file(json.dumps(page)))
    (line,) = stage(FORMAT, as_file(csv_of(COST_HEADER, a_cost()), "c.csv"))
    assert (api["x_restatement_key"], api["billed_cost"]) == (
        line["x_restatement_key"], line["billed_cost"],
    )  # fmt: skip


def test_newer_columns_may_be_absent(as_file: Lay, stage: Stage) -> None:
    old = "usage_date_utc,model,workspace,api_key,token_type,cost_usd"
    (row,) = stage(FORMAT, as_file(csv_of(old, "2026-08-04,m,Default,k,output,1"), "c.csv"))
    assert (row["billed_cost"], row["list_cost"], row["x_cost_type"]) == (1, None, None)
    short = "usage_date_utc,usage_input_tokens_no_cache,usage_output_tokens"
    (row,) = stage(FORMAT, as_file(csv_of(short, "2026-08-04,7,2"), "u.csv"))
    assert (row["input_uncached_tokens"], row["cache_read_tokens"]) == (7, None)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (a_cost("free"), "cost_usd"),
        (a_cost(""), "cost_usd"),
        (a_cost(list_price_usd="x"), "list_price_usd"),
        (a_cost(usage_date_utc="04.08.2026"), "usage_date_utc"),
        (a_cost(usage_date_utc=""), "usage_date_utc"),
        ("2026-08-04,m", "line"),
    ],
)
def test_a_line_that_cannot_be_typed_is_rejected_under_the_exports_own_name(
    as_file: Lay, stage: Stage, line: str, field: str
) -> None:
    found = stage(FORMAT, as_file(csv_of(COST_HEADER, line, a_cost()), "c.csv"))
    assert [(row["source_line"], row["reject_field"]) for row in found] == [(2, field), (3, None)]


def test_a_count_that_is_none_is_rejected_under_the_exports_own_name(
    as_file: Lay, stage: Stage
) -> None:
    lines = [USAGE.replace(",20,", ",some,"), USAGE.replace(",100,", ",,")]
    found = stage(FORMAT, as_file(csv_of(USAGE_HEADER, *lines), "u.csv"))
    assert [row["reject_field"] for row in found] == [
        "usage_input_tokens_cache_write_5m", "usage_input_tokens_no_cache",
    ]  # fmt: skip


REFUSED = {
    "a truncated gzip": (
        gzip.compress(csv_of(COST_HEADER, *[a_cost(str(n)) for n in range(999)]).encode())[:-20],
        "c.csv.gz", "truncated or damaged",
    ),
    "a header alone": (csv_of(COST_HEADER).encode(), "c.csv", "no data returned"),
    "a renamed cost": (
        csv_of(COST_HEADER.replace("cost_usd", "amount")).encode(), "c.csv",
        "not the usage export of Anthropic's console: no column usage_input_tokens_no_cache",
    ),
    "a renamed day": (
        csv_of(COST_HEADER.replace("usage_date_utc", "date")).encode(), "c.csv",
        "line 1, field usage_date_utc: is not the cost export",
    ),
    "another CSV": (b"a,b\n1,2\n", "c.csv", "its header is a, b"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "name", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_a_damaged_or_wrong_export_is_refused_with_its_name_and_a_reason(
    as_file: Lay, stage: Stage, content: bytes, name: str, sentence: str
) -> None:
    with pytest.raises(SourceFileError, match=sentence) as refused:
        stage(FORMAT, as_file(content, name))
    assert str(refused.value).startswith(name)


def test_the_header_sample_of_the_usage_export_holds_no_rows(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    with pytest.raises(SourceFileError, match="no data returned"):
        stage(FORMAT, as_file(samples / "anthropic" / "console_usage_export_header.csv"))


def test_a_byte_order_mark_and_windows_line_ends_are_read(as_file: Lay, stage: Stage) -> None:
    text = "\ufeff" + csv_of(COST_HEADER, a_cost("2")).replace("\n", "\r\n")
    (row,) = stage(FORMAT, as_file(text, "c.csv"))
    assert (row["billed_cost"], json.loads(row["sku_price_details"])) == (
        2, {"x_ContextWindow": "0-200k"},
    )  # fmt: skip
