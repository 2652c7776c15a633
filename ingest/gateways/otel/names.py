"""What traces call things: names of attributes, by concept, in every dialect that is read.

Dialects: OpenTelemetry GenAI up to 1.36 (`gen_ai.system`), from 1.37 on (`gen_ai.provider.name`)
and after the conventions moved (`cache_write` for `cache_creation`); OpenInference
(`openinference.*`, `llm.*`); Traceloop (`traceloop.*`); LiteLLM's own callback (`litellm.*`).
`schemaUrl` does not tell which: emitters state 1.37.0 whatever they send. So names are coalesced.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingest.gateways.litellm.reader import call_type_operation
from ingest.sql import literal

CALL_DETAILS = "gen_ai.client.inference.operation.details"
"""OpenTelemetry's event of a model call, beside the call's span."""

CALL_EVENTS = (
    "claude_code.api_request",
    "claude_code.api_error",
    "codex.sse_event",
    "gemini_cli.api_response",
    "gemini_cli.api_error",
    CALL_DETAILS,
)
"""Log records that state one model call each, the last one beside its span. Coding agents send
nothing else to companies by default."""

TOOL_EVENTS = ("claude_code.tool_result", "codex.tool_result", "gemini_cli.tool_call")
"""Log records that state one tool call each."""

CACHE_BESIDE_INPUT = ("cache_read_tokens", "cache_creation_tokens")
"""Attributes of Claude Code, which counts as Anthropic does; all other dialects say that their
input holds cached tokens."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "operation_name": ("gen_ai.operation.name",),
    "span_kind": ("openinference.span.kind",),
    "entity_kind": ("traceloop.span.kind",),
    "entity_name": ("traceloop.entity.name",),
    "request_type": ("llm.request.type",),
    "sdk_operation": ("ai.operationId",),
    "agent_span": ("span.type",),
    "agent_cached": CACHE_BESIDE_INPUT,
    "litellm_call_id": ("litellm.call_id",),
    "request_name": ("request_id",),
    "provider_name": ("gen_ai.provider.name",),
    "provider": (
        "gen_ai.provider.name",
        "gen_ai.system",
        "llm.provider",
        "llm.system",
        "ai.model.provider",
    ),
    "request_model": (
        "litellm.model_group",
        "gen_ai.request.model",
        "ai.model.id",
        "model",
        "model_name",
    ),
    "response_model": (
        "gen_ai.response.model",
        "ai.response.model",
        "llm.model_name",
        "embedding.model_name",
        "reranker.model_name",
    ),
    "response_id": ("gen_ai.response.id", "ai.response.id"),
    "finish": (
        "gen_ai.response.finish_reasons",
        "gen_ai.response.finish_reason",
        "llm.finish_reason",
        "llm.response.finish_reason",
        "ai.response.finishReason",
        "stop_reason",
    ),
    "tool": ("gen_ai.tool.name", "tool.name", "ai.toolCall.name", "tool_name", "function_name"),
    "tool_use": ("tool_use_id", "call_id", "gen_ai.tool.call.id"),
    "is_stream": ("gen_ai.request.stream", "gen_ai.is_streaming", "llm.is_streaming"),
    "first_chunk_seconds": ("gen_ai.response.time_to_first_chunk",),
    "first_chunk_millis": ("ai.response.msToFirstChunk", "ttft_ms"),
    "duration_millis": ("duration_ms",),
    "tier": (
        "openai.response.service_tier",
        "gen_ai.openai.response.service_tier",
        "openai.request.service_tier",
        "gen_ai.openai.request.service_tier",
        "speed",
    ),
    "error": ("error.type",),
    "succeeded": ("success",),
    "http_status": (
        "http.response.status_code",
        "http.status_code",
        "error.code",
        "status_code",
    ),
    "cost_currency": ("gen_ai.usage.cost.currency",),
    "event_kind": ("event.kind",),
}
"""Texts: the first attribute that is present counts."""

_DETAILS = "gen_ai.usage.details."

COUNTS: Mapping[str, tuple[str, ...]] = {
    "input": (
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "llm.token_count.prompt",
        "llm.usage.prompt_tokens",
        "ai.usage.inputTokens",
        "ai.usage.promptTokens",
        "ai.usage.tokens",
        "input_token_count",
        "input_tokens",
    ),
    "input_audio": (
        "gen_ai.usage.audio.input_tokens",
        "llm.token_count.prompt_details.audio",
        f"{_DETAILS}input_audio_tokens",
    ),
    "input_image": ("gen_ai.usage.image.input_tokens",),
    "input_video": ("gen_ai.usage.video.input_tokens",),
    "cache_read": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "llm.token_count.prompt_details.cache_read",
        "llm.token_count.prompt_details.cache_input",
        f"{_DETAILS}cache_read_tokens",
        f"{_DETAILS}cache_read_input_tokens",
        f"{_DETAILS}cached_tokens",
        "ai.usage.cachedInputTokens",
        "cached_token_count",
        "cached_content_token_count",
        "cache_read_tokens",
    ),
    "cache_read_audio": (
        "gen_ai.usage.audio.cache_read.input_tokens",
        f"{_DETAILS}cache_audio_read_tokens",
    ),
    "cache_write": (
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "gen_ai.usage.cache_write_input_tokens",
        "llm.token_count.prompt_details.cache_write",
        f"{_DETAILS}cache_write_tokens",
        f"{_DETAILS}cache_creation_input_tokens",
        "cache_creation_tokens",
    ),
    "output": (
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.token_count.completion",
        "llm.usage.completion_tokens",
        "ai.usage.outputTokens",
        "ai.usage.completionTokens",
        "output_token_count",
        "output_tokens",
    ),
    "output_audio": (
        "gen_ai.usage.audio.output_tokens",
        "llm.token_count.completion_details.audio",
        f"{_DETAILS}output_audio_tokens",
    ),
    "output_image": ("gen_ai.usage.image.output_tokens",),
    "output_video": ("gen_ai.usage.video.output_tokens",),
    "reasoning": (
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "llm.usage.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
        f"{_DETAILS}reasoning_tokens",
        f"{_DETAILS}thoughts_tokens",
        "ai.usage.reasoningTokens",
        "reasoning_token_count",
        "thoughts_token_count",
    ),
    "total": (
        "gen_ai.usage.total_tokens",
        "llm.usage.total_tokens",
        "llm.token_count.total",
        "ai.usage.totalTokens",
        "total_token_count",
    ),
}
"""Whole numbers by the name that `usage_readings` gives them: the first attribute that is present
and no 0 counts, else a 0; one that is present and no whole number quarantines its call."""

MONEY: Mapping[str, tuple[str, ...]] = {
    "cost": (
        "gen_ai.cost.total_cost",
        "gen_ai.usage.cost",
        "gen_ai.usage.cost.amount",
        "llm.cost.total",
        "operation.cost",
        "cost_usd",
    ),
}
"""US dollars, unless a currency stands beside: then converted by the day's exchange rate."""

BYTES: Mapping[str, tuple[str, ...]] = {
    "input_bytes": (
        "gen_ai.input.messages",
        "input.value",
        "traceloop.entity.input",
        "gen_ai.tool.call.arguments",
    ),
    "output_bytes": (
        "gen_ai.output.messages",
        "output.value",
        "traceloop.entity.output",
        "gen_ai.tool.call.result",
    ),
}
"""Texts of which only the bytes are kept."""

TOOL_NAME = (
    "coalesce(tool, case when span_kind = 'TOOL' or entity_kind = 'tool'"
    " then coalesce(entity_name, name) end)"
)

_NAMES_MODEL = "coalesce(request_model, response_model) is not null"
_ANSWERED = "coalesce(try_cast(output_count as double), 0) > 0"
_COUNTED = "coalesce(input_count, output_count, total_count) is not null"
_HOLDS_CALLS = f"case when {_COUNTED} then 'invoke_agent' end"

OPERATION = f"""
    case
        when event in ({", ".join(map(literal, CALL_EVENTS))}) then 'chat'
        when event in ({", ".join(map(literal, TOOL_EVENTS))}) then 'execute_tool'
        when operation_name in ('chat', 'text_completion', 'generate_content', 'embeddings',
            'retrieval', 'execute_tool', 'rerank', 'guardrail') then operation_name
        when operation_name in ('invoke_agent', 'create_agent', 'invoke_workflow', 'plan')
            or operation_name like '%\\_memory' escape '\\' then {_HOLDS_CALLS}
        when litellm_call_id is not null and operation_name is not null
            then {call_type_operation("operation_name", _ANSWERED)}
        when span_kind = 'LLM' then 'chat'
        when span_kind = 'EMBEDDING' then 'embeddings'
        when span_kind = 'RETRIEVER' then 'retrieval'
        when span_kind = 'RERANKER' then 'rerank'
        when span_kind = 'TOOL' or entity_kind = 'tool' then 'execute_tool'
        when span_kind = 'GUARDRAIL' then 'guardrail'
        when agent_span = 'tool' then 'execute_tool'
        when span_kind is not null or entity_kind is not null then {_HOLDS_CALLS}
        when sdk_operation like 'ai.%' and sdk_operation not like 'ai.%.do%'
            and sdk_operation <> 'ai.toolCall' then {_HOLDS_CALLS}
        when sdk_operation = 'ai.toolCall' then 'execute_tool'
        when sdk_operation like '%.doEmbed' then 'embeddings'
        when request_type = 'chat' then 'chat'
        when request_type = 'completion' then 'text_completion'
        when request_type = 'embedding' then 'embeddings'
        when request_type = 'rerank' then 'rerank'
        when provider is not null and {_NAMES_MODEL} and operation_name is null then 'chat'
        when (provider is not null or response_id is not null) and {_NAMES_MODEL}
            and {_ANSWERED} then 'chat'
        -- one answer of one provider is one call, whatever the span calls it
        when response_id is not null then 'other'
        else {_HOLDS_CALLS}
    end"""
"""SQL of a call's operation, by its name or by what it shows; NULL for what is no call: agents,
chains and workflows, evaluators, HTTP and all else. One of these that states usage is
`invoke_agent`: the models set it against the calls below it."""
