{#- Usage that is billed by anything but tokens, by month, provider, kind and unit. -#}
{{ config(materialized="view") }}

with charges as (

    select * from {{ ref("fct_charges_daily") }}
    where charge_usd is not null and charge_category = 'Usage'

),

summed as (

    select
        charge_month as month,
        provider,
        coalesce(cost_type, 'not_stated') as cost_type,
        quantity_unit,
        sum(charge_lines) as charge_lines,
        {{ sum_if_all_known("quantity") }} as quantity,
        sum(charge_usd) as charge_usd
    from charges
    group by charge_month, provider, coalesce(cost_type, 'not_stated'), quantity_unit

),

shared as (

    select *, sum(charge_usd) over (partition by month, provider) as usage_usd
    from summed

),

final as (

    select
        month,
        provider,
        cost_type,
        quantity_unit,
        {{ as_count("charge_lines") }} as charge_lines,
        cast(quantity as decimal(28, 9)) as quantity,
        cast(charge_usd as decimal(28, 12)) as charge_usd,
        {{ usd_per("charge_usd", "quantity") }} as charge_per_unit_usd,
        {{ ratio("charge_usd", "usage_usd") }} as share
    from shared
    where cost_type <> 'tokens'

)

select * from final
