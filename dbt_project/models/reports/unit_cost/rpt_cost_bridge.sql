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

slices as (

    {% for dimension, member in {
        "all": "'all'", "task_type": "task_type", "feature": "feature", "tenant": "tenant_id"
    }.items() -%}
    select distinct '{{ dimension }}' as dimension, {{ member }} as member, feature
    from {{ ref("fct_task_costs_daily") }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

final as (

    {{ owned_effects("bridge", "slices") }}

)

select * from final
