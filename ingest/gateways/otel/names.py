"""What traces call things: names of attributes, by concept, in every dialect that is read.

Dialects: OpenTelemetry GenAI up to 1.36 (`gen_ai.system`), from 1.37 on (`gen_ai.provider.name`)
and after the conventions moved (`cache_write` for `cache_creation`); OpenInference
(`openinference.*`, `llm.*`); Traceloop (`traceloop.*`); LiteLLM's own callback (`litellm.*`).
`schemaUrl` does not tell which: emitters state 1.37.0 whatever they send. So names are coalesced.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingest.gateways.litellm.reader import call_type_operation

NAMES: Mapping[str, tuple[str, ...]] = {
    "operation_name": ("gen_ai.operation.name",),
    "span_kind": ("openinference.span.kind",),
    "entity_kind": ("traceloop.span.kind",),
    "entity_name": ("traceloop.entity.name",),
    "request_type": ("llm.request.type",),
    "litellm_call_id": ("litellm.call_id",),
    "provider_name": ("gen_ai.provider.name",),
    "provider": ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system"),
    "request_model": ("litellm.model_group", "gen_ai.request.model"),
    "response_model": (
        "gen_ai.response.model",
        "llm.model_name",
        "embedding.model_name",
        "reranker.model_name",
    ),
    "response_id": ("gen_ai.response.id",),
    "finish": (
        "gen_ai.response.finish_reasons",
        "gen_ai.response.finish_reason",
        "llm.finish_reason",
        "llm.response.finish_reason",
    ),
    "tool": ("gen_ai.tool.name", "tool.name"),
    "is_stream": ("gen_ai.request.stream", "gen_ai.is_streaming", "llm.is_streaming"),
    "first_chunk_seconds": ("gen_ai.response.time_to_first_chunk",),
    "tier": (
        "openai.response.service_tier",
        "gen_ai.openai.response.service_tier",
        "openai.request.service_tier",
        "gen_ai.openai.request.service_tier",
    ),
    "error": ("error.type",),
    "http_status": ("http.response.status_code", "http.status_code", "error.code"),
}
"""Texts: the first attribute that is present counts."""

COUNTS: Mapping[str, tuple[str, ...]] = {
    "input_count": (
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "llm.token_count.prompt",
        "llm.usage.prompt_tokens",
    ),
    "read_count": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "llm.token_count.prompt_details.cache_read",
        "llm.token_count.prompt_details.cache_input",
    ),
    "write_count": (
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "llm.token_count.prompt_details.cache_write",
    ),
    "audio_in_count": (
        "gen_ai.usage.audio.input_tokens",
        "llm.token_count.prompt_details.audio",
    ),
    "audio_read_count": ("gen_ai.usage.audio.cache_read.input_tokens",),
    "output_count": (
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.token_count.completion",
        "llm.usage.completion_tokens",
    ),
    "reasoning_count": (
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "llm.usage.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
    ),
    "audio_out_count": (
        "gen_ai.usage.audio.output_tokens",
        "llm.token_count.completion_details.audio",
    ),
    "total_count": (
        "gen_ai.usage.total_tokens",
        "llm.usage.total_tokens",
        "llm.token_count.total",
    ),
}
"""Whole numbers; one that is present and no number quarantines its call."""

MONEY: Mapping[str, tuple[str, ...]] = {
    "cost": ("gen_ai.cost.total_cost", "llm.cost.total"),
}
"""US dollars."""

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

OPERATION = f"""
    case
        when operation_name in ('chat', 'text_completion', 'generate_content', 'embeddings',
            'retrieval', 'execute_tool', 'rerank', 'guardrail') then operation_name
        when operation_name in ('invoke_agent', 'create_agent', 'invoke_workflow', 'plan')
            or operation_name like '%\\_memory' escape '\\' then null
        when litellm_call_id is not null and operation_name is not null
            then {call_type_operation("operation_name")}
        when span_kind = 'LLM' then 'chat'
        when span_kind = 'EMBEDDING' then 'embeddings'
        when span_kind = 'RETRIEVER' then 'retrieval'
        when span_kind = 'RERANKER' then 'rerank'
        when span_kind = 'TOOL' or entity_kind = 'tool' then 'execute_tool'
        when span_kind = 'GUARDRAIL' then 'guardrail'
        when span_kind is not null or entity_kind is not null then null
        when request_type = 'chat' then 'chat'
        when request_type = 'completion' then 'text_completion'
        when request_type = 'embedding' then 'embeddings'
        when request_type = 'rerank' then 'rerank'
        -- one answer of one provider is one call, whatever the span calls it
        when response_id is not null then 'other'
        when operation_name is null and provider is not null
            and coalesce(request_model, response_model) is not null then 'chat'
    end"""
"""SQL of a call's operation; NULL for what is no call: agents, chains and workflows, whose usage
is the sum of their children's, evaluators, HTTP and all else."""


def _places(word: str, *before: str) -> dict[str, object]:
    """The usual places of a word of attribution, where each dialect lets applications put it."""
    return {
        "coalesce": [
            *before,
            word,
            f"app.{word}",
            f"traceloop.association.properties.{word}",
            f"metadata.{word}",
            {"path": "tag.tags", "tag": word},
        ]
    }


AGENT_LEAVES = (
    "gen_ai.agent.name",
    "agent.name",
    "openinference.span.kind",
    "traceloop.span.kind",
    "traceloop.entity.name",
    "name",
)

AGENT_NAME = """
    coalesce("gen_ai.agent.name", "agent.name",
        case when "openinference.span.kind" = 'AGENT' or "traceloop.span.kind" = 'agent'
            then coalesce("traceloop.entity.name", "name") end)"""
"""SQL over AGENT_LEAVES: dialects without an agent's name give it to the agent's span."""


DEFAULT_ATTRIBUTION: Mapping[str, object] = {
    "session_id": {
        "coalesce": [
            "gen_ai.conversation.id",
            "session.id",
            "traceloop.association.properties.session_id",
            "traceloop.association.properties.thread_id",
        ]
    },
    "task_id": _places("task_id", "task.id"),
    "tenant_id": _places("tenant_id", "tenant.id"),
    "feature": _places("feature"),
    "task_type": _places("task_type"),
    "prompt_version": _places(
        "prompt_version",
        "gen_ai.prompt.version",
        "llm.prompt_template.version",
        "traceloop.prompt.version",
    ),
    "user_id": {
        "coalesce": [
            "user.id",
            "enduser.id",
            "gen_ai.user",
            "llm.user",
            "traceloop.association.properties.user_id",
            "metadata.user_api_key_user_id",
            "user.email",
        ]
    },
    "api_key_id": {"coalesce": ["metadata.user_api_key_hash"]},
    "team": _places("team", "metadata.user_api_key_team_alias"),
    "environment": {"coalesce": ["deployment.environment.name", "deployment.environment"]},
    "experiment": _places("experiment"),
    "variant": _places("variant"),
    "region": {"coalesce": ["cloud.region"]},
}
"""Where attribution is looked for; an entry of the workspace replaces that of its column."""
