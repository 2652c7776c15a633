{{ config(materialized="view") }}

with chargeback as (

    select * from {{ ref("fct_chargeback") }}

),

final as (

    select
        month,
        coalesce(cost_centre, 'unallocated') as cost_centre,
        coalesce(team, 'unallocated') as team,
        coalesce(feature, 'unallocated') as feature,
        coalesce(tenant_id, 'unallocated') as tenant_id,
        coalesce(provider, 'unknown') as provider,
        line,
        pool,
        original_month,
        adjusted_line,
        charge_usd,
        close_number
    from chargeback

)

select * from final
