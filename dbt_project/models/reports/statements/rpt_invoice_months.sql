{#-
    A month as its invoices have it, beside the month as it was used: what clears the journal's
    clearing accounts. Rule: DECISIONS.md, `clearing_usd`.
-#}
{{ config(materialized="view") }}

with charges as (

    select * from {{ ref("fct_invoice_months") }}

),

sides as (

    select
        invoice_month as month,
        provider,
        sum(charge_usd) as invoiced_usd,
        sum(charge_usd) filter (charge_month < invoice_month) as of_earlier_months_usd,
        sum(charge_usd) filter (charge_month = invoice_month) as of_this_month_usd,
        sum(charge_usd) filter (charge_month > invoice_month) as of_later_months_usd,
        0 as used_usd
    from charges
    group by invoice_month, provider
    union all by name
    select charge_month as month, provider, 0 as invoiced_usd, sum(charge_usd) as used_usd
    from charges
    group by charge_month, provider

),

months as (

    select
        month,
        provider,
        sum(invoiced_usd) as invoiced_usd,
        {% for column in ["of_earlier_months_usd", "of_this_month_usd", "of_later_months_usd"] -%}
        coalesce(sum({{ column }}), 0) as {{ column }},
        {% endfor -%}
        sum(used_usd) as used_usd
    from sides
    group by month, provider

),

final as (

    select
        month,
        provider,
        {% for column in ["invoiced_usd", "of_earlier_months_usd", "of_this_month_usd",
            "of_later_months_usd", "used_usd"] -%}
        cast({{ column }} as decimal(28, 12)) as {{ column }},
        {% endfor -%}
        cast(sum(used_usd - invoiced_usd) over (partition by provider order by month)
            as decimal(28, 12)) as clearing_usd
    from months

)

select * from final
