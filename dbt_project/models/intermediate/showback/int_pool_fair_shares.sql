{#-
    What pools that are split by a key (evenly, by fixed shares) would be if they followed direct
    charge: the yardstick of who carries whom. Other methods follow a cause, and are their own.
-#}
{{ config(materialized="ephemeral") }}

{%- set keys = ["month", "provider", "line", "allocation_rule"] %}

with pools as (

    select * exclude (shares, charge_usd), charge_usd as amount_usd from {{ ref("int_pools") }}
    where method in ('even', 'fixed')

),

charged as (

    select
        month,
        {{ cost_object_columns() }},
        cast(sum(charge_usd) * 1000000000000 as hugeint) as weight
    from {{ ref("int_showback_direct") }}
    where line = 'usage'
    group by all
    having sum(charge_usd) > 0

),

parts as (

    select pools.*, charged.* exclude (month)
    from pools
    inner join charged on pools.month = charged.month

),

final as (

    select month, {{ cost_object_columns() }}, share_usd as fair_usd
    from {{ largest_remainder(
        "parts", keys, member_kinds().values() | list
    ) }} as shares

)

select * from final
