{#-
    The month's bill by who caused it, each day in the org tree of that day; what a rule claims is
    not spread yet.
-#}

with allocations as (

    select * from {{ ref("fct_allocations") }}
    where {{ in_showback_months("charge_month") }}

),

final as (

    select
        charge_month as month,
        {{ cost_object_columns() }},
        provider,
        line,
        allocation_rule,
        allocation_pool,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd
    from {{ placed_in_org("allocations") }} as placed
    group by all

)

select * from final
