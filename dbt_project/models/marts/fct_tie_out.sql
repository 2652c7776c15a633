{#- Estimate against charge, in the finest cell that a bill and the calls share. -#}
{{ config(materialized="table") }}

with charges as (

    select
        provider,
        utc_day,
        model_id,
        bool_and(is_model_known) as is_model_known,
        sum(charge_usd) as charge_usd
    from {{ ref("fct_charges_daily") }}
    where charge_category = 'Usage' and model_id is not null and charge_usd is not null
        -- what people use through their seats passes no gateway: it ties to no call
        and provider is distinct from 'anthropic.claude_enterprise'
    group by provider, utc_day, model_id

),

calls as (

    select
        provider,
        utc_day,
        model_id,
        sum(calls) as calls,
        sum(unpriced_calls) as unpriced_calls,
        sum(estimate_usd) as estimate_usd
    from {{ ref("fct_usage_daily") }}
    group by provider, utc_day, model_id

),

billed_until as (

    select provider, max(utc_day) as last_billed_day
    from {{ ref("fct_charges_daily") }}
    group by provider

),

run as (

    select max(utc_day) as as_of_day from {{ ref("fct_usage_daily") }}

),

joined as (

    select
        coalesce(charges.provider, calls.provider) as provider,
        coalesce(charges.utc_day, calls.utc_day) as day,
        coalesce(charges.model_id, calls.model_id) as model,
        charges.is_model_known,
        {{ as_count("coalesce(calls.calls, 0)") }} as calls,
        {{ as_count("coalesce(calls.unpriced_calls, 0)") }} as unpriced_calls,
        cast(calls.estimate_usd as decimal(28, 9)) as estimate_usd,
        cast(charges.charge_usd as decimal(28, 12)) as charge_usd
    from charges
    full outer join calls
        on charges.provider = calls.provider
        and charges.utc_day = calls.utc_day
        and charges.model_id = calls.model_id

),

final as (

    select
        joined.provider,
        joined.day,
        joined.model,
        joined.calls,
        joined.unpriced_calls,
        joined.estimate_usd,
        joined.charge_usd,
        cast(joined.charge_usd - coalesce(joined.estimate_usd, 0) as decimal(28, 12)) as gap_usd,
        coalesce(
            joined.day <= billed_until.last_billed_day
            and joined.day <= run.as_of_day - {{ var("billing_lag_days") }},
            false
        ) as is_settled,
        case
            when joined.charge_usd is null and joined.calls = joined.unpriced_calls then 'unpriced'
            when joined.charge_usd is null and coalesce(joined.estimate_usd, 0) = 0 then 'tied'
            when joined.charge_usd is null
                and joined.day > coalesce(billed_until.last_billed_day, date '1970-01-01')
                then 'not_billed_yet'
            when joined.charge_usd is null then 'calls_only'
            when joined.calls = 0 and not joined.is_model_known then 'unmapped'
            when joined.calls = 0 then 'bill_only'
            when joined.calls = joined.unpriced_calls then 'unpriced'
            when abs(joined.charge_usd - coalesce(joined.estimate_usd, 0))
                <= coalesce(joined.estimate_usd, 0)
                    * cast({{ var("tie_out_tolerance") }} as decimal(6, 4)) then 'tied'
            when joined.charge_usd > coalesce(joined.estimate_usd, 0) then 'over_billed'
            else 'under_billed'
        end as status
    from joined
    cross join run
    left join billed_until on joined.provider = billed_until.provider

)

select * from final
