{{ config(materialized="ephemeral") }}

with charges as (

    select * from {{ ref("fct_charges_daily") }}
    where charge_usd is not null
        and allocation_rule is not null
        and {{ in_allocated_days() }}

),

final as (

    select
        utc_day,
        provider,
        model_id,
        case when line = 'usage' then 'shared cost' else line end as line,
        allocation_rule,
        allocation_pool,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd
    from charges
    group by all

)

select * from final
