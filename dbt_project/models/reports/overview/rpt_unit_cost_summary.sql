with periods as (

    select * from {{ ref("fct_unit_cost_periods") }}

),

final as (

    select
        * exclude (dimension, member{% for part in waste_parts() %}, {{ part }}_usd
        {%- if part != "judged_neutral" %}, {{ part }}_tasks{% endif %}{% endfor %}),
        member as task_type
    from periods
    where dimension in ('all', 'task_type')

)

select
    period_grain,
    period_start,
    task_type,
    * exclude (period_grain, period_start, task_type)
from final
