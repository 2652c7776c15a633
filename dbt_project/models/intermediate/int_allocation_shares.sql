{#- The explained charge of a cell, spread over its features, tenants and teams by estimate. -#}
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

    select weights.*, cells.explained_usd as amount_usd
    from cells
    inner join weights
        on cells.utc_day = weights.utc_day
        and cells.provider = weights.provider
        and cells.model_id = weights.model_id

),

final as (

    select utc_day, provider, model_id, 'usage' as line, feature, tenant_id, team,
        share_usd as charge_usd
    from {{ largest_remainder(
        "parts", ["utc_day", "provider", "model_id"], ["feature", "tenant_id", "team"]
    ) }} as shares

)

select * from final
