{#- What each invoice asks for, beside the lines that name it. -#}
{{ config(materialized="view") }}

with invoices as (

    select * from {{ ref("fct_invoices") }}

),

final as (

    select
        invoice_id,
        provider,
        status,
        invoice_date,
        invoice_month,
        currency,
        total,
        charge_lines,
        billed_cost,
        charge_usd,
        difference,
        difference_usd,
        comparison
    from invoices

)

select * from final
