-- Every closed task was answered in one way, and what those with a price cost is all in one: on the
-- days of this run.

with strategies as (

    select
        closed_date,
        sum(tasks + unpriced_tasks) as tasks,
        sum(successes) as successes,
        sum(unpriced_calls) as unpriced_calls,
        sum(estimate_usd) as estimate_usd
    from {{ ref("fct_task_strategies_daily") }}
    where closed_date in (select closed_date from {{ ref("int_close_dates_to_rebuild") }})
    group by closed_date

),

stated as (

    select
        closed_date,
        count(*) as tasks,
        count(*) filter (where status = 'success' and unpriced_calls = 0) as successes,
        sum(unpriced_calls) as unpriced_calls,
        coalesce(sum(estimate_usd) filter (where unpriced_calls = 0), 0) as estimate_usd
    from {{ ref("fct_tasks") }}
    where closed_date in (select closed_date from {{ ref("int_close_dates_to_rebuild") }})
    group by closed_date

)

select *
from strategies
full outer join stated on strategies.closed_date = stated.closed_date
where strategies.tasks is distinct from stated.tasks
    or strategies.successes is distinct from stated.successes
    or strategies.unpriced_calls is distinct from stated.unpriced_calls
    or strategies.estimate_usd is distinct from stated.estimate_usd
