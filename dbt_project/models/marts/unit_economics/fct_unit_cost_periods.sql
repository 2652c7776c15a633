{#- Unit cost by day, week and month: of all tasks, of each task type, feature and tenant. -#}
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

-- a task is counted once in every dimension, and once in `all`
members as (

    select closed.*, 'all' as dimension, 'all' as member from closed
    union all
    select closed.*, 'task_type' as dimension, task_type as member from closed
    union all
    select closed.*, 'feature' as dimension, feature as member from closed
    union all
    select closed.*, 'tenant' as dimension, tenant_id as member from closed

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
