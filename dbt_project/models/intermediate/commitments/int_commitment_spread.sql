{#- Consumption spread over the days that its lines cover, to the last digit; cash stays. -#}
{{ config(materialized="view") }}

{%- set of_bills = ["effective_usd", "used_usd", "unused_usd", "drawn_usd"] %}

with parts as (

    select *, unnest(range(period_days)) as nth from {{ ref("fct_commitment_usage") }}

),

final as (

    select
        commitment,
        valid_from,
        utc_day + cast(nth as integer) as utc_day,
        min(provider) as provider,
        sum(billed_usd) filter (nth = 0) as billed_usd,
        {% for column in of_bills -%}
        case when bool_and(part <> 'bill' or {{ column }} is not null)
            then sum({{ even_share(column, "nth", "period_days") }}) end as {{ column }},
        {% endfor -%}
        case when bool_and(part = 'not covered' or on_demand_usd is not null)
            then sum({{ even_share("on_demand_usd", "nth", "period_days") }}) end as on_demand_usd,
        sum(uncovered_usd) as uncovered_usd,
        sum({{ even_share("used_quantity", "nth", "period_days") }}) as used_quantity,
        sum(tokens * (nth + 1) // period_days - tokens * nth // period_days) as tokens
    from parts
    group by commitment, valid_from, utc_day + cast(nth as integer)

)

select * from final
