import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.anthropic.reader import FORMAT
from ingest.contracts.columns import TOKEN_VECTOR
from ingest.errors import SourceFileError
from ingest.records.format import InputFile

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

CHARGE = {"amount": "123.78912", "currency": "USD"}
USAGE = {
    "uncached_input_tokens": 1500,
    "cache_read_input_tokens": 200,
    "cache_creation": {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 1000},
    "output_tokens": 500,
}


def page_of(*results: dict[str, Any]) -> dict[str, Any]:
    bucket = {"starting_at": "2025-08-01T00:00:00Z", "ending_at": "2025-08-02T00:00:00Z"}
    return {"data": [{**bucket, "results": results}], "has_more": False, "next_page": None}


COST_REPORT = "/v1/organizations/cost_report"


def wrapped(page: dict[str, Any], path: str = COST_REPORT, **params: Any) -> str:
    request = {"path": path, "params": params}
    return json.dumps({"request": request, "fetched_at": "2025-08-03T04:00:00Z", "response": page})


def test_cost_report_amounts_are_cents_and_become_dollars(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    (row,) = stage(FORMAT, as_file(samples / "anthropic" / "cost_report.json"))
    stated = {name: value for name, value in row.items() if value is not None}
    assert stated == {
        "table": "billing_charges",
        "file_id": 1,
        "source_line": 1,
        "x_record": 1,
        "x_restatement_key": "anthropic|cost_report|2025-08-01T00:00:00Z",
        "provider_name": "Anthropic",
        "x_provider": "anthropic",
        "publisher_name": "Anthropic",
        "invoice_issuer_name": "Anthropic",
        "sub_account_id": "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ",
        "billing_period_start": datetime(2025, 8, 1),
        "billing_period_end": datetime(2025, 9, 1),
        "charge_period_start": datetime(2025, 8, 1),
        "charge_period_end": datetime(2025, 8, 2),
        "charge_category": "Usage",
        "charge_description": "Claude Opus 5 Usage - Input Tokens",
        "charge_frequency": "Usage-Based",
        "billed_cost": Decimal("1.2378912"),  # 123.78912 cents
        "effective_cost": Decimal("1.2378912"),
        "billing_currency": "USD",
        "sku_price_details": '{"x_ContextWindow": "0-200k", "x_InferenceGeo": "global"}',
        "x_model": "claude-opus-5",
        "x_token_class": "input_uncached",
        "x_service_tier": "standard",
        "x_cost_type": "tokens",
        "x_line_item": "Claude Opus 5 Usage - Input Tokens",
    }


def test_the_observed_fraction_of_a_cent_is_exact(as_file: Lay, stage: Stage) -> None:
    page = page_of({**CHARGE, "amount": "2799.187450"}, {**CHARGE, "amount": "-0.5"})
    found = stage(FORMAT, as_file(json.dumps(page)))
    assert [row["billed_cost"] for row in found] == [Decimal("27.9918745"), Decimal("-0.005")]


@pytest.mark.parametrize(
    ("token_type", "token_class"),
    [
        ("uncached_input_tokens", "input_uncached"),
        ("cache_read_input_tokens", "cache_read"),
        ("cache_creation.ephemeral_5m_input_tokens", "cache_write_5m"),
        ("cache_creation.ephemeral_1h_input_tokens", "cache_write_1h"),
        ("output_tokens", "output"),
        ("dream_tokens", None),
        (None, None),
    ],
)
def test_token_types_become_token_classes(
    as_file: Lay, stage: Stage, token_type: str | None, token_class: str | None
) -> None:
    (row,) = stage(FORMAT, as_file(json.dumps(page_of(CHARGE | {"token_type": token_type}))))
    assert row["x_token_class"] == token_class


def test_costs_other_than_tokens_keep_their_type_and_have_no_token_class(
    as_file: Lay, stage: Stage
) -> None:
    search = CHARGE | {"cost_type": "web_search", "description": "Web Search Usage", "model": None}
    (row,) = stage(FORMAT, as_file(json.dumps(page_of(search))))
    assert (row["x_cost_type"], row["x_model"], row["x_token_class"]) == ("web_search", None, None)
    assert row["x_line_item"] == "Web Search Usage"


def test_the_batch_tier_is_kept_and_an_unknown_tier_does_not_lose_the_charge(
    as_file: Lay, stage: Stage
) -> None:
    page = page_of(CHARGE | {"service_tier": "batch"}, CHARGE | {"service_tier": "moonlight"})
    found = stage(FORMAT, as_file(json.dumps(page)))
    assert [row["x_service_tier"] for row in found] == ["batch", None]
    assert [row["reject_field"] for row in found] == [None, None]


@pytest.mark.parametrize("result", [CHARGE, USAGE], ids=["charge", "usage"])
def test_a_null_workspace_is_the_default_one_only_when_the_request_grouped_by_it(
    as_file: Lay, stage: Stage, result: dict[str, Any]
) -> None:
    page = page_of(result | {"workspace_id": None})
    grouped = wrapped(page, **{"group_by[]": ["workspace_id", "description"]})
    not_grouped = wrapped(page, group_by=["description"])
    found = [stage(FORMAT, as_file(text))[0] for text in (grouped, not_grouped, json.dumps(page))]
    assert [row["sub_account_id"] for row in found] == ["default", None, None]
    assert [row["x_as_of"] for row in found] == [datetime(2025, 8, 3, 4)] * 2 + [None]


@pytest.mark.parametrize(
    ("generation", "model", "user"),
    [
        ("2026-02", "claude-opus-4-6", None),
        ("2026-09", "claude-opus-5", "user_01WCz1FkmYMm4gnmykNKUu3Q"),
    ],
)
def test_both_generations_of_the_usage_report_give_the_same_disjoint_vector(
    samples: Path, as_file: Lay, stage: Stage, generation: str, model: str, user: str | None
) -> None:
    name = f"usage_report_messages_{generation}.json"
    (row,) = stage(FORMAT, as_file(samples / "anthropic" / name))
    vector = {c.name: row[c.name] for c in TOKEN_VECTOR if row[c.name] is not None}
    assert vector == {
        "input_uncached_tokens": 1500,
        "cache_read_tokens": 200,
        "cache_write_5m_tokens": 500,
        "cache_write_1h_tokens": 1000,
        "output_tokens": 500,
    }
    assert (row["model"], row["x_user_id"]) == (model, user)
    assert (row["usage_type"], row["context_window"]) == ("messages", "0-200k")
    assert (row["service_tier"], row["is_batch"]) == ("standard", False)
    assert (row["quantity"], row["quantity_unit"]) == (Decimal(10), "searches")
    assert row["sub_account_id"] == "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ"
    assert row["x_api_key_id"] == "apikey_01Rj2N8SVvo6BePZj99NhmiT"
    assert row["requests"] is None
    assert row["x_restatement_key"] == "anthropic|usage_report/messages|2025-08-01T00:00:00Z"


def test_what_the_usage_report_leaves_out_is_unknown_and_not_zero(
    as_file: Lay, stage: Stage
) -> None:
    short = {"uncached_input_tokens": 3, "output_tokens": 4}
    (row,) = stage(FORMAT, as_file(json.dumps(page_of(short))))
    unknown = ("cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "quantity",
               "quantity_unit", "is_batch", "requests")  # fmt: skip
    assert {row[name] for name in unknown} == {None}


@pytest.mark.parametrize(
    ("result", "field"),
    [
        (CHARGE | {"amount": None}, "amount"),
        (CHARGE | {"amount": "1,00"}, "amount"),
        ({"amount": "1"}, "currency"),
        ({}, "currency"),
        (USAGE | {"output_tokens": None}, "output_tokens"),
        (USAGE | {"uncached_input_tokens": -1}, "uncached_input_tokens"),
        (USAGE | {"cache_creation": 5}, "cache_creation"),
        (USAGE | {"server_tool_use": {"web_search_requests": "2"}}, "web_search_requests"),
    ],
)
def test_an_untypable_result_is_rejected_by_field_and_its_neighbour_stays(
    as_file: Lay, stage: Stage, result: dict[str, Any], field: str
) -> None:
    found = stage(FORMAT, as_file(json.dumps(page_of(result, CHARGE))))
    assert sorted((row["source_line"], row["reject_field"]) for row in found) == [
        (1, field), (2, None),
    ]  # fmt: skip


def test_an_openai_page_is_refused_with_the_right_format(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    with pytest.raises(SourceFileError, match='format = "openai"'):
        stage(FORMAT, as_file(samples / "openai" / "costs.json"))
