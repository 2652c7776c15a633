with allocations as (

    select * from {{ ref("fct_allocations") }}

),

dimensions as (

    select charge_month, 'feature' as dimension, feature as member, line, provider, charge_usd
    from allocations

    union all

    select charge_month, 'tenant' as dimension, tenant_id as member, line, provider, charge_usd
    from allocations

),

final as (

    select
        charge_month as month,
        dimension,
        coalesce(member, 'unallocated') as member,
        case when line = 'usage' and member is null then 'untagged gateway traffic' else line end
            as line,
        coalesce(provider, 'unknown') as provider,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd
    from dimensions
    group by all

)

select * from final
