"""`gateway_calls` and `trace_spans`: names of OpenTelemetry GenAI, in snake_case."""

from __future__ import annotations

from ingest.contracts.call_context import CALL_CONTEXT
from ingest.contracts.columns import ATTRIBUTION, MONEY, TOKEN_PARTS, TOKEN_VECTOR, Column, Table

GATEWAY_CALLS = Table(
    name="gateway_calls",
    grain="one attempt of one billable operation, as one gateway record states it",
    standard="OpenTelemetry GenAI semantic conventions",
    day_from="started_at",
    columns=(
        Column("call_id", "VARCHAR", "Identifier of the attempt.", required=True),
        Column("request_id", "VARCHAR", "Caller's request; its retries and fallbacks share it."),
        Column("provider_response_id", "VARCHAR", "gen_ai.response.id, cache suffix removed."),
        Column("trace_id", "VARCHAR", "Trace the call belongs to."),
        Column("session_id", "VARCHAR", "gen_ai.conversation.id."),
        Column("task_id", "VARCHAR", "Unit of work whose outcome is judged."),
        Column("parent_call_id", "VARCHAR", "Call that caused this one."),
        Column(
            "operation",
            "VARCHAR",
            "gen_ai.operation.name of the call.",
            required=True,
            allowed=(
                "chat",
                "text_completion",
                "generate_content",
                "embeddings",
                "rerank",
                "retrieval",
                "execute_tool",
                "guardrail",
                "image_generation",
                "audio",
                "invoke_agent",
                "other",
            ),
        ),
        Column("agent_name", "VARCHAR", "gen_ai.agent.name: the agent that made the call."),
        Column("tool_name", "VARCHAR", "gen_ai.tool.name: the tool or outside API called."),
        Column("started_at", "TIMESTAMP", "Start of the attempt, UTC.", required=True),
        Column("ended_at", "TIMESTAMP", "End of the attempt, UTC."),
        Column("first_token_at", "TIMESTAMP", "First streamed token, UTC; NULL when not streamed."),
        Column(
            "recorded_at",
            "TIMESTAMP",
            "When the source last wrote the record, UTC: of several copies the newest counts.",
        ),
        Column("provider", "VARCHAR", "gen_ai.provider.name, lower case."),
        Column("request_model", "VARCHAR", "Model or alias that was asked for."),
        Column("response_model", "VARCHAR", "Model that served the call, provider prefix removed."),
        Column("is_stream", "BOOLEAN", "True when the answer was streamed."),
        Column(
            "service_tier",
            "VARCHAR",
            "Price tier of the call.",
            required=True,
            allowed=("standard", "batch", "flex", "priority"),
        ),
        *TOKEN_VECTOR,
        *TOKEN_PARTS,
        Column(
            "unclassified_tokens",
            "BIGINT",
            "Tokens of buckets whose name no reader knows; in no class, so the cost is unknown.",
            non_negative=True,
        ),
        Column(
            "web_searches",
            "BIGINT",
            "Searches of the web that the provider ran for the call, billed beside its tokens.",
            non_negative=True,
        ),
        Column(
            "is_usage_contradictory",
            "BOOLEAN",
            "True when no reading of the stated counts gives the stated total.",
        ),
        Column(
            "input_bytes",
            "BIGINT",
            "Bytes of the prompt; the text itself is never kept.",
            non_negative=True,
        ),
        Column(
            "output_bytes",
            "BIGINT",
            "Bytes of the answer; the text itself is never kept.",
            non_negative=True,
        ),
        Column(
            "reported_cost_usd",
            MONEY,
            "Cost the gateway states, USD; NULL when it could not price the call.",
            non_negative=True,
        ),
        Column(
            "reported_cost",
            MONEY,
            "Cost that the source states with its currency; in USD by the day's exchange rate.",
            non_negative=True,
        ),
        Column("reported_currency", "VARCHAR", "Currency of reported_cost: ISO 4217, upper case."),
        Column(
            "reported_avoided_usd",
            MONEY,
            "Cost a gateway cache hit avoided, as the gateway states it, USD.",
            non_negative=True,
        ),
        Column(
            "cached_hit",
            "BOOLEAN",
            "Answered by the gateway's own cache; NULL where there is none to ask.",
        ),
        Column(
            "cache_layer",
            "VARCHAR",
            "Which gateway cache answered; NULL when none did.",
            allowed=("exact", "semantic", "retrieval"),
        ),
        Column(
            "status",
            "VARCHAR",
            "`ok`, `error` (no usable answer) or `aborted` (the client left).",
            required=True,
            allowed=("ok", "error", "aborted"),
        ),
        Column("error_type", "VARCHAR", "Class of the error; never its message."),
        Column("http_status", "INTEGER", "HTTP status of the answer."),
        Column("is_usage_estimated", "BOOLEAN", "Tokens counted by the gateway, not the provider."),
        Column("attempted_retries", "INTEGER", "Retries before this attempt.", non_negative=True),
        Column("attempted_fallbacks", "INTEGER", "Fallbacks before it.", non_negative=True),
        *CALL_CONTEXT,
        *ATTRIBUTION,
        Column(
            "labels",
            "VARCHAR",
            "JSON object of the values that `[labels]` of the source's settings keeps.",
        ),
    ),
)

TRACE_SPANS = Table(
    name="trace_spans",
    grain="one span of a trace, or the trace itself, as one record states it",
    standard="OpenTelemetry spans: who is above whom, and what flows down to the calls below",
    day_from="started_at",
    is_counted=False,
    columns=(
        Column("trace_id", "VARCHAR", "Trace the span belongs to.", required=True),
        Column(
            "span_id",
            "VARCHAR",
            "Trace and span, `/` between: of a call its call_id; NULL: the trace itself.",
        ),
        Column("parent_span_id", "VARCHAR", "The span right above, spelt the same way."),
        Column("started_at", "TIMESTAMP", "Start of the span, UTC.", required=True),
        Column("ended_at", "TIMESTAMP", "End of the span, UTC."),
        Column("recorded_at", "TIMESTAMP", "When the source last wrote the record, UTC."),
        Column("operation", "VARCHAR", "Operation of a call; NULL of what only holds calls."),
        Column("input_tokens", "BIGINT", "All input tokens that the span itself states."),
        Column("output_tokens", "BIGINT", "All output tokens that the span itself states."),
        Column("tool_name", "VARCHAR", "gen_ai.tool.name of a tool call."),
        Column("session_id", "VARCHAR", "gen_ai.conversation.id that the span itself states."),
        Column("task_id", "VARCHAR", "Task that the span itself states."),
        Column("agent_name", "VARCHAR", "gen_ai.agent.name that the span itself states."),
        *ATTRIBUTION,
        Column("labels", "VARCHAR", "JSON object of the labels that the span itself states."),
    ),
)

OMITTED_RECORDS = Table(
    name="omitted_records",
    grain="records of one file, day, reason, provider, model, tier, session and currency that are"
    " no calls, added up",
    standard="OpenTelemetry GenAI semantic conventions",
    day_from="started_at",
    is_counted=False,
    columns=(
        Column("reason", "VARCHAR", "Why the records are no calls.", required=True),
        Column("started_at", "TIMESTAMP", "First of the records' starts, UTC.", required=True),
        Column("provider", "VARCHAR", "gen_ai.provider.name, lower case."),
        Column("model", "VARCHAR", "Model as the records name it."),
        Column("service_tier", "VARCHAR", "Price tier."),
        Column("session_id", "VARCHAR", "gen_ai.conversation.id that the records name."),
        Column("records", "BIGINT", "How many.", required=True, non_negative=True),
        *TOKEN_VECTOR,
        Column("reported_cost_usd", MONEY, "Cost that the records state, USD."),
        Column("reported_cost", MONEY, "Cost that the records state with its currency."),
        Column("reported_currency", "VARCHAR", "Currency of reported_cost: ISO 4217, upper case."),
    ),
)

INHERITED = (
    "session_id",
    "task_id",
    "agent_name",
    *(c.name for c in ATTRIBUTION if c.name != "sub_account_id"),
    "labels",
)
"""What goes down a trace, from a span to the calls below it; the models do it. A provider's project
does not: the calls below may be another provider's."""
