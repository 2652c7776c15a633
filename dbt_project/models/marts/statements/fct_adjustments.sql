{#- What became known of a closed month after its close, dated, with its cause. -#}
{{ config(materialized="table") }}

{%- set columns = [
    "original_month", "close_number", "notice_number", "noticed_on", "booked_month",
] + showback_grain() + ["charge_usd", "cause", "detail"] %}

with booked as (

    select * from {{ ref("stg_closes__adjustments") }}

),

new as (

    select * from {{ ref("int_adjustments_new") }}

),

final as (

    select {{ columns | join(", ") }} from booked
    union all
    select {{ columns | join(", ") }} from new

)

select * from final
