{#- The roll-up of bills that reports and the allocation read. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['billing_charges']) }}",
    )
}}

with charges as (

    select
        *,
        coalesce(x_cost_type, case when x_token_class is not null
            or lower(consumed_unit) = 'tokens' then 'tokens' end) as cost_type
    from {{ ref("fct_charges") }}
    where {{ only_changed_days(["billing_charges"]) }}

),

final as (

    select
        utc_day,
        charge_month,
        invoice_month,
        invoice_id,
        provider,
        model_id,
        is_model_known,
        sub_account_id,
        x_token_class as token_class,
        cost_type,
        consumed_unit as quantity_unit,
        charge_category,
        line,
        allocation_rule,
        allocation_pool,
        billing_currency,
        fx_rate,
        {{ as_count("count(*)") }} as charge_lines,
        cast(sum(billed_cost) as decimal(28, 12)) as billed_cost,
        cast(sum(effective_cost) as decimal(28, 12)) as effective_cost,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd,
        -- what the lines would cost at list; a correction gives back or takes, and lists nothing
        cast(
            sum(case when charge_class = 'Correction' then 0
                when list_cost is null then charge_usd
                else {{ in_usd("list_cost") }} end)
            as decimal(28, 12)
        ) as list_usd,
        cast(
            sum(case when charge_class = 'Correction' then 0
                when contracted_cost is null then charge_usd
                else {{ in_usd("contracted_cost") }} end)
            as decimal(28, 12)
        ) as contracted_usd,
        {{ sum_if_all_known("effective_usd") }} as effective_usd,
        -- NULL as soon as one line states none
        case when count(*) = count(consumed_quantity)
            then cast(sum(consumed_quantity) as decimal(28, 9)) end as quantity,
        -- NULL as soon as one line counts something else, or nothing
        case when bool_and(lower(consumed_unit) = 'tokens') and count(*) = count(consumed_quantity)
            then cast(sum(consumed_quantity) as decimal(28, 9)) end as tokens
    from charges
    group by
        utc_day, charge_month, invoice_month, invoice_id, provider, model_id, is_model_known,
        sub_account_id, x_token_class, cost_type, consumed_unit, charge_category, line,
        allocation_rule, allocation_pool, billing_currency, fx_rate

)

select * from final
