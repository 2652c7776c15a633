"""LiteLLM records that the samples lack, from the format's description: one idea each."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ConfigError
from tests.support.lake import Lake

PRICED = {"model_map_information": {"model_map_value": {"input_cost_per_token": 2e-06}}}
NOT_PRICED = {"model_map_information": {"model_map_value": {"input_cost_per_token": 0}}}


def record(**changes: Any) -> dict[str, Any]:
    """A successful call of a hundred tokens in and ten out."""
    return {
        "id": "r1", "litellm_call_id": "c1", "trace_id": "t1", "call_type": "acompletion",
        "status": "success", "custom_llm_provider": "openai", "model": "openai/gpt-4.1",
        "model_group": "alias", "model_id": "d1", "startTime": 1790000000.25,
        "endTime": 1790000001.5, "prompt_tokens": 100, "completion_tokens": 10,
        "response_cost": 0.00028,
    } | changes  # fmt: skip


def usage(**details: Any) -> dict[str, Any]:
    """Where LiteLLM keeps what the provider said of its input tokens."""
    return {"metadata": {"usage_object": {"prompt_tokens_details": details}}}


def read(
    root: Path, what: str, *records: dict[str, Any], options: dict[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    lake = Lake(root, options=options or {})
    lake.drop("a.jsonl", "".join(json.dumps(r) + "\n" for r in records))
    report = lake.land()
    assert (report.rows_quarantined, report.failed) == (0, [])
    return lake.rows(f"select {what} from rows order by source_line")


@pytest.mark.parametrize(
    ("changes", "reported"),
    [
        (PRICED | {"response_cost": 0.0}, Decimal(0)),
        (NOT_PRICED | {"response_cost": 0.0}, None),
        (NOT_PRICED | {"response_cost": 0.0005}, Decimal("0.0005")),
        (NOT_PRICED | {"response_cost": 0.0, "cost_breakdown": {"total_cost": 0.1}}, Decimal(0)),
        ({"response_cost": 0.0, "prompt_tokens": 0, "completion_tokens": 0}, Decimal(0)),
        ({"response_cost": 0.0}, None),
        ({"response_cost": None}, None),
        ({"response_cost": 0.0000000005}, Decimal("0.000000001")),
    ],
)
def test_a_cost_of_zero_is_unknown_only_for_tokens_that_nobody_priced(
    tmp_path: Path, changes: dict[str, Any], reported: Decimal | None
) -> None:
    assert read(tmp_path, "reported_cost_usd", record(**changes)) == [(reported,)]


@pytest.mark.parametrize(
    ("changes", "vector"),
    [
        (usage(cached_tokens=60), (40, 60, 0, 0, 0, 0)),
        (usage(cached_tokens=60, cache_write_tokens=30), (10, 60, 0, 0, 30, 0)),
        (usage(cache_creation_tokens=30), (70, 0, 0, 0, 30, 0)),
        (
            usage(cache_creation_tokens=30, cache_creation_token_details={
                "ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 10}),
            (70, 0, 20, 10, 0, 0),
        ),
        (
            usage(cache_creation_tokens=30, cache_creation_token_details={
                "ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 0}),
            (70, 0, 20, 0, 10, 0),
        ),
        (
            usage(cache_creation_token_details={
                "ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 10}),
            (70, 0, 20, 10, 0, 0),
        ),
        (usage(audio_tokens=25, cached_tokens=50), (25, 50, 0, 0, 0, 25)),
        (
            {"metadata": {"usage_object": {
                "cache_read_input_tokens": 60, "cache_creation_input_tokens": 5}}},
            (35, 60, 0, 0, 5, 0),
        ),
        ({"metadata": {"usage_object": None}}, (100, 0, 0, 0, 0, 0)),
    ],
)  # fmt: skip
def test_prompt_tokens_are_split_into_classes_that_sum_to_them(
    tmp_path: Path, changes: dict[str, Any], vector: tuple[int, ...]
) -> None:
    assert sum(vector) == 100
    assert read(
        tmp_path,
        "input_uncached_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens,"
        " cache_write_other_tokens, input_audio_tokens",
        record(**changes),
    ) == [vector]


@pytest.mark.parametrize(
    ("call_type", "operation"),
    [
        ("completion", "chat"), ("aresponses", "chat"), ("anthropic_messages", "chat"),
        ("atext_completion", "text_completion"), ("aembedding", "embeddings"),
        ("arerank", "rerank"), ("amoderation", "guardrail"),
        ("aimage_generation", "image_generation"), ("atranscription", "audio"),
        ("avector_store_search", "retrieval"), ("call_mcp_tool", "execute_tool"),
        ("acreate_batch", "other"), (None, "other"),
    ],
)  # fmt: skip
def test_a_call_type_is_an_operation(tmp_path: Path, call_type: str | None, operation: str) -> None:
    assert read(tmp_path, "operation", record(call_type=call_type)) == [(operation,)]


@pytest.mark.parametrize(
    ("changes", "tier"),
    [
        ({}, "standard"),
        ({"cost_breakdown": {"service_tier": "default"}}, "standard"),
        ({"cost_breakdown": {"service_tier": "Priority"}}, "priority"),
        ({"model_parameters": {"service_tier": "flex"}}, "flex"),
        ({"model_parameters": {"service_tier": "auto"}}, "standard"),
        ({"model_parameters": {"service_tier": "fast"}}, "priority"),
    ],
)
def test_a_service_tier_is_one_of_ours(tmp_path: Path, changes: dict[str, Any], tier: str) -> None:
    assert read(tmp_path, "service_tier", record(**changes)) == [(tier,)]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"error_code": "499", "error_class": ""}, "aborted"),
        ({"error_code": "", "error_class": "ClientDisconnected"}, "aborted"),
        ({"error_code": "", "error_class": ""}, "ok"),
        (None, "ok"),
    ],
)
def test_a_client_that_leaves_aborts_the_call(
    tmp_path: Path, error: dict[str, str] | None, status: str
) -> None:
    assert read(tmp_path, "status", record(error_information=error)) == [(status,)]


def test_only_the_providers_own_prefix_is_taken_off_a_model(tmp_path: Path) -> None:
    assert read(
        tmp_path,
        "provider, response_model, request_model",
        record(model="openai/gpt-4.1", startTime=1790000001),
        record(model="openai/ft:gpt-4.1:acme", model_group="", startTime=1790000002),
        record(model="meta/llama", custom_llm_provider="Groq", startTime=1790000003),
    ) == [
        ("openai", "gpt-4.1", "alias"),
        ("openai", "ft:gpt-4.1:acme", "openai/ft:gpt-4.1:acme"),
        ("groq", "meta/llama", "alias"),
    ]


def test_audio_output_is_apart_from_text_and_reasoning_is_a_part_of_it(tmp_path: Path) -> None:
    details = {"completion_tokens_details": {"audio_tokens": 4, "reasoning_tokens": 3}}
    assert read(
        tmp_path,
        "output_tokens, output_audio_tokens, reasoning_tokens",
        record(metadata={"usage_object": details}),
    ) == [(6, 4, 3)]


def test_tokens_that_a_record_does_not_state_are_unknown_not_none(tmp_path: Path) -> None:
    classes = (
        "input_uncached_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens,"
        " cache_write_other_tokens, input_audio_tokens, output_tokens, reasoning_tokens,"
        " output_audio_tokens"
    )
    assert read(tmp_path, classes, record(prompt_tokens=None, completion_tokens=None)) == [
        (None,) * 9
    ]
    assert read(tmp_path / "in", classes, record(completion_tokens=None)) == [
        (100, 0, 0, 0, 0, 0, None, None, None)
    ]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("model_parameters", "path model_parameters.service_tier lies inside model_parameters"),
        ("id.part", "path id.part lies inside id, which the format itself reads"),
    ],
)
def test_attribution_may_not_cut_through_what_the_format_reads(
    tmp_path: Path, path: str, message: str
) -> None:
    lake = Lake(tmp_path, options={"attribution": {"tenant_id": path}})
    lake.drop("a.jsonl", json.dumps(record()))
    with pytest.raises(ConfigError, match=rf"attribution\.tenant_id: {message}"):
        lake.land()


@pytest.mark.parametrize(
    ("changes", "traffic"),
    [
        ({"request_tags": ["feature:x", "traffic_class:evaluation"]}, "evaluation"),
        ({"metadata": {"spend_logs_metadata": {"traffic_class": "test"}}}, "test"),
        ({"metadata": {"requester_metadata": {"traffic_class": "heavy"}}}, None),
        ({}, None),
    ],
)
def test_a_caller_may_state_the_traffic_class(
    tmp_path: Path, changes: dict[str, Any], traffic: str | None
) -> None:
    assert read(tmp_path, "traffic_class", record(**changes)) == [(traffic,)]
