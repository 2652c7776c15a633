"""OpenRouter activity pages and generation records: the published examples, and what they lack."""

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.openrouter.reader import FORMAT
from ingest.errors import ConfigError, SourceFileError
from ingest.records.format import InputFile

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

ITEM: dict[str, Any] = {
    "date": "2026-09-01",
    "model": "openai/gpt-4.1",
    "model_permaslug": "openai/gpt-4.1-2025-04-14",
    "endpoint_id": "e-1",
    "provider_name": "OpenAI",
    "usage": 0.015,
    "byok_usage_inference": 0,
    "requests": 5,
    "prompt_tokens": 50,
    "completion_tokens": 125,
    "reasoning_tokens": 25,
}

GENERATION: dict[str, Any] = {
    "id": "gen-1",
    "created_at": "2026-09-01T23:30:00.5+02:00",
    "model": "a/b",
    "provider_name": "Upstream",
    "is_byok": False,
    "total_cost": 0.0015,
    "usage": 0.0015,
    "upstream_inference_cost": 0.0012,
    "tokens_prompt": 12,
    "tokens_completion": 30,
    "native_tokens_prompt": 10,
    "native_tokens_completion": 25,
    "native_tokens_reasoning": 5,
    "native_tokens_cached": 3,
    "service_tier": "priority",
}


def page(*items: dict[str, Any]) -> str:
    return json.dumps({"data": list(items)})


def wrapped(response: dict[str, Any], **params: Any) -> str:
    request = {"path": "/api/v1/activity", "params": params}
    return json.dumps(
        {"request": request, "fetched_at": "2026-09-03T04:00:00Z", "response": response}
    )


def charges(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in found if row["table"] == "billing_charges"]


def usage(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in found if row["table"] == "billing_usage"]


def test_the_published_page_is_a_fee_and_an_inference_that_add_up_to_the_spend(
    as_file: Lay, stage: Stage, samples: Path
) -> None:
    found = stage(FORMAT, as_file(samples / "openrouter/activity.json"))
    fee, inference = charges(found)
    assert (fee["billed_cost"], fee["x_cost_type"]) == (Decimal("0.015"), "byok_fee")
    assert (inference["billed_cost"], inference["x_cost_type"]) == (
        Decimal("0.012"), "byok_inference",
    )  # fmt: skip
    assert fee["billed_cost"] + inference["billed_cost"] == Decimal("0.027")
    assert (fee["invoice_issuer_name"], inference["invoice_issuer_name"]) == (
        "OpenRouter", "OpenAI",
    )  # fmt: skip
    assert (fee["consumed_quantity"], inference["consumed_quantity"]) == (None, 175)
    (tokens,) = usage(found)
    assert (tokens["input_uncached_tokens"], tokens["output_tokens"]) == (50, 125)
    assert (tokens["reasoning_tokens"], tokens["cache_read_tokens"]) == (25, None)
    assert tokens["requests"] == 5


def test_reasoning_beyond_the_completion_stands_beside_it(as_file: Lay, stage: Stage) -> None:
    """x.ai: 125 of a completion and 400 of reasoning are 525 of output."""
    (tokens,) = usage(stage(FORMAT, as_file(page(ITEM | {"reasoning_tokens": 400}))))
    assert (tokens["output_tokens"], tokens["reasoning_tokens"]) == (525, 400)


def test_spend_without_an_own_key_is_one_line_with_its_tokens(as_file: Lay, stage: Stage) -> None:
    (line,) = charges(stage(FORMAT, as_file(page(ITEM))))
    assert (line["billed_cost"], line["effective_cost"]) == (Decimal("0.015"),) * 2
    assert (line["x_cost_type"], line["consumed_quantity"]) == ("tokens", 175)
    assert (line["consumed_unit"], line["x_token_class"]) == ("Tokens", None)
    assert (line["x_provider"], line["billing_currency"]) == ("openrouter", "USD")
    assert (line["x_model"], line["x_line_item"]) == (
        "openai/gpt-4.1", "openai/gpt-4.1-2025-04-14",
    )  # fmt: skip


def test_a_day_is_a_utc_day_and_carries_the_key_that_a_newer_fetch_replaces(
    as_file: Lay, stage: Stage
) -> None:
    (bare,) = charges(stage(FORMAT, as_file(page(ITEM))))
    (by_day,) = charges(
        stage(FORMAT, as_file(wrapped({"data": [ITEM]}, date="2026-09-01", group_by="workspace")))
    )
    assert (bare["charge_period_start"], bare["charge_period_end"]) == (
        datetime(2026, 9, 1), datetime(2026, 9, 2),
    )  # fmt: skip
    assert bare["x_restatement_key"] == "openrouter|activity|2026-09-01T00:00:00Z"
    assert by_day["x_restatement_key"] == bare["x_restatement_key"]
    assert (bare["x_as_of"], by_day["x_as_of"]) == (None, datetime(2026, 9, 3, 4))


def test_a_fetch_of_one_key_never_replaces_a_fetch_of_all(as_file: Lay, stage: Stage) -> None:
    (one,) = charges(stage(FORMAT, as_file(wrapped({"data": [ITEM]}, api_key_hash="abc"))))
    assert one["x_api_key_id"] == "abc"
    assert one["x_restatement_key"] == (
        'openrouter|activity|2026-09-01T00:00:00Z|api_key_hash="abc"'
    )


def test_the_published_generation_is_usage_in_native_tokens(
    as_file: Lay, stage: Stage, samples: Path
) -> None:
    found = stage(FORMAT, as_file(samples / "openrouter/generation.json"))
    assert charges(found) == []
    (tokens,) = usage(found)
    assert (tokens["input_uncached_tokens"], tokens["cache_read_tokens"]) == (7, 3)
    assert (tokens["output_tokens"], tokens["reasoning_tokens"]) == (25, 5)
    assert tokens["bucket_start"] == datetime(2024, 7, 15, 23, 33, 19, 433273)


def test_generations_are_the_bill_when_the_settings_say_so(as_file: Lay, stage: Stage) -> None:
    content = "\n".join(json.dumps({"data": {**GENERATION, "id": f"g{n}"}}) for n in range(3))
    found = stage(FORMAT, as_file(content, "generations.jsonl"), bill="generations")
    assert sum(row["billed_cost"] for row in charges(found)) == Decimal("0.0045")
    assert [row["source_line"] for row in charges(found)] == [1, 2, 3]
    first = charges(found)[0]
    assert first["x_restatement_key"] == "openrouter|generation|g0"
    assert first["charge_period_start"] == datetime(2026, 9, 1, 21, 30, 0, 500000)
    assert (first["consumed_quantity"], first["x_service_tier"]) == (35, "priority")
    activity = stage(FORMAT, as_file(page(ITEM)), bill="generations")
    assert (charges(activity), len(usage(activity))) == ([], 1)


def test_the_upstream_cost_is_spend_only_with_an_own_key(as_file: Lay, stage: Stage) -> None:
    own = {**GENERATION, "is_byok": True, "total_cost": 0.0001}
    content = json.dumps({"data": own})
    fee, inference = charges(stage(FORMAT, as_file(content), bill="generations"))
    assert (fee["billed_cost"], inference["billed_cost"]) == (Decimal("0.0001"), Decimal("0.0012"))
    assert (fee["consumed_quantity"], inference["consumed_quantity"]) == (None, 35)


def test_an_unknown_bill_setting_is_refused_with_its_values(as_file: Lay, stage: Stage) -> None:
    with pytest.raises(ConfigError, match="bill: use one of activity, generations"):
        stage(FORMAT, as_file(page(ITEM)), bill="everything")


NOT_A_BILL = {
    "credits.json": "a credit balance",
    "keys.json": "a list of keys",
    "analytics_query.json": "an analytics answer",
    "chat_usage.json": "one chat answer",
}


@pytest.mark.parametrize(("name", "what"), NOT_A_BILL.items())
def test_other_answers_of_the_api_are_refused_as_what_they_are(
    as_file: Lay, stage: Stage, samples: Path, name: str, what: str
) -> None:
    with pytest.raises(SourceFileError, match=what) as refused:
        stage(FORMAT, as_file(samples / "openrouter" / name))
    assert str(refused.value).startswith(name)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"error": {"code": 401}}', "answered with an error"),
        ('{"data": []}', "no data returned"),
        ('{"object": "page"}', "not an activity page or generation record"),
        ('{"data": [', "not complete JSON"),
    ],
)
def test_an_answer_without_activity_is_refused(
    as_file: Lay, stage: Stage, content: str, sentence: str
) -> None:
    with pytest.raises(SourceFileError, match=sentence):
        stage(FORMAT, as_file(content))


def test_a_day_without_activity_is_believed_when_the_request_is_known(
    as_file: Lay, stage: Stage
) -> None:
    assert stage(FORMAT, as_file(wrapped({"data": []}, date="2026-09-01"))) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("usage", None),
        ("usage", "free"),
        ("byok_usage_inference", "x"),
        ("date", "yesterday"),
        ("prompt_tokens", -1),
        ("completion_tokens", None),
    ],
)
def test_a_value_that_cannot_be_typed_rejects_its_item_by_field(
    as_file: Lay, stage: Stage, field: str, value: object
) -> None:
    found = stage(FORMAT, as_file(page(ITEM, {**ITEM, field: value})))
    bad = [row for row in found if row["reject_reason"]]
    assert [(row["source_line"], row["reject_field"]) for row in bad] == [(2, field)]
    assert len(charges(found)) == 2


def test_more_cached_tokens_than_prompt_are_rejected(as_file: Lay, stage: Stage) -> None:
    content = json.dumps({"data": {**GENERATION, "native_tokens_cached": 11}})
    (found,) = stage(FORMAT, as_file(content))
    assert found["reject_field"] == "native_tokens_cached"


def test_a_page_that_stands_twice_in_a_file_is_two_deliveries_of_one_day(
    as_file: Lay, stage: Stage
) -> None:
    found = stage(FORMAT, as_file(f"{page(ITEM)}\n{page(ITEM)}\n", "pages.jsonl"))
    assert {row["x_delivery"] for row in found} == {
        "pages.jsonl#000000001", "pages.jsonl#000000002",
    }  # fmt: skip
    assert len({row["x_restatement_key"] for row in found}) == 1
