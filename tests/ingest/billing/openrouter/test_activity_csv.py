"""OpenRouter's activity CSV: both observed headers, on the observed row and made-up ones."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.openrouter.reader import FORMAT
from ingest.errors import SourceFileError
from ingest.records.format import InputFile
from tests.ingest.billing.openrouter.test_reader import charges, usage

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

# Made up; the columns are those of the observed long header.
LINE = {
    "generation_id": "gen-1",
    "created_at": "2026-06-28 03:46:57.713",
    "cost_total": "0.0123",
    "cost_web_search": "0.002",
    "tokens_prompt": "10389",
    "tokens_completion": "137",
    "tokens_reasoning": "30",
    "tokens_cached": "1000",
    "model_permaslug": "openai/gpt-oss-120b",
    "provider_name": "Upstream",
    "variant": "standard",
    "user": "person-1",
    "api_key_name": "prod",
    "app_name": "shop",
}


def long_csv(samples: Path, *lines: dict[str, str]) -> str:
    header = (samples / "openrouter/activity_export_header.csv").read_text().strip().split(",")
    stream = io.StringIO()
    writer = csv.DictWriter(stream, header, restval="")
    writer.writeheader()
    writer.writerows(lines)
    return stream.getvalue()


def test_the_observed_minimal_row_is_one_charge_and_its_usage(
    as_file: Lay, stage: Stage, samples: Path
) -> None:
    found = stage(FORMAT, as_file(samples / "openrouter/activity_export_minimal.csv"))
    (line,) = charges(found)
    assert (line["source_line"], line["reject_reason"]) == (2, None)
    assert (line["billed_cost"], line["consumed_quantity"]) == (Decimal("0.0123"), 10526)
    assert (line["x_model"], line["x_line_item"]) == (
        "openai/gpt-oss-120b:free", "openai/gpt-oss-120b",
    )  # fmt: skip
    assert line["charge_period_start"] == datetime(2026, 6, 28, 3, 46, 57, 713000)
    assert line["x_restatement_key"] == "openrouter|activity|2026-06-28T00:00:00Z"
    assert (line["tags"], line["sku_price_details"]) == (None, None)
    (tokens,) = usage(found)
    assert (tokens["input_uncached_tokens"], tokens["cache_read_tokens"]) == (10389, None)
    assert (tokens["output_tokens"], tokens["requests"]) == (137, 1)


def test_the_long_header_adds_cached_tokens_parts_of_the_cost_and_the_name_of_the_key(
    as_file: Lay, stage: Stage, samples: Path
) -> None:
    found = stage(FORMAT, as_file(long_csv(samples, LINE), "activity.csv"))
    (line,), (tokens,) = charges(found), usage(found)
    assert (tokens["input_uncached_tokens"], tokens["cache_read_tokens"]) == (9389, 1000)
    assert (tokens["reasoning_tokens"], line["x_model"]) == (30, "openai/gpt-oss-120b")
    assert json.loads(line["sku_price_details"]) == {"cost_web_search": "0.002"}
    assert json.loads(line["tags"]) == {"api_key_name": "prod", "app_name": "shop"}
    assert "person-1" not in str(found)


def test_inference_with_an_own_key_is_added_and_the_total_is_the_spend(
    as_file: Lay, stage: Stage, samples: Path
) -> None:
    lines = [LINE, {**LINE, "cost_total": "0.001", "byok_usage_inference": "0.02"},
             {**LINE, "byok_usage_inference": "0"}]  # fmt: skip
    found = charges(stage(FORMAT, as_file(long_csv(samples, *lines), "activity.csv")))
    spend = sum(
        Decimal(line["cost_total"]) + Decimal(line.get("byok_usage_inference", "0"))
        for line in lines
    )
    assert sum(row["billed_cost"] for row in found) == spend
    assert sorted((row["source_line"], row["x_cost_type"]) for row in found) == [
        (2, "tokens"), (3, "byok_fee"), (3, "byok_inference"), (4, "tokens"),
    ]  # fmt: skip
    assert sum(row["consumed_quantity"] or 0 for row in found) == 3 * 10526


def test_a_page_and_a_csv_of_one_day_replace_each_other(
    as_file: Lay, stage: Stage, samples: Path
) -> None:
    item = {"date": "2026-06-28", "model": "a/b", "usage": 1, "prompt_tokens": 1,
            "completion_tokens": 1}  # fmt: skip
    (page,) = charges(stage(FORMAT, as_file(json.dumps({"data": [item]})), account="acme"))
    file = as_file(long_csv(samples, LINE), "activity.csv")
    (line,) = charges(stage(FORMAT, file, account="acme"))
    assert page["x_restatement_key"] == line["x_restatement_key"]
    assert line["x_restatement_key"] == "openrouter|activity|2026-06-28T00:00:00Z|acme"


def test_the_csv_is_usage_alone_when_generations_are_the_bill(
    as_file: Lay, stage: Stage, samples: Path
) -> None:
    content = long_csv(samples, LINE, {**LINE, "cost_total": "x"})
    found = stage(FORMAT, as_file(content, "a.csv"), bill="generations")
    assert [row["reject_field"] for row in charges(found)] == ["cost_total"]
    assert len(usage(found)) == 1


def test_a_byte_order_mark_gzip_and_a_header_in_capitals_are_read(
    as_file: Lay, stage: Stage, samples: Path
) -> None:
    header, _, body = long_csv(samples, LINE).partition("\n")
    content = gzip.compress(("\ufeff" + header.upper() + "\n" + body).encode())
    (line,) = charges(stage(FORMAT, as_file(content, "a.csv.gz")))
    assert line["billed_cost"] == Decimal("0.0123")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("created_at", "soon"),
        ("created_at", ""),
        ("cost_total", ""),
        ("cost_total", "0,5"),
        ("byok_usage_inference", "x"),
        ("tokens_prompt", "1.5"),
        ("tokens_cached", "20000"),
        ("model_permaslug", ""),
    ],
)
def test_a_value_that_cannot_be_typed_rejects_its_line_once_by_field(
    as_file: Lay, stage: Stage, samples: Path, field: str, value: str
) -> None:
    content = long_csv(samples, LINE, {**LINE, "byok_usage_inference": "0.02", field: value})
    found = stage(FORMAT, as_file(content, "a.csv"))
    bad = [row for row in found if row["reject_reason"]]
    assert [(row["source_line"], row["reject_field"]) for row in bad] == [(3, field)]


DAMAGED = {
    "header only": (b"created_at,cost_total,model_permaslug\n", "a.csv", "no data returned"),
    "another CSV": (b"a,b\n1,2\n", "a.csv", "no column created_at, cost_total, model_permaslug"),
    "half a gzip": (gzip.compress(b"created_at\n" * 999)[:-8], "a.csv.gz", "or damaged"),
    "empty": (b"", "a.csv", "the file is empty"),
}


@pytest.mark.parametrize(("content", "name", "sentence"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_or_wrong_file_is_refused_with_its_name_and_a_reason(
    as_file: Lay, stage: Stage, content: bytes, name: str, sentence: str
) -> None:
    with pytest.raises(SourceFileError, match=sentence) as refused:
        stage(FORMAT, as_file(content, name))
    assert str(refused.value).startswith(name)


def test_the_header_sample_holds_no_rows(as_file: Lay, stage: Stage, samples: Path) -> None:
    with pytest.raises(SourceFileError, match="no data returned"):
        stage(FORMAT, as_file(samples / "openrouter/activity_export_header.csv"))
