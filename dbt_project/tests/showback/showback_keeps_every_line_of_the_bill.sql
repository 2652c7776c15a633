-- Spreading moves money between members and never between providers, lines or pools; what readers
-- of a prefix cache bear, others get back.

with allocated as (

    select charge_month as month, provider, line, allocation_pool as pool,
        sum(charge_usd) as charge_usd
    from {{ ref("fct_allocations") }}
    where {{ in_showback_months("charge_month") }}
    group by all

),

paid as (

    select month, provider, line, pool, sum(charge_usd) as charge_usd
    from {{ ref("fct_showback") }}
    where {{ in_showback_months() }}
    group by all

)

select
    coalesce(allocated.month, paid.month) as month,
    coalesce(allocated.provider, paid.provider) as provider,
    coalesce(allocated.line, paid.line) as line,
    coalesce(allocated.pool, paid.pool) as pool,
    allocated.charge_usd as allocated_usd,
    paid.charge_usd as paid_usd
from allocated
full outer join paid
    on allocated.month = paid.month
    and allocated.provider is not distinct from paid.provider
    and allocated.line = paid.line
    and allocated.pool is not distinct from paid.pool
where coalesce(allocated.charge_usd, 0) <> coalesce(paid.charge_usd, 0)
