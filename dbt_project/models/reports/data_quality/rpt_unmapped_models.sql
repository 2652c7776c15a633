with charges as (

    select
        provider,
        model_id as model,
        sum(charge_lines) as charge_lines,
        sum(charge_usd) as charge_usd,
        min(utc_day) as first_day,
        max(utc_day) as last_day
    from {{ ref("fct_charges_daily") }}
    where not is_model_known
    group by provider, model_id

),

calls as (

    select
        provider,
        model_id as model,
        sum(calls) as calls,
        min(utc_day) as first_day,
        max(utc_day) as last_day
    from {{ ref("fct_usage_daily") }}
    where not is_model_known
    group by provider, model_id

),

final as (

    select
        coalesce(charges.provider, calls.provider) as provider,
        coalesce(charges.model, calls.model) as model,
        {{ as_count("coalesce(charges.charge_lines, 0)") }} as charge_lines,
        cast(charges.charge_usd as decimal(28, 12)) as charge_usd,
        {{ as_count("coalesce(calls.calls, 0)") }} as calls,
        least(charges.first_day, calls.first_day) as first_day,
        greatest(charges.last_day, calls.last_day) as last_day
    from charges
    full outer join calls
        on charges.provider is not distinct from calls.provider
        and charges.model = calls.model

)

select * from final
