-- A subsidy is paid by somebody: over all members, and over each side that is borne, it is nothing.

select month, sum(carries_usd) as carries_usd, sum(cache_usd) as cache_usd
from {{ ref("fct_cross_subsidy") }}
where {{ in_showback_months() }}
group by month
having sum(carries_usd) <> 0 or sum(cache_usd) <> 0
