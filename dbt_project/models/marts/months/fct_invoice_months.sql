{#- Bills by the month of their invoice and that of their use: DECISIONS.md, `clearing_usd`. -#}
{{ config(materialized="table") }}

with charges as (

    select * from {{ ref("fct_charges_daily") }} where charge_usd is not null

),

final as (

    select
        invoice_month,
        invoice_id,
        charge_month,
        provider,
        line,
        billing_currency,
        {{ as_count("sum(charge_lines)") }} as charge_lines,
        cast(sum(billed_cost) as decimal(28, 12)) as billed_cost,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd
    from charges
    group by invoice_month, invoice_id, charge_month, provider, line, billing_currency

)

select * from final
