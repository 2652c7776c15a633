{#- Joined when it is read: an owner who changes changes no stored row. -#}
{{ config(materialized="view", post_hook="{{ create_cost_bridge() }}") }}

with bridge as (

    select
        period_grain,
        period_start,
        cast(case period_grain when 'month' then period_start - interval 1 month
            else period_start - interval 7 day end as date) as previous_start,
        dimension,
        member,
        case when dimension = 'feature' then member end as feature,
        cast(case period_grain when 'month' then period_start - interval 1 month
            else period_start - interval 7 day end as date) as first_date,
        cast(case period_grain when 'month' then period_start + interval 1 month
            else period_start + interval 7 day end as date) as end_date,
        measure,
        driver,
        previous_usd,
        current_usd,
        effect_usd
    from {{ ref("fct_cost_bridge") }}

),

final as (

    {{ owned_effects("bridge") }}

)

select * from final
