"""One span, one idea: what each dialect's attributes become, and which spans are calls."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.gateways.otel.otlp_lines import CHAT, TRACE, line, read, span
from tests.support.lake import Lake
from tests.support.texts import files_holding

OLD = {
    "gen_ai.system": "openai", "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4.1",
    "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 10,
}  # fmt: skip
VECTOR = (
    "input_uncached_tokens, cache_read_tokens, cache_write_other_tokens, input_audio_tokens,"
    " output_tokens, reasoning_tokens, output_audio_tokens"
)


def without(base: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: item for key, item in base.items() if key not in keys}


def test_a_call_of_the_current_conventions(tmp_path: Path) -> None:
    assert read(
        tmp_path,
        "call_id, request_id, provider_response_id, trace_id, task_id, operation, started_at,"
        " ended_at, first_token_at, provider, request_model, response_model, is_stream,"
        " service_tier, cached_hit, status, error_type, http_status, is_usage_estimated",
        span(1, a=CHAT | {"gen_ai.request.stream": True, "openai.response.service_tier": "flex",
                          "gen_ai.response.time_to_first_chunk": 0.25}),
    ) == [(
        f"{TRACE}/{1:016x}", f"{TRACE}/{1:016x}", "resp-1", TRACE, None, "chat",
        datetime(2026, 10, 1, 12, 0, 0, 124456), datetime(2026, 10, 1, 12, 0, 0, 125456),
        datetime(2026, 10, 1, 12, 0, 0, 374456), "openai", "gpt-4.1", "gpt-4.1-2025-04-14", True,
        "flex", None, "ok", None, None, None,
    )]  # fmt: skip


@pytest.mark.parametrize(
    ("attributes", "operation"),
    [
        (CHAT, "chat"),
        (CHAT | {"gen_ai.operation.name": "generate_content"}, "generate_content"),
        (CHAT | {"gen_ai.operation.name": "text_completion"}, "text_completion"),
        (CHAT | {"gen_ai.operation.name": "embeddings"}, "embeddings"),
        ({"gen_ai.operation.name": "retrieval"}, "retrieval"),
        ({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "x"}, "execute_tool"),
        # what their children used, and perhaps more: the models compare the two
        (CHAT | {"gen_ai.operation.name": "invoke_agent"}, "invoke_agent"),
        (CHAT | {"gen_ai.operation.name": "create_agent"}, "invoke_agent"),
        (CHAT | {"gen_ai.operation.name": "invoke_workflow"}, "invoke_agent"),
        (CHAT | {"gen_ai.operation.name": "plan"}, "invoke_agent"),
        (CHAT | {"gen_ai.operation.name": "search_memory"}, "invoke_agent"),
        ({"gen_ai.operation.name": "invoke_agent"}, None),
        # a model that answered was asked, whatever the future calls it
        (CHAT | {"gen_ai.operation.name": "imagine"}, "chat"),
        (without(CHAT, "gen_ai.response.id") | {"gen_ai.operation.name": "imagine"}, "chat"),
        ({"gen_ai.operation.name": "imagine", "gen_ai.response.id": "r"}, "other"),
        ({"gen_ai.operation.name": "imagine"}, None),
        ({"openinference.span.kind": "LLM"}, "chat"),
        ({"openinference.span.kind": "EMBEDDING"}, "embeddings"),
        ({"openinference.span.kind": "RETRIEVER"}, "retrieval"),
        ({"openinference.span.kind": "RERANKER"}, "rerank"),
        ({"openinference.span.kind": "TOOL"}, "execute_tool"),
        ({"openinference.span.kind": "GUARDRAIL"}, "guardrail"),
        ({"openinference.span.kind": "AGENT", "llm.token_count.prompt": 9}, "invoke_agent"),
        ({"openinference.span.kind": "CHAIN", "llm.token_count.prompt": 9}, "invoke_agent"),
        ({"openinference.span.kind": "EVALUATOR"}, None),
        ({"traceloop.span.kind": "tool"}, "execute_tool"),
        ({"traceloop.span.kind": "workflow"}, None),
        ({"traceloop.span.kind": "task"}, None),
        ({"gen_ai.system": "openai", "llm.request.type": "completion"}, "text_completion"),
        ({"gen_ai.system": "openai", "llm.request.type": "rerank"}, "rerank"),
        ({"gen_ai.system": "openai", "gen_ai.request.model": "m"}, "chat"),
        ({"litellm.call_id": "c", "gen_ai.operation.name": "aembedding"}, "embeddings"),
        ({"http.request.method": "POST", "http.response.status_code": 200}, None),
        ({}, None),
    ],
)
def test_a_span_is_a_call_when_somebody_answered_it(
    tmp_path: Path, attributes: dict[str, Any], operation: str | None
) -> None:
    keep = span(2, a=CHAT)  # a file without any call has no rows to read
    found = read(tmp_path, "operation", span(1, a=attributes), keep)
    assert found == ([(operation,)] if operation else []) + [("chat",)]


@pytest.mark.parametrize(
    ("base", "counts", "vector"),
    [
        # since 1.37 a count that is 0 is left out; before, nobody knew it
        (CHAT, {}, (100, 0, 0, None, 10, 0, None)),
        (OLD, {}, (100, None, None, None, 10, None, None)),
        # the renamed and the older names
        (CHAT, {"cache_read.input_tokens": 60, "cache_write.input_tokens": 30},
         (10, 60, 30, None, 10, 0, None)),
        (CHAT, {"cache_read.input_tokens": 60, "cache_creation.input_tokens": 30},
         (10, 60, 30, None, 10, 0, None)),
        (OLD, {"cache_read_input_tokens": 60, "cache_creation_input_tokens": 30},
         (10, 60, 30, None, 10, None, None)),
        (CHAT, {"reasoning.output_tokens": 7}, (100, 0, 0, None, 10, 7, None)),
        (OLD, {"reasoning_tokens": 7}, (100, None, None, None, 10, 7, None)),
        # both names of one count: the newer one
        (CHAT, {"cache_write.input_tokens": 30, "cache_creation.input_tokens": 29},
         (70, 0, 30, None, 10, 0, None)),
        # an emitter that counts as Anthropic does: input without the cached tokens
        (CHAT, {"cache_read.input_tokens": 5000}, (100, 5000, 0, None, 10, 0, None)),
        (CHAT, {"cache_read.input_tokens": 60, "total_tokens": 170},
         (100, 60, 0, None, 10, 0, None)),
        (CHAT, {"cache_read.input_tokens": 60, "total_tokens": 110},
         (40, 60, 0, None, 10, 0, None)),
        # thoughts beside the answer instead of inside it
        (CHAT, {"reasoning.output_tokens": 64}, (100, 0, 0, None, 74, 64, None)),
        # per modality; cached audio is counted as cached
        (CHAT, {"audio.input_tokens": 40, "text.input_tokens": 60, "audio.output_tokens": 4},
         (60, 0, 0, 40, 6, 0, 4)),
        (CHAT, {"audio.input_tokens": 40, "cache_read.input_tokens": 20,
                "audio.cache_read.input_tokens": 15}, (55, 20, 0, 25, 10, 0, None)),
        # the counts themselves
        (CHAT, {"input_tokens": {"intValue": 7}}, (7, 0, 0, None, 10, 0, None)),
        (CHAT, {"input_tokens": {"doubleValue": 7.0}}, (7, 0, 0, None, 10, 0, None)),
        (CHAT, {"input_tokens": "7"}, (7, 0, 0, None, 10, 0, None)),
        (CHAT, {"input_tokens": 0, "output_tokens": 0}, (0, 0, 0, None, 0, 0, None)),
        (CHAT, {"input_tokens": {}, "output_tokens": {}}, (None,) * 7),
        (CHAT, {"input_tokens": "", "cache_read.input_tokens": 3},
         (None, 3, None, None, 10, 0, None)),
    ],
)  # fmt: skip
def test_tokens_of_openTelemetry_become_disjoint_classes(  # noqa: N802 - its name
    tmp_path: Path, base: dict[str, Any], counts: dict[str, Any], vector: tuple[Any, ...]
) -> None:
    stated = {f"gen_ai.usage.{name}": count for name, count in counts.items()}
    assert read(tmp_path, VECTOR, span(1, a=base | stated)) == [vector]


def test_prompt_and_completion_tokens_are_the_oldest_names(tmp_path: Path) -> None:
    oldest = without(OLD, "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens")
    oldest |= {"gen_ai.usage.prompt_tokens": 100, "gen_ai.usage.completion_tokens": 10}
    assert read(tmp_path, "input_uncached_tokens, output_tokens", span(1, a=oldest)) == [(100, 10)]


def test_tokens_of_openinference(tmp_path: Path) -> None:
    attributes = {
        "openinference.span.kind": "LLM", "llm.system": "anthropic", "llm.provider": "aws",
        "llm.model_name": "claude-sonnet-4-6", "llm.token_count.prompt": 13244,
        "llm.token_count.prompt_details.cache_read": 13216,
        "llm.token_count.prompt_details.cache_write": 25, "llm.token_count.completion": 12,
        "llm.token_count.completion_details.reasoning": 0, "llm.token_count.total": 13256,
        "llm.cost.total": 0.004672305,
    }  # fmt: skip
    # phoenix#10036: 3 uncached tokens, billed there as if all 13,244 had been
    assert read(
        tmp_path, f"provider, response_model, {VECTOR}, reported_cost_usd", span(1, a=attributes)
    ) == [("aws", "claude-sonnet-4-6", 3, 13216, 25, None, 12, 0, None, Decimal("0.004672305"))]


@pytest.mark.slow
@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    st.fixed_dictionaries(
        {"input_tokens": st.integers(0, 10**6), "output_tokens": st.integers(0, 10**6)},
        optional={
            name: st.integers(0, 10**6)
            for name in ("cache_read.input_tokens", "cache_write.input_tokens", "total_tokens",
                         "audio.input_tokens", "audio.cache_read.input_tokens",
                         "reasoning.output_tokens", "audio.output_tokens")
        },
    )
)  # fmt: skip
def test_token_classes_are_disjoint_and_never_negative(
    tmp_path_factory: pytest.TempPathFactory, counts: dict[str, int]
) -> None:
    stated = {f"gen_ai.usage.{name}": count for name, count in counts.items()}
    ((plain, cached, written, audio, output, reasoning, spoken),) = read(
        tmp_path_factory.mktemp("lake"), VECTOR, span(1, a=CHAT | stated)
    )
    classes = [plain, cached, written, audio or 0]
    assert all(count >= 0 for count in (*classes, output, reasoning, spoken or 0))
    stated_cached = [counts.get(f"cache_{way}.input_tokens", 0) for way in ("read", "write")]
    assert [cached, written] == stated_cached
    left_out = counts["input_tokens"] + cached + written
    assert sum(classes) in (counts["input_tokens"], left_out)
    assert output + (spoken or 0) in (counts["output_tokens"], counts["output_tokens"] + reasoning)


@pytest.mark.parametrize(
    ("attributes", "fields", "status", "error"),
    [
        (CHAT, {}, "ok", None),
        (CHAT, {"status": {"code": 1}}, "ok", None),
        (without(CHAT, "gen_ai.response.finish_reasons"), {}, "ok", None),
        ({"gen_ai.operation.name": "chat", "error.type": "openai.RateLimitError"},
         {"status": {"code": 2, "message": "SECRET"}}, "error", "openai.RateLimitError"),
        ({"gen_ai.operation.name": "chat"}, {"status": {"code": "STATUS_CODE_ERROR"}},
         "error", None),
        ({"openinference.span.kind": "LLM"},
         {"status": {"code": 2}, "events": [
             {"name": "exception", "timeUnixNano": "1", "attributes": [
                 {"key": "exception.type", "value": {"stringValue": "openai.BadRequestError"}},
                 {"key": "exception.message", "value": {"stringValue": "SECRET"}}]}]},
         "error", "openai.BadRequestError"),
        # the client closed the stream: no usage, no reason to finish
        ({"gen_ai.operation.name": "chat", "gen_ai.response.id": "r"}, {}, "aborted", None),
        ({"gen_ai.operation.name": "chat", "gen_ai.response.finish_reasons": ["stop"]}, {},
         "ok", None),
        # LiteLLM: the answer is whole, the connection to the client was not
        (CHAT | {"error.type": "ConnectionError"}, {"status": {"code": 1}},
         "aborted", "ConnectionError"),
        ({"gen_ai.operation.name": "execute_tool", "error.type": "ValueError"}, {},
         "error", "ValueError"),
        ({"gen_ai.operation.name": "execute_tool"}, {}, "ok", None),
    ],
)  # fmt: skip
def test_how_a_call_ended(
    tmp_path: Path, attributes: dict[str, Any], fields: dict[str, Any], status: str,
    error: str | None,
) -> None:  # fmt: skip
    made = span(1, **({"a": attributes} | fields))
    assert read(tmp_path, "status, error_type", made) == [(status, error)]


def test_a_gateways_cache_hit_shares_the_response_and_says_so_in_its_suffix(tmp_path: Path) -> None:
    hit = CHAT | {"gen_ai.response.id": "resp-1_cache_hit1795421038.4869037",
                  "litellm.call_id": "c2", "gen_ai.cost.total_cost": 0.0}  # fmt: skip
    miss = CHAT | {"litellm.call_id": "c1", "gen_ai.cost.total_cost": 0.0}
    failed = {"gen_ai.operation.name": "acompletion", "litellm.call_id": "c3",
              "gen_ai.response.id": "c3", "error.code": "429"}  # fmt: skip
    assert read(
        tmp_path,
        "request_id, provider_response_id, cached_hit, reported_cost_usd, reported_avoided_usd,"
        " http_status",
        span(1, a=miss), span(2, a=hit), span(3, a=failed, status={"code": 2}),
        span(4, a=CHAT | {"gen_ai.cost.total_cost": 9.400000000000001e-05}),
        span(5, a=hit | {"litellm.call_id": "c5", "gen_ai.cost.total_cost": 0.25}),
    ) == [
        # 0.0 for tokens means that nobody priced them, but a hit costs nothing
        ("c1", "resp-1", None, None, None, None),
        ("c2", "resp-1", True, Decimal(0), None, None),
        ("c3", None, None, None, None, 429),
        (f"{TRACE}/{4:016x}", "resp-1", None, Decimal("0.000094"), None, None),
        ("c5", "resp-1", True, Decimal(0), Decimal("0.25"), None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("attributes", "tier"),
    [
        ({}, "standard"),
        ({"openai.response.service_tier": "default"}, "standard"),
        ({"gen_ai.openai.response.service_tier": "priority"}, "priority"),
        ({"openai.request.service_tier": "flex"}, "flex"),
        ({"openai.request.service_tier": "flex", "openai.response.service_tier": "default"},
         "standard"),
        ({"openai.request.service_tier": "auto"}, "standard"),
    ],
)  # fmt: skip
def test_the_tier_that_answered_is_paid(
    tmp_path: Path, attributes: dict[str, Any], tier: str
) -> None:
    assert read(tmp_path, "service_tier", span(1, a=CHAT | attributes)) == [(tier,)]


def test_texts_are_measured_in_bytes_and_never_kept(tmp_path: Path) -> None:
    prompt = "Tr\u00e4umerei SECRET"
    lake = Lake(tmp_path, "traces", "otel")
    lake.drop("a.jsonl", line(
        span(1, a=CHAT | {"gen_ai.input.messages": prompt, "gen_ai.output.messages": "SECRET"}),
        span(2, a={"openinference.span.kind": "LLM", "input.value": prompt * 1000,
                   "llm.input_messages.0.message.content": prompt}),
        span(3, a={"gen_ai.operation.name": "execute_tool",
                   "gen_ai.tool.call.arguments": '{"a": 1}', "gen_ai.tool.call.result": "SECRET"}),
        span(4, a=CHAT),
    ))  # fmt: skip
    lake.land()
    assert lake.rows("select input_bytes, output_bytes from rows order by started_at") == [
        (17, 6), (17_000, None), (8, 6), (None, None),
    ]  # fmt: skip
    assert files_holding(tmp_path / "lake", "SECRET") == set()


def test_the_first_token_is_found_in_an_event_too(tmp_path: Path) -> None:
    event = {"name": "First Token Stream Event", "timeUnixNano": "1790856000500000999"}
    made = span(1, a={"openinference.span.kind": "LLM"}, events=[{"name": "x"}, event])
    assert read(tmp_path, "first_token_at, is_stream", made) == [
        (datetime(2026, 10, 1, 12, 0, 0, 500000), True)
    ]
