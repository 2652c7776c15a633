import csv
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.openai.reader import FORMAT, disjoint_tokens, line_item_columns
from ingest.contracts.columns import TOKEN_VECTOR
from ingest.errors import SourceFileError
from ingest.records.format import InputFile

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

# The worked example of the API specification: 1000 = 500 uncached + 400 cached + 100 written.
EXAMPLE = {
    "object": "organization.usage.completions.result",
    "input_tokens": 1000,
    "input_cached_tokens": 400,
    "input_cache_write_tokens": 100,
    "input_uncached_tokens": 500,
    "output_tokens": 500,
    "input_audio_tokens": 50,
    "input_cached_audio_tokens": 50,
    "output_audio_tokens": 50,
    "input_image_tokens": 50,
    "num_model_requests": 5,
}


def page_of(*results: dict[str, Any]) -> str:
    bucket = {"start_time": 1730419200, "end_time": 1730505600, "results": results}
    return json.dumps({"object": "page", "data": [bucket], "has_more": False})


def a_charge(**changes: Any) -> dict[str, Any]:
    amount = {"value": 0.06, "currency": "usd"}
    return {"object": "organization.costs.result", "amount": amount} | changes


def test_costs_are_dollars_and_nothing_is_made_up(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    (row,) = stage(FORMAT, as_file(samples / "openai" / "costs.json"))
    stated = {name: value for name, value in row.items() if value is not None}
    assert stated == {
        "table": "billing_charges",
        "file_id": 1,
        "source_line": 1,
        "x_record": 1,
        "x_restatement_key": "openai|costs|2024-11-01T00:00:00Z",
        "provider_name": "OpenAI",
        "x_provider": "openai",
        "publisher_name": "OpenAI",
        "invoice_issuer_name": "OpenAI",
        "billing_period_start": datetime(2024, 11, 1),
        "billing_period_end": datetime(2024, 12, 1),
        "charge_period_start": datetime(2024, 11, 1),
        "charge_period_end": datetime(2024, 11, 2),
        "charge_category": "Usage",
        "charge_frequency": "Usage-Based",
        "billed_cost": Decimal("0.06"),
        "effective_cost": Decimal("0.06"),
        "billing_currency": "USD",
    }


def test_amounts_as_numbers_and_as_text_are_the_same_dollars(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    found = stage(FORMAT, as_file(samples / "openai" / "costs_observed_string_amount.json"))
    assert [(row["source_line"], row["billed_cost"], row["x_cost_type"]) for row in found] == [
        (1, Decimal("12.5"), "text_tokens"),
        (2, Decimal("2.25"), "web_search"),
        (3, Decimal("4"), "text_tokens"),
    ]
    assert {row["x_model"] for row in found} == {None}


def test_amounts_with_a_strange_exponent_are_exact(as_file: Lay, stage: Stage) -> None:
    page = page_of(a_charge()).replace("0.06", "0E-6176")
    tiny = page_of(a_charge()).replace("0.06", "0.000002007490000000")
    assert stage(FORMAT, as_file(page))[0]["billed_cost"] == 0
    assert stage(FORMAT, as_file(tiny))[0]["billed_cost"] == Decimal("0.00000200749")


@pytest.mark.parametrize(
    ("line_item", "model", "token_class", "cost_type"),
    [
        ("gpt-4o-2024-08-06, cached input", "gpt-4o-2024-08-06", "cache_read", "tokens"),
        ("gpt-4o-mini-2024-07-18, input", "gpt-4o-mini-2024-07-18", "input_uncached", "tokens"),
        ("gpt-4o-2024-08-06, output", "gpt-4o-2024-08-06", "output", "tokens"),
        ("gpt-5.6, cache write", "gpt-5.6", "cache_write_other", "tokens"),
        ("gpt-5.6, cache write tokens", "gpt-5.6", "cache_write_other", "tokens"),
        ("gpt-4o-2024-08-06, training", "gpt-4o-2024-08-06", None, None),
        ("gpt-4.1-nano, Output", "gpt-4.1-nano", "output", "tokens"),
        ("gpt-realtime-2, Audio input", "gpt-realtime-2", "input_audio", "tokens"),
        ("o4-mini Batch API, cached input", "o4-mini", "cache_read", "tokens"),
        ("tts-1-hd", "tts-1-hd", None, None),
        ("Embeddings", None, None, "embeddings"),
        ("file search tool calls", None, None, "file_search"),
        ("Web search tool calls", None, None, "web_search"),
        ("Image models", None, None, "image_models"),
        (None, None, None, None),
    ],
)
def test_a_line_item_names_a_model_and_a_token_class_only_when_it_states_them(
    line_item: str | None, model: str | None, token_class: str | None, cost_type: str | None
) -> None:
    assert line_item_columns(line_item) == {
        "charge_description": line_item,
        "x_line_item": line_item,
        "x_model": model,
        "x_token_class": token_class,
        "x_service_tier": "batch" if "Batch" in (line_item or "") else None,
        "x_cost_type": cost_type,
    }


def test_charges_keep_project_key_and_quantity(as_file: Lay, stage: Stage) -> None:
    charge = a_charge(
        project_id="proj_1", api_key_id="key_1", quantity=1.5, quantity_unit="1000_tokens",
        organization_id="org-1",
    )  # fmt: skip
    (row,) = stage(FORMAT, as_file(page_of(charge)))
    assert (row["sub_account_id"], row["x_api_key_id"]) == ("proj_1", "key_1")
    assert (row["consumed_quantity"], row["consumed_unit"]) == (Decimal("1.5"), "1000_tokens")
    assert row["billing_account_id"] == "org-1"


def test_a_charge_keeps_the_sign_the_bill_states(as_file: Lay, stage: Stage) -> None:
    charge = a_charge(amount={"value": "-5.00", "currency": "usd"})
    (row,) = stage(FORMAT, as_file(page_of(charge)))
    assert (row["billed_cost"], row["charge_category"]) == (Decimal(-5), "Usage")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": None}, "amount"),
        ({"amount": {"value": None, "currency": "usd"}}, "amount.value"),
        ({"amount": {"value": "free", "currency": "usd"}}, "amount.value"),
        ({"amount": {"value": 1}}, "amount.currency"),
        ({"project_id": 7}, "project_id"),
        ({"quantity": "many"}, "quantity"),
    ],
)
def test_an_untypable_charge_is_rejected_by_field_and_its_neighbours_stay(
    as_file: Lay, stage: Stage, changes: dict[str, Any], field: str
) -> None:
    found = stage(FORMAT, as_file(page_of(a_charge(), a_charge(**changes), a_charge())))
    assert [row["reject_field"] for row in found] == [None, field, None]
    assert [row["billed_cost"] for row in found] == [Decimal("0.06"), None, Decimal("0.06")]


def test_the_specification_example_becomes_a_disjoint_vector(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    (row,) = stage(FORMAT, as_file(samples / "openai" / "usage_completions.json"))
    vector = {column.name: row[column.name] for column in TOKEN_VECTOR}
    assert vector == {
        "input_uncached_tokens": 450,  # 500 uncached less 50 audio
        "cache_read_tokens": 400,
        "cache_write_5m_tokens": None,
        "cache_write_1h_tokens": None,
        "cache_write_other_tokens": 100,
        "input_audio_tokens": 50,
        "output_tokens": 450,  # 500 less 50 audio
        "reasoning_tokens": None,
        "output_audio_tokens": 50,
    }
    assert sum(value or 0 for value in vector.values()) == 1000 + 500
    assert (row["usage_type"], row["requests"]) == ("completions", 5)
    assert row["bucket_start"] == datetime(2024, 11, 1)
    assert row["x_restatement_key"] == "openai|usage/completions|2024-11-01T00:00:00Z"


def test_pages_without_the_new_fields_give_a_derived_uncached_count() -> None:
    old = {"input_tokens": 1000, "input_cached_tokens": 400, "output_tokens": 7}
    assert disjoint_tokens(old) == {
        "input_uncached_tokens": 600,
        "cache_read_tokens": 400,
        "cache_write_other_tokens": None,
        "input_audio_tokens": None,
        "output_tokens": 7,
        "output_audio_tokens": None,
    }
    oldest = disjoint_tokens({"input_tokens": 10, "output_tokens": 0})
    assert (oldest["input_uncached_tokens"], oldest["cache_read_tokens"]) == (10, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"input_uncached_tokens": 501}, "input_tokens"),
        ({"input_uncached_tokens": None, "input_cached_tokens": 1001}, "input_tokens"),
        ({"input_audio_tokens": 501}, "input_audio_tokens"),
        ({"output_audio_tokens": 501}, "output_audio_tokens"),
        ({"input_tokens": None}, "input_tokens"),
        ({"output_tokens": -1}, "output_tokens"),
        ({"input_cached_tokens": 0.5}, "input_cached_tokens"),
        ({"batch": "yes"}, "batch"),
    ],
)
def test_tokens_that_do_not_add_up_are_rejected_by_field(
    as_file: Lay, stage: Stage, changes: dict[str, Any], field: str
) -> None:
    (row,) = stage(FORMAT, as_file(page_of(EXAMPLE | changes)))
    assert row["reject_field"] == field
    assert row["input_uncached_tokens"] is None


def test_grouped_usage_keeps_its_dimensions(as_file: Lay, stage: Stage) -> None:
    grouped = {
        "model": "gpt-4o", "batch": True, "service_tier": "flex", "project_id": "proj_1",
        "api_key_id": "key_1", "user_id": "user_1",
    }  # fmt: skip
    (row,) = stage(FORMAT, as_file(page_of(EXAMPLE | grouped)))
    assert (row["model"], row["is_batch"], row["service_tier"]) == ("gpt-4o", True, "flex")
    assert (row["sub_account_id"], row["x_api_key_id"], row["x_user_id"]) == (
        "proj_1", "key_1", "user_1",
    )  # fmt: skip


USAGE_SAMPLES = """\
file,usage_type,tokens,requests,quantity,unit
usage_embeddings,embeddings,16,2,,
usage_moderations,moderations,16,2,,
usage_images,images,,2,2,images
usage_audio_speeches,audio_speeches,,1,45,characters
usage_audio_transcriptions,audio_transcriptions,,1,20,seconds
usage_vector_stores,vector_stores,,,1024,bytes
usage_code_interpreter_sessions,code_interpreter_sessions,,,1,sessions
usage_file_search_calls,file_search_calls,,,2,searches
usage_web_search_calls,web_search_calls,,2,2,searches
"""


@pytest.mark.parametrize("expected", list(csv.DictReader(USAGE_SAMPLES.splitlines())))
def test_every_other_usage_endpoint_states_its_own_quantity(
    samples: Path, as_file: Lay, stage: Stage, expected: dict[str, str]
) -> None:
    (row,) = stage(FORMAT, as_file(samples / "openai" / f"{expected['file']}.json"))

    def number(name: str) -> Decimal | None:
        return Decimal(expected[name]) if expected[name] else None

    assert row["table"] == "billing_usage"
    assert row["usage_type"] == expected["usage_type"]
    assert row["input_uncached_tokens"] == number("tokens")
    assert row["requests"] == number("requests")
    assert row["quantity"] == number("quantity")
    assert row["quantity_unit"] == (expected["unit"] or None)
    assert row["output_tokens"] is None


def test_a_quantity_that_its_endpoint_always_states_may_not_be_missing(
    as_file: Lay, stage: Stage
) -> None:
    images = {"object": "organization.usage.images.result", "num_model_requests": 2}
    (row,) = stage(FORMAT, as_file(page_of(images)))
    assert (row["reject_field"], row["quantity"]) == ("images", None)


def test_a_kind_of_result_not_known_yet_is_rejected_and_not_guessed(
    as_file: Lay, stage: Stage
) -> None:
    (row,) = stage(FORMAT, as_file(page_of({"object": "organization.usage.dreams.result"})))
    assert row["reject_field"] == "object"


@pytest.mark.parametrize("name", ["organization_spend_limit", "organization_spend_alerts"])
def test_spend_limits_and_alerts_are_not_bills(
    samples: Path, as_file: Lay, stage: Stage, name: str
) -> None:
    with pytest.raises(SourceFileError, match="not a bill"):
        stage(FORMAT, as_file(samples / "openai" / f"{name}.json"))


def test_an_anthropic_page_is_refused_with_the_right_format(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    with pytest.raises(SourceFileError, match='format = "anthropic"'):
        stage(FORMAT, as_file(samples / "anthropic" / "cost_report.json"))
