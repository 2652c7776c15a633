-- Every bridge of this run explains its whole change, and what is left over is nothing.

select
    period_grain,
    period_start,
    dimension,
    member,
    measure
from {{ ref("fct_cost_bridge") }}
where (period_grain, period_start) in ({{ comparisons_to_rebuild() }})
group by period_grain, period_start, dimension, member, measure
having sum(effect_usd) <> any_value(current_usd - previous_usd)
    or sum(effect_usd) filter (where driver = 'residual') <> 0
