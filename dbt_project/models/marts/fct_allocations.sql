{#- Every billed dollar, given to the feature and tenant whose calls caused it, or kept apart. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls', 'billing_charges']) }}",
    )
}}

with shares as (

    select * from {{ ref("int_allocation_shares") }}

),

remainders as (

    select * from {{ ref("int_allocation_remainders") }}

),

final as (

    select utc_day, provider, model_id, line, feature, tenant_id, team, charge_usd from shares
    union all
    select
        utc_day,
        provider,
        model_id,
        line,
        cast(null as varchar) as feature,
        cast(null as varchar) as tenant_id,
        cast(null as varchar) as team,
        charge_usd
    from remainders

)

select
    utc_day,
    {{ month_of("utc_day") }} as charge_month,
    provider,
    model_id,
    line,
    feature,
    tenant_id,
    team,
    cast(charge_usd as decimal(28, 12)) as charge_usd
from final
