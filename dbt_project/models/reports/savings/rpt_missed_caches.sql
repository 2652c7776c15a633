{#- What an exact cache of a day would have answered and none did, by month, feature and model. -#}
{{ config(materialized="view") }}

with repeats as (

    select
        {{ month_of("call_date") }} as month,
        feature,
        provider,
        model_id,
        sum(hashed_calls) as hashed_calls,
        sum(repeated_calls) as repeated_calls,
        sum(missed_calls) as missed_calls,
        sum(unpriced_calls) as unpriced_calls,
        -- a day without a missed call adds 0: nothing is known where none of the calls has a price
        case when sum(unpriced_calls) < sum(missed_calls) or sum(missed_calls) = 0
            then sum(missed_usd) end as missed_usd
    from {{ ref("fct_repeated_prompts_daily") }}
    group by {{ month_of("call_date") }}, feature, provider, model_id

),

final as (

    select
        repeats.month,
        repeats.feature,
        repeats.provider,
        repeats.model_id,
        {{ as_count("repeats.hashed_calls") }} as hashed_calls,
        {{ as_count("repeats.repeated_calls") }} as repeated_calls,
        {{ as_count("repeats.missed_calls") }} as missed_calls,
        {{ ratio("repeats.repeated_calls", "repeats.hashed_calls") }} as ideal_hit_ratio,
        {{ ratio("repeats.repeated_calls - repeats.missed_calls", "repeats.hashed_calls") }}
            as hit_ratio,
        {{ as_count("repeats.unpriced_calls") }} as unpriced_calls,
        cast(repeats.missed_usd as decimal(28, 9)) as missed_usd,
        {{ owner_name() }} as owner
    from repeats
    {{ join_owners("'response_cache'", "repeats.feature") }}

)

select * from final
