{{ config(materialized="view") }}

with adjustments as (

    select * from {{ ref("fct_adjustments") }}

),

final as (

    select
        original_month,
        notice_number,
        noticed_on,
        booked_month,
        cost_centre,
        provider,
        line,
        cause,
        detail,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd
    from adjustments
    group by all

)

select * from final
