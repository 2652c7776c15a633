-- How deep do the longest loops go?
-- The model turns that 95 of 100 closed tasks of a type stay within, month by month.
select
    period_start as month,
    task_type,
    tasks_closed,
    avg_loop_depth,
    p95_loop_depth
from reports.rpt_unit_cost_summary
where period_grain = 'month' and cost_basis = 'estimate'
order by month, p95_loop_depth desc, task_type;
