with untagged as (

    select * from {{ ref("fct_untagged_monthly") }}

),

estimates as (

    select
        month,
        dimension,
        sum(calls) as calls,
        sum(unpriced_calls) as unpriced_calls,
        sum(estimate_usd) as estimate_usd
    from untagged
    group by month, dimension

),

askable as (

    select month, dimension, likely_owner, sum(estimate_usd) as estimate_usd
    from untagged
    where likely_owner is not null and estimate_usd > 0
    group by month, dimension, likely_owner
    qualify row_number() over (
        partition by month, dimension order by sum(estimate_usd) desc, likely_owner
    ) = 1

),

bills as (

    select
        month,
        sum(charge_usd) as total_usd,
        sum(case when line = 'usage' and feature is null then charge_usd else 0 end) as feature_usd,
        sum(case when line = 'usage' and tenant_id is null then charge_usd else 0 end)
            as tenant_usd
    from {{ ref("fct_showback") }}
    group by month

),

charges as (

    select month, 'feature' as dimension, total_usd, feature_usd as charge_usd from bills
    union all
    select month, 'tenant' as dimension, total_usd, tenant_usd as charge_usd from bills

),

joined as (

    select
        coalesce(charges.month, estimates.month) as month,
        coalesce(charges.dimension, estimates.dimension) as dimension,
        charges.charge_usd,
        charges.total_usd,
        estimates.* exclude (month, dimension)
    from charges
    full outer join estimates
        on charges.month = estimates.month
        and charges.dimension = estimates.dimension

),

final as (

    select
        joined.month,
        joined.dimension,
        {{ as_count("coalesce(joined.calls, 0)") }} as calls,
        {{ as_count("coalesce(joined.unpriced_calls, 0)") }} as unpriced_calls,
        cast(joined.estimate_usd as decimal(28, 9)) as estimate_usd,
        cast(joined.charge_usd as decimal(28, 12)) as charge_usd,
        {{ ratio("joined.charge_usd", "joined.total_usd") }} as share_ratio,
        cast(earlier.charge_usd as decimal(28, 12)) as previous_month_usd,
        cast(joined.charge_usd - earlier.charge_usd as decimal(28, 12)) as change_usd,
        askable.likely_owner as first_to_ask,
        cast(askable.estimate_usd as decimal(28, 9)) as first_to_ask_usd
    from joined
    left join joined as earlier
        on joined.month = earlier.month + interval 1 month
        and joined.dimension = earlier.dimension
    left join askable
        on joined.month = askable.month
        and joined.dimension = askable.dimension

)

select * from final
