{#- The days that touched tasks reach: so that a run reads those and not the whole history. -#}

with touched as (

    select * from {{ ref("int_tasks_to_rebuild") }}

),

changed as (

    select * from {{ ref("stg_lake__changed_days") }}

),

call_days as (

    select unnest(generate_series(first_call_day_before, last_call_day_before, interval 1 day))
        as utc_day
    from (
        -- distinct: many tasks share a span, and each span is unfolded once
        select distinct first_call_day_before, last_call_day_before
        from touched
        where first_call_day_before is not null
    ) as spans

),

evaluated_days as (

    select unnest(
        generate_series(first_evaluated_day_before, last_evaluated_day_before, interval 1 day)
    ) as utc_day
    from (
        -- distinct: as above
        select distinct first_evaluated_day_before, last_evaluated_day_before
        from touched
        where first_evaluated_day_before is not null
    ) as spans

),

final as (

    select 'gateway_calls' as table_name, cast(utc_day as date) as utc_day from call_days
    union
    select 'task_outcomes' as table_name, cast(utc_day as date) as utc_day from evaluated_days
    union
    select table_name, utc_day from changed where table_name in ('gateway_calls', 'task_outcomes')

)

select * from final
