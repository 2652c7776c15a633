with charges as (

    select utc_day, provider, sum(charge_usd) as charge_usd
    from {{ ref("fct_charges_daily") }}
    group by utc_day, provider

),

calls as (

    select
        utc_day,
        provider,
        sum(estimate_usd) as estimate_usd,
        sum(reported_usd) as reported_usd,
        sum(calls) as calls,
        sum(unpriced_calls) as unpriced_calls
    from {{ ref("fct_usage_daily") }}
    group by utc_day, provider

),

final as (

    select
        coalesce(charges.utc_day, calls.utc_day) as day,
        coalesce(charges.provider, calls.provider, 'unknown') as provider,
        cast(charges.charge_usd as decimal(28, 12)) as charge_usd,
        cast(calls.estimate_usd as decimal(28, 9)) as estimate_usd,
        cast(calls.reported_usd as decimal(28, 9)) as reported_usd,
        {{ as_count("coalesce(calls.calls, 0)") }} as calls,
        {{ as_count("coalesce(calls.unpriced_calls, 0)") }} as unpriced_calls
    from charges
    full outer join calls
        on charges.utc_day = calls.utc_day
        and charges.provider = calls.provider

)

select * from final
