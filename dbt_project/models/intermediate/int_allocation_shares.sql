{#-
    The explained charge of a cell, spread over its features, tenants and teams by largest
    remainder: whole units of 10^-12 dollars, so that the parts sum to the whole to the last digit.
-#}
{{ config(materialized="ephemeral") }}

with cells as (

    select * from {{ ref("int_allocation_cells") }} where explained_usd <> 0

),

weights as (

    select
        utc_day,
        provider,
        model_id,
        feature,
        tenant_id,
        team,
        cast(sum(estimate_usd) * 1000000000 as hugeint) as weight
    from {{ ref("fct_usage_daily") }}
    where {{ in_changed_days(["gateway_calls", "billing_charges"], "fct_allocations") }}
    group by all
    having sum(estimate_usd) > 0

),

parts as (

    select
        weights.*,
        sign(cells.explained_usd) as side,
        cast(abs(cells.explained_usd) * 1000000000000 as hugeint) as units,
        sum(weights.weight) over cell as total_weight
    from cells
    inner join weights
        on cells.utc_day = weights.utc_day
        and cells.provider = weights.provider
        and cells.model_id = weights.model_id
    window cell as (partition by weights.utc_day, weights.provider, weights.model_id)

),

floors as (

    select
        *,
        (units * weight) // cast(total_weight as hugeint) as floor_units,
        (units * weight) % cast(total_weight as hugeint) as remainder
    from parts

),

ranked as (

    select
        *,
        units - sum(floor_units) over cell as left_over,
        row_number() over (cell order by remainder desc, feature asc, tenant_id asc, team asc)
            as place
    from floors
    window cell as (partition by utc_day, provider, model_id)

),

final as (

    select
        utc_day,
        provider,
        model_id,
        'usage' as line,
        feature,
        tenant_id,
        team,
        cast(
            side * (floor_units + case when place <= left_over then 1 else 0 end)
            as decimal(24, 0)
        ) * cast(0.000000000001 as decimal(12, 12)) as charge_usd
    from ranked

)

select * from final
