with by_member as (

    {{ unit_cost_on_every_basis() }}

)

select
    period_grain,
    period_start,
    member as task_type,
    * exclude (period_grain, period_start, dimension, member, member_name)
from by_member
where dimension in ('all', 'task_type')
