{#- Who pays every billed dollar of a month, and by which rule: statements and pages read this. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_months(['gateway_calls', 'billing_charges']) }}",
    )
}}

with allocations as (

    select * from {{ ref("fct_allocations") }}
    where {{ in_changed_months(["gateway_calls", "billing_charges"], "fct_showback",
        "charge_month") }}

),

final as (

    select
        charge_month as month,
        cast(null as varchar) as cost_centre,
        team,
        feature,
        tenant_id,
        provider,
        line,
        cast(null as varchar) as pool,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd
    from allocations
    group by charge_month, team, feature, tenant_id, provider, line

)

select * from final
