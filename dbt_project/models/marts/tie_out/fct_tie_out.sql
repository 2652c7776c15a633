{#- Estimate against charge by provider, day and model, summed from the cells, with its causes. -#}
{{ config(materialized="table") }}

with cells as (

    select * from {{ ref("fct_tie_out_cells") }} where is_compared

),

billed_until as (

    select provider, max(utc_day) as last_billed_day
    from {{ ref("fct_charges_daily") }}
    group by provider

),

run as (

    select max(utc_day) as as_of_day from {{ ref("fct_usage_daily") }}

),

summed as (

    select
        provider,
        utc_day as day,
        model_id as model,
        bool_and(is_model_known) as is_model_known,
        {{ as_count("sum(calls)") }} as calls,
        {{ as_count("sum(unpriced_calls)") }} as unpriced_calls,
        cast(sum(estimate_usd) as decimal(28, 9)) as estimate_usd,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd,
        {% for cause in gap_causes() -%}
        cast(sum({{ cause }}_usd) as decimal(28, 12)) as {{ cause }}_usd{{ "," if not loop.last }}
        {% endfor %}
    from cells
    group by provider, utc_day, model_id

),

dated as (

    select
        summed.*,
        billed_until.last_billed_day,
        summed.charge_usd is null and {{ sends_no_bill("summed.provider") }} as is_without_bill,
        coalesce(
            summed.day <= billed_until.last_billed_day
            and summed.day <= run.as_of_day - {{ tie_out_limit("lag_days", "summed.provider") }},
            false
        ) as is_settled,
        {{ tie_out_limit("tolerance", "summed.provider") }} as tolerance
    from summed
    cross join run
    left join billed_until on summed.provider = billed_until.provider

),

final as (

    select
        provider,
        day,
        model,
        calls,
        unpriced_calls,
        estimate_usd,
        charge_usd,
        cast(charge_usd - coalesce(estimate_usd, 0) as decimal(28, 12)) as gap_usd,
        off_gateway_usd,
        {% for name, condition in {
            "missing_charge": "is_settled and not is_without_bill",
            "lag": "not is_settled and not is_without_bill",
            "no_bill": "is_without_bill",
        }.items() -%}
        cast(case when {{ condition }} then missing_charge_usd else 0 end as decimal(28, 12))
            as {{ name }}_usd,
        {% endfor -%}
        token_class_usd,
        price_usd,
        discount_usd,
        unpriced_usd,
        day_shift_usd,
        rounding_usd,
        unexplained_usd,
        is_settled and not is_without_bill as is_settled,
        case
            when is_without_bill then 'sends_no_bill'
            when charge_usd is null and calls = unpriced_calls then 'unpriced'
            when charge_usd is null and coalesce(estimate_usd, 0) = 0 then 'tied'
            when charge_usd is null and day > coalesce(last_billed_day, date '1970-01-01')
                then 'not_billed_yet'
            when charge_usd is null then 'calls_only'
            when calls = 0 and not is_model_known then 'unmapped'
            when calls = 0 then 'bill_only'
            when calls = unpriced_calls then 'unpriced'
            when abs(charge_usd - coalesce(estimate_usd, 0))
                <= coalesce(estimate_usd, 0) * tolerance then 'tied'
            when charge_usd > coalesce(estimate_usd, 0) then 'over_billed'
            else 'under_billed'
        end as status
    from dated

)

select *, {{ former_gap_causes() }} from final
