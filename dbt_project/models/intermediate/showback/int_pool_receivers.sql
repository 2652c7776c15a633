{#-
    Second step of spreading a pool: who of a member receives, and by what weight. A pool that
    nobody has a weight for gets no receiver and stays unallocated.
-#}

with members as (

    select * from {{ ref("int_pool_members") }}

),

charged as (

    -- whoever got more back than was charged bears nothing
    select
        month,
        provider,
        {{ cost_object_columns() }},
        sum(charge_usd) as charge_usd
    from {{ ref("int_showback_direct") }}
    where line = 'usage'
    group by all

),

weights as (

    select
        month,
        'charge' as basis,
        cast(null as varchar) as provider,
        {{ cost_object_columns() }},
        cast(sum(charge_usd) * 1000000000000 as hugeint) as weight
    from charged
    group by all
    union all by name
    select
        * exclude (charge_usd),
        'provider_charge' as basis,
        cast(charge_usd * 1000000000000 as hugeint) as weight
    from charged
    union all by name
    select * exclude (driver, quantity), driver as basis, quantity as weight
    from {{ ref("int_allocation_drivers") }}

),

sharing as (

    select
        members.*,
        weights.* exclude (month, basis, provider),
        case members.basis when 'feature' then weights.feature when 'tenant' then weights.tenant_id
            when 'team' then weights.team when 'cost_centre' then weights.cost_centre end
            as own_member
    from members
    inner join weights
        on members.month = weights.month
        and case when members.method in ('even', 'fixed') then 'charge' else members.basis end
            = weights.basis
        and (members.basis <> 'provider_charge' or members.provider = weights.provider)
        and weights.weight > 0

),

known as (

    select * exclude (own_member) from sharing where member is not distinct from own_member

),

-- a member that a rule names and that has no direct charge receives all the same
silent as (

    select
        members.*,
        cast(members.month + interval 1 month - interval 1 day as date) as last_day,
        case when members.basis = 'feature' then members.member end as feature,
        case when members.basis = 'tenant' then members.member end as tenant_id,
        case when members.basis = 'team' then members.member end as team_tag,
        cast(1 as hugeint) as weight
    from members
    anti join known
        on members.month = known.month
        and members.allocation_rule = known.allocation_rule
        and members.member = known.member
    where members.method = 'fixed'

),

placed as (

    select * exclude (last_day, team_tag) replace (
        case when basis = 'cost_centre' then member else cost_centre end as cost_centre
    )
    from {{ placed_in_org("silent", "last_day") }} as in_tree

),

final as (

    select * from known
    union all by name
    select * from placed

)

select * from final
