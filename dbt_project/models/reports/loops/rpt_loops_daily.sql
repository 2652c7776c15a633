{#- How deep loops ran and what their further steps cost by day, of all tasks and by feature. -#}
{{ config(materialized="view") }}

with days as (

    select * from {{ ref("fct_unit_cost_periods") }}
    where period_grain = 'day' and cost_basis = 'estimate' and dimension in ('all', 'feature')

),

steps as (

    select
        closed_date as day,
        if(grouping(feature) = 0, 'feature', 'all') as dimension,
        coalesce(feature, 'all') as member,
        coalesce(sum(estimate_usd) filter (where step > 1), 0) as further_usd
    from {{ ref("fct_task_steps_daily") }}
    group by grouping sets ((closed_date), (closed_date, feature))

),

final as (

    select
        days.period_start as day,
        days.dimension,
        days.member,
        days.tasks_closed,
        days.avg_loop_depth,
        days.p95_loop_depth,
        days.cost_usd,
        cast(steps.further_usd as decimal(28, 9)) as further_usd,
        {{ ratio("steps.further_usd", "days.cost_usd") }} as further_ratio,
        days.unpriced_calls
    from days
    inner join steps
        on days.period_start = steps.day
        and days.dimension = steps.dimension
        and days.member = steps.member

)

select * from final
