{#-
    What each provider's bill states of a month: in its own currency, in dollars, and of usage at
    list, contracted and effective prices. Rules: DECISIONS.md, `fx_rate`, `negotiated_usd`.
-#}
{{ config(materialized="view") }}

with charges as (

    select * from {{ ref("fct_charges_daily") }}

),

summed as (

    select
        charge_month as month,
        provider,
        billing_currency,
        sum(charge_lines) as charge_lines,
        sum(billed_cost) as billed_cost,
        min(fx_rate) as lowest_fx_rate,
        max(fx_rate) as highest_fx_rate,
        sum(charge_usd) as charge_usd,
        {% for column in ["list_usd", "contracted_usd", "effective_usd"] -%}
        {{ sum_if_all_known(column, "line = 'usage'") }} as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from charges
    group by charge_month, provider, billing_currency

),

final as (

    select
        month,
        provider,
        billing_currency,
        {{ as_count("charge_lines") }} as charge_lines,
        cast(billed_cost as decimal(28, 12)) as billed_cost,
        lowest_fx_rate,
        highest_fx_rate,
        cast(charge_usd as decimal(28, 12)) as charge_usd,
        list_usd,
        contracted_usd,
        effective_usd,
        cast(list_usd - contracted_usd as decimal(28, 12)) as negotiated_usd,
        cast(contracted_usd - effective_usd as decimal(28, 12)) as commitment_saving_usd
    from summed

)

select * from final
