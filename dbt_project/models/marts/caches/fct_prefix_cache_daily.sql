{#- The roll-up of the providers' prefix caches: who wrote them, and who read. -#}
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
        and (billable_cache_read_tokens > 0 or cache_write_premium_usd <> 0)

),

final as (

    select
        utc_day,
        provider,
        model_id,
        prompt_version,
        feature,
        tenant_id,
        team_tag,
        {{ as_count("sum(billable_cache_read_tokens)") }} as cache_read_tokens,
        {{ sum_usd("cache_write_premium_usd") }} as write_premium_usd,
        {{ sum_usd("cache_saving_usd + cache_write_premium_usd") }} as read_saving_usd
    from calls
    group by all

)

select * from final
