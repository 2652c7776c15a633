-- What is charged to no feature, and why?
-- Each billed dollar once; `usage` was seen by the gateway and names no feature: a tag cures it.
select
    month,
    line as reason,
    sum(charge_usd) as charge_usd
from reports.rpt_charges
where feature = 'unallocated'
group by all
order by month, charge_usd desc, reason;
