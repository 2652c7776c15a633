-- Every closed task counts once in `all` and once in each dimension, in the months of this run.

with periods as (

    select * from {{ ref("fct_unit_cost_periods") }}
    where {{ month_of("period_start") }} in (
        select {{ month_of("closed_date") }} from {{ ref("int_close_dates_to_rebuild") }}
    )

),

total as (

    select * from periods where dimension = 'all'

),

summed as (

    select
        period_grain,
        period_start,
        cost_basis,
        dimension,
        sum(tasks_closed) as tasks_closed,
        sum(successes) as successes,
        sum(reversals) as reversals,
        sum(task_margin_usd) as task_margin_usd,
        sum(calls) as calls,
        sum(cost_usd) as cost_usd,
        sum(waste_usd) as waste_usd,
        sum(evaluation_calls) as evaluation_calls,
        sum(evaluation_usd) as evaluation_usd
    from periods
    where dimension <> 'all'
    group by period_grain, period_start, cost_basis, dimension

)

select
    summed.period_grain,
    summed.period_start,
    summed.cost_basis,
    summed.dimension,
    summed.cost_usd,
    total.cost_usd as total_cost_usd
from summed
full outer join total
    on summed.period_grain = total.period_grain
    and summed.period_start = total.period_start
    and summed.cost_basis = total.cost_basis
where summed.tasks_closed is distinct from total.tasks_closed
    or summed.successes is distinct from total.successes
    or summed.reversals is distinct from total.reversals
    or summed.task_margin_usd is distinct from total.task_margin_usd
    or summed.calls is distinct from total.calls
    or summed.cost_usd is distinct from total.cost_usd
    or summed.waste_usd is distinct from total.waste_usd
    or summed.evaluation_calls is distinct from total.evaluation_calls
    or summed.evaluation_usd is distinct from total.evaluation_usd
