{#- What became known of a closed month after its close, dated, with its cause. -#}
{{ config(materialized="table") }}

{%- set columns = [
    "original_month", "close_number", "notice_number", "noticed_on", "booked_month",
] + showback_grain() + ["charge_usd", "cause", "detail"] %}

with first_open as (

    select cast(max(month) + interval 1 month as date) as month
    from {{ ref("stg_closes__months") }}
    where is_current

),

booked as (

    -- after a reopening the first month after the closed ones is an earlier one than it was
    select adjustments.* replace (least(booked_month, first_open.month) as booked_month)
    from {{ ref("stg_closes__adjustments") }} as adjustments
    cross join first_open

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
