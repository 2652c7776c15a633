{#-
    First step of spreading a pool: over the members that its rule names (`fixed`) or that have a
    direct charge (`even`). The other methods know no members: all of the pool is one.
-#}

{%- set columns = member_kinds() %}

with pools as (

    select * from {{ ref("int_pools") }}

),

charged as (

    select month, {{ cost_object_columns() }}, sum(charge_usd) as charge_usd
    from {{ ref("int_showback_direct") }}
    where line = 'usage'
    group by all
    having sum(charge_usd) > 0

),

active as (

    {% for kind, column in columns.items() -%}
    select distinct month, '{{ kind }}' as kind, {{ column }} as member  -- of many tenants or teams
    from charged
    where {{ column }} is not null
    {{ "union all" if not loop.last }}
    {% endfor %}
),

named as (

    select * exclude (shares), unnest(shares) as share from pools where method = 'fixed'

),

members as (

    select * exclude (shares), cast(null as varchar) as member, cast(1 as hugeint) as weight
    from pools
    where method in ('proportional', 'driver')
    union all by name
    select * exclude (share), share.member, cast(share.weight as hugeint) as weight
    from named
    union all by name
    select pools.* exclude (shares), active.member, cast(1 as hugeint) as weight
    from pools
    inner join active on pools.month = active.month and pools.basis = active.kind
    where pools.method = 'even'

),

parts as (

    select * exclude (charge_usd), charge_usd as amount_usd from members

),

final as (

    select * exclude (amount_usd, weight, share_usd), share_usd as charge_usd
    from {{ largest_remainder(
        "parts", ["month", "provider", "line", "allocation_rule"], ["member"]
    ) }} as shares

)

select * from final
