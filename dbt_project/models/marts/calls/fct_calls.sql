{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls']) }}",
    )
}}

-- what tasks its days had is read before they make room
-- depends_on: {{ ref("int_tasks_to_rebuild") }}

with calls as (

    select * from {{ ref("int_calls_priced") }}

),

models as (

    select * from {{ ref("dim_models") }}

),

final as (

    select
        calls.utc_day,
        {{ reporting_date("calls.started_at") }} as call_date,
        calls.source_name,
        calls.call_id,
        coalesce(calls.request_id, calls.call_id) as request_id,
        calls.provider_response_id,
        calls.trace_id,
        calls.session_id,
        calls.task_id,
        calls.parent_call_id,
        calls.operation,
        calls.agent_name,
        calls.tool_name,
        {{ is_model_turn("calls.operation") }} as is_model_turn,
        calls.started_at,
        calls.ended_at,
        calls.first_token_at,
        coalesce(calls.provider_name, calls.provider) as provider,
        calls.request_model,
        calls.response_model,
        coalesce(calls.model_id, calls.response_model, calls.request_model) as model_id,
        coalesce(calls.response_model, calls.request_model) is null or calls.model_id is not null
            as is_model_known,
        coalesce(models.model_tier, 'unknown') as model_tier,
        calls.is_stream,
        {% for name in ["service_tier", "priced_as_tier", "price_region", "price_from_tokens"] -%}
        calls.{{ name }},
        {% endfor -%}
        calls.input_tokens,
        {% for c in token_classes() -%}
        calls.{{ c }}_tokens,
        {% for part in token_parts(c) -%}
        calls.{{ part }}_tokens,
        {% endfor -%}
        {% endfor -%}
        calls.reasoning_tokens,
        calls.unclassified_tokens,
        calls.web_searches,
        calls.input_bytes,
        calls.output_bytes,
        -- an answer from the gateway's own cache used no tokens of the provider
        case when not calls.cached_hit then calls.input_tokens end as billable_input_tokens,
        case when not calls.cached_hit then coalesce(calls.cache_read_tokens, 0) end
            as billable_cache_read_tokens,
        calls.estimate_usd,
        {% for c in token_classes() -%}
        calls.{{ c }}_usd,
        {% endfor -%}
        {% for name in [
            "reported_cost_usd", "reported_cost", "reported_currency", "avoided_usd",
            "reported_avoided_usd", "cache_saving_usd", "cache_write_premium_usd",
            "cache_saving_at_standard_usd", "tier_saving_usd", "region_premium_usd",
            "long_context_premium_usd", "is_unpriced", "is_estimate_upper_bound", "price_key",
            "price_source", "cached_hit", "cache_layer", "asks_gateway_cache"] -%}
        calls.{{ name }},
        {% endfor -%}
        calls.status = 'ok'
            and calls.asks_gateway_cache
            and {{ is_model_turn("calls.operation") }} as is_cache_lookup,
        {% for name in ["status", "error_type", "http_status", "is_usage_estimated"] -%}
        calls.{{ name }},
        {% endfor -%}
        coalesce(calls.is_usage_contradictory, false) as is_usage_contradictory,
        {% for name in ["attempted_retries", "attempted_fallbacks", "is_interactive",
            "route_decision", "baseline_model", "fallback_reason", "sample_group",
            "cache_similarity", "cache_age_seconds", "cache_ttl_seconds", "cache_key_scope",
            "is_cache_encrypted", "cache_source_call_id", "cache_source_tenant_id",
            "cache_source_version", "prompt_name", "prompt_hash", "prompt_prefix_hash",
            "tool_schema_tokens", "system_tokens", "history_tokens",
            "uncompressed_input_tokens", "tenant_id", "feature", "task_type", "prompt_version",
            "user_id", "api_key_id"] -%}
        calls.{{ name }},
        {% endfor -%}
        calls.team as team_tag,
        calls.environment,
        calls.traffic_class,
        {{ cost_scope("calls") }} as cost_scope,
        calls.experiment,
        calls.variant,
        calls.region,
        calls.sub_account_id,
        calls.labels,
        calls.attribution_rule,
        calls.feature_stated_by,
        calls.tenant_stated_by,
        {{ as_count("calls.copies - 1") }} as duplicates_dropped,
        calls.source_file,
        calls.source_line
    from calls
    left join models on calls.price_key = models.price_key

)

select * from final
