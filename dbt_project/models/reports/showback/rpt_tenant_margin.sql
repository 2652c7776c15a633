with showback as (

    select
        month,
        tenant_id,
        sum(case when line = 'usage' then charge_usd else 0 end) as direct_usd,
        sum(charge_usd) as charge_usd
    from {{ ref("fct_showback") }}
    where tenant_id is not null
    group by month, tenant_id

),

revenue as (

    select * from {{ ref("fct_tenant_revenue") }}

),

joined as (

    select
        coalesce(showback.month, revenue.month) as month,
        coalesce(showback.tenant_id, revenue.tenant_id) as tenant_id,
        revenue.revenue_usd,
        -- the month has a bill, and nothing of it is the tenant's
        coalesce(showback.direct_usd, 0) as direct_usd,
        coalesce(showback.charge_usd, 0) as charge_usd
    from showback
    full outer join revenue
        on showback.month = revenue.month
        and showback.tenant_id = revenue.tenant_id

),

final as (

    select
        month,
        tenant_id,
        revenue_usd,
        cast(direct_usd as decimal(28, 12)) as direct_usd,
        cast(charge_usd - direct_usd as decimal(28, 12)) as shared_usd,
        cast(charge_usd as decimal(28, 12)) as charge_usd,
        cast(revenue_usd - charge_usd as decimal(28, 12)) as margin_usd,
        {{ ratio("revenue_usd - charge_usd", "revenue_usd") }} as margin_ratio
    from joined

)

select * from final
