{{ config(materialized="view") }}

with source as (

    select * from {{ ref("fct_adjustments") }}

),

final as (

    select
        original_month,
        notice_number,
        noticed_on,
        booked_month,
        cost_centre,
        team,
        feature,
        tenant_id,
        provider,
        line,
        pool,
        charge_usd,
        cause,
        detail
    from source

)

select * from final
