{#- Joined when it is read: an owner who changes changes no stored row. -#}
{{ config(materialized="view", post_hook="{{ create_cost_bridge() }}") }}

with bridge as (

    select
        period_grain,
        period_start,
        {{ neighbouring_start("-") }} as previous_start,
        dimension,
        member,
        case when dimension = 'feature' then member end as feature,
        {{ neighbouring_start("-") }} as first_date,
        {{ neighbouring_start("+") }} as end_date,
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
