{#-
    When each task type has earned back what it cost once. Rule: DECISIONS.md, `payback_days`.
    A report of a row a type: the interval is that of its weeks, the newest complete ones.
-#}
{{ config(materialized="view") }}

with stated as (

    select task_type, arg_max(one_off_usd, valid_from) filter (where one_off_usd is not null)
        as one_off_usd
    from {{ ref("dim_task_types") }}
    group by task_type

),

days as (

    select
        member as task_type,
        period_start as closed_date,
        {{ start_of("week", "period_start") }} as week,
        baseline_saving_usd,
        sum(baseline_saving_usd) over (partition by member order by period_start) as earned_usd,
        -- the week in which the newest task of any type closed is not over
        {{ start_of("week", "max(period_start) over () + interval 1 day") }} as open_week
    from {{ ref("fct_unit_cost_periods") }}
    where period_grain = 'day' and dimension = 'task_type' and cost_basis = 'estimate'

),

earned as (

    select
        days.task_type,
        any_value(stated.one_off_usd) as one_off_usd,
        min(days.closed_date) filter (where days.baseline_saving_usd is not null)
            as first_closed_date,
        {{ sum_usd("days.baseline_saving_usd") }} as earned_usd,
        min(days.closed_date) filter (where days.earned_usd >= stated.one_off_usd)
            as paid_back_date,
        any_value(days.open_week) as open_week
    from days
    left join stated on days.task_type = stated.task_type
    group by days.task_type

),

spans as (

    select
        *,
        greatest(
            {{ start_of("week", "first_closed_date + interval 6 day") }},
            open_week - 7 * ({{ var("cap_curve_days") }} // 7)
        ) as first_week
    from earned

),

weekly as (

    select
        days.task_type,
        days.week,
        {{ unrounded("sum(days.baseline_saving_usd)") }} as saving
    from days
    inner join spans on days.task_type = spans.task_type
    where days.week >= spans.first_week and days.week < spans.open_week
    group by days.task_type, days.week

),

summed as (

    select
        spans.*,
        case when spans.first_closed_date is null then 0
            else greatest((spans.open_week - spans.first_week) // 7, 0) end as weeks,
        coalesce(sum(weekly.saving), 0) as saving,
        coalesce(sum(weekly.saving * weekly.saving), 0) as squares
    from spans
    left join weekly on spans.task_type = weekly.task_type
    group by all

),

final as (

    {{ payback_of_weeks("summed") }}

)

select * from final
