{#-
    A cell is what a bill and the calls can be compared in: provider, UTC day, model. The part of a
    cell's charge that its calls explain is spread over them; the rest is kept apart by its reason.
    Rule and worked example: DECISIONS.md, `Allocated charge`.
-#}

with charges as (

    select
        utc_day,
        provider,
        model_id,
        line,
        line = 'usage' as is_usage,
        sum(charge_usd) as charge_usd
    from {{ ref("fct_charges_daily") }}
    where charge_usd is not null
        and {{ in_changed_days(["gateway_calls", "billing_charges"], "fct_allocations") }}
    group by all

),

estimates as (

    select utc_day, provider, model_id, sum(estimate_usd) as estimate_usd
    from {{ ref("fct_usage_daily") }}
    where {{ in_changed_days(["gateway_calls", "billing_charges"], "fct_allocations") }}
    group by all

),

compared as (

    select
        charges.*,
        case when charges.is_usage then estimates.estimate_usd end as estimate_usd
    from charges
    left join estimates
        on charges.utc_day = estimates.utc_day
        and charges.provider = estimates.provider
        and charges.model_id = estimates.model_id

),

final as (

    select
        utc_day,
        provider,
        model_id,
        line,
        is_usage,
        cast(charge_usd as decimal(28, 12)) as charge_usd,
        estimate_usd,
        cast(
            case
                when coalesce(estimate_usd, 0) <= 0 then 0
                -- within the tolerance the calls explain the whole charge, below it too: a discount
                when charge_usd
                    <= estimate_usd * cast(1 + {{ var("tie_out_tolerance") }} as decimal(6, 4))
                    then charge_usd
                else estimate_usd
            end as decimal(28, 12)
        ) as explained_usd
    from compared

)

select * from final
