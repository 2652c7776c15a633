-- A subsidy is paid by somebody: over all members, and over each side that is borne, it is nothing.

select month, sum(cross_subsidy_usd) as cross_subsidy_usd, sum(cache_usd) as cache_usd
from {{ ref("fct_cross_subsidy") }}
where {{ in_showback_months() }}
group by month
having sum(cross_subsidy_usd) <> 0 or sum(cache_usd) <> 0
