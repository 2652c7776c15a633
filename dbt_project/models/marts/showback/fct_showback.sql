{#- Who pays every billed dollar of a month, and by which rule: statements and pages read this. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_showback_months() }}",
    )
}}

with direct as (

    select *, cast(null as varchar) as pool from {{ ref("int_showback_direct") }}
    where allocation_rule is null

),

shared as (

    select * from {{ ref("int_pool_shares") }}

),

transfers as (

    select *, 'cache sharing' as line, cast(null as varchar) as pool
    from {{ ref("int_showback_transfers") }}
    where is_settled and charge_usd <> 0

),

paid as (

    select month, {{ cost_object_columns() }}, provider, line, pool, charge_usd from direct
    union all
    select month, {{ cost_object_columns() }}, provider, line, pool, charge_usd from shared
    union all
    select month, {{ cost_object_columns() }}, provider, line, pool, charge_usd from transfers

),

final as (

    select
        month,
        {{ cost_object_columns() }},
        provider,
        line,
        pool,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd
    from paid
    group by all

)

select * from final
