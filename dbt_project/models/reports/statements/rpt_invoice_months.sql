{#-
    A month's invoices beside what its journal credited, in whole cents: the clearing account of
    each provider. Rule: DECISIONS.md, `clearing_usd`.
-#}
{{ config(materialized="view") }}

{%- set invoice = "provider, invoice_month, invoice_id" %}

with charges as (

    select * from {{ ref("fct_invoice_months") }}

),

clearing as (

    select * from {{ ref("fct_clearing_lines") }}

),

parts as (

    -- an invoice is rounded once, and its months of use share its cents in order
    select
        provider,
        invoice_month,
        charge_month,
        round(sum(sum(charge_usd)) over so_far, 2)
        - coalesce(round(sum(sum(charge_usd)) over before, 2), 0) as amount_usd
    from charges
    group by {{ invoice }}, charge_month
    window so_far as (partition by {{ invoice }} order by charge_month),
        before as (
            partition by {{ invoice }} order by charge_month
            rows between unbounded preceding and 1 preceding
        )

),

sides as (

    select
        invoice_month as month,
        provider,
        sum(amount_usd) as invoiced_usd,
        sum(amount_usd) filter (charge_month < invoice_month) as of_earlier_months_usd,
        sum(amount_usd) filter (charge_month = invoice_month) as of_this_month_usd,
        sum(amount_usd) filter (charge_month > invoice_month) as of_later_months_usd,
        0 as credited_usd
    from parts
    group by invoice_month, provider
    union all by name
    select month, provider, 0 as invoiced_usd, sum(amount_usd) as credited_usd
    from clearing
    group by month, provider

),

months as (

    select
        month,
        provider,
        sum(invoiced_usd) as invoiced_usd,
        {% for column in ["of_earlier_months_usd", "of_this_month_usd", "of_later_months_usd"] -%}
        coalesce(sum({{ column }}), 0) as {{ column }},
        {% endfor -%}
        sum(credited_usd) as credited_usd
    from sides
    group by month, provider

),

final as (

    select
        month,
        provider,
        {% for column in ["invoiced_usd", "of_earlier_months_usd", "of_this_month_usd",
            "of_later_months_usd", "credited_usd"] -%}
        cast({{ column }} as decimal(18, 2)) as {{ column }},
        {% endfor -%}
        cast(sum(credited_usd - invoiced_usd) over (partition by provider order by month)
            as decimal(18, 2)) as clearing_usd
    from months

)

select * from final
