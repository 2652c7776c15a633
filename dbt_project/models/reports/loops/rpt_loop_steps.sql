{#-
    What each step of a task cost and brought, over the newest days: tokens in and their growth,
    cost, and how tasks that ended there ended.
-#}
{{ config(materialized="view") }}

with steps as (

    select * from {{ ref("fct_task_steps_daily") }}

),

newest as (

    select max(closed_date) as newest_date from steps

),

by_step as (

    select
        steps.task_type,
        steps.feature,
        steps.step,
        sum(steps.tasks_ended) as tasks_ended,
        sum(steps.successes_ended) as successes_ended,
        sum(steps.input_tokens) as input_tokens,
        sum(steps.repeated_tokens) as repeated_tokens,
        sum(steps.history_stated_tokens) as history_stated_tokens,
        sum(steps.history_tokens) as history_tokens,
        sum(steps.estimate_usd) as estimate_usd,
        sum(steps.unpriced_calls) as unpriced_calls
    from steps
    cross join newest
    where steps.closed_date > newest.newest_date - {{ var("cap_curve_days") }}
        and steps.step > 0
    group by steps.task_type, steps.feature, steps.step

),

reached as (

    -- a task that ended at a step took all before it
    select
        *,
        sum(tasks_ended) over deeper as tasks,
        sum(estimate_usd) over so_far as estimate_so_far_usd
    from by_step
    window deeper as (
            partition by task_type, feature order by step
            rows between current row and unbounded following
        ),
        so_far as (partition by task_type, feature order by step)

),

final as (

    select
        task_type,
        feature,
        step,
        {{ as_count("tasks") }} as tasks,
        {{ as_count("tasks_ended") }} as tasks_ended,
        {{ as_count("successes_ended") }} as successes_ended,
        {{ ratio("successes_ended", "tasks_ended") }} as success_ratio,
        {{ as_count("input_tokens") }} as input_tokens,
        {{ ratio("input_tokens", "tasks") }} as tokens_per_task_ratio,
        {{ ratio("input_tokens * first_value(tasks) over of_type",
            "tasks * first_value(input_tokens) over of_type") }} as growth_ratio,
        {{ ratio("history_tokens", "history_stated_tokens") }} as history_ratio,
        {{ ratio("repeated_tokens", "input_tokens") }} as repeated_ratio,
        cast(estimate_usd as decimal(28, 9)) as estimate_usd,
        {{ usd_per("estimate_usd", "tasks") }} as usd_per_task,
        {{ ratio("estimate_so_far_usd", "first_value(estimate_usd) over of_type") }}
            as multiplier_ratio,
        {{ as_count("unpriced_calls") }} as unpriced_calls
    from reached
    where tasks > 0
    window of_type as (partition by task_type, feature order by step)

)

select * from final
