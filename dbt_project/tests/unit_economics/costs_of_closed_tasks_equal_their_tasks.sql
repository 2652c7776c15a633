-- The roll-up that bridges read counts each closed task once, and every dollar of its calls, on the
-- days of this run.

with rolled_up as (

    select
        closed_date,
        sum(tasks) as tasks,
        sum(successes) as successes,
        sum(estimate_usd) as estimate_usd
    from {{ ref("fct_task_costs_daily") }}
    where closed_date in (select closed_date from {{ ref("int_close_dates_to_rebuild") }})
    group by closed_date

),

stated as (

    select
        closed_date,
        count(*) as tasks,
        count(*) filter (where status = 'success') as successes,
        coalesce(sum(estimate_usd), 0) as estimate_usd
    from {{ ref("fct_tasks") }}
    where closed_date in (select closed_date from {{ ref("int_close_dates_to_rebuild") }})
    group by closed_date

)

select *
from rolled_up
full outer join stated on rolled_up.closed_date = stated.closed_date
where rolled_up.tasks is distinct from stated.tasks
    or rolled_up.successes is distinct from stated.successes
    or rolled_up.estimate_usd is distinct from stated.estimate_usd
