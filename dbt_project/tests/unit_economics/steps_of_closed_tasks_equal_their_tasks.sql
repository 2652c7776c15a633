-- Every closed task ends at one step, and every dollar of its calls is in one: on the days of this
-- run.

with steps as (

    select
        closed_date,
        sum(tasks_ended) as tasks,
        sum(successes_ended) as successes,
        sum(calls) as calls,
        sum(estimate_usd) as estimate_usd
    from {{ ref("fct_task_steps_daily") }}
    where closed_date in (select closed_date from {{ ref("int_close_dates_to_rebuild") }})
    group by closed_date

),

stated as (

    select
        closed_date,
        count(*) as tasks,
        count(*) filter (where status = 'success') as successes,
        coalesce(sum(calls), 0) as calls,
        coalesce(sum(estimate_usd), 0) as estimate_usd
    from {{ ref("fct_tasks") }}
    where closed_date in (select closed_date from {{ ref("int_close_dates_to_rebuild") }})
    group by closed_date

)

select *
from steps
full outer join stated on steps.closed_date = stated.closed_date
where steps.tasks is distinct from stated.tasks
    or steps.successes is distinct from stated.successes
    or steps.calls is distinct from stated.calls
    or steps.estimate_usd is distinct from stated.estimate_usd
