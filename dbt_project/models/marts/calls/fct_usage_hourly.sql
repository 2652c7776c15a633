{#- The roll-up by hour that guardrails read, and nothing larger. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls']) }}",
    )
}}

{%- set scope = [
    "source_name", "feature", "tenant_id", "team_tag", "api_key_id", "provider", "model_id",
    "region", "environment", "cost_scope",
] %}

with calls as (

    select
        *,
        date_trunc('hour', started_at) as utc_hour,
        -- a task counts once a day, with its first product call of that day: so that its hours add
        -- up
        case
            when task_id is null or cost_scope <> 'product' then false
            else row_number() over (
                partition by utc_day, task_id, cost_scope
                order by started_at asc, source_name asc, call_id asc
            ) = 1
        end as is_first_of_task
    from {{ ref("fct_calls") }}
    where {{ only_changed_days(["gateway_calls"]) }}

),

final as (

    select
        utc_day,
        utc_hour,
        {{ scope | join(",\n        ") }},
        {{ as_count("count(*)") }} as calls,
        {{ as_count("count(*) filter (where status <> 'ok')") }} as failed_calls,
        {{ as_count("count(*) filter (where cached_hit and is_model_turn)") }} as cached_hits,
        {{ as_count("count(*) filter (where is_cache_lookup)") }} as cache_lookups,
        {{ as_count("count(*) filter (where is_first_of_task)") }} as tasks,
        {{ as_count("count(*) filter (where not is_model_turn)") }} as tool_calls,
        {{ as_count("coalesce(sum(billable_input_tokens), 0)") }} as billable_input_tokens,
        {{ as_count("coalesce(sum(billable_cache_read_tokens), 0)") }}
            as billable_cache_read_tokens,
        {{ as_count("coalesce(sum(case when not cached_hit then output_tokens end), 0)") }}
            as billable_output_tokens,
        {{ as_count("count(*) filter (where is_unpriced)") }} as unpriced_calls,
        {{ as_count("count(*) filter (where " ~ is_unmetered() ~ ")") }}
            as unmetered_calls,
        {{ sum_usd("estimate_usd") }} as estimate_usd,
        {{ sum_usd("case when is_model_turn then 0 else estimate_usd end") }} as tool_usd,
        {{ sum_usd("avoided_usd") }} as avoided_usd,
        {{ sum_usd("case when reported_cost_usd is not null then estimate_usd end") }}
            as both_known_usd,
        {{ sum_usd("case when estimate_usd is not null then reported_cost_usd end") }}
            as reported_usd
    from calls
    group by utc_day, utc_hour, {{ scope | join(", ") }}

)

select * from final
