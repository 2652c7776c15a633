{#-
    What everybody is charged in each month. An open month is as showback has it today; a closed one
    stays as it was closed, and what became known later is charged in the first month after it.
-#}
{{ config(materialized="table") }}

{%- set columns = ["original_month"] + showback_grain() + ["adjusted_line", "charge_usd"] %}

with closed_months as (

    select month from {{ ref("stg_closes__months") }} where is_current

),

open_months as (

    select
        month,
        month as original_month,
        {{ showback_grain() | join(", ") }},
        cast(null as varchar) as adjusted_line,
        charge_usd
    from {{ ref("fct_showback") }}
    where month not in (select month from closed_months)

),

adjustments as (

    select
        booked_month as month,
        original_month,
        {{ showback_grain() | reject("eq", "line") | join(", ") }},
        'adjustment' as line,
        line as adjusted_line,
        sum(charge_usd) as charge_usd
    from {{ ref("fct_adjustments") }}
    where booked_month not in (select month from closed_months)
    group by all

),

final as (

    select month, {{ columns | join(", ") }}, close_number
    from {{ ref("stg_closes__chargeback") }}
    union all
    select month, {{ columns | join(", ") }}, cast(null as bigint) as close_number
    from open_months
    union all
    select month, {{ columns | join(", ") }}, cast(null as bigint) as close_number
    from adjustments

)

select
    month,
    {{ columns | reject("eq", "charge_usd") | join(", ") }},
    cast(charge_usd as decimal(28, 12)) as charge_usd,
    close_number
from final
