{#- Unit cost by day, week and month: of all tasks, and by each dimension that tasks have. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_periods_to_rebuild() }}",
    )
}}

-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

with closed as (

    select * from {{ ref("fct_tasks") }}
    where closed_date is not null and {{ only_days_to_rebuild("period") }}

    union all by name
    {{ reversals("period") }}

),

placed as (

    select * from {{ placed_in_org("closed", "closed_date") }} as placed

),

-- a task is counted once in every dimension, and once in `all`
members as (

    {% for dimension, column in task_dimensions().items() -%}
    select placed.*, '{{ dimension }}' as dimension, {{ column }} as member from placed
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

periods as (

    select members.*, 'day' as period_grain, members.closed_date as period_start from members
    where {{ only_days_to_rebuild("month", "members.closed_date") }}
    {% for grain in ["week", "month"] -%}
    union all
    select
        members.*,
        '{{ grain }}' as period_grain,
        {{ start_of(grain, "members.closed_date") }} as period_start
    from members
    where {{ only_days_to_rebuild(grain, "members.closed_date") }}
    {% endfor %}

),

final as (

    {{ unit_cost_select("periods", {
        "period_grain": "period_grain",
        "period_start": "period_start",
        "dimension": "dimension",
        "member": "coalesce(member, 'unattributed')",
    }, parts=true) }}

)

select * from final
