{#- The roll-up of bills that reports and the allocation read. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['billing_charges']) }}",
    )
}}

with charges as (

    select * from {{ ref("fct_charges") }}
    where {{ only_changed_days(["billing_charges"]) }}

),

final as (

    select
        utc_day,
        charge_month,
        provider,
        model_id,
        is_model_known,
        charge_category,
        line,
        billing_currency,
        {{ as_count("count(*)") }} as charge_lines,
        cast(sum(billed_cost) as decimal(28, 12)) as billed_cost,
        cast(sum(effective_cost) as decimal(28, 12)) as effective_cost,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd
    from charges
    group by
        utc_day, charge_month, provider, model_id, is_model_known, charge_category,
        line, billing_currency

)

select * from final
