{#- The roll-up of tools and outside APIs by whose calls they were. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls']) }}",
    )
}}

with calls as (

    select * from {{ ref("fct_calls") }}
    where {{ only_changed_days(["gateway_calls"]) }}
        and {{ is_tool_call() }}

),

final as (

    select
        utc_day,
        coalesce(tool_name, response_model, request_model) as tool_name,
        feature,
        tenant_id,
        team_tag,
        {{ as_count("count(*)") }} as calls,
        -- whoever runs the tool charges for what it answered, not for what a cache did
        {{ as_count("count(*) filter (where status <> 'error' and not cached_hit)") }}
            as answered_calls,
        {{ sum_usd("estimate_usd") }} as estimate_usd
    from calls
    group by all

)

select * from final
