{#- What work that could wait would save at a cheaper tier, by month, feature, model and tier. -#}
{{ config(materialized="view") }}

with usage as (

    select
        {{ month_of("call_date") }} as month,
        feature,
        provider,
        model_id,
        sum(standard_calls) as standard_calls,
        sum(interactivity_stated_calls) as stated_calls
    from {{ ref("fct_usage_daily") }}
    group by {{ month_of("call_date") }}, feature, provider, model_id

),

offload as (

    select
        {{ month_of("call_date") }} as month,
        feature,
        provider,
        model_id,
        offload_tier,
        sum(calls) as calls,
        sum(standard_usd) as standard_usd,
        sum(tier_usd) as tier_usd,
        sum(unstated_calls) as unstated_calls,
        sum(unstated_standard_usd - unstated_tier_usd) as unstated_saving_usd,
        sum(unpriced_calls) as unpriced_calls
    from {{ ref("fct_offload_daily") }}
    group by {{ month_of("call_date") }}, feature, provider, model_id, offload_tier

),

final as (

    select
        offload.month,
        offload.feature,
        offload.provider,
        offload.model_id,
        offload.offload_tier,
        {{ as_count("offload.calls") }} as calls,
        cast(offload.standard_usd as decimal(28, 9)) as standard_usd,
        cast(offload.tier_usd as decimal(28, 9)) as tier_usd,
        cast(offload.standard_usd - offload.tier_usd as decimal(28, 9)) as offload_saving_usd,
        {{ as_count("offload.unstated_calls") }} as unstated_calls,
        cast(offload.unstated_saving_usd as decimal(28, 9)) as unstated_saving_usd,
        {{ as_count("offload.unpriced_calls") }} as unpriced_calls,
        {{ ratio("usage.stated_calls", "usage.standard_calls") }} as stated_ratio,
        {{ owner_name() }} as owner
    from offload
    inner join usage
        on offload.month = usage.month
        and offload.feature is not distinct from usage.feature
        and offload.provider = usage.provider
        and offload.model_id = usage.model_id
    {{ join_owners("'price'", "offload.feature") }}

)

select * from final
