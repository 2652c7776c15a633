{#- Pools spread over those who receive, to the last digit; and the pools that nobody receives. -#}
{{ config(materialized="ephemeral") }}

{%- set keys = ["month", "provider", "line", "allocation_rule"] %}

with pools as (

    select * from {{ ref("int_pools") }}

),

parts as (

    select * exclude (charge_usd), charge_usd as amount_usd from {{ ref("int_pool_receivers") }}

),

spread as (

    select month, {{ cost_object_columns() }}, provider, line, allocation_rule, pool, method, basis,
        share_usd as charge_usd, true as is_spread
    from {{ largest_remainder(
        "parts", keys + ["member"], member_kinds().values() | list
    ) }} as shares

),

unspread as (

    select pools.month, pools.provider, pools.line, pools.allocation_rule, pools.pool,
        pools.method, pools.basis, pools.charge_usd, false as is_spread
    from pools
    anti join spread
        on pools.month = spread.month
        and pools.provider is not distinct from spread.provider
        and pools.line = spread.line
        and pools.allocation_rule = spread.allocation_rule

),

final as (

    select * from spread
    union all by name
    select * from unspread

)

select * from final
