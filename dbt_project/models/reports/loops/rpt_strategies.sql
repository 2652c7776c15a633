{#-
    What each way to answer a task costs and brings beside another: strategies, samples to vote on,
    model tiers, further steps. Rules: DECISIONS.md, `strategy` and `further_success_usd`.
-#}
{{ config(materialized="view") }}

{%- set keys = "comparison, task_type, feature, alternative, position, is_choice" %}

with tasks as (

    select *, {{ unit_of_tasks() }} as unit_id from {{ ref("fct_task_strategies_daily") }}

),

steps as (

    select *, {{ unit_of_tasks() }} as unit_id from {{ ref("fct_task_steps_daily") }}

),

newest as (

    select max(closed_date) as newest_date from tasks

),

recent as (

    select tasks.*
    from tasks
    cross join newest
    where tasks.closed_date > newest.newest_date - {{ var("cap_curve_days") }}

),

stepped as (

    select steps.*
    from steps
    cross join newest
    where steps.closed_date > newest.newest_date - {{ var("cap_curve_days") }} and steps.step > 0

),

features as (

    select
        task_type,
        feature,
        {{ usd_per("sum(worth_usd)", "sum(valued_successes)") }} as worth_usd,
        {{ sum_usd("estimate_usd") }} as c,
        sum(successes) as s
    from recent
    group by task_type, feature

),

alternatives as (

    {{ alternatives_of_tasks("recent") }}
    union all by name
    {{ alternatives_of_steps("stepped", "recent") }}

),

units as (

    select
        {{ keys }},
        unit_id,
        sum(tasks) as t,
        sum(judged_tasks) as n,
        sum(successes) as s,
        {{ sum_usd("estimate_usd") }} as c,
        {{ sum_usd("further_samples_usd") }} as further_samples_usd,
        sum(unpriced_calls) as unpriced_calls
    from alternatives
    group by {{ keys }}, unit_id

),

summed as (

    select
        {{ keys }},
        {{ sums_over_units() }},
        {{ sum_usd("further_samples_usd") }} as further_samples_usd,
        sum(unpriced_calls) as unpriced_calls
    from units
    group by {{ keys }}

),

placed as (

    select *, {{ compared_with() }} as compared_with from summed

),

sides as (

    {{ compared_sides("placed", "features") }}

),

final as (

    {{ compared_strategies("sides") }}

)

select * from final
