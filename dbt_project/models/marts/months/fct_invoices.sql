{#-
    Every invoice that the workspace states or a bill names, against the bill's lines.
    Rule: DECISIONS.md, `difference_usd`.
-#}
{{ config(materialized="table") }}

with stated as (

    select * from {{ ref("stg_workspace__invoices") }}

),

lines as (

    select * from {{ ref("fct_invoice_months") }} where invoice_id is not null

),

matched as (

    -- an invoice that is stated for all providers is one row; one that is not, a row for each
    select
        lines.* exclude (provider),
        stated.invoice_id is not null as is_stated,
        case when stated.invoice_id is null then lines.provider else stated.provider end
            as provider,
        coalesce(stated.currency, lines.billing_currency) as currency
    from lines
    left join stated
        on lines.invoice_id = stated.invoice_id
        and (stated.provider is null or lines.provider = stated.provider)

),

billed as (

    select
        invoice_id,
        provider,
        is_stated,
        max(invoice_month) as invoice_month,
        {{ as_count("sum(charge_lines)") }} as charge_lines,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd,
        max(currency) as currency,
        -- unknown as soon as one line is in another currency
        case when bool_and(billing_currency = currency) and min(currency) = max(currency)
            then cast(sum(billed_cost) as decimal(28, 12)) end as billed_cost
    from matched
    group by invoice_id, provider, is_stated

),

compared as (

    select
        coalesce(stated.invoice_id, billed.invoice_id) as invoice_id,
        coalesce(stated.provider, billed.provider) as provider,
        stated.invoice_id is not null as is_stated,
        stated.status,
        stated.invoice_date,
        billed.invoice_month,
        coalesce(stated.currency, billed.currency) as currency,
        stated.total,
        coalesce(billed.charge_lines, 0) as charge_lines,
        billed.billed_cost,
        billed.charge_usd,
        case when billed.invoice_id is null then stated.total
            else stated.total - billed.billed_cost end as difference
    from stated
    full outer join billed
        on billed.is_stated
        and stated.invoice_id = billed.invoice_id
        and stated.provider is not distinct from billed.provider

),

final as (

    select
        compared.invoice_id,
        compared.provider,
        compared.status,
        compared.invoice_date,
        compared.invoice_month,
        compared.currency,
        cast(compared.total as decimal(28, 12)) as total,
        {{ as_count("compared.charge_lines") }} as charge_lines,
        compared.billed_cost,
        compared.charge_usd,
        cast(compared.difference as decimal(28, 12)) as difference,
        cast(
            case
                when compared.currency = 'USD' then compared.difference
                else compared.difference * rates.usd
            end as decimal(28, 12)
        ) as difference_usd,
        case
            when not compared.is_stated then 'not_stated'
            when compared.charge_lines = 0 then 'not_billed'
            when compared.difference is null then 'other_currency'
            when abs(compared.difference) <= 0.005 then 'agrees'
            else 'differs'
        end as comparison
    from compared
    left join {{ ref("stg_fx__rates") }} as rates
        on compared.currency = rates.currency
        and compared.invoice_date = rates.day

)

select * from final
