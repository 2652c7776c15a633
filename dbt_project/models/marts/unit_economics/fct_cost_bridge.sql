{#- Why cost and cost per success moved, month on month and week on week, for every member. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_comparisons_to_rebuild() }}",
    )
}}

-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

{%- set steps = comparison_steps() %}

with costs as (

    select * from {{ ref("fct_task_costs_daily") }}
    where {{ only_months_around_days_to_rebuild() }}

),

-- a period stands against the one before it, and before the one after it
sides as (

    {% for grain, step in steps.items() -%}
    {% for side in [0, 1] -%}
    select
        '{{ grain }}' as period_grain,
        cast(date_trunc('{{ grain }}', costs.closed_date)
            {%- if side == 0 %} + interval {{ step }}{% endif %} as date) as period_start,
        {{ side }} as side,
        costs.*
    from costs
    {{ "union all" if not loop.last }}
    {% endfor -%}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

-- there is something to compare when tasks closed in both periods
comparisons as (

    select period_grain, period_start
    from sides
    where {{ only_comparisons_to_rebuild() }}
    group by period_grain, period_start
    having count(distinct side) = 2

),

compared as (

    select sides.*
    from sides
    inner join comparisons
        on sides.period_grain = comparisons.period_grain
        and sides.period_start = comparisons.period_start

),

members as (

    select compared.*, 'all' as dimension, 'all' as member from compared
    {% for dimension, column in
        {"task_type": "task_type", "feature": "feature", "tenant": "tenant_id"}.items() -%}
    union all
    select compared.*, '{{ dimension }}' as dimension, {{ column }} as member from compared
    {% endfor %}
),

final as (

    {{ cost_bridge_select(
        "members", ["period_grain", "period_start", "dimension", "member"], bridge_measures()
    ) }}

)

select * from final
