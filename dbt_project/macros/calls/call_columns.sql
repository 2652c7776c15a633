{#-
    What a call takes over from the other records of it, where its own says nothing: every column of
    `gateway_calls` but those that say which record it is. A test keeps this list the contract's.
-#}
{% macro taken_over_columns() -%}
    {{ return([
        "provider_response_id", "trace_id", "session_id", "task_id", "parent_call_id",
        "agent_name", "tool_name", "ended_at", "first_token_at", "provider", "request_model",
        "response_model", "is_stream", "web_searches", "input_bytes", "output_bytes",
        "reported_cost_usd", "reported_cost", "reported_currency", "reported_avoided_usd",
        "cached_hit", "cache_layer", "error_type", "http_status", "attempted_retries",
        "attempted_fallbacks", "tenant_id", "feature",
        "task_type", "prompt_version", "user_id", "api_key_id", "team", "environment",
        "traffic_class", "experiment", "variant", "region", "sub_account_id", "labels",
    ] + context_columns()) }}
{%- endmacro %}

{#- What is stated of a call beside its usage: `CALL_CONTEXT` of ingest. -#}
{% macro context_columns() -%}
    {{ return([
        "is_interactive", "route_decision", "baseline_model", "fallback_reason", "step",
        "sample_group", "agent_version", "cache_similarity", "cache_age_seconds",
        "cache_ttl_seconds", "cache_key_scope", "is_cache_encrypted", "cache_source_call_id",
        "cache_source_tenant_id", "cache_source_version", "prompt_name", "prompt_hash",
        "prompt_prefix_hash", "tool_schema_tokens", "system_tokens", "history_tokens",
        "retrieval_tokens", "question_tokens", "uncompressed_input_tokens",
    ]) }}
{%- endmacro %}

{#- Counts of one record: they are taken over together, by a call that has none. -#}
{% macro usage_columns() -%}
    {%- set columns = ["reasoning_tokens", "unclassified_tokens", "is_usage_contradictory",
        "is_usage_estimated"] -%}
    {%- for c in token_classes() -%}
        {%- do columns.append(c ~ "_tokens") -%}
        {%- for part in token_parts(c) -%}{%- do columns.append(part ~ "_tokens") -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{#- Predicate: any token of a record is counted. -#}
{% macro has_usage(calls) -%}
    coalesce({% for c in token_classes() %}{{ calls }}.{{ c }}_tokens, {% endfor %}
    {{- calls }}.unclassified_tokens) is not null
{%- endmacro %}

{#- Tokens of one direction that a record states, its classes together; NULL when it has none. -#}
{% macro stated_tokens(direction) -%}
    {%- set columns = [] -%}
    {%- for c in token_classes() if (c in token_classes("input")) == (direction == "input") -%}
        {%- do columns.append(c ~ "_tokens") -%}
    {%- endfor -%}
    case when coalesce({{ columns | join(", ") }}) is not null
        then coalesce({{ columns | join(", 0) + coalesce(") }}, 0) end
{%- endmacro %}
