-- What did a success cost for each tenant last month?
-- Billed: shared cost, tax and credits of the month's bill are in it. The newest complete month.
select
    member as tenant,
    successes,
    cost_usd,
    cost_per_success_usd
from reports.rpt_billed_unit_cost
where dimension = 'tenant'
    and month = (select max(month) from reports.rpt_overview where is_complete)
order by cost_per_success_usd desc nulls last, tenant;
