-- Allocated + unallocated = billed, per provider, model and UTC day, to the last digit.

with billed as (

    select utc_day, provider, model_id, sum(charge_usd) as charge_usd
    from {{ ref("fct_charges_daily") }}
    where {{ on_days_of_run(["gateway_calls", "billing_charges"]) }}
    group by utc_day, provider, model_id

),

allocated as (

    select utc_day, provider, model_id, sum(charge_usd) as charge_usd
    from {{ ref("fct_allocations") }}
    where {{ on_days_of_run(["gateway_calls", "billing_charges"]) }}
    group by utc_day, provider, model_id

)

select
    coalesce(billed.utc_day, allocated.utc_day) as utc_day,
    coalesce(billed.provider, allocated.provider) as provider,
    coalesce(billed.model_id, allocated.model_id) as model_id,
    billed.charge_usd as billed_usd,
    allocated.charge_usd as allocated_usd
from billed
full outer join allocated
    on billed.utc_day = allocated.utc_day
    and billed.provider is not distinct from allocated.provider
    and billed.model_id is not distinct from allocated.model_id
where coalesce(billed.charge_usd, 0) <> coalesce(allocated.charge_usd, 0)
